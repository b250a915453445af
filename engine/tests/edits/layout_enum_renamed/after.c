// expect: log 111
#include "edit.h"

typedef enum Move { JUMP, STROLL, STAND } Move;

typedef struct Game {
    Move moves[3];
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d%d%d", g->moves[0] == STAND, g->moves[1] == STROLL, g->moves[2] == JUMP);
}
