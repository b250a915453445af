// A number and a struct become arrays of such: they fill the first element.
#include "edit.h"

typedef struct Slot {
    short a, b;
} Slot;

typedef struct Game {
    int hp;
    Slot slot;
    const char *name;
} Game;

EDIT_FILL(Game)
{
    *g = (Game){50, {6, 7}, "Ann"};
}
