// expect: migrated Mob: +name
// expect: migrated 0 lost
// expect: log 1 0.5
// expect: log 2 1
// expect: log 50 25
#include "edit.h"

#include "mob.h"
typedef struct Game {
    Mob *mobs;
    Mob inside;
} Game;

EDIT_FILL_AND_TELL(Game);

static void fill(Game *g, hl_tick *t)
{
    g->mobs = hl_new(t, Mob, 4);
    EACH(4)
    {
        mob_set(&g->mobs[i], i);
    }
    mob_set(&g->inside, 50);
}

static void tell(Game *g, hl_tick *t)
{
    EACH(2)
    {
        mob_tell(&g->mobs[i + 1], t);
    }
    mob_tell(&g->inside, t);
}
