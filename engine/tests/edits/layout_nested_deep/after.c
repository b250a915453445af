// expect: migrated kind short
// expect: migrated 0 lost
// expect: log 12
// expect: log A B
// expect: log 1 2 3
#include "edit.h"

typedef struct Tile {
    int flags;
    long kind;
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

EDIT_TELL(Game)
{
    hl_log(t, "%d",
           COUNT(12, g->world.levels[i / 6].rows[i / 3 % 2].tiles[i % 3].kind == 1000 + i));
    hl_log(t, "%s %s", g->world.levels[0].name, g->world.levels[1].name);
    hl_log(t, "%d %d %d", g->number, g->end, g->world.count);
}
