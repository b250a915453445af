// expect: migrated 0 lost
// expect: log 5 1 1 4000000
#include "edit.h"

typedef enum Mood { ASLEEP, HUNGRY, BORED, ANGRY, CALM } Mood;

typedef struct Game {
    unsigned lives : 3;
    Mood mood : 4;
    Mood next : 3;
    unsigned gold : 22;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d %d", g->lives, g->mood == ANGRY, g->next == CALM, g->gold);
}
