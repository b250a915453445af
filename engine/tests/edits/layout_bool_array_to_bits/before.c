// Three bools become bits, and a byte of flags is widened.
#include "edit.h"

typedef struct Game {
    bool a, b, c;
    uint8_t flags;
    bool list[4];
} Game;

EDIT_FILL(Game)
{
    *g = (Game){true, false, true, 0xf0, {true, true, false, true}};
}
