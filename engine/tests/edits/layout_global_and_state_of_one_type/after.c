// expect: carried hero
// expect: carried list
// expect: log 1 2 3
// expect: log 1 1
// expect: log 1 1
// expect: log 1 1
#include "edit.h"

typedef struct Mob Mob;

struct Mob {
    double more;
    int hp;
    Mob *next;
};

typedef struct Game {
    Mob *mob;
    Mob inside;
} Game;
static Mob hero;
static Mob *const *party;
static Mob *list[2];

EDIT_FILL_AND_TELL(Game);

static void fill(Game *g, hl_tick *t)
{
    g->mob = hl_new(t, Mob, 1);
    g->mob->hp = 1;
    g->mob->next = &hero;
    hero.hp = 2;
    hero.next = &g->inside;
    g->inside.hp = 3;
    g->inside.next = g->mob;
    list[1] = &hero;
    list[0] = &g->inside;
    party = &list[1];
}

static void tell(Game *g, hl_tick *t)
{
    hl_log(t, "%d %d %d", g->mob->hp, hero.hp, g->inside.hp);
    hl_log(t, "%d %d", g->mob->next == &hero, hero.next == &g->inside);
    hl_log(t, "%d %d", g->inside.next == g->mob, list[0] == &g->inside);
    hl_log(t, "%d %d", party == &list[1], *party == &hero);
}
