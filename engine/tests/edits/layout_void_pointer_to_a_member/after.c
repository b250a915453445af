// expect: refused-or Game
// expect: perhaps lost Game.at
// expect: perhaps lost Game.bytes
// expect: log 1
// expect: log 1
// expect: log 5
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
    void *at;
    char *bytes;
} Game;

struct Mob {
    double y;
    char name[10];
    int x;
    int hp;
};

EDIT_TELL(Game)
{
    hl_log(t, "%d", !g->at || g->at == &g->mobs[1].x);
    hl_log(t, "%d", !g->bytes || g->bytes == (char *)&g->mobs[2].y);
    hl_log(t, "%d", g->mobs[1].x);
}
