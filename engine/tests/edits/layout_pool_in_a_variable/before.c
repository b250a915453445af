// Pointers lead from a variable into the heap and back, and all structs of it change.
#include "edit.h"

typedef struct Slot {
    int v;
    struct Slot **back;
} Slot;
typedef struct Pool {
    Slot *slots;
    int cap;
    Slot *heads[3];
} Pool;
typedef struct Game {
    Pool *pool;
    Pool *gpool;
} Game;
static Pool pool;
static Slot fixed[3];
static Slot *extra[4];
EDIT_FILL(Game)
{
    g->gpool = &pool;
    g->pool = hl_new(t, Pool, 1);
    pool.slots = hl_resize(t, 0, Slot, 2);
    pool.slots = hl_resize(t, pool.slots, Slot, 20);
    pool.cap = 20;
    EACH(20)
    {
        pool.slots[i].v = i;
        pool.slots[i].back = &pool.heads[i % 3];
    }
    pool.heads[1] = &pool.slots[19];
    g->pool->heads[2] = &fixed[1];
    fixed[1].back = &g->pool->heads[2];
    fixed[1].v = 11;
    extra[2] = &fixed[2];
    extra[3] = pool.slots + 20;
    hl_log(t, "%d", fixed[1].v);
}
