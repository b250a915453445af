// expect: guessed Mob.speed ... Mob.pace
// expect: log 3
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    int hp;
    float pace;
    int x;
};

EDIT_TELL(Game)
{
    Mob *m = g->mobs;
    hl_log(t, "%d", COUNT(3, m[i].hp == i && m[i].pace == i + 0.5f && m[i].x == -i));
}
