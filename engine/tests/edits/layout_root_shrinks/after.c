// expect: migrated Game: -empty
// expect: migrated 0 lost
// expect: log 300 4 4
// expect: log 1 1
#include "edit.h"

typedef struct Game {
    int *at;
    struct Mob *mob;
    short score;
} Game;

struct Mob {
    int hp;
    Game *game;
};

EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d", g->score, g->mob->hp, *g->at);
    hl_log(t, "%d %d", g->mob->game == g, g->at == &g->mob->hp);
}
