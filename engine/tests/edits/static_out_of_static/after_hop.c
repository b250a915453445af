#include "hop.h"

void hop(hl_tick *t)
{
    hl_log(t, "new hop");
}
