// A member of a union is laid out otherwise: what the bytes mean is right, or the build is refused.
#include "edit.h"

typedef struct Game {
    int kind;
    union {
        int number;
        float part;
    } as;
} Game;

EDIT_FILL(Game)
{
    g->kind = 2;
    g->as.part = 0.75f;
}
