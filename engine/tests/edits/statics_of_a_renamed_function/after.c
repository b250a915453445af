// expect: lost tick_one.calls ... 2
// expect: lost tick_one.sum ... [1] was 4
// expect: lost hidden ... 5
// expect: log 4 2 9 7
#include "edit.h"

typedef struct Game {
    int n;
    int hidden;
} Game;
static int tick_two(void)
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
static int local(void)
{
    static int hidden = 6;
    return ++hidden;
}
EDIT_TELL(Game)
{
    int a = tick_two(), b = other(), c = local();
    hl_log(t, "%d %d %d %d", a, b, 9 + g->hidden, c);
}
