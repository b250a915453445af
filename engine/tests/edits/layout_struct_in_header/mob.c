#include "mob.h"

void mob_set(Mob *mob, int number)
{
    mob->hp = number;
    mob->x = (float)number / 2;
}

void mob_tell(Mob *mob, hl_tick *t)
{
    hl_log(t, "%d %g", mob->hp, (double)mob->x);
}
