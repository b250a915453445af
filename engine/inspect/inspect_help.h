// F1: all keys. Only inspect*.c include it.
#ifndef INSPECT_HELP_H
#define INSPECT_HELP_H
#include "draw.h"

// Over the whole window; a small one has one line a key, in short.
void inspect_help_frame(float width_px, float height_px, DrawList *over);

#endif
