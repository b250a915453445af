// A field has a new name, and the same type and place: it is taken for a new name, and that is
// said.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    int hp;
    float speed;
    int x;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 3);
    EACH(3)
    {
        g->mobs[i] = (Mob){i, i + 0.5f, -i};
    }
}
