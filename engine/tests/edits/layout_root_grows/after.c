// expect: migrated Game: +screen
// expect: migrated 0 lost
// expect: log 1 3
// expect: log 3
// expect: log 1 77
// expect: log 30000
#include "edit.h"

typedef struct Mob {
    int hp;
    struct Mob *next;
} Mob;

typedef struct Game {
    int score;
    unsigned char screen[30000];
    Mob *mobs;
    int scores[4];
    int *best;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d", g->score, COUNT(3, g->mobs[i].hp == i + 5));
    hl_log(t, "%d", COUNT(3, g->mobs[i].next == &g->mobs[2 - i]));
    hl_log(t, "%d %d", g->best == &g->scores[2], *g->best);
    hl_log(t, "%d", COUNT(30000, g->screen[i] == 0));
}
