// One edit that loses in many ways: each is named once.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
    int *armor;
} Game;

typedef enum Mood { CALM, HUNGRY, ANGRY } Mood;
struct Mob {
    int hp;
    int armor;
    float speed;
    Mood mood;
    short items[4];
    unsigned big : 9;
    int hat;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 6);
    EACH(6)
    {
        g->mobs[i] = (Mob){i, 0, (float)i, ANGRY, {1, 2, 0, 0}, 7, 0};
    }
    g->mobs[0].hp = 128;
    g->mobs[1].armor = 3;
    g->mobs[2].speed = 1e30f;
    g->mobs[3].mood = HUNGRY;
    g->mobs[4].items[3] = 9;
    g->mobs[5].big = 8;
    g->mobs[5].hat = 4;
    g->armor = &g->mobs[1].armor;
}
