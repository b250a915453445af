// expect: migrated 3 objects moved, 0 lost
// expect: log 1 2 3
// expect: log 1 1
// expect: log 20 1
// expect: log 10
#include "edit.h"

typedef struct Base {
    int id;
    struct Base *next;
} Base;
typedef struct Mob Mob;
typedef struct Game {
    Base *first;
    Mob *mob;
    void *any;
    int *id;
} Game;

struct Mob {
    int hp, more;
    Base base;
};

EDIT_TELL(Game)
{
    Base *first = g->first;
    hl_log(t, "%d %d %d", first->id, first->next->id, first->next->next->id);
    hl_log(t, "%d %d", first->next->next->next == NULL, g->id == &first->next->next->id);
    hl_log(t, "%d %d", g->mob->hp, first->next == &g->mob->base);
    hl_log(t, "%d", ((Mob *)g->any)->hp);
}
