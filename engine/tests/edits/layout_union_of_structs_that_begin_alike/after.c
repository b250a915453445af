// expect: log 1 0 5
// expect: log 1 10 15
// expect: log 1 20 25
// expect: log 8
#include "edit.h"

typedef union Thing {
    int kind;
    struct {
        int kind, x, y;
    } point;
    struct {
        int kind;
        double r;
    } circle;
} Thing;
typedef struct Game {
    Thing all[3];
    int end;
} Game;

EDIT_TELL(Game)
{
    EACH(3)
    {
        hl_log(t, "%d %d %d", g->all[i].kind, g->all[i].point.x, g->all[i].point.y);
    }
    hl_log(t, "%d", g->end);
}
