// expect: refused Mob
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    int hp;
    char name[60];
    double path[50];
};

EDIT_TELL(Game)
{
    hl_log(t, "new");
}
