// expect: migrated 2 objects moved, 0 lost
// expect: log 4 1 1
// expect: log 1 word
#include "edit.h"

#define THING Mob
typedef struct Mob Mob;
typedef struct Game {
    Mob *one;
    Mob **list;
    Mob **others;
    const char **words;
} Game;

struct Mob {
    long more;
    int hp;
};

EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d", g->one[1].hp, g->list[1] == &g->one[1], g->list[0] == NULL);
    hl_log(t, "%d %s", g->others[0] == &g->one[1], g->words[1]);
}
