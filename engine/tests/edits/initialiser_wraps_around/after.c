// expect: perhaps lost none
// expect: perhaps lost all
// expect: log 5 6
#include "edit.h"

typedef struct Game {
    int n;
} Game;
static unsigned none = -1;
static long all = ~0l;
EDIT_TELL(Game)
{
    hl_log(t, "%u %ld", none, all);
}
