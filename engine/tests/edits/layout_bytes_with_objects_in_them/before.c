// The game carves objects out of bytes that it asked for, and one of the types that lie there
// changes.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    uint8_t *memory;
    size_t used;
    Mob *first, *second;
} Game;

struct Mob {
    int hp;
    Mob *next;
};

EDIT_FILL(Game)
{
    g->memory = hl_new(t, uint8_t, 4096);
    g->first = (Mob *)(void *)g->memory;
    g->second = (Mob *)(void *)(g->memory + sizeof(Mob));
    g->used = 2 * sizeof(Mob);
    *g->first = (Mob){1, g->second};
    *g->second = (Mob){2, NULL};
}
