// expect: migrated 5 objects moved, 0 lost
// expect: log new 5
// do: pause
// do: seek 2
// do: resume
// expect: log tick 3: 2 5
// expect: log tick 3: 5
// expect: log tick 3: 5
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
    int tick;
} Game;

struct Mob {
    char name[50];
    Mob *next;
    long hp;
};

static void update(Game *g, hl_tick *t)
{
    int was = (int)t->tick - 1;
    if (t->reloaded) {
        hl_log(t, "new %d", COUNT(5, g->mobs[i].hp == 10 * was + i));
    }
    if (t->tick == 3) {
        hl_log(t, "tick 3: %d %d", g->tick, COUNT(5, g->mobs[i].hp == 20 + i));
        hl_log(t, "tick 3: %d", COUNT(5, g->mobs[i].next == &g->mobs[4 - i]));
        hl_log(t, "tick 3: %d", COUNT(5, g->mobs[i].name[0] == 0));
    }
    EACH(5)
    {
        g->mobs[i].hp = 10 * (int)t->tick + i;
        g->mobs[i].name[0] = 'x';
    }
    g->tick = (int)t->tick;
}

EDIT_GAME(Game);
