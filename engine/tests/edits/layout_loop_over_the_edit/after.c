// expect: migrated 4 objects moved, 0 lost
// do: pause
// do: loop 2 5
// expect: log new 20 0
// expect: log new 20 0
// expect: log new 20 0
// do: hear no more
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    char name[30];
    Mob *next;
    int hp;
};

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 3) {
        hl_log(t, "new %d %d", g->mobs[0].next->hp, g->mobs[3].name[0]);
    }
    g->mobs[3].hp = 10 * (int)t->tick;
    g->mobs[3].name[0]++;
}

EDIT_GAME(Game);
