#include "rules.h"

int shared_total = 5;
static int count = 1;

int rules_count(int more)
{
    return count += more;
}
