// Arrays of one type, each with an allocation of another length, some of them empty.
#include "edit.h"

typedef struct Shot Shot;
typedef struct Game {
    Shot *shots[6];
} Game;

struct Shot {
    float x;
};

EDIT_FILL(Game)
{
    EACH(6)
    {
        g->shots[i] = hl_new(t, Shot, (size_t)(i * i));
        if (i > 0) {
            g->shots[i][i * i - 1].x = (float)i;
        }
    }
}
