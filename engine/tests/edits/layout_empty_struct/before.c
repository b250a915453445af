// Members of a type without any members come and go, and one gets its first member.
#include "edit.h"

typedef struct Nothing {
} Nothing;
typedef struct Game {
    Nothing none;
    int score;
    Nothing list[4];
    int lives;
} Game;

EDIT_FILL(Game)
{
    g->score = 3;
    g->lives = 4;
}
