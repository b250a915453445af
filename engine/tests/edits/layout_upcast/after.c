// expect: refused-or Game
// expect: perhaps lost Game.hero
// expect: perhaps lost Game.foe
// expect: log 1
// expect: log 1
// expect: log 10
#include "edit.h"

typedef struct Base {
    int id;
} Base;
typedef struct Mob Mob;

struct Mob {
    float more;
    Base base;
    int hp;
};
typedef struct Game {
    Base *hero;
    Mob *foe;
    Mob *owner;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d", !g->hero || (g->hero->id == 1 && g->hero == &g->owner->base));
    hl_log(t, "%d", !g->foe || (g->foe->base.id == 2 && g->foe->hp == 20));
    hl_log(t, "%d", g->owner->hp);
}
