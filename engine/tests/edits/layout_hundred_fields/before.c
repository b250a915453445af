// A struct of a hundred fields is turned around, and ten of them get another type.
#include "edit.h"

#define TEN(F_, n_)                                                                                \
    F_(n_##0)                                                                                      \
    F_(n_##1) F_(n_##2) F_(n_##3) F_(n_##4) F_(n_##5) F_(n_##6) F_(n_##7) F_(n_##8) F_(n_##9)
#define WIDE(n_) long f##n_;
#define INT(n_)  int f##n_;
#define BYTE(n_) unsigned char f##n_;
typedef struct Big Big;
typedef struct Game {
    Big *bigs;
} Game;

struct Big {
    TEN(INT, 0);
    TEN(INT, 1);
    TEN(INT, 2);
    TEN(INT, 3);
    TEN(INT, 4);
    TEN(INT, 5);
    TEN(INT, 6);
    TEN(INT, 7);
    TEN(INT, 8);
    TEN(INT, 9);
};
#define SET(n_) b->f##n_ = number++;

EDIT_FILL(Game)
{
    g->bigs = hl_new(t, Big, 3);
    EACH(3)
    {
        Big *b = &g->bigs[i];
        int number = i;
        TEN(SET, 0);
        TEN(SET, 1);
        TEN(SET, 2);
        TEN(SET, 3);
        TEN(SET, 4);
        TEN(SET, 5);
        TEN(SET, 6);
        TEN(SET, 7);
        TEN(SET, 8);
        TEN(SET, 9);
    }
}
