// expect: migrated Level: number short -> long
// expect: migrated 3 objects moved, 0 lost
// expect: log 12288
// expect: log 3
// expect: log 1
#include "edit.h"

typedef struct Level Level;
typedef struct Game {
    Level *levels;
    int *last;
} Game;

struct Level {
    long number;
    int tiles[64][64];
    char name[10];
};

EDIT_TELL(Game)
{
    Level *l = g->levels;
    hl_log(t, "%d", COUNT(3 * 64 * 64, l[i / 4096].tiles[i / 64 % 64][i % 64] == i));
    hl_log(t, "%d", COUNT(3, l[i].number == -i && l[i].name[9] == 'x' + i));
    hl_log(t, "%d", g->last == &l[2].tiles[63][63]);
}
