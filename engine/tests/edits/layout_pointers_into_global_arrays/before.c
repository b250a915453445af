// Objects point into global arrays whose elements become wider and whose rows become longer.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

enum { COLUMNS = 4 };
typedef short Tile;
struct Mob {
    Tile *on;
    char kind;
};

static Tile map[3][COLUMNS];

EDIT_FILL_AND_TELL(Game);

static void fill(Game *g, hl_tick *t)
{
    g->mobs = hl_new(t, Mob, 12);
    EACH(12)
    {
        map[i / 4][i % 4] = (short)(i * 7);
        g->mobs[i].on = &map[i / 4][i % 4];
        g->mobs[i].kind = (char)i;
    }
}

static void tell(Game *g, hl_tick *t)
{
    hl_log(t, "%d", COUNT(12, map[i / 4][i % 4] == i * 7));
    hl_log(t, "%d", COUNT(12, g->mobs[i].on == &map[i / 4][i % 4] && g->mobs[i].kind == i));
}
