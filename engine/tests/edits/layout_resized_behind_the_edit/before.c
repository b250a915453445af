// Behind the edit the game goes on to resize, free and make what moved.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
    Mob *others[3];
} Game;

struct Mob {
    int hp;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 10);
    EACH(10)
    {
        g->mobs[i].hp = i + 1;
    }
    EACH(3)
    {
        g->others[i] = hl_new(t, Mob, 5);
        g->others[i][4].hp = 100 + i;
    }
}
