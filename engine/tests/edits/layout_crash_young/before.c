// do: options --tier full
// The build with the new structs plays some ticks and dies then: the old one goes on from where it
// was, in its own structs, and a fix with yet other ones plays on.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    int hp;
    Mob *next;
};

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        g->mobs = hl_new(t, Mob, 4);
        EACH(4)
        {
            g->mobs[i] = (Mob){10 * i, &g->mobs[3 - i]};
        }
    }
}

EDIT_GAME(Game);
