// expect: log 1 1 1 1
// expect: log 1 1 1 300
#include "edit.h"

typedef enum K { K_A, K_ALPHA = 0, K_B = 1000, K_C, K_NONE = 7 } K;
typedef enum Small { T0 = 5, S1, S0 } Small;
typedef struct Game {
    unsigned bits : 12;
    Small s[3];
    K k[4];
    K kb : 12;
    int as8;
} Game;
EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d %d", g->k[0] == K_NONE, g->k[1] == K_C, g->k[2] == (K)77, g->k[3] == K_B);
    hl_log(t, "%d %d %d %d", g->s[1] == S1, g->s[0] == S0, g->kb == K_C, g->bits);
}
