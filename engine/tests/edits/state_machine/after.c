// expect: log new in order
#include "edit.h"

typedef struct Game Game;
struct Game {
    void (*next)(Game *g);
    int walked, rested;
    bool ran;
};

static void run(Game *g);
static void nothing(Game *g)
{
    g->ran = false;
}
static void rest(Game *g)
{
    g->next = run;
    g->rested += 100;
}
static void walk(Game *g)
{
    g->next = rest;
    g->walked += 100;
}
static void run(Game *g)
{
    g->next = walk;
    g->ran = true;
}

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        g->next = walk;
    }
    g->next(g);
    if (g->ran) {
        hl_log(t, "new %s", g->walked >= 100 || g->rested >= 100 ? "in order" : "old code");
        g->ran = false;
        g->next = nothing;
    }
}

EDIT_GAME(Game);
