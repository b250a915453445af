// expect: migrated 0 lost
// expect: log 1 234
#include "edit.h"

typedef struct B {
    int x;
} B;
typedef struct A {
    int z, y, x;
} A;
typedef struct Game {
    B first;
    A second;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d%d%d", g->first.x, g->second.x, g->second.y, g->second.z);
}
