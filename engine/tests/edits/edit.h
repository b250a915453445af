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

// A game of two short functions. EDIT_FILL(Game) { ... } is what its first tick does with Game *g
// and hl_tick *t, EDIT_TELL(Game) { ... } what it says in the first tick of a new build; of
// EDIT_FILL_AND_TELL(Game) both follow, as fill(g, t) and tell(g, t).
#define EDIT_UNUSED __attribute__((unused))
#define EDIT_FILL(T)                                                                               \
    static void fill(T *g, hl_tick *t);                                                            \
    static void update(T *g, hl_tick *t)                                                           \
    {                                                                                              \
        if (t->tick == 1) {                                                                        \
            fill(g, t);                                                                            \
        }                                                                                          \
    }                                                                                              \
    EDIT_GAME(T);                                                                                  \
    static void fill(T *g EDIT_UNUSED, hl_tick *t EDIT_UNUSED)
#define EDIT_TELL(T)                                                                               \
    static void tell(T *g, hl_tick *t);                                                            \
    static void update(T *g, hl_tick *t)                                                           \
    {                                                                                              \
        if (t->reloaded) {                                                                         \
            tell(g, t);                                                                            \
        }                                                                                          \
    }                                                                                              \
    EDIT_GAME(T);                                                                                  \
    static void tell(T *g EDIT_UNUSED, hl_tick *t EDIT_UNUSED)
#define EDIT_FILL_AND_TELL(T)                                                                      \
    static void fill(T *g, hl_tick *t);                                                            \
    static void tell(T *g, hl_tick *t);                                                            \
    static void update(T *g, hl_tick *t)                                                           \
    {                                                                                              \
        if (t->tick == 1) {                                                                        \
            fill(g, t);                                                                            \
        }                                                                                          \
        if (t->reloaded) {                                                                         \
            tell(g, t);                                                                            \
        }                                                                                          \
    }                                                                                              \
    EDIT_GAME(T)

// for i from 0 up to n, and of how many of these the condition is true
#define EACH(n) for (int i = 0; i < (n); i++)
#define COUNT(n, condition)                                                                        \
    ({                                                                                             \
        int count_ = 0;                                                                            \
        EACH(n)                                                                                    \
        {                                                                                          \
            count_ += (condition) ? 1 : 0;                                                         \
        }                                                                                          \
        count_;                                                                                    \
    })

#endif
