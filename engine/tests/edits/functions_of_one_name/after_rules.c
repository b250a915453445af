#include "rules.h"

static void hop(hl_tick *t)
{
    hl_log(t, "new hop of rules.c");
}

Hop *rules_hop(void)
{
    return hop;
}
