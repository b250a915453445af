// Flags get one more at the end, and the type one more name for none: or-ed values stay.
#include "edit.h"

typedef enum Flags { POISON = 1, BURN = 2, WET = 4 } Flags;

typedef struct Game {
    Flags flags[4];
} Game;

EDIT_FILL(Game)
{
    *g = (Game){{POISON | BURN, WET, POISON | BURN | WET, 0}};
}
