// Two edits one after the other, each with another field in front; the objects move twice.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs, *end;
} Game;

struct Mob {
    int hp;
    Mob *next;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 6);
    g->end = g->mobs + 6;
    EACH(6)
    {
        g->mobs[i].hp = i * 3;
        g->mobs[i].next = &g->mobs[5 - i];
    }
}
