// Which member of a union is in use says the field beside it; one of its structs gets a field in
// the middle.
#include "edit.h"

typedef struct Event Event;
typedef struct Game {
    Event *events;
} Game;

typedef struct Hit {
    int damage;
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

EDIT_FILL(Game)
{
    g->events = hl_new(t, Event, 2);
    g->events[0].kind = HIT;
    g->events[0].as.hit.damage = 40;
    g->events[0].as.hit.angle = 0.5f;
    g->events[1].kind = MOVE;
    g->events[1].as.move.x = 1.5f;
    g->events[1].as.move.y = 2.5f;
}
