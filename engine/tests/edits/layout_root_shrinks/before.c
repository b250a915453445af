// The state struct becomes much smaller.
#include "edit.h"

typedef struct Game {
    char empty[20000];
    int score;
    struct Mob *mob;
    int *at;
} Game;

struct Mob {
    int hp;
    Game *game;
};

EDIT_FILL(Game)
{
    g->score = 300;
    g->mob = hl_new(t, struct Mob, 1);
    *g->mob = (struct Mob){4, g};
    g->at = &g->mob->hp;
}
