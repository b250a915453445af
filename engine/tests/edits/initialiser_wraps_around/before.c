// -1 is the largest number of an unsigned type, so the initialiser is the same one.
#include "edit.h"

typedef struct Game {
    int n;
} Game;
static int none = -1;
static unsigned long all = ~0ul;
EDIT_FILL(Game)
{
    none = 5;
    all = 6;
    hl_log(t, "%d %lu", none, all);
}
