#include "hotloop.h"

typedef struct Mob {
    int hp;
    float x;
} Mob;

void mob_set(Mob *mob, int number);
void mob_tell(Mob *mob, hl_tick *t);
