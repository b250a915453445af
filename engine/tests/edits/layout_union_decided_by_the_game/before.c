// A union whose members changed would be refused; with .migrate the game decides it.
#include "edit.h"

typedef struct Mob {
    int hp, max;
} Mob;
typedef union Any {
    int i;
    float f;
} Any;
typedef struct Game {
    Mob *mobs;
    int n;
    Any any;
    char name[4];
} Game;
static int score;
EDIT_FILL(Game)
{
    g->n = 2;
    g->mobs = hl_new(t, Mob, 2);
    g->mobs[1] = (Mob){30, 60};
    g->any.i = 99;
    g->name[0] = 'Q';
    score = 12;
    hl_log(t, "%d", score);
}
