// expect: log 1 2 3
#include "edit.h"

#include <stdint.h>

typedef int Length;
typedef struct Game {
    Length x;
    uint32_t y;
    int64_t z;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %u %lld", g->x, g->y, (long long)g->z);
}
