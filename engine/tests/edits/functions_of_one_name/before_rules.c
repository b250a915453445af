#include "rules.h"

static void hop(hl_tick *t)
{
    hl_log(t, "old hop of rules.c");
}

Hop *rules_hop(void)
{
    return hop;
}
