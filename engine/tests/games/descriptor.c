// A library with a descriptor written by hand: API and SIZE as the case wants them.
#include "hotloop.h"

static void init(void *state, hl_tick *t)
{
    (void)state;
    hl_log(t, "wrong descriptor runs");
}

static void draw(const void *state, hl_canvas *c)
{
    (void)state;
    hl_clear(c, HL_RED);
}

extern const hl_game DESCRIPTOR;
HL_EXPORT const hl_game DESCRIPTOR = {.api = API,
                                      .size = SIZE,
                                      .state_type = "Game",
                                      .state_size = 16,
                                      .state_align = 8,
                                      .init = init,
                                      .update = init,
                                      .draw = draw};
