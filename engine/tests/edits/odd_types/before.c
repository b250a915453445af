// Large and rare types go on as they are: long double, complex, 128 bits, vectors, wide text.
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static long double long_ = 1;
static _Complex double both = 1;
static __int128 huge = 1;
static float four __attribute__((vector_size(16)));
static unsigned short wide[4] = {'a', 'b'};

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
        hl_log(t, "old %d %d %d %d %d", long_ == 0.5L, both == 3, (int)(huge >> 100),
               four[2] > 1.4f, wide[0]);
    }
}

EDIT_GAME(Game);
