// expect: lost Mob.hp
// expect: lost Mob.max
// expect: perhaps lost Game.any
// expect: lost score
// expect: perhaps lost Game.name
// expect: log 0.5 99 12 Q
#include "hotloop.h"
typedef struct Mob {
    float part;
} Mob;
typedef union Any {
    double i;
    float f;
} Any;
typedef struct Game {
    Mob *mobs;
    int n;
    Any any;
    int points;
    char title[4];
} Game;
static void init(Game *g, hl_tick *t)
{
    (void)g;
    (void)t;
}
static void update(Game *g, hl_tick *t)
{
    if (t->reloaded)
        hl_log(t, "%g %g %d %s", g->mobs[1].part, g->any.i, g->points, g->title);
}
static void draw(const Game *g, hl_canvas *c)
{
    (void)g;
    (void)c;
}
static void migrate(void *state, hl_tick *t, const hl_old *old)
{
    (void)t;
    Game *g = state;
    g->mobs[1].part =
        (float)(hl_old_number(old, "mobs[1].hp", 0) / hl_old_number(old, "mobs[1].max", 1));
    int v = 0;
    if (hl_old_bytes(old, "any", &v, 4))
        g->any.i = v;
    g->points = (int)hl_old_number(old, "score", 0);
    (void)hl_old_bytes(old, "name", g->title, 4);
}
HL_GAME(Game, init, update, draw, .title = "Edit", .arena = 1 << 20, .migrate = migrate);
