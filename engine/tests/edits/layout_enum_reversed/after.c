// expect: migrated 0 lost
// expect: log 1111
// expect: log 11 12
#include "edit.h"

typedef enum Level { HIGH, MIDDLE = 7, LOW = 2000000000 } Level;

typedef struct Game {
    Level a[4];
    struct {
        char kind;
        Level level;
    } b[2];
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d%d%d%d", g->a[0] == LOW, g->a[1] == HIGH, g->a[2] == MIDDLE, g->a[3] == LOW);
    hl_log(t, "%d%d %d%d", g->b[0].level == HIGH, g->b[1].level == LOW, g->b[0].kind, g->b[1].kind);
}
