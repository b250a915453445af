// The state struct has another name, and another field.
#include "edit.h"

typedef struct Game {
    int score;
    struct Mob *mob;
} Game;

struct Mob {
    int hp;
    void *owner;
};

EDIT_FILL(Game)
{
    g->score = 30;
    g->mob = hl_new(t, struct Mob, 1);
    *g->mob = (struct Mob){4, g};
}
