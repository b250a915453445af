// Objects are known by index and generation instead of by pointer, in a pool that changes.
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
    uint32_t generation;
    int hp;
    Handle target;
} Slot;
struct Pool {
    Slot slots[30];
    uint32_t free;
};

EDIT_FILL(Game)
{
    g->pool = hl_new(t, Pool, 1);
    g->pool->free = 17;
    EACH(30)
    {
        g->pool->slots[i] =
            (Slot){(uint32_t)(i + 1), 2 * i, {(uint32_t)(29 - i), (uint32_t)(30 - i)}};
    }
    g->hero = (Handle){12, 13};
}
