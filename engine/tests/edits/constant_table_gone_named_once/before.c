// A pointer into a table that is gone, in an object that moves, is named once.
#include "edit.h"

typedef struct Mob {
    const char *const *word;
    int hp;
} Mob;
typedef struct Game {
    Mob *mobs;
} Game;
static const char *const WORDS[] = {"a", "b", "c"};
EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 2);
    g->mobs[1].word = &WORDS[2];
    hl_log(t, "%s", *g->mobs[1].word);
}
