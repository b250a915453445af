// Two types have the same base struct at their start, which gets a field; only pointers to the base
// reach them.
#include "edit.h"

typedef struct Base Base;
typedef struct Game {
    Base *all[4];
} Game;

struct Base {
    char kind;
};

typedef struct Fox {
    Base base;
    int tail;
} Fox;
typedef struct Owl {
    Base base;
    double wings;
    Fox *prey;
} Owl;

EDIT_FILL(Game)
{
    EACH(4)
    {
        if (i % 2 == 0) {
            Fox *fox = hl_new(t, Fox, 1);
            fox->base.kind = 'f';
            fox->tail = 10 + i;
            g->all[i] = &fox->base;
        } else {
            Owl *owl = hl_new(t, Owl, 1);
            owl->base.kind = 'o';
            owl->wings = i + 0.5;
            owl->prey = (Fox *)g->all[i - 1];
            g->all[i] = &owl->base;
        }
    }
}
