// A bool becomes a number, a char an int, an int a char.
#include "edit.h"

typedef struct Game {
    bool a, b;
    bool c;
    char letter;
    int other;
    char low;
} Game;

EDIT_FILL(Game)
{
    *g = (Game){true, true, false, 'z', 'Q', 0x7f};
}
