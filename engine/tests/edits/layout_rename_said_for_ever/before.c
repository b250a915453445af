// HL_WAS stays in the source over the next edit, when there is nothing of the old name any more.
#include "edit.h"

typedef struct Game Game;

struct Game {
    int hp;
    int x;
};

EDIT_FILL(Game)
{
    g->hp = 5;
    g->x = 6;
}
