// A number becomes a struct: that is not carried, and named.
#include "edit.h"

typedef struct Game {
    int hp;
    int x;
} Game;

EDIT_FILL(Game)
{
    *g = (Game){50, 60};
}
