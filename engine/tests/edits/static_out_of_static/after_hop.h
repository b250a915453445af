#include "hotloop.h"
void hop(hl_tick *t);
