// expect: migrated Game: -combo, -spare
// expect: lost Game.combo ... 9
// expect: log 1200 3
#include "edit.h"

typedef struct Game {
    int score;
    int lives;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d", g->score, g->lives);
}
