// Texts in objects whose struct changes: those that are still in the code, and those that are not.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

#define NAME "Ann of the old"
struct Mob {
    const char *name;
    int hp;
    const char *cursor;
};

EDIT_FILL_AND_TELL(Game);

static void fill(Game *g, hl_tick *t)
{
    g->mobs = hl_new(t, Mob, 3);
    EACH(3)
    {
        g->mobs[i].name = i == 1 ? NAME : "the same";
        g->mobs[i].cursor = g->mobs[i].name + 4;
        g->mobs[i].hp = i;
    }
}

static void tell(Game *g, hl_tick *t)
{
    Mob *m = g->mobs;
    hl_log(t, "%s, %s, %d", m[0].name, m[0].cursor, m[0].hp);
    hl_log(t, "%.10s, %.6s, %d", m[1].name, m[1].cursor, m[1].hp);
    hl_log(t, "%s, %s, %d", m[2].name, m[2].cursor, m[2].hp);
}
