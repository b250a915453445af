// A base struct lies at the start of others, and a field is put in front of it: which of the two a
// pointer means says its type.
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
    Base base;
    int hp;
};

EDIT_FILL(Game)
{
    Mob *a = hl_new(t, Mob, 1), *b = hl_new(t, Mob, 2);
    *a = (Mob){{1, &b[1].base}, 10};
    b[1] = (Mob){{2, &b[0].base}, 20};
    b[0] = (Mob){{3, NULL}, 30};
    g->first = &a->base;
    g->mob = &b[1];
    g->any = a;
    g->id = &b[0].base.id;
}
