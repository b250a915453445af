// The struct is in a header that two units read, and changes there.
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
