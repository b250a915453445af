// A union loses its largest member, which is not in use: the bytes of the others stay, as far as
// there are any.
#include "edit.h"

typedef union Value {
    int number;
    float part;
    long large[2];
} Value;

typedef struct Game {
    int kind;
    Value a, b;
    int end;
} Game;

EDIT_FILL(Game)
{
    g->kind = 1;
    g->a.part = 0.75f;
    g->b.number = -5;
    g->end = 2;
}
