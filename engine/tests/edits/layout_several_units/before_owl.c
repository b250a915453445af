#include "hotloop.h"

typedef struct Owl {
    float wings;
    struct Owl *self;
} Owl;

Owl *owl_new(hl_tick *t);
void owl_tell(Owl *owl, hl_tick *t);

Owl *owl_new(hl_tick *t)
{
    Owl *owl = hl_new(t, Owl, 1);
    *owl = (Owl){1.5f, owl};
    return owl;
}

void owl_tell(Owl *owl, hl_tick *t)
{
    hl_log(t, "old owl %g", (double)owl->wings);
}
