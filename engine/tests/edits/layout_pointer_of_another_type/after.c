// expect: migrated 0 lost
// expect: log 5 77 1
#include "edit.h"

typedef struct Game {
    int score;
    void *mob;
    const int *number;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d", g->score, *(int *)g->mob, (const void *)g->number == g->mob);
}
