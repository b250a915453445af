// Another unit gets a struct of the same tag.
#include "edit.h"

typedef struct Game {
    int n;
} Game;
void a_fill(hl_tick *t);
void a_tell(hl_tick *t);
EDIT_FILL(Game)
{
    g->n = 4;
    a_fill(t);
    a_tell(t);
}
