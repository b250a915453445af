// Negative enumerators, two names of one number, packed enums and bit-fields of enums, at once.
#include "edit.h"

typedef enum K { K_NONE = -1, K_A, K_B, K_C = 300 } K;
typedef enum Small { S0, S1 } __attribute__((packed)) Small;
typedef struct Game {
    K k[4];
    Small s[3];
    K byk[2];
    unsigned bits : 9;
    K kb : 10;
    int8_t as8;
} Game;
EDIT_FILL(Game)
{
    g->k[0] = K_NONE;
    g->k[1] = K_C;
    g->k[2] = (K)77;
    g->k[3] = K_B;
    g->s[1] = S1;
    g->kb = K_C;
    g->as8 = K_B;
    g->bits = 300;
}
