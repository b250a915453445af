// Fields are put into an anonymous struct, and others out of one: they are the outer one's before
// and after.
#include "edit.h"

typedef struct Game {
    int a, b;
    struct {
        int c, d;
    };
    int e;
} Game;

EDIT_FILL(Game)
{
    g->a = 1;
    g->b = 2;
    g->c = 3;
    g->d = 4;
    g->e = 5;
}
