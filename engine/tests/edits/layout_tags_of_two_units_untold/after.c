// expect: refused-or Node
// expect: log 52 73
#include "edit.h"

typedef struct Game {
    void *a, *b;
} Game;
void *a_make(hl_tick *t);
int a_sum(void *p);
void *b_make(hl_tick *t);
int b_sum(void *p);
EDIT_TELL(Game)
{
    hl_log(t, "%d %d", a_sum(g->a), b_sum(g->b));
}
