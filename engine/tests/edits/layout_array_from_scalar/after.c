// expect: migrated 0 lost
// expect: log 50 0 0
// expect: log 6 7 0 0
// expect: log Ann 1
#include "edit.h"

typedef struct Slot {
    short a, b;
} Slot;

typedef struct Game {
    int hp[3];
    Slot slot[2];
    const char *name[2];
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d", g->hp[0], g->hp[1], g->hp[2]);
    hl_log(t, "%d %d %d %d", g->slot[0].a, g->slot[0].b, g->slot[1].a, g->slot[1].b);
    hl_log(t, "%s %d", g->name[0], g->name[1] == NULL);
}
