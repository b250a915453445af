// A field is put in and taken out again, in objects that move there and back.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
    int *hp;
} Game;

struct Mob {
    int hp;
    Mob *next;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 6);
    g->hp = &g->mobs[4].hp;
    EACH(6)
    {
        g->mobs[i].hp = i * 3;
        g->mobs[i].next = &g->mobs[5 - i];
    }
}
