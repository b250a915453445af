// The line says bool, as the source does.
#include "edit.h"

typedef struct Game {
    bool on;
    int n;
    bool bits : 1;
} Game;
EDIT_FILL(Game)
{
    g->on = true;
    g->n = 3;
    g->bits = 1;
}
