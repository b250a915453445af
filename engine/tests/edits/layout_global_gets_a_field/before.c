// A global struct with an initialiser gets a field, and an array of structs gets elements: what is
// new is as it is typed.
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

typedef struct Rule {
    int damage;
    float range;
} Rule;
static Rule rule = {.damage = 5, .range = 1.5f};
static Rule rules[] = {{.damage = 1}, {.damage = 2}};

EDIT_FILL_AND_TELL(Game);

static void fill(Game *g, hl_tick *t)
{
    (void)t;
    (void)g;
    rule.damage = 50;
    rules[1].damage = 60;
    rules[0].range = 2;
}

static void tell(Game *g, hl_tick *t)
{
    (void)g;
    hl_log(t, "%d %g %d", (int)rule.damage, (double)rule.range, (int)sizeof(rule));
    hl_log(t, "%d %g %d", (int)rules[0].damage, (double)rules[0].range, (int)rules[1].damage);
}
