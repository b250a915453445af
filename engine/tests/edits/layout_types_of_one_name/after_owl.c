#include "hotloop.h"

typedef struct Game Game;
typedef struct Part {
    struct Part *next;
    char kind;
    float wing;
} Part;
static Part *parts;

void owl_begin(Game *g, hl_tick *t);
void owl_tell(Game *g, hl_tick *t);

void owl_begin(Game *g, hl_tick *t)
{
    (void)g;
    parts = hl_new(t, Part, 2);
    parts[0] = (Part){&parts[1], 0, 1.5f};
    parts[1] = (Part){&parts[0], 0, 2.5f};
}

void owl_tell(Game *g, hl_tick *t)
{
    (void)g;
    hl_log(t, "%g %g", (double)parts[0].wing, (double)parts[0].next->wing);
    hl_log(t, "%d %d", parts[1].next == &parts[0], parts[1].kind);
}
