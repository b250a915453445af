// expect: log 0 4
#include "edit.h"

typedef struct Game {
    int fresh;
    int score;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d", g->fresh, g->score);
}
