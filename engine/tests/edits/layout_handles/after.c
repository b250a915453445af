// expect: migrated 0 lost
// expect: log 30
// expect: log 30
// expect: log 17 1
// expect: log 0
#include "edit.h"

typedef struct Handle {
    uint32_t index : 20, generation : 12;
} Handle;
typedef struct Pool Pool;
typedef struct Game {
    Pool *pool;
    Handle hero;
} Game;

typedef struct Slot {
    Handle target;
    float x;
    uint16_t generation;
    int hp;
} Slot;
struct Pool {
    uint32_t free;
    Slot slots[40];
};

EDIT_TELL(Game)
{
    Slot *s = g->pool->slots;
    hl_log(t, "%d", COUNT(30, s[i].generation == i + 1 && s[i].hp == 2 * i));
    hl_log(t, "%d", COUNT(30, s[s[i].target.index].generation == s[i].target.generation));
    hl_log(t, "%d %d", g->pool->free, s[g->hero.index].generation == g->hero.generation);
    hl_log(t, "%d", s[39].generation);
}
