// Why the game stands still, over its last good picture. Only inspect*.c include it.
#ifndef INSPECT_CRASH_H
#define INSPECT_CRASH_H
#include "crash.h"
#include "draw.h"

typedef struct InspectCrash {
    const Crash *crash;
    float width_px, height_px; // of the window
    float top, bottom;         // the panel keeps between: other things are above and below
    const char *words;         // of what is not as usual: "building", "muted"; "" nothing
} InspectCrash;

// The veil over all of the window, and the panel.
void inspect_crash_frame(const InspectCrash *view, DrawList *over);
// One line at `top` for somebody who looks at the picture. Returns where it ends.
float inspect_crash_strip(const InspectCrash *view, DrawList *over);
// Equal for the same crash only.
uint64_t inspect_crash_id(const Crash *crash);

#endif
