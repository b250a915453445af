// expect: lost Mob.word: Mob[1].word pointed at WORDS[2], which is no more
// expect: log c
#include "edit.h"

typedef struct Mob {
    int hp;
    const char *const *word;
} Mob;
typedef struct Game {
    Mob *mobs;
} Game;
EDIT_TELL(Game)
{
    hl_log(t, "%s", g->mobs[1].word ? *g->mobs[1].word : "c");
}
