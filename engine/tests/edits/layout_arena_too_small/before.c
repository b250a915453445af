// The objects need more room than the game asked for: the build is refused, the old one plays on
// with its own, and a smaller change is taken.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    int hp;
    char name[60];
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 8000);
    EACH(8000)
    {
        g->mobs[i].hp = i;
        g->mobs[i].name[59] = (char)(i % 100);
    }
}
