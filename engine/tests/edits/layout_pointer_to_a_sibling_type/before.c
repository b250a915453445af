// A field points to another type from now on, while the old one is still there: the objects are
// that type's now, or it is named, or refused.
#include "edit.h"

typedef struct Fox {
    int hp;
    float x;
} Fox;
typedef struct Owl {
    float x;
    double wings;
    int hp;
} Owl;

typedef struct Game {
    Fox *hero;
    Fox *fox;
    Owl *owl;
} Game;
#define NEW(t) hl_new(t, Fox, 1)

EDIT_FILL(Game)
{
    g->hero = NEW(t);
    *g->hero = (Fox){7, 0.5f};
    g->fox = hl_new(t, Fox, 1);
    g->fox->hp = 8;
    g->owl = hl_new(t, Owl, 1);
    g->owl->hp = 9;
}
