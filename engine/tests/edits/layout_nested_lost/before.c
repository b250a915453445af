// A field of a struct that lies inside another is taken out: it is named with the way to it.
#include "edit.h"

typedef struct Game {
    int score;
    struct {
        int x, old;
    } body;
} Game;

EDIT_FILL(Game)
{
    *g = (Game){1, {2, 3}};
}
