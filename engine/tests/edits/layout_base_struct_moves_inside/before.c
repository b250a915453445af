// Base pointers to structs of several types, of which one puts its base elsewhere.
#include "edit.h"

typedef struct Base {
    int kind;
    struct Base *next;
} Base;
typedef struct Fox {
    Base base;
    int hunger;
} Fox;
typedef struct Hen {
    Base base;
    float eggs;
    char name[4];
} Hen;
typedef struct Game {
    Base *all;
    Fox *foxes;
    Hen *hens;
    Base *last;
} Game;
static Base *watch;
EDIT_FILL(Game)
{
    g->foxes = hl_new(t, Fox, 2);
    g->hens = hl_new(t, Hen, 2);
    g->all = &g->foxes[0].base;
    g->foxes[0].base.next = &g->hens[1].base;
    g->hens[1].base.next = &g->foxes[1].base;
    g->hens[1].eggs = 2.5f;
    g->foxes[1].hunger = 3;
    g->last = &g->foxes[1].base;
    watch = &g->hens[1].base;
    hl_log(t, "%d", watch->kind);
}
