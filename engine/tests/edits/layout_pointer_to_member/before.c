// Pointers to members of objects: they follow the member.
#include "edit.h"

typedef struct Mob Mob;

struct Mob {
    int hp;
    float speed;
    struct {
        short x, y;
    } at[2];
};

typedef struct Game {
    Mob *mobs;
    int *hp;
    float *speed;
    short *y;
    Mob inside;
    int *inside_hp;
} Game;

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 4);
    g->hp = &g->mobs[3].hp;
    g->speed = &g->mobs[0].speed;
    g->y = &g->mobs[2].at[1].y;
    g->inside_hp = &g->inside.hp;
    *g->hp = 33;
    *g->speed = 1.5f;
    *g->y = -9;
    *g->inside_hp = 44;
}
