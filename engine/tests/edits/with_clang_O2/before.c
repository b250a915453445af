// What clang makes at -O2.
#include "edit.h"

typedef struct Game {
    int *hp;
    void (*act)(hl_tick *t);
} Game;

typedef struct Hero {
    int hp;
    const char *name;
    void (*act)(hl_tick *t);
} Hero;
static void hop(hl_tick *t)
{
    static int calls;
    hl_log(t, "old hop %d", ++calls);
}
static void run(hl_tick *t)
{
    hl_log(t, "old run");
}
static Hero hero = {10, "Ann", run};
static int cost[3] = {1, 2, 3};

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        hero = (Hero){99, "Bob", hop};
        cost[0] = 11;
        cost[1] = 12;
        cost[2] = 13;
        g->hp = &cost[1];
        g->act = hop;
    }
    if (t->reloaded) {
        g->act(t);
        hl_log(t, "old %d %s %d %d %d %d", (int)hero.hp, hero.name, cost[0], cost[1], cost[2],
               *g->hp);
        hero.act(t);
    }
}

EDIT_GAME(Game);
