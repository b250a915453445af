// expect: migrated 5000 objects moved, 0 lost
// expect: log 3000
// expect: log 3000
// expect: log 2000
// expect: log 10000
#include "edit.h"

typedef struct Mob Mob;
typedef struct Shot Shot;
typedef struct Tile {
    short kind, height;
} Tile;
typedef struct Game {
    Mob *mobs;
    Shot *shots;
    Tile *tiles;
} Game;

struct Mob {
    int hp, armor;
    Shot *shot;
};
struct Shot {
    Mob *by;
    float y, x;
};

EDIT_TELL(Game)
{
    Mob *m = g->mobs;
    Shot *s = g->shots;
    hl_log(t, "%d", COUNT(3000, m[i].hp == i && m[i].armor == 0));
    hl_log(t, "%d", COUNT(3000, m[i].shot == (i < 2000 ? &s[1999 - i] : NULL)));
    hl_log(t, "%d",
           COUNT(2000, s[i].x == (float)i && s[i].y == (float)-i && s[i].by == &m[i + 1000]));
    hl_log(t, "%d", COUNT(10000, g->tiles[i].kind == i % 7 && g->tiles[i].height == (short)i));
}
