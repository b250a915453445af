// A union whose members stay as they are is moved, in objects, in arrays and in a sub-struct.
#include "edit.h"

typedef union Value {
    int number;
    double part;
    char bytes[6];
} Value;
typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    Value value;
    Value list[2];
    struct {
        Value deep;
    } in;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 3);
    EACH(3)
    {
        g->mobs[i].value.part = i + 0.5;
        g->mobs[i].list[0].number = -i;
        g->mobs[i].list[1] = (Value){.bytes = "hello"};
        g->mobs[i].in.deep.part = 1.0 / (i + 3);
    }
}
