// expect: refused-or Mob
// expect: log 1 1 2
// expect: log 1
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    uint8_t *memory;
    size_t used;
    Mob *first, *second;
} Game;

struct Mob {
    int hp, more;
    double x;
    Mob *next;
};

EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d", g->first->hp, g->first->next == g->second, g->second->hp);
    hl_log(t, "%d", g->used >= 2 * sizeof(Mob));
}
