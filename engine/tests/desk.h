// An X server of its own (Xvfb) with a window of ours on it, and somebody at its mouse and keys
// (xdotool). What is done comes as events, some time later; whoever waits looks at what the session
// says of itself, never at a clock. A case without these programs is skipped.
#ifndef DESK_H
#define DESK_H
#include "session.h"

typedef struct Desk {
    Place *place;
    pid_t server;
    char display[16];
    char window[24]; // its number, as xdotool writes it
} Desk;

Desk desk_open(Place *place);
// The window whose title begins with `title`, once it is there; it has the focus then.
void desk_find_window(Desk *desk, const char *title);
void desk_resize(const Desk *desk, int w, int h);
void desk_press(const Desk *desk, const char *keys); // "space", "ctrl+F8"
void desk_type(const Desk *desk, const char *text);
// `what` of xdotool: "keydown", "keyup", "mousedown", "mouseup"; `which` key or button.
void desk_do(const Desk *desk, const char *what, const char *which);
// Moves the mouse to a pixel of the window, and waits for nothing: with --sync xdotool would wait
// 16 s for a mouse that is there already.
void desk_point(const Desk *desk, int x, int y);

#endif
