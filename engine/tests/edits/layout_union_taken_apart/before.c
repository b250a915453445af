// The members of an anonymous union become fields beside each other.
#include "edit.h"

typedef struct Game {
    int kind;
    union {
        int number;
        float part;
    };
    int end;
} Game;

EDIT_FILL(Game)
{
    g->kind = 1;
    g->number = 77;
    g->end = 3;
}
