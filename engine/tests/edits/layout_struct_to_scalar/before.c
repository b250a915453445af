// A struct becomes a number: what was in it is named.
#include "edit.h"

typedef struct Hp {
    int now, most;
} Hp;
typedef struct Game {
    Hp hp;
    int x;
} Game;

EDIT_FILL(Game)
{
    *g = (Game){{50, 0}, 60};
}
