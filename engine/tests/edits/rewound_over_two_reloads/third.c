// expect: carried score
// expect: log newest 1
// do: pause
// do: seek 2
// do: resume
// expect: log newest 2 word of the first
// expect: log newest hop 0
#include "edit.h"

typedef struct Game {
    void (*act)(hl_tick *t);
    const char *word;
} Game;

static short score;
static int gap[30] = {1};
static void hop(hl_tick *t)
{
    hl_log(t, "newest hop %d", gap[2]);
}

static void update(Game *g, hl_tick *t)
{
    if (t->reloaded) {
        hl_log(t, "newest %d", score == (short)t->tick - 1);
    }
    if (t->tick == 3) {
        hl_log(t, "newest %d %s", score, g->word);
        g->act(t);
    }
    score = (short)t->tick;
    if (t->tick == 99999) {
        gap[2]++;
        g->act = hop;
    }
}

EDIT_GAME(Game);
