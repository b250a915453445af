// expect: migrated Game: +more
// expect: log x 1
// expect: log 1.5 -2.5
// expect: log 1 4
// expect: log 0
#include "edit.h"

typedef float Four __attribute__((vector_size(16)));

typedef struct Game {
    Four four;
    long more;
    _Complex double c;
    __int128 big;
    char kind;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%c %d", g->kind, g->big == ((__int128)1 << 100) + 5);
    hl_log(t, "%g %g", __real__ g->c, __imag__ g->c);
    hl_log(t, "%g %g", (double)g->four[0], (double)g->four[3]);
    hl_log(t, "%ld", g->more);
}
