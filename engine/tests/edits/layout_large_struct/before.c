// Objects of many pages, of which a field near the start is widened.
#include "edit.h"

typedef struct Level Level;
typedef struct Game {
    Level *levels;
    int *last;
} Game;

struct Level {
    short number;
    int tiles[64][64];
    char name[10];
};

EDIT_FILL(Game)
{
    g->levels = hl_new(t, Level, 3);
    EACH(3 * 64 * 64)
    {
        g->levels[i / 4096].tiles[i / 64 % 64][i % 64] = i;
    }
    EACH(3)
    {
        g->levels[i].number = (short)-i;
        g->levels[i].name[9] = (char)('x' + i);
    }
    g->last = &g->levels[2].tiles[63][63];
}
