// The bar of time: where in its history the game is, and which part of it loops. Data in, draw
// commands out, in window pixels; readable from 480 x 270 up. Any values are fine: moments outside
// of history are drawn at its ends, forks and loops outside of it are left out, and a `last` before
// `first` is a history of one moment. A window smaller than 160 x 64 has no bar.
//
//   inspect_time.c       the bar        inspect_time_thumb.c  the small picture above it
#ifndef INSPECT_TIME_H
#define INSPECT_TIME_H
#include "draw.h"

enum { INSPECT_FORKS_MAX = 64 };

// Something that happened at a moment. Of several at one place the last kind is seen.
typedef enum InspectMarkKind {
    INSPECT_MARK_TIER, // hardly anything: another compiler's code of the same sources
    INSPECT_MARK_LOG,
    INSPECT_MARK_EDIT,
    INSPECT_MARK_SAVE,
    INSPECT_MARK_RELOAD,
    INSPECT_MARK_FAULT
} InspectMarkKind;

typedef struct InspectMark {
    InspectMarkKind kind;
    uint64_t moment;
    const char *text; // for the tip
} InspectMark;

// An end of the loop that can be taken hold of.
typedef enum InspectHandle {
    INSPECT_NO_HANDLE,
    INSPECT_LOOP_FIRST,
    INSPECT_LOOP_LAST
} InspectHandle;

typedef struct InspectTime {
    bool shown;
    // Moments: the oldest that can be reached, the one shown, the newest.
    uint64_t first, here, last;
    int tick_rate; // of them a second
    bool has_loop;
    uint64_t loop_first, loop_last;
    uint64_t forks[INSPECT_FORKS_MAX]; // moments where other branches begin
    uint32_t fork_count;
    uint32_t branch;
    bool thinned;             // not every moment is left
    float speed;              // moments a tick while a key is held: -4, 2; 0: none is
    const InspectMark *marks; // borrowed
    uint32_t mark_count;
    uint64_t used_bytes, budget_bytes; // of history; 0: not told
    InspectHandle held;                // by the mouse
    const DrawList *thumb; // the game's picture at thumb_moment, drawn when that is under the
                           // mouse; NULL: none. Borrowed.
    uint64_t thumb_moment;
} InspectTime;

// Where it lies at the bottom of a window of this size; empty without a bar.
hl_rectf inspect_time_rect(float width_px, float height_px);
// True when the mouse is on it.
bool inspect_time_hit(float width_px, float height_px, hl_vec2 mouse_px);
// The moment nearest to `x_px`, clamped to what there is: the ends of the track, and what lies
// beside it, are exactly `first` and `last`. Without a bar: the one shown.
uint64_t inspect_time_moment(const InspectTime *time, float width_px, float height_px, float x_px);
// The end of the loop that the mouse is on.
InspectHandle inspect_time_handle(const InspectTime *time, float width_px, float height_px,
                                  hl_vec2 mouse_px);
// The mark that the mouse is on, the most important of those that are near; NULL: none.
const InspectMark *inspect_time_mark(const InspectTime *time, float width_px, float height_px,
                                     hl_vec2 mouse_px);
// Draws it (nothing when it is not shown), with a tip above it where the mouse is on it.
void inspect_time_frame(const InspectTime *time, float width_px, float height_px, hl_vec2 mouse_px,
                        DrawList *over);
// Draws all of `picture` small into `box` of another list, over what is there.
void inspect_time_thumb(const DrawList *picture, hl_rectf box, DrawList *over);

#endif
