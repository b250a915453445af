// expect: migrated 3 objects moved, 0 lost
// expect: log 100
// expect: log 100
// expect: log 100
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
    TEN(INT, 9);
    TEN(BYTE, 8);
    TEN(INT, 7);
    TEN(INT, 6);
    TEN(INT, 5);
    TEN(INT, 4);
    TEN(WIDE, 3);
    TEN(INT, 2);
    TEN(INT, 1);
    TEN(INT, 0);
};
#define TEST(n_) right += b->f##n_ == number++;

EDIT_TELL(Game)
{
    EACH(3)
    {
        Big *b = &g->bigs[i];
        int number = i, right = 0;
        TEN(TEST, 0);
        TEN(TEST, 1);
        TEN(TEST, 2);
        TEN(TEST, 3);
        TEN(TEST, 4);
        TEN(TEST, 5);
        TEN(TEST, 6);
        TEN(TEST, 7);
        TEN(TEST, 8);
        TEN(TEST, 9);
        hl_log(t, "%d", right);
    }
}
