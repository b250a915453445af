// An anonymous union is moved by a field in front of it.
#include "edit.h"

typedef struct Game {
    char kind;
    union {
        int number;
        float part;
    };
    int end;
} Game;

EDIT_FILL(Game)
{
    g->kind = 2;
    g->part = 0.75f;
    g->end = 9;
}
