// Something four levels down is widened, and arrays lie on the way there.
#include "edit.h"

typedef struct Tile {
    short kind;
} Tile;

typedef struct Row {
    Tile tiles[3];
} Row;
typedef struct Level {
    char name[5];
    Row rows[2];
} Level;
typedef struct Game {
    int number;
    struct {
        Level levels[2];
        int count;
    } world;
    int end;
} Game;

EDIT_FILL(Game)
{
    g->number = 1;
    g->end = 2;
    g->world.count = 3;
    EACH(12)
    {
        g->world.levels[i / 6].rows[i / 3 % 2].tiles[i % 3].kind = (short)(1000 + i);
        g->world.levels[i / 6].name[0] = (char)('A' + i / 6);
    }
}
