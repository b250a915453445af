// A function gets a new name, and a variable of the file becomes one of a function: all are named.
#include "edit.h"

typedef struct Game {
    int n;
} Game;
static int tick_one(void)
{
    static int calls = 1;
    static int sum[2] = {1, 2};
    calls++;
    sum[1] += calls;
    return sum[1];
}
static int other(void)
{
    static int calls;
    return ++calls;
}
static int hidden = 4;
EDIT_FILL(Game)
{
    g->n = tick_one() + other();
    hidden++;
    g->n += hidden;
}
