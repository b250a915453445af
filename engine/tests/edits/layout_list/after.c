// expect: migrated 40 objects moved, 0 lost
// expect: log last 1
// expect: log 40 40
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *first;
    Mob *last;
} Game;

struct Mob {
    char title[100];
    Mob *next;
    int hp;
};

EDIT_TELL(Game)
{
    int count = 0, right = 0;
    for (Mob *m = g->first; m && count < 100; m = m->next) {
        count++;
        right += m->hp == count && m->title[0] == 0 && m->title[99] == 0;
        if (!m->next) {
            hl_log(t, "last %d", m == g->last);
        }
    }
    hl_log(t, "%d %d", count, right);
}
