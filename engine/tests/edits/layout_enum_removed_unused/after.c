// expect: log 111
#include "edit.h"

typedef enum Mood { CALM, ANGRY } Mood;

typedef struct Game {
    Mood moods[3];
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d%d%d", g->moods[0] == ANGRY, g->moods[1] == CALM, g->moods[2] == ANGRY);
}
