// expect: migrated 0 lost
// expect: log 111
// expect: log 11
// expect: log 11 99
#include "edit.h"

typedef enum __attribute__((packed)) Mood { ANGRY, CALM, HUNGRY } Mood;
typedef enum Size { LARGE = 1, SMALL, HUGE = 0x100000000 } Size;

typedef struct Game {
    Mood moods[5];
    Size sizes[2];
    int end;
} Game;

EDIT_TELL(Game)
{
    Mood *m = g->moods;
    hl_log(t, "%d%d%d", m[0] == CALM, m[1] == HUNGRY, m[2] == ANGRY);
    hl_log(t, "%d%d", m[3] == ANGRY, m[4] == HUNGRY);
    hl_log(t, "%d%d %d", g->sizes[0] == SMALL, g->sizes[1] == LARGE, g->end);
}
