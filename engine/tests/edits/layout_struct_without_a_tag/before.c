// The struct has no tag of its own, only a typedef's name.
#include "edit.h"

typedef struct {
    int hp;
    void *next;
} Mob;

typedef struct Game {
    Mob *mobs;
    struct {
        Mob *leader;
        int count;
    } group;
} Game;

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 3);
    g->group.leader = &g->mobs[2];
    g->group.count = 3;
    EACH(3)
    {
        g->mobs[i].hp = i + 1;
        g->mobs[i].next = &g->mobs[2 - i];
    }
}
