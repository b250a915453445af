// A struct becomes packed, another one is packed no more.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Owl Owl;
typedef struct Game {
    Mob *mobs;
    Owl *owls;
} Game;

struct Mob {
    char kind;
    double x;
    Mob *next;
    short hp;
};
struct __attribute__((packed)) Owl {
    char kind;
    Owl *next;
    int hp;
    const char *name;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 3);
    g->owls = hl_new(t, Owl, 3);
    EACH(3)
    {
        g->mobs[i] = (Mob){(char)i, i + 0.5, &g->mobs[2 - i], (short)(10 * i)};
        g->owls[i] = (Owl){(char)-i, &g->owls[2 - i], 20 * i, "owl"};
    }
}
