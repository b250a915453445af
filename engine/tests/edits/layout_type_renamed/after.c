// expect: log 5
// expect: log 1
// expect: log 4 0
#include "edit.h"

typedef struct Enemy {
    int hp;
    struct Enemy *next;
} Enemy;
typedef struct Game {
    Enemy *mobs;
    Enemy *boss;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d", COUNT(5, g->mobs[i].hp == i && g->mobs[i].next == &g->mobs[4 - i]));
    hl_log(t, "%d", g->boss == &g->mobs[4]);
    g->mobs = hl_resize(t, g->mobs, Enemy, 9);
    hl_log(t, "%d %d", g->mobs[4].hp, g->mobs[8].hp);
}
