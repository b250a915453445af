// expect: carried grid
// expect: log new 1 3 13 sum 42
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int grid[3][5];

static void update(Game *g, hl_tick *t)
{
    (void)g;
    for (int i = 0; t->tick == 1 && i < 2; i++) {
        for (int j = 0; j < 3; j++) {
            grid[i][j] = 10 * i + j + 1;
        }
    }
    if (t->reloaded) {
        int sum = 0;
        for (size_t i = 0; i < sizeof(grid) / sizeof(int); i++) {
            sum += (&grid[0][0])[i];
        }
        hl_log(t, "new %d %d %d sum %d", grid[0][0], grid[0][2], grid[1][2], sum);
    }
}

EDIT_GAME(Game);
