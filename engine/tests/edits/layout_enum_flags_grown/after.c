// expect: log 3 4 7 0
#include "edit.h"

typedef enum Flags { NONE, POISON = 1, BURN = 2, WET = 4, SLOW = 8 } Flags;

typedef struct Game {
    Flags flags[4];
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d %d", g->flags[0], g->flags[1], g->flags[2], g->flags[3]);
}
