// expect: lost Game.b ... 2147483648
// expect: lost Game.d ... 128
// expect: lost Game.f ... 18446744073709551615
// expect: log 2147483647 2147483647 127 127
// expect: log 1 1
#include "edit.h"

typedef struct Game {
    int a, b;
    signed char c, d;
    int64_t e, f;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d %d", g->a, g->b, g->c, g->d);
    hl_log(t, "%d %d", g->e == INT64_MAX, g->f == INT64_MAX);
}
