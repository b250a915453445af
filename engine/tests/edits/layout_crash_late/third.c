// expect: migrated 4 objects moved, 0 lost
// do: resume
// expect: log newest 4
// expect: log newest 149
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    Mob *next;
    float armor;
    long hp;
};

static void update(Game *g, hl_tick *t)
{
    if (t->reloaded) {
        Mob *m = g->mobs;
        hl_log(t, "newest %d", COUNT(4, m[i].hp == 10 * i && m[i].next == &m[3 - i]));
        hl_log(t, "newest %g", (double)m[2].armor);
    }
}

EDIT_GAME(Game);
