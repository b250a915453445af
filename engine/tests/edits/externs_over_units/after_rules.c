#include "rules.h"

// Both files are compiled anew, and what stands where is another.
int another = 3;
static int count = 1;
int shared_total = 5;

int rules_count(int more)
{
    another++;
    return count += more;
}
