// The state's types are spread over three units, each of which knows some of them only by name.
#include "edit.h"

typedef struct Fox Fox;
typedef struct Owl Owl;
typedef struct Game {
    Fox *fox;
    Owl *owl;
} Game;
Fox *fox_new(hl_tick *t, Owl *owl);
Owl *owl_new(hl_tick *t);
void fox_tell(Fox *fox, hl_tick *t);
void owl_tell(Owl *owl, hl_tick *t);

EDIT_FILL_AND_TELL(Game);

static void fill(Game *g, hl_tick *t)
{
    g->owl = owl_new(t);
    g->fox = fox_new(t, g->owl);
}

static void tell(Game *g, hl_tick *t)
{
    fox_tell(g->fox, t);
    owl_tell(g->owl, t);
}
