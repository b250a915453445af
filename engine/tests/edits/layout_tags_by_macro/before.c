// Tags that are a macro's name, have a star without a blank, or the word struct and a star.
#include "edit.h"

#define THING Mob
typedef struct Mob Mob;
typedef struct Game {
    Mob *one;
    Mob **list;
    Mob **others;
    const char **words;
} Game;

struct Mob {
    int hp;
};

EDIT_FILL(Game)
{
    g->one = hl_new(t, THING, 2);
    g->list = hl_new(t, Mob *, 2);
    g->others = hl_new(t, struct Mob *, 2);
    g->words = hl_new(t, const char *, 2);
    g->one[1].hp = 4;
    g->list[1] = &g->one[1];
    g->others[0] = &g->one[1];
    g->words[1] = "word";
}
