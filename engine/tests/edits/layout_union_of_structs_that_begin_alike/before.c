// All members of a union begin with their kind; one more struct is added, and its name is changed.
#include "edit.h"

typedef union Any {
    int kind;
    struct {
        int kind, x, y;
    } point;
} Any;
typedef struct Game {
    Any all[3];
    int end;
} Game;

EDIT_FILL(Game)
{
    EACH(3)
    {
        g->all[i].point.kind = 1;
        g->all[i].point.x = 10 * i;
        g->all[i].point.y = 10 * i + 5;
    }
    g->end = 8;
}
