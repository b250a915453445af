// A struct that lies inside two others gets a field.
#include "edit.h"

typedef struct Body Body;
typedef struct Mob Mob;

struct Body {
    float x, y;
};

struct Mob {
    char kind;
    Body body;
    int hp;
};
typedef struct Game {
    Mob *mobs;
    Body camera;
    Body *bodies;
    int end;
} Game;

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 4);
    g->bodies = hl_new(t, Body, 3);
    g->camera = (Body){.x = 1, .y = 2};
    g->end = 99;
    EACH(4)
    {
        g->mobs[i] = (Mob){(char)i, {.x = (float)i, .y = (float)-i}, 100 + i};
    }
    EACH(3)
    {
        g->bodies[i] = (Body){.x = (float)(10 * i), .y = 0.25f};
    }
}
