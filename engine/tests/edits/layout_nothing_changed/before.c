// The structs are written anew, with comments and other spaces, and nothing about them changes:
// nothing is moved or named.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
    Mob *first;
} Game;

struct Mob {
    int hp;
    float x, y;
};
#define WORD "old"

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 3);
    g->first = &g->mobs[1];
    g->first->hp = 5;
}
