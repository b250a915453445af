// The state struct has to lie at a multiple of 64 bytes from now on, with what points to it.
#include "edit.h"

typedef struct Game {
    int score;
    int *at;
    struct Game *self;
} Game;

EDIT_FILL(Game)
{
    *g = (Game){5, &g->score, g};
}
