// Pointers to a struct inside others, at their start and not, and to an array's first element.
#include "edit.h"

typedef struct Body {
    float x, y;
} Body;
typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
    Body *a, *b, *c;
    Body (*all)[2];
} Game;

struct Mob {
    Body body;
    Body parts[2];
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 2);
    g->a = &g->mobs[1].body;
    g->b = &g->mobs[1].parts[1];
    g->c = g->mobs[0].parts;
    *g->a = (Body){1, 2};
    *g->b = (Body){3, 4};
    *g->c = (Body){5, 6};
}
