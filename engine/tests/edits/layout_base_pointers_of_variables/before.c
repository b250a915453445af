// Variables that pointed to a base point to what it begins, and the other way round.
#include "edit.h"

typedef struct Base {
    int kind;
} Base;
typedef struct Fox {
    Base base;
    int hunger;
} Fox;
typedef struct Game {
    Fox *foxes;
    Base *b;
} Game;
static Fox fox;
static Base *any;
static Fox *f;
static Base *other;
EDIT_FILL(Game)
{
    g->foxes = hl_new(t, Fox, 2);
    fox.hunger = 3;
    any = &fox.base;
    f = &fox;
    other = &g->foxes[1].base;
    g->b = &fox.base;
    hl_log(t, "%d %d %d", any->kind, f->hunger, other->kind);
}
