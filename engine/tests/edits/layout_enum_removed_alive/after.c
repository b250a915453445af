// expect: lost Mob.mood ... Mob[1].mood ... HUNGRY
// expect: log 1 1
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

typedef enum Mood { CALM, ANGRY } Mood;

struct Mob {
    Mood mood;
};

EDIT_TELL(Game)
{
    hl_log(t, "%d %d", g->mobs[0].mood == ANGRY, g->mobs[2].mood == CALM);
}
