// All enumerators get other numbers, negative and large ones too.
#include "edit.h"

typedef enum Level { LOW = -5, MIDDLE, HIGH = 1000000 } Level;

typedef struct Game {
    Level a[4];
    struct {
        char kind;
        Level level;
    } b[2];
} Game;

EDIT_FILL(Game)
{
    *g = (Game){{LOW, HIGH, MIDDLE, LOW}, {{1, HIGH}, {2, LOW}}};
}
