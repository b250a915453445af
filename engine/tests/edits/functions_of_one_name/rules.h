#include "hotloop.h"
typedef void Hop(hl_tick *t);
Hop *rules_hop(void);
