// expect: migrated hp -> health
// expect: migrated 3 objects moved, 0 lost
// expect: log 3
// expect: log 3
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    float speed;
    int armor;
    double health;
    long coins[2];
};
HL_WAS(Mob, health, hp);
HL_WAS(Mob, coins, gold);

EDIT_TELL(Game)
{
    Mob *m = g->mobs;
    hl_log(t, "%d", COUNT(3, m[i].health == i - 1 && m[i].speed == 0.5f && m[i].armor == 0));
    hl_log(t, "%d", COUNT(3, m[i].coins[0] == 100 * i && m[i].coins[1] == 0));
}
