// A struct type gets another name, and so does its typedef: variables of it go on.
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

typedef struct Foe {
    int hp;
    struct Foe *next;
} Foe;
static Foe foes[2], *first;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        foes[1].hp = 7;
        foes[0].next = &foes[1];
        first = &foes[0];
    }
    if (t->reloaded) {
        hl_log(t, "old %d", first->next->hp);
    }
}

EDIT_GAME(Game);
