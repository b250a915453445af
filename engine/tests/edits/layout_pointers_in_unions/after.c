// expect: refused-or Mob
// expect: log 3 3
// expect: log 1 12345
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    double more[4];
    int kind;
    union {
        Mob *mob;
        long number;
    } as;
    union {
        Mob *first;
        const Mob *other;
    } both;
};

EDIT_TELL(Game)
{
    Mob *m = g->mobs;
    hl_log(t, "%d %d", COUNT(3, m[i].kind == i), COUNT(3, m[i].both.first == &m[2 - i]));
    hl_log(t, "%d %ld", m[0].as.mob == &m[2], m[1].as.number);
}
