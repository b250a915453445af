// HL_WAS for a field of a struct inside another, and for a field of the state struct.
#include "edit.h"

typedef struct Body {
    float x, y;
} Body;
typedef struct Game {
    int score;
    Body body;
    Body all[2];
} Game;

EDIT_FILL(Game)
{
    *g = (Game){1, {2, 3}, {{4, 5}, {6, 7}}};
}
