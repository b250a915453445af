// expect: migrated 0 lost
// expect: log 5 1 1
// expect: log 0
#include "edit.h"

typedef struct Game {
    int more;
    _Alignas(64) int score;
    int *at;
    struct Game *self;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d", g->score, g->at == &g->score, g->self == g);
    hl_log(t, "%d", (int)((uintptr_t)g % 64));
}
