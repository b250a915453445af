// expect: migrated 2 objects moved, 0 lost
// expect: log 1 1 1
// expect: log 123456
#include "edit.h"

typedef struct Body {
    float x, y;
} Body;
typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
    Body *a, *b, *c;
    Body (*all)[2];
} Game;

struct Mob {
    Body parts[4];
    int hp;
    Body body;
};

EDIT_TELL(Game)
{
    Mob *m = g->mobs;
    hl_log(t, "%d %d %d", g->a == &m[1].body, g->b == &m[1].parts[1], g->c == m[0].parts);
    hl_log(t, "%g%g%g%g%g%g", (double)g->a->x, (double)g->a->y, (double)g->b->x, (double)g->b->y,
           (double)g->c->x, (double)g->c->y);
}
