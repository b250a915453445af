// Two units each have a struct of one tag: one is edited, then both.
#include "edit.h"

typedef struct Game {
    int n;
} Game;
void a_go(hl_tick *t, bool fill);
void b_go(hl_tick *t, bool fill);
EDIT_FILL(Game)
{
    a_go(t, true);
    b_go(t, true);
    a_go(t, false);
    b_go(t, false);
}
