// expect: migrated 6 objects moved, 0 lost
// expect: log 3
// expect: log 3
// expect: log 3
// expect: log owl owl
#include "edit.h"

typedef struct Mob Mob;
typedef struct Owl Owl;
typedef struct Game {
    Mob *mobs;
    Owl *owls;
} Game;

struct __attribute__((packed)) Mob {
    char kind;
    double x;
    Mob *next;
    short hp;
};
struct Owl {
    char kind;
    Owl *next;
    int hp;
    const char *name;
};

EDIT_TELL(Game)
{
    Mob *m = g->mobs;
    Owl *o = g->owls;
    hl_log(t, "%d", COUNT(3, m[i].kind == i && m[i].x == i + 0.5 && m[i].hp == 10 * i));
    hl_log(t, "%d", COUNT(3, m[i].next == &m[2 - i]));
    hl_log(t, "%d", COUNT(3, o[i].kind == (char)-i && o[i].next == &o[2 - i] && o[i].hp == 20 * i));
    hl_log(t, "%s %s", o[0].name, o[2].name);
}
