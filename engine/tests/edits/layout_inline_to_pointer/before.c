// A struct that lay inside becomes a pointer, and a pointer a struct that lies inside: neither is
// carried, both are named.
#include "edit.h"

typedef struct Body {
    int x, y;
} Body;

typedef struct Game {
    Body body;
    Body *other;
    int score;
} Game;

EDIT_FILL(Game)
{
    g->body.x = 4;
    g->other = hl_new(t, Body, 1);
    *g->other = (Body){5, 6};
    g->score = 7;
}
