// expect: migrated a int ->
// expect: log 1 0 1 0 1 1 0
// expect: log 7
#include "edit.h"

typedef struct Game {
    bool a, b;
    bool c, d;
    bool e;
    bool f;
    bool g;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d %d %d %d %d", g->a, g->b, g->c, g->d, g->e, g->f, g->g);
    unsigned char *bytes = (unsigned char *)g;
    hl_log(t, "%d", COUNT(7, bytes[i] <= 1));
}
