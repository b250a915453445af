// expect: lost Game.mobs
// expect: perhaps lost Mob
// expect: log 5 9
#include "edit.h"

typedef struct Owl {
    int age;
} Owl;

typedef struct Game {
    Owl *owl;
    int score;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d", g->owl->age, g->score);
}
