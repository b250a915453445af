// A pointer into an array follows its element when the elements become wider.
#include "edit.h"

typedef struct Path Path;
typedef struct Game {
    Path *path;

    short *at;
    unsigned char *cursor;
} Game;
struct Path {
    short steps[10];
    unsigned char text[8];
};

EDIT_FILL(Game)
{
    g->path = hl_new(t, Path, 1);
    EACH(10)
    {
        g->path->steps[i] = (short)(7 * i);
    }
    g->at = &g->path->steps[6];
    g->cursor = &g->path->text[3];
    *g->cursor = 'c';
}
