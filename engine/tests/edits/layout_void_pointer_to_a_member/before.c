// Pointers without a type, and pointers to bytes, lead into the middle of objects.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
    void *at;
    char *bytes;
} Game;

struct Mob {
    int hp;
    int x;
    double y;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 3);
    g->at = &g->mobs[1].x;
    g->bytes = (char *)&g->mobs[2].y;
    g->mobs[1].x = 5;
}
