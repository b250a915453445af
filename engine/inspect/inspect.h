// What the runtime says over the game: notices that pass, compile errors that stay until the next
// good build, why the game is stopped, the state of loop and clock, and the table of keys. Data in,
// draw commands out, in window pixels; readable from 480 x 270 up.
//
//   inspect.c        what is shown, and in which order      inspect_crash.c  why the game stands
//   still inspect_panel.c  the pen that all of it is written with
#ifndef INSPECT_H
#define INSPECT_H
#include "build.h"
#include "crash.h"
#include "draw.h"
#include "live.h"

enum { INSPECT_TOASTS = 4, INSPECT_TOAST_BYTES = 512, INSPECT_REPORT_BYTES = 1024 };

typedef struct InspectToast {
    LogLevel level;
    char text[INSPECT_TOAST_BYTES];
    uint64_t until_ns;
} InspectToast;

typedef struct Inspect {
    InspectToast toasts[INSPECT_TOASTS]; // oldest first
    uint32_t toast_count;
    bool has_failure; // the last build or load failed, and nothing good came since
    bool is_build;    // it was a build: `report`; else a library: `refusal`
    BuildReport report;
    Fault refusal;
    bool has_report; // of a build that was put aside
    char report_title[256], report_text[INSPECT_REPORT_BYTES];
    bool crash_hidden;    // Esc: the picture instead, and one line. A new crash is shown again
    uint64_t crash_shown; // which one that is about
    bool help;
} Inspect;

// What a frame looks at.
typedef struct InspectView {
    const Live *live;
    uint64_t now_ns;
    float width_px, height_px;
    bool paused, muted, building;
    int slow;               // 1: as it is, 4: a quarter of the speed
    const char *pause_text; // "" when the pause has no reason to show
    // The game stands still because of it: a dark veil over its last good picture, and all about it
    // on a panel, the most important first. NULL, or not set: none. Leave it out while time is
    // moved, so that the picture is seen.
    const Crash *crash;
} InspectView;

// Passes after a few seconds; an equal text is shown once and stays longer.
void inspect_toast(Inspect *inspect, uint64_t now_ns, LogLevel level, const char *text);
void inspect_forget_toasts(Inspect *inspect);
void inspect_failed_build(Inspect *inspect, const BuildReport *report);
void inspect_refused(Inspect *inspect, const Fault *fault);
// A build that was put aside, and why: stays at the top of a game that plays on, until the next
// good build. `text`: further lines, '\n' between two; "" none. Tell inspect_good_build of that
// build before, and not of the older one that is put back.
void inspect_report(Inspect *inspect, const char *title, const char *text);
void inspect_good_build(Inspect *inspect);
void inspect_frame(Inspect *inspect, const InspectView *view, DrawList *over);
// The keys of the runtime, two texts an entry: key, what it does. NULL ends.
const char *const *inspect_keys(void);

#endif
