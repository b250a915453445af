// A field is taken out, which is named, and put in again: then it is zero, or what it was.
#include "edit.h"

typedef struct Game Game;

struct Game {
    int hp;
    int armor;
    int x;
};

EDIT_FILL(Game)
{
    *g = (Game){1, 22, 3};
}
