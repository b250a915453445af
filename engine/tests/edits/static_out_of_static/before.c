// A static function that the state points to becomes a global one in another file.
#include "edit.h"

typedef struct Game {
    void (*act)(hl_tick *t);
    void (*more[3])(hl_tick *t);
} Game;

static void hop(hl_tick *t)
{
    hl_log(t, "old hop");
}

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        g->act = hop;
    }
    if (t->reloaded) {
        g->act(t);
    }
}

EDIT_GAME(Game);
