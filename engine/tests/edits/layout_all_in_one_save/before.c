// A struct, its enum and initialisers of variables of both change in one save.
#include "edit.h"

typedef enum Mood { CALM = -1, ANGRY, HUNGRY = 40 } Mood;
typedef struct Mob {
    Mood mood;
    Mood memory[3];
    unsigned char hp;
    struct Mob *foe;
} Mob;
typedef struct Game {
    Mob *mobs;
    int n;
} Game;
static int level = 2;
static Mood weather = ANGRY;
static Mob boss = {.mood = CALM, .hp = 9};
EDIT_FILL(Game)
{
    g->n = 3;
    g->mobs = hl_new(t, Mob, 3);
    EACH(3) g->mobs[i] = (Mob){CALM, {HUNGRY, ANGRY, CALM}, 200, &g->mobs[(i + 1) % 3]};
    g->mobs[1].mood = HUNGRY;
    level = 8;
    weather = HUNGRY;
    boss.hp = 30;
    boss.foe = g->mobs + 2;
    g->mobs[2].foe = &boss;
    hl_log(t, "%d %d", level, weather);
}
