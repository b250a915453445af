// Complex numbers, 128-bit integers and vectors have no counterpart to be converted to, but where
// they only move they go on.
#include "edit.h"

typedef float Four __attribute__((vector_size(16)));

typedef struct Game {
    char kind;
    __int128 big;
    _Complex double c;
    Four four;
} Game;

EDIT_FILL(Game)
{
    g->kind = 'x';
    g->big = ((__int128)1 << 100) + 5;
    g->c = __builtin_complex(1.5, -2.5);
    g->four = (Four){1, 2, 3, 4};
}
