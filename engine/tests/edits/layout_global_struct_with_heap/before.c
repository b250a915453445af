// A global struct changes that has objects of the state hanging from it; its own pointers and those
// to it go on.
#include "edit.h"

typedef struct Item {
    int kind;
    struct World *world;
} Item;

typedef struct World {
    Item *items;
    int count;
    Item *best;
} World;

static World world;
typedef struct Game {
    World *world;
    Item **best;
} Game;

EDIT_FILL_AND_TELL(Game);

static void fill(Game *g, hl_tick *t)
{
    world.items = hl_new(t, Item, 5);
    world.count = 5;
    world.best = &world.items[3];
    EACH(5)
    {
        world.items[i] = (Item){i * 3, &world};
    }
    g->world = &world;
    g->best = &world.best;
}

static void tell(Game *g, hl_tick *t)
{
    World *w = g->world;
    hl_log(t, "%d %d", w == &world, w->count);
    hl_log(t, "%d", COUNT(w->count, w->items[i].kind == 3 * i && w->items[i].world == w));
    hl_log(t, "%d %d %s", (*g->best)->kind, g->best == &world.best, "end");
}
