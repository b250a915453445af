// The bytes between the fields held garbage; a new field that comes to lie there is zero all the
// same.
#include "edit.h"

#include <string.h>
typedef struct Mob Mob;
typedef struct Game {
    char kind;
    Mob *mobs;
} Game;

struct Mob {
    char kind;
    double x;
    char level;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 10);
    memset(g->mobs, 0xa5, 10 * sizeof(Mob));
    EACH(10)
    {
        g->mobs[i].kind = (char)i;
        g->mobs[i].x = i;
        g->mobs[i].level = (char)-i;
    }
}
