// A struct in the elements of an array is dissolved, and in another array two fields are put into
// one.
#include "edit.h"

typedef struct A {
    struct {
        short x, y;
    } at;
    int hp;
} A;
typedef struct B {
    int r, g, b;
    int kind;
} B;

typedef struct Game {
    A as[3];
    B bs[2];
} Game;

EDIT_FILL(Game)
{
    EACH(3)
    {
        g->as[i].hp = i;
        g->as[i].at.x = (short)(10 + i);
        g->as[i].at.y = (short)(20 + i);
    }
    g->bs[1] = (B){1, 2, 3, 4};
}
