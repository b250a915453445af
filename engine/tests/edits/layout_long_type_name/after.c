// expect: refused-or A_very_long_name
// expect: log 5 6 7
// expect: log 0 0
#include "edit.h"

typedef struct A_very_long_name_of_a_struct_that_goes_on_and_on_until_nobody_reads_it_x Long_x;
typedef struct A_very_long_name_of_a_struct_that_goes_on_and_on_until_nobody_reads_it_y Long_y;
typedef struct Game {
    Long_x *x;
    Long_y *y;
} Game;
#define LONG(end_)                                                                                 \
    struct A_very_long_name_of_a_struct_that_goes_on_and_on_until_nobody_reads_it_##end_

LONG(x)
{
    double more;
    int a;
};
LONG(y)
{
    int b;
    short more;
    int a;
};

EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d", g->x[1].a, g->y[1].a, g->y[1].b);
    hl_log(t, "%g %d", g->x[1].more, g->y[1].more);
}
