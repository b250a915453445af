// Memory that no type is known of stays as it is, while what lies before and behind it grows.
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
};

EDIT_FILL(Game)
{
    g->a = hl_new(t, Mob, 5);
    g->blob = hl_alloc(t, "a blob", 1, 1, 100);
    g->bytes = hl_new(t, unsigned char, 64);
    g->b = hl_new(t, Mob, 5);
    g->a[4].hp = 1;
    g->b[4].hp = 2;
    memset(g->blob, 0x77, 100);
    EACH(64)
    {
        g->bytes[i] = (unsigned char)(255 - i);
    }
}
