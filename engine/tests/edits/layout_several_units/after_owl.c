#include "hotloop.h"

typedef struct Owl {
    struct Owl *self;
    char kind[20];
    double wings;
} Owl;

Owl *owl_new(hl_tick *t);
void owl_tell(Owl *owl, hl_tick *t);

Owl *owl_new(hl_tick *t)
{
    Owl *owl = hl_new(t, Owl, 1);
    *owl = (Owl){.self = owl, .wings = 1.5};
    return owl;
}

void owl_tell(Owl *owl, hl_tick *t)
{
    hl_log(t, "owl %g %d", owl->wings, owl->self == owl);
}
