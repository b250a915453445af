// Doubles become floats: what is beyond a float's range is named, infinity and what is not a number
// go on as such.
#include "edit.h"

typedef struct Game {
    double a, b, c, d;
    double rounded;
    double tiny[3];
} Game;

EDIT_FILL(Game)
{
    *g = (Game){0.5, 1e300, __builtin_inf(), __builtin_nan(""), 0.1, {-0.0, 3, -16777216}};
}
