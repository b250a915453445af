// expect: migrated 8 objects moved, 0 lost
// expect: log 5
// expect: log 5
// expect: log 9 10 0
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs[5];
    Mob *many;
} Game;

struct Mob {
    int hp;
    _Alignas(32) float matrix[4];
    Mob *next;
};

EDIT_TELL(Game)
{
    Mob **m = g->mobs;
    hl_log(t, "%d", COUNT(5, m[i]->hp == i && m[i]->matrix[2] == 3 && m[i]->matrix[3] == (float)i));
    hl_log(t, "%d", COUNT(5, (uintptr_t)m[i]->matrix % 32 == 0 && m[i]->next == NULL));
    hl_log(t, "%d %g %d", g->many[2].hp, (double)g->many[2].matrix[3],
           (int)((uintptr_t)g->many % 32));
}
