// expect: migrated 0 lost
// expect: log ffffffffff 1
// expect: log 923456789abcdef 7ffffffe
#include "edit.h"

typedef struct __attribute__((packed)) Game {
    unsigned d : 31;
    uint64_t a : 41;
    int64_t b : 63;
    uint64_t c : 62;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%llx %d", (unsigned long long)g->a, g->b == -(1ll << 62));
    hl_log(t, "%llx %x", (unsigned long long)g->c, g->d);
}
