// Structs thirty deep, the innermost of which gets a field.
#include "edit.h"

#define IN(n_, m_)                                                                                 \
    typedef struct N##n_ {                                                                         \
        char c;                                                                                    \
        N##m_ in;                                                                                  \
    } N##n_

typedef struct N10 {
    short value;
} N10;

IN(11, 10);
IN(12, 11);
IN(13, 12);
IN(14, 13);
IN(15, 14);
IN(16, 15);
IN(17, 16);
IN(18, 17);
IN(19, 18);
IN(20, 19);
IN(21, 20);
IN(22, 21);
IN(23, 22);
IN(24, 23);
IN(25, 24);
IN(26, 25);
IN(27, 26);
IN(28, 27);
IN(29, 28);
IN(30, 29);
IN(31, 30);
IN(32, 31);
IN(33, 32);
IN(34, 33);
IN(35, 34);
IN(36, 35);
IN(37, 36);
IN(38, 37);
IN(39, 38);
typedef struct Game {
    N39 nest;
    int end;
} Game;
#define THREE in.in.in
#define NINE  THREE.THREE.THREE

EDIT_FILL(Game)
{
    g->nest.NINE.NINE.NINE.in.in.value = 77;
    g->nest.NINE.NINE.NINE.in.c = 'c';
    g->nest.c = 'a';
    g->end = 5;
}
