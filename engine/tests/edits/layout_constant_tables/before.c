// Objects that change point into constant tables whose structs change as well: by index, and to the
// new constants.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

typedef struct Kind {
    int hp;
    const char *name;
} Kind;
struct Mob {
    const Kind *kind;
    int hp;
};

static const Kind KINDS[] = {
    {.name = "rat", .hp = 1}, {.name = "fox", .hp = 5}, {.name = "owl", .hp = 3}};

EDIT_FILL_AND_TELL(Game);

static void fill(Game *g, hl_tick *t)
{
    g->mobs = hl_new(t, Mob, 3);
    EACH(3)
    {
        g->mobs[i].kind = &KINDS[2 - i];
        g->mobs[i].hp = KINDS[2 - i].hp;
    }
}

static void tell(Game *g, hl_tick *t)
{
    EACH(3)
    {
        Mob *m = &g->mobs[i];
        hl_log(t, "%d %s %d", m->kind == &KINDS[2 - i], m->kind->name, m->hp);
    }
}
