// expect: log 20 1 1 1 11
// expect: log 1 1 20
#include "edit.h"

typedef struct Slot {
    struct Slot **back;
    long w;
    long v;
} Slot;
typedef struct Pool {
    int gen;
    Slot *heads[4];
    long cap;
    Slot *slots;
} Pool;
typedef struct Game {
    Pool *gpool;
    Pool *pool;
} Game;
static Pool pool;
static Slot fixed[4];
static Slot *extra[4];
EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d %d %ld",
           COUNT(20, pool.slots[i].v == i && pool.slots[i].back == &pool.heads[i % 3]),
           pool.heads[1] == &pool.slots[19], g->gpool == &pool,
           g->pool->heads[2] == &fixed[1] && fixed[1].back == &g->pool->heads[2], fixed[1].v);
    hl_log(t, "%d %d %ld", extra[2] == &fixed[2], extra[3] == pool.slots + 20, pool.cap);
}
