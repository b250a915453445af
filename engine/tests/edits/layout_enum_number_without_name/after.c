// expect: log 11 40
#include "edit.h"

typedef enum Move { CRAWL, STAND, WALK } Move;

typedef struct Game {
    Move moves[3];
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d%d %d", g->moves[0] == WALK, g->moves[2] == STAND, (int)g->moves[1]);
}
