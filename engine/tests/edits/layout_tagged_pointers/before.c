// Addresses with a flag in their lowest bit, in numbers and in pointers, and an address as a
// number: right, or refused.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
    uintptr_t tagged;
    uintptr_t address;
    Mob *marked;
} Game;

struct Mob {
    int hp;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 3);
    g->mobs[1].hp = 11;
    g->mobs[2].hp = 22;
    g->tagged = (uintptr_t)&g->mobs[1] | 1;
    g->address = (uintptr_t)&g->mobs[2];
    g->marked = (Mob *)((uintptr_t)&g->mobs[2] | 1);
}
