// Arrays of structs with pointers into each other, which become longer in a struct that is inside
// the state.
#include "edit.h"

enum { SLOTS = 4 };

typedef struct Slot {
    int number;
    struct Slot *next;
    int *value;
} Slot;
typedef struct Game {
    Slot slots[SLOTS];
    int values[SLOTS];
    Slot *first;
} Game;

EDIT_FILL(Game)
{
    EACH(4)
    {
        g->slots[i] = (Slot){i, i < 3 ? &g->slots[i + 1] : NULL, &g->values[3 - i]};
        g->values[i] = 10 * i;
    }
    g->first = &g->slots[0];
}
