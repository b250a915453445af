// The struct's tag and its typedef differ; the typedef gets another name, the tag stays.
#include "edit.h"

typedef struct mob_s {
    int hp;
    struct mob_s *next;
} Mob;
typedef Mob Any;
#define NEW(n) hl_new(t, Mob, n)

typedef struct Game {
    Any *mobs;
} Game;

EDIT_FILL(Game)
{
    g->mobs = NEW(3);
    EACH(3)
    {
        g->mobs[i].hp = i + 1;
        g->mobs[i].next = &g->mobs[2 - i];
    }
}
