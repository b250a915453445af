// expect: log 0.75 2.5 7
// expect: lost Game.health ... 30
// expect: lost Game.shield
#include "hotloop.h"

typedef struct Shield {
    float strength;
    int colour;
} Shield;

typedef struct Foe {
    int strength;
    struct Foe *friend;
} Foe;

typedef struct Game {
    Foe *foes;
    float share;
    Shield *own_shield;
    int health_most;
} Game;

static void migrate(void *state, hl_tick *t, const hl_old *old)
{
    Game *g = state;
    g->share = (float)(hl_old_number(old, "health", 0) / hl_old_number(old, "health_most", 1));
    g->own_shield = hl_new(t, Shield, 1);
    if (!hl_old_bytes(old, "shield", g->own_shield, sizeof(Shield))) {
        hl_log(t, "no shield there");
    }
    if (hl_old_number(old, "foes[1].friend->strength", 0) != 9) {
        hl_log(t, "the friend was not found");
    }
    if (hl_old_number(old, "no.such", -5) != -5 || hl_old_bytes(old, "health", g, 99)) {
        hl_log(t, "what is not there was found");
    }
}

static void init(Game *g, hl_tick *t)
{
    (void)g;
    (void)t;
}

static void update(Game *g, hl_tick *t)
{
    if (t->reloaded) {
        hl_log(t, "%g %g %d", g->share, g->own_shield->strength, g->own_shield->colour);
    }
}

static void draw(const Game *g, hl_canvas *c)
{
    (void)g;
    (void)c;
}

HL_GAME(Game, init, update, draw, .migrate = migrate, .arena = 1 << 20);
