// expect: migrated Game: +more
// expect: log 5 6
#include "edit.h"

typedef struct Game Game;

struct Game {
    char more;
    int x;
    int health;
};
HL_WAS(Game, health, hp);

EDIT_TELL(Game)
{
    hl_log(t, "%d %d", g->health, g->x);
}
