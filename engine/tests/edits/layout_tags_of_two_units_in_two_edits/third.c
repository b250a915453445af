// expect: refused-or Node
// expect: log a 7 8 0
// expect: log b 5 6
#include "edit.h"

typedef struct Game {
    int n;
} Game;
void a_go(hl_tick *t, bool fill);
void b_go(hl_tick *t, bool fill);
EDIT_TELL(Game)
{
    a_go(t, false);
    b_go(t, false);
}
