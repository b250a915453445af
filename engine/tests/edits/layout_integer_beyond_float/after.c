// expect: lost Game.b ... 16777217
// expect: lost Game.d ... 9007199254740993
// expect: lost Game.e ... 18446744073709551615
// expect: log 16777216 9007199254740994
// expect: log 1 1 1
#include "edit.h"

typedef struct Game {
    float a, b;
    double c, d;
    double e;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%.0f %.0f", (double)g->a, g->c);
    hl_log(t, "%d %d %d", g->b > 1.6e7f, g->d > 9e15, g->e > 1.8e19);
}
