// expect: refused-or Game.hero
// expect: perhaps lost Game.hero
// expect: log 1
// expect: log 8 9
#include "edit.h"

typedef struct Fox {
    int hp;
    float x;
} Fox;
typedef struct Owl {
    float x;
    double wings;
    int hp;
} Owl;

typedef struct Game {
    Owl *hero;
    Fox *fox;
    Owl *owl;
} Game;

EDIT_TELL(Game)
{
    Owl *h = g->hero;
    hl_log(t, "%d", !h || (h->hp == 7 && h->x == 0.5f && h->wings == 0));
    hl_log(t, "%d %d", g->fox->hp, g->owl->hp);
}
