// An allocation with a tag that is no type's holds pointers; a typed pointer says so.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob **list;
    Mob *mobs;
} Game;

struct Mob {
    int hp;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 4);
    g->list = hl_alloc(t, "registry", sizeof(Mob *), _Alignof(Mob *), 6);
    EACH(4)
    {
        g->mobs[i].hp = i + 1;
        g->list[i] = &g->mobs[3 - i];
    }
}
