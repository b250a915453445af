// expect: migrated 0 lost
// expect: log 101 f0
// expect: log 1101
#include "edit.h"

typedef struct Game {
    bool a : 1, b : 1;
    unsigned c : 1;
    uint32_t flags;
    int list[4];
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d%d%d %x", g->a, g->b, g->c, g->flags);
    hl_log(t, "%d%d%d%d", g->list[0], g->list[1], g->list[2], g->list[3]);
}
