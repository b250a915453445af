// expect: migrated count [3] -> [4]
// expect: log 10 20 30 0
// expect: log 1
#include "edit.h"

enum { KINDS = 4 };
typedef enum Kind { RAT, CAT, FOX, OWL } Kind;

typedef struct Game {
    int count[KINDS];
    Kind last;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d %d", g->count[0], g->count[1], g->count[2], g->count[3]);
    hl_log(t, "%d", g->last == OWL);
}
