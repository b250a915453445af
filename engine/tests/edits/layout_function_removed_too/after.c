// expect: lost act ... hop()
// expect: log 3
// expect: log new run
// expect: log new run
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    int hp, more;
    void (*act)(hl_tick *t);
};
static void run(hl_tick *t)
{
    hl_log(t, "new run");
}
static void (*choose(int i))(hl_tick *t)
{
    return i > 100 ? run : NULL;
}

EDIT_TELL(Game)
{
    hl_log(t, "%d", COUNT(3, g->mobs[i].hp == i));
    g->mobs[0].act(t);
    g->mobs[2].act(t);
    g->mobs[1].act = choose((int)t->tick);
}
