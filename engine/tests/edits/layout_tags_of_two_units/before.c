// Two units each have a struct of one tag, alike before the edit, and different from then on: the
// pointers of each unit tell which objects are whose.
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
