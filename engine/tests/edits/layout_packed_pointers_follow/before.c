// Packed structs stay packed, get a field of one byte, and hold pointers at odd places.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct __attribute__((packed)) Mob {
    Mob *next;
    void (*act)(hl_tick *t);
    const char *word;
};

static void hop(hl_tick *t)
{
    hl_log(t, "hop");
}

EDIT_FILL_AND_TELL(Game);

static void fill(Game *g, hl_tick *t)
{
    g->mobs = hl_new(t, Mob, 4);
    EACH(4)
    {
        g->mobs[i].next = &g->mobs[3 - i];
        g->mobs[i].act = hop;
        g->mobs[i].word = "word";
    }
}

static void tell(Game *g, hl_tick *t)
{
    Mob *m = g->mobs;
    hl_log(t, "%d", COUNT(4, m[i].next == &m[3 - i] && m[i].act == hop));
    m[3].act(t);
    hl_log(t, "%s", m[2].word);
}
