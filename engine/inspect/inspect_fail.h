// A build that failed, was refused or put aside, over the game that plays on, and a game that
// stands still without a crash. Only inspect*.c include it.
#ifndef INSPECT_FAIL_H
#define INSPECT_FAIL_H
#include "inspect.h"

// How far down from the top of the window it reaches; 0: there is nothing to say.
float inspect_fail_height(const Inspect *inspect, const InspectView *view);
void inspect_fail_frame(const Inspect *inspect, const InspectView *view, DrawList *over);
// The veil over the picture, and below `top` why it stands still.
void inspect_fail_stopped(const InspectView *view, float top, DrawList *over);

#endif
