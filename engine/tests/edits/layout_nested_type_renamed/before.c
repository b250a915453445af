// The type of a field has another name and another field in it: structs go by the field that holds
// them.
#include "edit.h"

typedef struct Body {
    float x, y;
} Body;
typedef struct Game {
    Body body;
    Body trail[3];
    int end;
} Game;

EDIT_FILL(Game)
{
    *g = (Game){{1, 2}, {{3, 4}, {5, 6}, {7, 8}}, 9};
}
