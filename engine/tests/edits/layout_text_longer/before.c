// An array of characters that holds a text becomes longer.
#include "edit.h"

#include <string.h>
typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    char name[8];
    int hp;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 3);
    strcpy(g->mobs[0].name, "Bob");
    memcpy(g->mobs[1].name, "Theodora", 8);
    EACH(3)
    {
        g->mobs[i].hp = i + 1;
    }
}
