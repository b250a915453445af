// The struct is defined inside a function, and nothing else knows it.
#include "edit.h"

typedef struct Game {
    void *mine;
    int score;
} Game;

typedef struct Local {
    int a;
} Local;

EDIT_FILL(Game)
{
    g->mine = hl_new(t, Local, 2);
    ((Local *)g->mine)[1].a = 5;
    g->score = 7;
}
