// expect: migrated 605 objects moved, 0 lost
// expect: log 200
// expect: log 5
// expect: log 200
#include "edit.h"

typedef struct Dot Dot;
typedef struct Game {
    Dot *dots[200];
    Dot *lines[5];
} Game;

struct Dot {
    char a;
    int b[3];
};

EDIT_TELL(Game)
{
    hl_log(t, "%d", COUNT(200, g->dots[i]->a == i - 100));
    hl_log(t, "%d", COUNT(5, g->lines[i][40 * i].a == i + 1));
    hl_log(t, "%d", COUNT(200, g->dots[i]->b[0] == 0 && g->dots[i]->b[2] == 0));
}
