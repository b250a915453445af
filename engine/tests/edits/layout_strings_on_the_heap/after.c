// expect: migrated 3 objects moved, 0 lost
// expect: log Aheodora dora 4 0
// expect: log Bheodora dora 4 1
// expect: log Cheodora dora 4 2
#include "edit.h"

#include <string.h>
typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    int hp;
    char title[20];
    const char *cursor;
    char *name;
};

EDIT_TELL(Game)
{
    EACH(3)
    {
        Mob *m = &g->mobs[i];
        hl_log(t, "%s %s %d %d", m->name, m->cursor, (int)(m->cursor - m->name), m->hp);
    }
}
