// Two units each have a struct of one tag, and one stays as it is: the other objects are of the
// other.
#include "edit.h"

typedef struct Game {
    void *a, *b;
} Game;
void *a_make(hl_tick *t);
int a_sum(void *p);
void *b_make(hl_tick *t);
int b_sum(void *p);
EDIT_FILL(Game)
{
    g->a = a_make(t);
    g->b = b_make(t);
    hl_log(t, "%d %d", a_sum(g->a), b_sum(g->b));
}
