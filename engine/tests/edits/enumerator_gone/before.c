// A live enumerator is gone, and its number means another old name now: named.
#include "edit.h"
#define MOOD HUNGRY

typedef struct Game {
    int unused;
} Game;

typedef enum Mood { CALM, HUNGRY, ANGRY } Mood;
static Mood mood = CALM;
static Mood kept = CALM;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        mood = MOOD;
        kept = ANGRY;
    }
    if (t->tick == 2) {
        hl_log(t, "old %d", mood == MOOD);
    }
    if (t->reloaded) {
        hl_log(t, "old %d", kept == ANGRY);
    }
}

EDIT_GAME(Game);
