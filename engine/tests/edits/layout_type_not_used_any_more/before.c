// The only pointer to some objects is taken out, and so is their type: it is named, and nothing
// else is touched.
#include "edit.h"

typedef struct Owl {
    int age;
} Owl;

typedef struct Mob {
    int hp;
    Owl *owl;
} Mob;
typedef struct Game {
    Mob *mobs;
    Owl *owl;
    int score;
} Game;

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 4);
    g->owl = hl_new(t, Owl, 1);
    g->owl->age = 5;
    g->mobs[1] = (Mob){3, g->owl};
    g->score = 9;
}
