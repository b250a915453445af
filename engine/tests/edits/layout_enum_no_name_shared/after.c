// expect: log k 201
#include "edit.h"

typedef enum Move { STAND_STILL, GO, LEAP, FLY } Move;

typedef struct Game {
    char kind;
    Move moves[3];
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%c %d%d%d", g->kind, g->moves[0], g->moves[1], g->moves[2]);
}
