// Two struct types change their names with each other: what a field holds goes on as it is.
#include "edit.h"

typedef struct A {
    int x;
} A;
typedef struct B {
    int x, y, z;
} B;
typedef struct Game {
    A first;
    B second;
} Game;

EDIT_FILL(Game)
{
    *g = (Game){{1}, {2, 3, 4}};
}
