#include "jump.h"

static int height = 10;

static void act(hl_tick *t, int more)
{
    static int calls;
    height += more;
    hl_log(t, "new act %d %d", height, ++calls);
}

JumpAction *jump_action(void)
{
    return act;
}
