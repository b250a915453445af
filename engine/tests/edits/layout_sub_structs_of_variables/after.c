// expect: log 1.5 2.5 3 4 5 6 1 1
// expect: log 9 8 6
#include "edit.h"

typedef struct Mob {
    int hp;
    struct {
        float x, y;
    } pos;
    struct {
        float vx;
    } vel;
    int str, dex;
} Mob;
typedef struct Game {
    Mob *m;
    float *px;
    int *dex;
} Game;
static Mob boss = {.pos = {1, 2}, .hp = 3, .str = 4, .dex = 5, .vel = {6}};
EDIT_TELL(Game)
{
    Mob *m = &g->m[1];
    hl_log(t, "%g %g %d %d %d %g %d %d", m->pos.x, m->pos.y, m->hp, m->str, m->dex, m->vel.vx,
           g->px == &m->pos.x, g->dex == &m->dex);
    hl_log(t, "%g %d %g", boss.pos.x, boss.dex, boss.vel.vx);
}
