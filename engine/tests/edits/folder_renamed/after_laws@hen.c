#include "../animals.h"

static int count;

int hen_count(int more)
{
    return count += more;
}
