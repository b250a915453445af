// A field points to another type from now on: to the same objects, which nothing else reaches.
#include "edit.h"

typedef struct Mob {
    int hp;
} Mob;
typedef struct Game {
    Mob *mob;
    int *number;
    int score;
} Game;

EDIT_FILL(Game)
{
    g->mob = hl_new(t, Mob, 1);
    g->mob->hp = 77;
    g->number = &g->mob->hp;
    g->score = 5;
}
