// Bit-fields of up to 63 bits, which lie over the ends of words once they are packed.
#include "edit.h"

typedef struct Game {
    uint64_t a : 40;
    int64_t b : 63;
    uint64_t c : 60;
    unsigned d : 31;
} Game;

EDIT_FILL(Game)
{
    g->a = 0xffffffffff;
    g->b = -(1ll << 62);
    g->c = 0x923456789abcdef;
    g->d = 0x7ffffffe;
}
