// expect: migrated 7 objects moved, 0 lost
// expect: log 4 500
// expect: log 9 1
#include "edit.h"

typedef struct Game {
    struct Mob *mobs;
    struct Mob *boss;
    struct Owl *owls;
} Game;

struct Mob {
    float x;
    int hp;
};
struct Owl {
    struct Mob *prey;
    float wings;
    int age;
};

EDIT_TELL(Game)
{
    hl_log(t, "%d %d", COUNT(4, g->mobs[i].hp == 10 * i && g->mobs[i].x == 0), g->boss->hp);
    hl_log(t, "%d %d", g->owls[1].age, g->owls[1].prey == &g->mobs[2]);
}
