// A field becomes one of several in a new anonymous union, all others of which are new.
#include "edit.h"

typedef struct Game {
    int kind;
    int number;
    int end;
} Game;

EDIT_FILL(Game)
{
    *g = (Game){1, 1234567, 3};
}
