// expect: carried mobs
// expect: carried party
// expect: migrated 4 objects moved, 0 lost
// expect: log 4 3
// expect: log 4 1 12
// expect: log 2 1 1
// expect: log 1 1 1
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    int score;
} Game;

struct Mob {
    char more[50];
    Mob *next;
    int hp;
};

static Mob *mobs, *end;
static int *hp;
static struct {
    int count;
    Mob *list[3];
} party;
static void *any;
static Mob *chosen(Mob *mob)
{
    static Mob *last;
    last = mob ? mob : last;
    return last;
}

EDIT_FILL_AND_TELL(Game);

static void fill(Game *g, hl_tick *t)
{
    (void)g;
    mobs = hl_new(t, Mob, 4);
    end = mobs + 4;
    EACH(4)
    {
        mobs[i].hp = 10 + i;
        mobs[i].next = i < 3 ? &mobs[i + 1] : NULL;
    }
    hp = &mobs[2].hp;
    party.count = 2;
    party.list[0] = &mobs[3];
    party.list[1] = &mobs[1];
    any = &mobs[1];
    (void)chosen(&mobs[2]);
}

static void tell(Game *g, hl_tick *t)
{
    (void)g;
    hl_log(t, "%d %d", COUNT(4, mobs[i].hp == 10 + i), COUNT(3, mobs[i].next == &mobs[i + 1]));
    hl_log(t, "%d %d %d", (int)(end - mobs), hp == &mobs[2].hp, *hp);
    hl_log(t, "%d %d %d", party.count, party.list[0] == &mobs[3], party.list[1] == &mobs[1]);
    hl_log(t, "%d %d %d", party.list[2] == NULL, any == &mobs[1], chosen(NULL) == &mobs[2]);
}
