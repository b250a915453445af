// A map grows in both directions: each field of it goes by its two indices.
#include "edit.h"

enum { ROWS = 3, COLUMNS = 4 };

typedef struct Game {
    unsigned char map[ROWS][COLUMNS];
    int end;
} Game;

EDIT_FILL(Game)
{
    EACH(ROWS * COLUMNS)
    {
        g->map[i / COLUMNS][i % COLUMNS] = (unsigned char)(100 + 10 * (i / COLUMNS) + i % COLUMNS);
    }
    g->end = 7;
}
