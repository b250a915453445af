// A union gets a member, which is larger than the others: the bytes of the others stay.
#include "edit.h"

typedef union Value {
    int number;
    float part;
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
