// expect: log new 5 1
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
    Mob *first;
} Game;

struct Mob {
    int hp; // hit points
    float x;
    float y;
};
#define WORD "new"

EDIT_TELL(Game)
{
    hl_log(t, WORD " %d %d", g->first->hp, g->first == &g->mobs[1]);
}
