// expect: carried long_
// expect: carried both
// expect: carried huge
// expect: carried four
// expect: carried wide
// expect: log new 1 1 7 1 122
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static unsigned short wide[4] = {'a', 'b'};
static float four __attribute__((vector_size(16)));
static __int128 huge = 1;
static _Complex double both = 1;
static long double long_ = 1;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        long_ = 0.5L;
        both = 3;
        huge = ((__int128)7) << 100;
        four[2] = 1.5f;
        wide[0] = 'z';
    }
    if (t->reloaded) {
        hl_log(t, "new %d %d %d %d %d", long_ == 0.5L, both == 3, (int)(huge >> 100),
               four[2] > 1.4f, wide[0]);
    }
}

EDIT_GAME(Game);
