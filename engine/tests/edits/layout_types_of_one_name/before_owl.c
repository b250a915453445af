#include "hotloop.h"

typedef struct Game Game;
typedef struct Part {
    double wing;
    struct Part *next;
} Part;
static Part *parts;

void owl_begin(Game *g, hl_tick *t);
void owl_tell(Game *g, hl_tick *t);

void owl_begin(Game *g, hl_tick *t)
{
    (void)g;
    parts = hl_new(t, Part, 2);
    parts[0] = (Part){1.5, &parts[1]};
    parts[1] = (Part){2.5, &parts[0]};
}

void owl_tell(Game *g, hl_tick *t)
{
    (void)g;
    hl_log(t, "old %g", parts[0].next->wing);
}
