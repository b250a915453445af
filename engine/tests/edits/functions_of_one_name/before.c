// Two files have a static function of one name: each pointer stays with its file.
#include "edit.h"
#include "rules.h"

typedef struct Game {
    void (*act)(hl_tick *t);
    void (*more[3])(hl_tick *t);
} Game;

static void hop(hl_tick *t)
{
    hl_log(t, "old hop of game.c");
}

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        g->act = hop;
        g->more[0] = rules_hop();
    }
    if (t->reloaded) {
        g->act(t);
        g->more[0](t);
    }
}

EDIT_GAME(Game);
