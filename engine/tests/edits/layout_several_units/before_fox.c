#include "hotloop.h"

typedef struct Owl Owl;
typedef struct Fox {
    Owl *owl;
    int hp;
} Fox;

Fox *fox_new(hl_tick *t, Owl *owl);
void fox_tell(Fox *fox, hl_tick *t);
void owl_tell(Owl *owl, hl_tick *t);

Fox *fox_new(hl_tick *t, Owl *owl)
{
    Fox *fox = hl_new(t, Fox, 1);
    *fox = (Fox){owl, 3};
    return fox;
}

void fox_tell(Fox *fox, hl_tick *t)
{
    owl_tell(fox->owl, t);
}
