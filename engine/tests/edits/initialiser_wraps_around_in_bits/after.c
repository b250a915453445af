// expect: log 5 3 4 6 7
#include "edit.h"

typedef struct Game {
    int n;
} Game;
static struct {
    unsigned none : 6;
    int all : 4;
} f = {-1, -1};
static unsigned char sc = -1;
static short us = -1;
static unsigned long long ll = -1;
EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d %d %llu", f.none, f.all, sc, us, ll);
}
