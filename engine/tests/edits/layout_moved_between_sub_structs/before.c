// A field moves from one sub-struct into another, both of which are there before and after.
#include "edit.h"

typedef struct Game {
    struct {
        int hp, x;
    } body;
    struct {
        int color;
    } look;
} Game;

EDIT_FILL(Game)
{
    *g = (Game){{1, 2}, {3}};
}
