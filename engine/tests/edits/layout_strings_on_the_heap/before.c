// Texts with allocations of their own, and cursors into them, hang from objects that change.
#include "edit.h"

#include <string.h>
typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    char *name;
    const char *cursor;
    int hp;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 3);
    EACH(3)
    {
        g->mobs[i].name = hl_new(t, char, 10);
        strcpy(g->mobs[i].name, "Theodora");
        g->mobs[i].name[0] = (char)('A' + i);
        g->mobs[i].cursor = strchr(g->mobs[i].name, 'd');
        g->mobs[i].hp = i;
    }
}
