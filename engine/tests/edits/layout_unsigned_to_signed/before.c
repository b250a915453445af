// An unsigned field becomes signed: what is too large is named.
#include "edit.h"

typedef struct Game {
    unsigned a, b;
    unsigned char c, d;
    uint64_t e, f;
} Game;

EDIT_FILL(Game)
{
    *g = (Game){2147483647u, 2147483648u, 127, 128, INT64_MAX, UINT64_MAX};
}
