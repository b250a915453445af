// expect: migrated 3 objects moved, 0 lost
// expect: log 3
// expect: log 3
// expect: log hello hello
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
    int kind;
    struct {
        char more;
        Value deep;
    } in;
    Value value;
    Value list[3];
};

EDIT_TELL(Game)
{
    Mob *m = g->mobs;
    hl_log(t, "%d", COUNT(3, m[i].value.part == i + 0.5 && m[i].list[0].number == -i));
    hl_log(t, "%d", COUNT(3, m[i].in.deep.part == 1.0 / (i + 3) && m[i].in.more == 0));
    hl_log(t, "%s %s", m[0].list[1].bytes, m[2].list[1].bytes);
}
