// A field is taken out that three objects have a value in: it is named, with the first of them, and
// how many more there are.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    int hp;
    int armor;
    int x;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 8);
    EACH(8)
    {
        g->mobs[i] = (Mob){i + 1, i >= 5 ? 70 + i : 0, i * i};
    }
}
