// expect: refused-or Event
// expect: log 0 40 0.5
// expect: log 1 1.5 2.5
#include "edit.h"

typedef struct Event Event;
typedef struct Game {
    Event *events;
} Game;

typedef struct Hit {
    int damage;
    int kind;
    float angle;
} Hit;

struct Event {
    enum { HIT, MOVE } kind;
    union {
        Hit hit;
        struct {
            float x, y;
        } move;
    } as;
};

EDIT_TELL(Game)
{
    Event *e = g->events;
    hl_log(t, "%d %d %g", e[0].kind, e[0].as.hit.damage, (double)e[0].as.hit.angle);
    hl_log(t, "%d %g %g", e[1].kind, (double)e[1].as.move.x, (double)e[1].as.move.y);
}
