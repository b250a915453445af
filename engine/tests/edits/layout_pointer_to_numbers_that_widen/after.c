// expect: migrated 0 lost
// expect: log 1 42
// expect: log 1 c
#include "edit.h"

typedef struct Path Path;
typedef struct Game {
    Path *path;

    double *at;
    unsigned char *cursor;
} Game;
struct Path {
    double steps[12];
    unsigned char text[16];
};

EDIT_TELL(Game)
{
    hl_log(t, "%d %g", g->at == &g->path->steps[6], *g->at);
    hl_log(t, "%d %c", g->cursor == &g->path->text[3], *g->cursor);
}
