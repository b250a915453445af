// expect: migrated 0 lost
// expect: log 10 1 5 1
#include "edit.h"

typedef enum Mood { CALM, HUNGRY = 5, ANGRY = 10 } Mood;

typedef struct Game {
    int a;
    Mood b;
    unsigned char c;
    Mood d;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d %d", g->a, g->b == HUNGRY, g->c, g->d == ANGRY);
}
