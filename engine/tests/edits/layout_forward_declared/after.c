// expect: migrated Game: +mine
// expect: log 4 1
// expect: log 5
#include "edit.h"

typedef struct Mob {
    int hp;
    struct Secret *secret;
} Mob;

struct Secret {
    int code;
};
typedef struct Game {
    struct Secret *mine;
    Mob *mob;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d", g->mob->hp, g->mob->secret == NULL && g->mine == NULL);
    g->mine = hl_new(t, struct Secret, 1);
    g->mine->code = 5;
    hl_log(t, "%d", g->mine->code);
}
