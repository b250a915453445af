#include "../animals.h"

static int count;

int fox_count(int more)
{
    return count += more;
}
