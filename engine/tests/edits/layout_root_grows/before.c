// The state struct becomes larger by much: everything behind it stays what it was, wherever it is.
#include "edit.h"

typedef struct Mob {
    int hp;
    struct Mob *next;
} Mob;

typedef struct Game {
    int score;
    Mob *mobs;
    int *best;
    int scores[4];
} Game;

EDIT_FILL(Game)
{
    g->score = 1;
    g->mobs = hl_new(t, Mob, 3);
    EACH(3)
    {
        g->mobs[i] = (Mob){i + 5, &g->mobs[2 - i]};
    }
    g->scores[2] = 77;
    g->best = &g->scores[2];
}
