// expect: refused Game
#include "edit.h"

typedef struct Game Game;

struct Game {
    int score;
    int more[9];
    int lives;
};

EDIT_TELL(Game)
{
    hl_log(t, "newest %d %d", g->score, g->lives);
}
