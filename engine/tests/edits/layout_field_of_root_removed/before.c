// A field of the state struct itself is taken out: it is named by the struct's name.
#include "edit.h"

typedef struct Game {
    int score;
    int combo;
    float spare;
    int lives;
} Game;

EDIT_FILL(Game)
{
    g->score = 1200;
    g->combo = 9;
    g->lives = 3;
}
