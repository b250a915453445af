// expect: log new hop
// expect: log new hop
// expect: log new hop
// expect: log new hop
// expect: log new hop
// expect: log new hop
// expect: log new a word
#include "edit.h"

typedef struct __attribute__((packed)) Odd {
    char kind;
    void (*act)(hl_tick *t);
    const char *word;
} Odd;

typedef struct __attribute__((packed)) Game {
    char kind;
    void (*act)(hl_tick *t);
    Odd *more;
} Game;

static void hop(hl_tick *t)
{
    hl_log(t, "new hop");
}

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        g->act = hop;
        g->more = hl_new(t, Odd, 5);
        for (int i = 0; i < 5; i++) {
            g->more[i] = (Odd){(char)i, hop, "a word"};
        }
    }
    if (t->reloaded) {
        g->act(t);
        for (int i = 0; i < 5; i++) {
            g->more[i].act(t);
        }
        hl_log(t, "new %s", g->more[3].word);
    }
}

EDIT_GAME(Game);
