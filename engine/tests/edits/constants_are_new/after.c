// expect: log new old owl 20 10
#include "edit.h"

typedef struct Game {
    const struct Kind *kind;
    const int *hp;
} Game;

typedef struct Kind {
    const char *name;
    int hp;
} Kind;
static const Kind KINDS[] = {{"fox", 30}, {"hen", 10}, {"old owl", 20}, {"cat", 5}};

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        g->kind = &KINDS[2];
        g->hp = &KINDS[1].hp;
    }
    if (t->tick == 2 || t->reloaded) {
        hl_log(t, "new %s %d %d", g->kind->name, g->kind->hp, *g->hp);
    }
}

EDIT_GAME(Game);
