// expect: lost Game.name was
// expect: perhaps lost Game.name[1]
// expect: lost Game.title
// expect: log 1 0 5
#include "edit.h"

#include <string.h>

typedef struct Game {
    const char *name;
    char title[8];
    int end;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d", g->name == NULL, g->title[0], g->end);
}
