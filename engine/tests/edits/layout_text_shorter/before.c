// An array of characters becomes shorter: a text that fits goes on, one that does not is named.
#include "edit.h"

#include <string.h>
typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    int hp;
    char name[16];
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 3);
    strcpy(g->mobs[0].name, "Bob");
    strcpy(g->mobs[1].name, "Bartholomew");
    strcpy(g->mobs[2].name, "Diana");
}
