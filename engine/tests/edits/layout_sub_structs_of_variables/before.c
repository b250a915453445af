// Fields move into new sub-structs and out of one, in objects and in a variable with initialisers.
#include "edit.h"

typedef struct Mob {
    float x, y;
    int hp;
    struct {
        int str, dex;
    } stats;
    float vx;
} Mob;
typedef struct Game {
    Mob *m;
    float *px;
    int *dex;
} Game;
static Mob boss = {1, 2, 3, {4, 5}, 6};
EDIT_FILL(Game)
{
    g->m = hl_new(t, Mob, 2);
    g->m[1] = (Mob){1.5f, 2.5f, 3, {4, 5}, 6};
    g->px = &g->m[1].x;
    g->dex = &g->m[1].stats.dex;
    boss.x = 9;
    boss.stats.dex = 8;
    hl_log(t, "%g %d", boss.x, boss.stats.dex);
}
