// expect: migrated 0 lost
// expect: log 4
// expect: log 1 1 1
#include "edit.h"

typedef struct Game {
    void *self;
    int numbers[6];
    int more;
    int *values[5];
    int **chosen;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d", COUNT(4, g->values[i] == &g->numbers[3 - i] && g->numbers[i] == i * i));
    hl_log(t, "%d %d %d", g->chosen == &g->values[2], **g->chosen, g->self == g);
}
