// expect: migrated 0 lost
// expect: log new hop 5
// expect: log 3
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mob;
} Game;

struct Mob {
    int hp, more;
    void (*act)(hl_tick *t, int how);
};
static void hop(hl_tick *t, int how)
{
    hl_log(t, "new hop %d", how);
}
#define CALL(mob) (mob)->act(t, 5)

EDIT_FILL_AND_TELL(Game);

static void fill(Game *g, hl_tick *t)
{
    g->mob = hl_new(t, Mob, 1);
    g->mob->act = hop;
    g->mob->hp = 3;
}

static void tell(Game *g, hl_tick *t)
{
    CALL(g->mob);
    hl_log(t, "%d", g->mob->hp);
}
