// expect: migrated 0 lost
// expect: log 3 4 0
#include "edit.h"

typedef struct Nothing {
    int first;
} Nothing;
typedef struct Other {
} Other;
typedef struct Game {
    int lives;
    Nothing none;
    Other other;
    int score;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d", g->score, g->lives, g->none.first);
}
