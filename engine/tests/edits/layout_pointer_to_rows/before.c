// A pointer to rows of numbers, in an allocation whose tag is no type's; the rows become longer.
#include "edit.h"

enum { COLUMNS = 8 };

typedef struct Game {
    short (*rows)[COLUMNS];
    int count;
} Game;

EDIT_FILL(Game)
{
    g->count = 10;
    g->rows = hl_alloc(t, "rows", sizeof(g->rows[0]), _Alignof(short), 10);
    EACH(80)
    {
        g->rows[i / 8][i % 8] = (short)(i * 3);
    }
}
