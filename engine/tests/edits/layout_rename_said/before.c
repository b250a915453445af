// A field has a new name, another place and another type, and HL_WAS says what it was called.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    int hp;
    short gold;
    float speed;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 3);
    EACH(3)
    {
        g->mobs[i] = (Mob){i - 1, (short)(100 * i), 0.5f};
    }
}
