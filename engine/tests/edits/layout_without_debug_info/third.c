// expect: migrated Game: +armor
// expect: log newest 40 3
#include "edit.h"

typedef struct Game Game;

struct Game {
    int score;
    int lives, armor;
};

EDIT_TELL(Game)
{
    hl_log(t, "newest %d %d", g->score, g->lives);
}
