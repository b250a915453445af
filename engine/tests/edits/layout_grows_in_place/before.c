// Many small allocations side by side grow a little; the arrays among them by much.
#include "edit.h"

typedef struct Dot Dot;
typedef struct Game {
    Dot *dots[200];
    Dot *lines[5];
} Game;

struct Dot {
    char a;
};

EDIT_FILL(Game)
{
    EACH(200)
    {
        g->dots[i] = hl_new(t, Dot, 1);
        g->dots[i]->a = (char)(i - 100);
    }
    EACH(5)
    {
        g->lines[i] = hl_new(t, Dot, (size_t)(40 * i + 1));
        g->lines[i][40 * i].a = (char)(i + 1);
    }
}
