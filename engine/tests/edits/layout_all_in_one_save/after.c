// expect: changed level ... 8
// expect: log 3 3
// expect: log 1 1 1
// expect: log 5 1 30 1 1
#include "edit.h"

typedef enum Mood { SLEEPY, HUNGRY, CALM, ANGRY = 100 } Mood;
typedef struct Mob {
    struct Mob *foe;
    Mood memory[4];
    short hp;
    Mood mood;
} Mob;
typedef struct Game {
    int n;
    Mob *mobs;
} Game;
static int level = 5;
static Mood weather = ANGRY;
static Mob boss = {.mood = CALM, .hp = 9};
EDIT_TELL(Game)
{
    Mob *m = g->mobs;
    hl_log(t, "%d %d",
           COUNT(3, m[i].hp == 200 && m[i].memory[0] == HUNGRY && m[i].memory[1] == ANGRY
                        && m[i].memory[2] == CALM && m[i].memory[3] == 0),
           g->n);
    hl_log(t, "%d %d %d", m[0].mood == CALM, m[1].mood == HUNGRY, m[2].mood == CALM);
    hl_log(t, "%d %d %d %d %d", level, weather == HUNGRY, boss.hp,
           boss.foe == m + 2 && m[2].foe == &boss, boss.mood == CALM);
}
