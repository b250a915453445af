// A sub-struct is dissolved that has a field of the same name as the outer one: the outer one keeps
// its own, the other is named.
#include "edit.h"

typedef struct Game {
    int x;
    struct {
        int x, y;
    } pos;
} Game;

EDIT_FILL(Game)
{
    *g = (Game){1, {2, 3}};
}
