// expect: carried world
// expect: log 1 5
// expect: log 5
// expect: log 9 1 end
#include "edit.h"

typedef struct Item {
    int kind;
    struct World *world;
} Item;

typedef struct World {
    int count;
    char name[12];
    Item *best;
    Item *items;
    Item *worst;
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
