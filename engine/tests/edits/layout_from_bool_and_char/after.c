// expect: migrated 0 lost
// expect: log 1 1.0 0 z Q 127
#include "edit.h"

typedef struct Game {
    int a;
    float b;
    unsigned char c;
    int letter;
    char other;
    unsigned short low;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %.1f %d %c %c %d", g->a, (double)g->b, g->c, g->letter, g->other, g->low);
}
