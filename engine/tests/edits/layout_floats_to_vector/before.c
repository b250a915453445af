// Two floats become a vector of hotloop.h.
#include "edit.h"

typedef struct Game {
    int score;
    float x, y;
} Game;

EDIT_FILL(Game)
{
    *g = (Game){1, 2.5f, 3.5f};
}
