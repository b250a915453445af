// The same for what clang makes.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
    Mob *target;
} Game;

struct Mob {
    enum { REST, FIGHT } state;
    unsigned lives : 3, level : 7;
    struct {
        float x, y;
    };
    int hp;
    Mob *next;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 5);
    g->target = &g->mobs[3];
    EACH(5)
    {
        Mob *m = &g->mobs[i];
        m->state = i % 2 ? REST : FIGHT;
        m->lives = (unsigned)i + 3;
        m->level = 100u + (unsigned)i;
        m->x = (float)i / 2;
        m->y = -1;
        m->hp = -100 * i;
        m->next = &g->mobs[4 - i];
    }
}
