// Integers become wider; they are extended as the old type says.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    signed char a;
    unsigned char b;
    short c;
    unsigned short d;
    int e;
    unsigned f;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 2);
    g->mobs[0] = (Mob){-128, 200, -32768, 65535, -2147483647 - 1, 4294967295u};
    g->mobs[1] = (Mob){127, 255, 32767, 40000, 2147483647, 3000000000u};
}
