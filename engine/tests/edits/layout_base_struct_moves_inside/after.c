// expect: log 1 1 1 1 2.5 3
#include "edit.h"

typedef struct Base {
    char tag;
    struct Base *next;
    int kind;
} Base;
typedef struct Fox {
    Base base;
    long age;
    int hunger;
} Fox;
typedef struct Hen {
    float eggs;
    Base base;
    char name[8];
} Hen;
typedef struct Game {
    Base *last;
    Base *all;
    Fox *foxes;
    Hen *hens;
} Game;
static Base *watch;
EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d %d %g %d", g->all == &g->foxes[0].base, g->all->next == &g->hens[1].base,
           g->all->next->next == &g->foxes[1].base && g->last == &g->foxes[1].base,
           watch == &g->hens[1].base, g->hens[1].eggs, g->foxes[1].hunger);
}
