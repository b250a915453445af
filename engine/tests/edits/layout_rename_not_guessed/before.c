// Two fields are gone and two are new: what belongs to what is not guessed but named.
#include "edit.h"

typedef struct Game {
    int a;
    int score;
    int b;
} Game;

EDIT_FILL(Game)
{
    *g = (Game){1, 2, 3};
}
