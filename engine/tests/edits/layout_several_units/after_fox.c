#include "hotloop.h"

typedef struct Owl Owl;
typedef struct Fox {
    double more;
    short hp;
    Owl *owl;
} Fox;

Fox *fox_new(hl_tick *t, Owl *owl);
void fox_tell(Fox *fox, hl_tick *t);
void owl_tell(Owl *owl, hl_tick *t);

Fox *fox_new(hl_tick *t, Owl *owl)
{
    Fox *fox = hl_new(t, Fox, 1);
    *fox = (Fox){0, 3, owl};
    return fox;
}

void fox_tell(Fox *fox, hl_tick *t)
{
    hl_log(t, "fox %d", fox->hp);
    owl_tell(fox->owl, t);
}
