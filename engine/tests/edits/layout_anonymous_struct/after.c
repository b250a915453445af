// expect: migrated 0 lost
// expect: log 1 2 3 4 5
#include "edit.h"

typedef struct Game {
    int e;
    struct {
        int b;
        struct {
            long a;
        };
    };
    short d, c;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%ld %d %d %d %d", g->a, g->b, g->c, g->d, g->e);
}
