// The fields change places, and so does where padding is.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    char kind;
    double x;
    short hp;
    long gold;
    unsigned char level;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 9);
    EACH(9)
    {
        g->mobs[i] =
            (Mob){(char)i, i / 4.0, (short)(-100 * i), 1L << (4 * i), (unsigned char)(250 - i)};
    }
}
