// One field is gone and one is new, of another type: that is no new name.
#include "edit.h"

typedef struct Game {
    int a;
    int score;
} Game;

EDIT_FILL(Game)
{
    *g = (Game){7, 2};
}
