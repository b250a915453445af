// expect: refused-or Game
// expect: log 1 1
// expect: log 1
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
    uintptr_t tagged;
    uintptr_t address;
    Mob *marked;
} Game;

struct Mob {
    int more[30];
    int hp;
};

EDIT_TELL(Game)
{
    Mob *m = g->mobs;
    hl_log(t, "%d %d", g->tagged == ((uintptr_t)&m[1] | 1), g->address == (uintptr_t)&m[2]);
    hl_log(t, "%d", (uintptr_t)g->marked == ((uintptr_t)&m[2] | 1));
}
