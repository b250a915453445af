// expect: lost Game.hp[2] ... 70
// expect: log 50 1 2 0.5
#include "edit.h"

typedef struct Slot {
    short a, b;
} Slot;

typedef struct Game {
    int hp;
    Slot slot;
    double zero;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d %g", g->hp, g->slot.a, g->slot.b, g->zero);
}
