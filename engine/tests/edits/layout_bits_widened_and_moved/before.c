// Bit-fields are widened and change places, and one is put between them.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    unsigned hp : 4, lives : 4;
    int mood : 3;
    unsigned gold : 12;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 16);
    EACH(16)
    {
        g->mobs[i] = (Mob){(unsigned)i & 15, (unsigned)(15 - i), i % 8 - 4, 4095u - (unsigned)i};
    }
}
