// A struct of a header gets a field in its middle: the globals of that type go on field by
// field.
#include "edit.h"
#include "fox.h"

typedef struct Game {
    int unused;
} Game;

static Fox fox = {.legs = 4, .name = "Reynard"};
static Fox pack[3];

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        fox.legs = 3;
        pack[1] = (Fox){.legs = 2, .name = "Two"};
    }
    if (t->tick == 2 || t->reloaded) {
        hl_log(t, "%d %s %d %s %d", fox.legs, fox.name, pack[1].legs, pack[1].name,
               (int)sizeof(Fox));
    }
}

EDIT_GAME(Game);
