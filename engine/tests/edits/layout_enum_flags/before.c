// Flags that were or-ed together get other bits.
#include "edit.h"

typedef enum Flags { POISON = 1, BURN = 2, WET = 4 } Flags;

typedef struct Game {
    Flags flags[5];
} Game;

EDIT_FILL(Game)
{
    *g = (Game){{POISON | BURN, WET, POISON | WET, 0, POISON | BURN | WET}};
}
