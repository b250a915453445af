// A build without debug information has a state struct of another size: what became of it cannot be
// known, and it is refused. The old build plays on, and the next one with it.
#include "edit.h"

typedef struct Game Game;

struct Game {
    int score;
    int lives;
};

EDIT_FILL(Game)
{
    g->score = 40;
    g->lives = 3;
}
