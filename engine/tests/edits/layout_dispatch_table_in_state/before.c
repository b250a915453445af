// A table of functions by enumerator in the state grows with the enum: it goes by index, as all
// arrays.
#include "edit.h"

typedef enum Verb { LOOK, TAKE, VERBS } Verb;

typedef struct Game {
    char kind;
    void (*verbs[VERBS])(hl_tick *t);
    int used[VERBS];
    Verb last;
} Game;
static void look(hl_tick *t)
{
    hl_log(t, "look");
}
static void take(hl_tick *t)
{
    hl_log(t, "take");
}

EDIT_FILL_AND_TELL(Game);

static void fill(Game *g, hl_tick *t)
{
    (void)t;
    g->kind = 'k';
    g->verbs[LOOK] = look;
    g->verbs[TAKE] = take;
    g->used[TAKE] = 5;
    g->last = TAKE;
}

static void tell(Game *g, hl_tick *t)
{
    EACH(2)
    {
        g->verbs[i](t);
    }
    hl_log(t, "%d %d %d %c", g->verbs[VERBS - 1] == take, g->used[1], g->last == TAKE, g->kind);
}
