// An enumerator is put in front: what is alive in objects goes by name.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

typedef enum Mood { CALM, HUNGRY, ANGRY } Mood;

struct Mob {
    Mood mood;
    Mood before[3];
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 6);
    EACH(6)
    {
        g->mobs[i] = (Mob){(Mood)(i % 3), {ANGRY, CALM, HUNGRY}};
    }
}
