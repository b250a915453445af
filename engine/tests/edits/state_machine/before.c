// Coroutine-like: the state holds a pointer to the function of the moment, and functions hand
// over to one another.
#include "edit.h"

typedef struct Game Game;
struct Game {
    void (*next)(Game *g);
    int walked, rested;
    bool ran;
};

static void walk(Game *g);
static void rest(Game *g)
{
    g->next = walk;
    g->rested++;
}
static void walk(Game *g)
{
    g->next = rest;
    g->walked++;
}

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        g->next = walk;
    }
    g->next(g);
}

EDIT_GAME(Game);
