// expect: refused-or Mob
// expect: lost Mob.hp ... 1
// expect: log 1 8 9
#include "edit.h"

typedef struct Mob Mob;
typedef struct Owl Owl;
typedef struct Game {
    Mob *mobs;
    Owl *owls;
    int end;
} Game;

struct Mob {
};
struct Owl {
    int b;
};

EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d", g->mobs != NULL, g->owls[1].b, g->end);
}
