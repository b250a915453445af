// Globals without an initialiser hold an enumerator whose number is zero, and one is put in front:
// what is alive goes by name.
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

typedef enum Mood { CALM, HUNGRY } Mood;

static Mood mood, moods[3];

EDIT_FILL_AND_TELL(Game);

static void fill(Game *g, hl_tick *t)
{
    (void)g;
    mood = CALM;
    moods[0] = HUNGRY;
    moods[1] = CALM;
    if (t->tick == 99999) {
        mood = HUNGRY;
        moods[1] = HUNGRY;
    }
}

static void tell(Game *g, hl_tick *t)
{
    (void)g;
    hl_log(t, "%d %d %d", mood == CALM, moods[0] == HUNGRY, moods[1] == CALM);
}
