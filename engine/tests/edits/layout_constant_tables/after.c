// expect: migrated 3 objects moved, 0 lost
// expect: log 1 owl 3
// expect: log 1 fox 5
// expect: log 1 rat 1
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

typedef struct Kind {
    const char *name;
    int hp;
    float speed;
} Kind;
struct Mob {
    int hp;
    float x;
    const Kind *kind;
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
