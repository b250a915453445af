// expect: refused-or Node
// expect: log a 6 30
// expect: log b 406 6
#include "edit.h"

typedef struct Game {
    int n;
} Game;
void a_fill(hl_tick *t);
void a_tell(hl_tick *t);
void b_fill(hl_tick *t);
void b_tell(hl_tick *t);
EDIT_TELL(Game)
{
    a_tell(t);
    b_tell(t);
}
