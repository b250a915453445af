// expect: perhaps lost Game.freed
// expect: perhaps lost Game.freed_between
// expect: perhaps lost Game.middle
// expect: perhaps lost Game.wild
// expect: perhaps lost Mob.next
// expect: log 7 8
// expect: log 1
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mob, *freed, *wild, *middle, *freed_between;
} Game;

struct Mob {
    Mob *next;
    char more[60];
    int hp;
};

EDIT_TELL(Game)
{
    hl_log(t, "%d %d", g->mob[0].hp, g->mob[1].hp);
    hl_log(t, "%d", g->mob[1].next == &g->mob[0]);
}
