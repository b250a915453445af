// A typedef gets another name, and the fields are written with another name of the same type:
// nothing is laid out otherwise.
#include "edit.h"

#include <stdint.h>

typedef int Unit;
typedef struct Game {
    Unit x;
    unsigned int y;
    long long z;
} Game;

EDIT_FILL(Game)
{
    *g = (Game){1, 2, 3};
}
