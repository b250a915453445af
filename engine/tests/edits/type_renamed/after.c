// expect: carried foes
// expect: carried first
// expect: log new 7
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

typedef struct Enemy {
    struct Enemy *next;
    int hp;
} Enemy;
static Enemy foes[2], *first;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        foes[1].hp = 7;
        foes[0].next = &foes[1];
        first = &foes[0];
    }
    if (t->reloaded) {
        hl_log(t, "new %d", first->next->hp);
    }
}

EDIT_GAME(Game);
