#include "rules.h"

int total = 5;
static int count = 1;

int counted(int more)
{
    return count += more;
}
