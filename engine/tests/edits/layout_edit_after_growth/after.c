// expect: migrated 4 objects moved, 0 lost
// expect: log 4
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob **mobs;
    int count;
} Game;

struct Mob {
    short armor;
    int hp;
};

EDIT_TELL(Game)
{
    hl_log(t, "%d", COUNT(4, g->mobs[i]->hp == i));
    hl_free(t, g->mobs[1]);
    g->mobs = hl_resize(t, g->mobs, Mob *, 40);
    g->mobs[1] = hl_new(t, Mob, 1);
    g->mobs[1]->hp = 1;
    for (; g->count < 40; g->count++) {
        g->mobs[g->count] = hl_new(t, Mob, 1);
        g->mobs[g->count]->hp = g->count;
        g->mobs[g->count]->armor = (short)-g->count;
    }
}
