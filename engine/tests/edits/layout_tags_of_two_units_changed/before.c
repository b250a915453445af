// Two units each have a struct of one tag, and both change.
#include "edit.h"

typedef struct Game {
    int n;
} Game;
void a_fill(hl_tick *t);
void a_tell(hl_tick *t);
void b_fill(hl_tick *t);
void b_tell(hl_tick *t);
EDIT_FILL(Game)
{
    g->n = 4;
    a_fill(t);
    b_fill(t);
    a_tell(t);
    b_tell(t);
}
