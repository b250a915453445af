// What the games of the corpus have in common: no picture, and a word when their first ticks are
// over. The runner copies this file into every game's folder.
#ifndef EDIT_H
#define EDIT_H
#include "hotloop.h"

// Gives up nothing: a game logs only what its folder expects, and "ready" is the runner's.
#define EDIT_GAME(T)                                                                               \
    static void edit_init(T *g, hl_tick *t)                                                        \
    {                                                                                              \
        (void)g;                                                                                   \
        (void)t;                                                                                   \
    }                                                                                              \
    static void edit_update(T *g, hl_tick *t)                                                      \
    {                                                                                              \
        update(g, t);                                                                              \
        if (t->tick == 4) {                                                                        \
            hl_log(t, "ready");                                                                    \
        }                                                                                          \
    }                                                                                              \
    static void edit_draw(const T *g, hl_canvas *c)                                                \
    {                                                                                              \
        (void)g;                                                                                   \
        hl_clear(c, HL_BLACK);                                                                     \
    }                                                                                              \
    HL_GAME(T, edit_init, edit_update, edit_draw, .title = "Edit", .arena = 1 << 20)

#endif
