// expect: lost Mob.hp ... 128
// expect: lost Mob.armor ... 3
// expect: lost Mob.speed ... Mob[2].speed
// expect: lost Mob.mood ... HUNGRY
// expect: lost Mob.items[3] ... 9
// expect: lost Mob.big ... 8
// expect: lost Mob.hat ... 4
// expect: lost Game.armor
// expect: log 5 5
// expect: log 6
// expect: log 1 6
// expect: log 127 1
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
    int *armor;
} Game;

typedef enum Mood { CALM, ANGRY } Mood;
struct Mob {
    signed char hp;
    int speed;
    Mood mood;
    short items[2];
    unsigned big : 3;
    struct {
        int kind;
    } hat;
};

EDIT_TELL(Game)
{
    Mob *m = g->mobs;
    hl_log(t, "%d %d", COUNT(6, m[i].hp == i), COUNT(6, m[i].speed == i));
    hl_log(t, "%d", COUNT(6, m[i].items[0] == 1 && m[i].items[1] == 2));
    hl_log(t, "%d %d", COUNT(6, m[i].mood == ANGRY) >= 5, COUNT(6, m[i].big == 7));
    hl_log(t, "%d %d", m[0].hp, g->armor == NULL);
}
