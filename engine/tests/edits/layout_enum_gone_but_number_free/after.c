// expect: perhaps lost Game.moods
// expect: log 1 1
#include "edit.h"

typedef enum Mood { CALM, HUNGRY } Mood;

typedef struct Game {
    int more[1];
    Mood moods[2];
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d", (int)g->moods[0] == 9 || g->moods[0] == CALM, g->moods[1] == HUNGRY);
}
