#include "hotloop.h"

typedef struct Mob {
    char name[9];
    float x;
    int hp;
} Mob;

void mob_set(Mob *mob, int number);
void mob_tell(Mob *mob, hl_tick *t);
