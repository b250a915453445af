// expect: refused-or Mob
// expect: log 5 1 6
#include "edit.h"

#include <stdio.h>
typedef struct Mob Mob;
typedef struct Owl Owl;
typedef struct Game {
    Mob *mob;
    Owl *owl;
} Game;

struct Mob {
    Owl *owl;
    long more;
    int hp;
};
struct Owl {
    char name[10];
    int age;
};

EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d", g->mob->hp, g->mob->owl == &g->owl[1], g->owl[1].age);
}
