// An enumerator is taken out that one object has, and its number means another one now: it is
// named; the others go by name.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

typedef enum Mood { CALM, HUNGRY, ANGRY } Mood;

struct Mob {
    Mood mood;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 3);
    g->mobs[0].mood = ANGRY;
    g->mobs[1].mood = HUNGRY;
    g->mobs[2].mood = CALM;
}
