// expect: log 1
// expect: log 1
#include "edit.h"

typedef enum Move { STAND, WAIT, WALK, FIRST } Move;

typedef struct Game {
    Move moves[2];
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d", g->moves[0] == STAND || g->moves[0] == WAIT);
    hl_log(t, "%d", g->moves[1] == WALK || g->moves[1] == FIRST);
}
