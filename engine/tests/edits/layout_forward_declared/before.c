// A type is known by name only in one build and laid out in the other, behind a pointer.
#include "edit.h"

typedef struct Mob {
    int hp;
    struct Secret *secret;
} Mob;

typedef struct Game {
    Mob *mob;
} Game;

EDIT_FILL(Game)
{
    g->mob = hl_new(t, Mob, 1);
    g->mob->hp = 4;
}
