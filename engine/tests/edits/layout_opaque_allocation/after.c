// expect: migrated 10 objects moved, 0 lost
// expect: log 1 2
// expect: log 100
// expect: log 64
#include "edit.h"

#include <string.h>
typedef struct Mob Mob;
typedef struct Game {
    Mob *a;
    void *blob;
    unsigned char *bytes;
    Mob *b;
} Game;

struct Mob {
    int hp;
    double more[9];
};

EDIT_TELL(Game)
{
    hl_log(t, "%d %d", g->a[4].hp, g->b[4].hp);
    hl_log(t, "%d", COUNT(100, ((unsigned char *)g->blob)[i] == 0x77));
    hl_log(t, "%d", COUNT(64, g->bytes[i] == 255 - i));
}
