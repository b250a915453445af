// expect: migrated 0 lost
// expect: log 6
// expect: log 6
// expect: log 6
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

typedef enum Mood { ASLEEP, CALM, PUZZLED, HUNGRY, ANGRY } Mood;

struct Mob {
    Mood mood;
    Mood before[3];
};

EDIT_TELL(Game)
{
    static const Mood moods[] = {CALM, HUNGRY, ANGRY};
    Mob *m = g->mobs;
    hl_log(t, "%d", COUNT(6, m[i].mood == moods[i % 3]));
    hl_log(t, "%d", COUNT(6, m[i].before[0] == ANGRY && m[i].before[1] == CALM));
    hl_log(t, "%d", COUNT(6, m[i].before[2] == HUNGRY));
}
