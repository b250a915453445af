// What the runtime says over the game: notices that pass, compile errors that stay until the next
// good build, why the game is stopped, the state of loop and clock, and the table of keys. Data in,
// draw commands out, in window pixels; readable from 480 x 270 up.
//
//   inspect.c        what is shown, in which order    inspect_crash.c  why the game stands still
//   inspect_fail.c   builds that failed, were refused or put aside
//   inspect_help.c   all keys
//   inspect_panel.c  the pen that all of it is written with
#ifndef INSPECT_H
#define INSPECT_H
#include "build.h"
#include "crash.h"
#include "draw.h"
#include "live.h"

enum {
    INSPECT_TOASTS = 4,
    INSPECT_TOAST_BYTES = 512,
    INSPECT_REPORT_BYTES = 1024,
    INSPECT_FIELDS_MAX = 8 // that are named on the screen
};

typedef struct InspectToast {
    LogLevel level;
    char text[INSPECT_TOAST_BYTES];
    uint64_t until_ns;
    const char *key, *does; // that tells more of it; NULL: none. Then it is one line
    bool is_games;          // the game's own line, not an answer of ours
} InspectToast;

typedef struct Inspect {
    InspectToast toasts[INSPECT_TOASTS]; // oldest first
    uint32_t toast_count;
    bool has_failure; // the last build or load failed, and nothing good came since
    bool is_build;    // it was a build: `report`; else a library: `refusal`
    BuildReport report;
    Fault refusal;
    char fields[INSPECT_FIELDS_MAX][256]; // that the structs of the refused build cannot take
    uint32_t field_count, fields_more;
    bool has_report; // of a build that was put aside, or whose two compilers disagree
    bool is_warning; // the latter: nothing is to be mended
    char report_title[256], report_text[INSPECT_REPORT_BYTES], report_foot[256];
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
    bool has_panels; // they come next: what answers the user is left to inspect_answers, which is
                     // over them; what the game says itself stays under them
} InspectView;

// Passes after a few seconds; an equal text is shown once and stays longer.
void inspect_toast(Inspect *inspect, uint64_t now_ns, LogLevel level, const char *text);
// The same of a line that the game says.
void inspect_line(Inspect *inspect, uint64_t now_ns, LogLevel level, const char *text);
// The same as one line, with a key that shows all there is to say: literals.
void inspect_summary(Inspect *inspect, uint64_t now_ns, LogLevel level, const char *text,
                     const char *key, const char *does);
void inspect_forget_toasts(Inspect *inspect);
void inspect_failed_build(Inspect *inspect, const BuildReport *report);
void inspect_refused(Inspect *inspect, const Fault *fault);
// Why, field by field, for a build whose structs cannot take the state: behind inspect_refused.
void inspect_refused_field(Inspect *inspect, const char *text);
// A build that was put aside, and why: stays at the top of a game that plays on, until the next
// good build. `text`: further lines, '\n' between two; "" none. Tell inspect_good_build of that
// build before, and not of the older one that is put back.
void inspect_report(Inspect *inspect, const char *title, const char *text);
// The same as a warning: `foot` says what is done about it.
void inspect_report_warning(Inspect *inspect, const char *title, const char *text,
                            const char *foot);
void inspect_good_build(Inspect *inspect);
void inspect_frame(Inspect *inspect, const InspectView *view, DrawList *over);
void inspect_answers(const Inspect *inspect, const InspectView *view, DrawList *over);
// The keys of the runtime in short, two texts an entry: key, what it does. NULL ends.
const char *const *inspect_keys(void);

#endif
