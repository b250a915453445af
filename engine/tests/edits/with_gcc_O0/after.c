// expect: carried hero
// expect: changed cost[2]
// expect: carried hop.calls
// expect: log new hop 3
// expect: log new 99 Bob 11 12 4 12
// expect: log new hop 4
#include "edit.h"

typedef struct Game {
    int *hp;
    void (*act)(hl_tick *t);
} Game;

typedef struct Hero {
    long long hp;
    const char *name;
    void (*act)(hl_tick *t);
} Hero;
static void hop(hl_tick *t)
{
    static int calls;
    hl_log(t, "new hop %d", ++calls);
}
static void run(hl_tick *t)
{
    hl_log(t, "new run");
}
static Hero hero = {10, "Ann", run};
static int cost[3] = {1, 2, 4};

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
        hl_log(t, "new %d %s %d %d %d %d", (int)hero.hp, hero.name, cost[0], cost[1], cost[2],
               *g->hp);
        hero.act(t);
    }
}

EDIT_GAME(Game);
