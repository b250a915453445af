// expect: refused-or Mob
// expect: log 5 1
// expect: log 2.5 7 0 0
#include "edit.h"

typedef struct Mob Mob;
typedef struct Owl Owl;
typedef struct Game {
    Mob *mob;
    Owl *owl;
} Game;

struct Mob {
    Owl *owl;
    char name[8];
    int hp;
};
struct Owl {
    int age;
    bool awake;
    double wings;
    long eggs;
};

EDIT_TELL(Game)
{
    hl_log(t, "%d %d", g->mob->hp, g->mob->owl == g->owl);
    hl_log(t, "%g %d %d %ld", g->owl->wings, g->owl->age, g->owl->awake, g->owl->eggs);
}
