// expect: migrated Game: +more, +others
// expect: log 7fc12345 fff8dead00beef00
#include "edit.h"

#include <string.h>

typedef struct Game {
    int more;
    double b;
    int others[3];
    float a;
} Game;

EDIT_TELL(Game)
{
    uint32_t a;
    uint64_t b;
    memcpy(&a, &g->a, sizeof(a));
    memcpy(&b, &g->b, sizeof(b));
    hl_log(t, "%x %llx", a, (unsigned long long)b);
}
