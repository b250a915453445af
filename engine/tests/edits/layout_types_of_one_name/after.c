// expect: carried parts
// expect: migrated 0 lost
// expect: log 3 9
// expect: log 1.5 2.5
// expect: log 1 0
#include "edit.h"

typedef struct Game {
    struct Fox *fox;
    void *owls;
} Game;
void owl_begin(Game *g, hl_tick *t);
void owl_tell(Game *g, hl_tick *t);

typedef struct Part {
    float more;
    int hp;
} Part;

struct Fox {
    Part *parts;
    Part own;
};

EDIT_FILL_AND_TELL(Game);

static void fill(Game *g, hl_tick *t)
{
    g->fox = hl_new(t, struct Fox, 1);
    g->fox->parts = hl_new(t, Part, 3);
    g->fox->own.hp = 9;
    EACH(3)
    {
        g->fox->parts[i].hp = i + 1;
    }
    owl_begin(g, t);
}

static void tell(Game *g, hl_tick *t)
{
    hl_log(t, "%d %d", COUNT(3, g->fox->parts[i].hp == i + 1), g->fox->own.hp);
    owl_tell(g, t);
}
