// A struct inside another is dissolved: its fields are the outer one's.
#include "edit.h"

typedef struct Game {
    int score;
    struct {
        float x, y;
        char name[6];
    } hero;
    int end;
} Game;

EDIT_FILL(Game)
{
    *g = (Game){1, {2.5f, 3.5f, "Bob"}, 4};
}
