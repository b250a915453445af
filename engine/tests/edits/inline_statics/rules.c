#include "next.h"

int rules_number(void)
{
    return next_number();
}
