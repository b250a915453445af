// Integers become floats and doubles that can hold them.
#include "edit.h"

typedef struct Game {
    int a, b;
    unsigned c;
    short d;
    int64_t e;
    uint64_t f;
    char g;
} Game;

EDIT_FILL(Game)
{
    *g = (Game){-16777216, 2147483647, 4294967295u, -7, INT64_MIN, 1ull << 53, 'A'};
}
