// expect: migrated 2 objects moved, 0 lost
// expect: log new run 1
// expect: log new jump 1
// expect: log new jump 2
// expect: log new run 2
// expect: log new jump 2
// expect: log 1 1
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
    void (*last)(Mob *mob, hl_tick *t);
} Game;
typedef void Act(Mob *mob, hl_tick *t);

#define WORD "new"
struct Mob {
    int hp, more;
    Act *list[3];
    Act *act;
};

static void run(Mob *mob, hl_tick *t)
{
    hl_log(t, WORD " run %d", mob->hp);
}
void jump(Mob *mob, hl_tick *t);
void jump(Mob *mob, hl_tick *t)
{
    hl_log(t, WORD " jump %d", mob->hp);
}

EDIT_FILL_AND_TELL(Game);

static void fill(Game *g, hl_tick *t)
{
    g->mobs = hl_new(t, Mob, 2);
    g->mobs[0].act = run;
    g->mobs[0].list[1] = jump;
    g->mobs[0].hp = 1;
    g->mobs[1].act = jump;
    g->mobs[1].list[0] = run;
    g->mobs[1].hp = 2;
    g->last = jump;
}

static void tell(Game *g, hl_tick *t)
{
    Mob *m = g->mobs;
    m[0].act(&m[0], t);
    m[0].list[1](&m[0], t);
    m[1].act(&m[1], t);
    m[1].list[0](&m[1], t);
    g->last(&m[1], t);
    hl_log(t, "%d %d", m[0].list[0] == NULL, m[1].list[1] == NULL);
}
