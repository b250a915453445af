// Objects hold their state as an enum and as a function; an enum value and a function are added,
// and the struct gets a timer.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

typedef enum State { IDLE, WALK, COUNT_ } State;
#define TIMER

struct Mob {
    TIMER State state;
    void (*step)(Mob *mob, hl_tick *t);
    int visits[COUNT_];
};
static void idle(Mob *mob, hl_tick *t)
{
    hl_log(t, "idle %d", mob->state == IDLE);
}
static void walk(Mob *mob, hl_tick *t)
{
    hl_log(t, "walk %d", mob->state == WALK);
}

EDIT_FILL_AND_TELL(Game);

static void fill(Game *g, hl_tick *t)
{
    g->mobs = hl_new(t, Mob, 2);
    g->mobs[0].state = IDLE;
    g->mobs[0].step = idle;
    g->mobs[1].state = WALK;
    g->mobs[1].step = walk;
    g->mobs[1].visits[1] = 6;
}

static void tell(Game *g, hl_tick *t)
{
    EACH(2)
    {
        g->mobs[i].step(&g->mobs[i], t);
    }
    hl_log(t, "%d %d", g->mobs[1].visits[0], g->mobs[1].visits[1]);
}
