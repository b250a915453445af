// The type of an allocation is said by another expression than its name, or with the word struct.
#include "edit.h"

typedef struct Game {
    struct Mob *mobs;
    struct Mob *boss;
    struct Owl *owls;
} Game;

struct Mob {
    int hp;
};
struct Owl {
    int age;
    struct Mob *prey;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, __typeof__(*g->mobs), 4);
    g->boss = hl_new(t, struct Mob, 1);
    g->owls = hl_new(t, __typeof__(*g->owls), 2);
    EACH(4)
    {
        g->mobs[i].hp = 10 * i;
    }
    g->boss->hp = 500;
    g->owls[1].age = 9;
    g->owls[1].prey = &g->mobs[2];
}
