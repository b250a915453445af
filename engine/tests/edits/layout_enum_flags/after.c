// expect: refused-or Game.flags
// expect: log 11
// expect: log 11
// expect: log 1
#include "edit.h"

typedef enum Flags { BURN = 1, SLOW = 2, POISON = 4, WET = 8 } Flags;

typedef struct Game {
    Flags flags[5];
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d%d", g->flags[0] == (POISON | BURN), g->flags[1] == WET);
    hl_log(t, "%d%d", g->flags[2] == (POISON | WET), g->flags[3] == 0);
    hl_log(t, "%d", g->flags[4] == (POISON | BURN | WET));
}
