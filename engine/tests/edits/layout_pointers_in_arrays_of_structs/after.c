// expect: migrated 0 lost
// expect: log 0 30 1
// expect: log 1 20 1
// expect: log 2 10 1
// expect: log 3 0 1
// expect: log 0 1
#include "edit.h"

enum { SLOTS = 9 };

typedef struct Slot {
    int number;
    struct Slot *next;
    int *value;
} Slot;
typedef struct Game {
    Slot slots[SLOTS];
    int values[SLOTS];
    Slot *first;
} Game;

EDIT_TELL(Game)
{
    for (Slot *s = g->first; s; s = s->next) {
        hl_log(t, "%d %d %d", s->number, *s->value, s->value == &g->values[3 - s->number]);
    }
    hl_log(t, "%d %d", g->slots[8].number, g->slots[4].next == NULL);
}
