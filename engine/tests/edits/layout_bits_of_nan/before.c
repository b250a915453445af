// What is not a number keeps its bits where its field is moved.
#include "edit.h"

#include <string.h>

typedef struct Game {
    float a;
    double b;
} Game;

EDIT_FILL(Game)
{
    uint32_t a = 0x7fc12345;
    uint64_t b = 0xfff8dead00beef00;
    memcpy(&g->a, &a, sizeof(a));
    memcpy(&g->b, &b, sizeof(b));
}
