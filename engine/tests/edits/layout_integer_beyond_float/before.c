// Integers that the new float cannot hold exactly are named; those that it can are not.
#include "edit.h"

typedef struct Game {
    int a, b;
    int64_t c, d;
    uint64_t e;
} Game;

EDIT_FILL(Game)
{
    *g = (Game){16777216, 16777217, (1ll << 53) + 2, (1ll << 53) + 1, UINT64_MAX};
}
