// A type's name is longer than what a tag keeps of it.
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
    int a;
};
LONG(y)
{
    int a, b;
};

EDIT_FILL(Game)
{
    g->x = hl_new(
        t, struct A_very_long_name_of_a_struct_that_goes_on_and_on_until_nobody_reads_it_x, 2);
    g->y = hl_new(
        t, struct A_very_long_name_of_a_struct_that_goes_on_and_on_until_nobody_reads_it_y, 2);
    g->x[1].a = 5;
    g->y[1].a = 6;
    g->y[1].b = 7;
}
