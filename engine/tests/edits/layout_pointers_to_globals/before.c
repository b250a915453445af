// Objects point to globals and into them; the objects and the globals' struct change together.
#include "edit.h"

typedef struct Rule Rule;
typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
    Rule *rule;
} Game;

struct Rule {
    int damage;
    const char *name;
};
struct Mob {
    Rule *rule;
    int *damage;
    const char **name;
};

static Rule rules[3] = {{.damage = 1, .name = "bite"}, {.damage = 2, .name = "kick"}};

EDIT_FILL_AND_TELL(Game);

static void fill(Game *g, hl_tick *t)
{
    g->mobs = hl_new(t, Mob, 3);
    EACH(3)
    {
        g->mobs[i].rule = &rules[i];
        g->mobs[i].damage = &rules[2 - i].damage;
        g->mobs[i].name = &rules[i].name;
    }
    rules[2].damage = 77;
    rules[2].name = "stare";
    g->rule = &rules[1];
}

static void tell(Game *g, hl_tick *t)
{
    Mob *m = g->mobs;
    hl_log(t, "%d %d", COUNT(3, m[i].rule == &rules[i]), g->rule == &rules[1]);
    hl_log(t, "%d", COUNT(3, m[i].damage == &rules[2 - i].damage));
    hl_log(t, "%d", COUNT(3, m[i].name == &rules[i].name));
    hl_log(t, "%d %s %d %s", m[0].rule->damage, m[0].rule->name, m[2].rule->damage, *m[2].name);
}
