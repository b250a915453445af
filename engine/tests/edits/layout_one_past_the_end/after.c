// expect: migrated 7 objects moved, 0 lost
// expect: log 6 6
// expect: log 1 1
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs, *end;
    int *full, *low;
    int items[4];
    int more;
} Game;

struct Mob {
    int hp;
    int list[30];
};

EDIT_TELL(Game)
{
    int count = 0;
    for (Mob *m = g->mobs; m != g->end && count < 100; m++) {
        count += m->hp == (m - g->mobs) * (m - g->mobs);
    }
    hl_log(t, "%d %d", count, (int)(g->end - g->mobs));
    hl_log(t, "%d %d", g->full == g->items + 4, g->low == g->items);
}
