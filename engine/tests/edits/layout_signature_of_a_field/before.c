// A function and the fields that point to it get a new parameter, in a struct that gets a field.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mob;
} Game;

struct Mob {
    void (*act)(hl_tick *t);
    int hp;
};
static void hop(hl_tick *t)
{
    hl_log(t, "old hop");
}
#define CALL(mob) (mob)->act(t)

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
