// Panels over the game: its whole state as a tree that can be touched, numbers to play with, what
// it logged, where the time goes, what it watches. Data in, draw commands and requests out: a panel
// that wants a field set or another moment says so, and whoever owns the game does it. While all
// are closed nothing is drawn, measured or held; a panel that opens for the first time opens the
// widgets.
//
//   panel.c            which are open, where they are, what is remembered of it
//   panel_inspector.c  the tree: what is unfolded, its rows      panel_tree.c  what it consists of
//   panel_row.c        a row: name, value, type                  panel_value.c  values in place
//   panel_search.c     what was typed, looked for in all of it
//   panel_tweaks.c     panel_log.c     panel_speed.c     panel_watch.c     panel_plots.c
#ifndef PANEL_H
#define PANEL_H
#include "live_trace.h"
#include "ui.h"

typedef enum PanelKind {
    PANEL_INSPECTOR,
    PANEL_TWEAKS,
    PANEL_LOG,
    PANEL_SPEED,
    PANEL_WATCH,
    PANEL_KINDS
} PanelKind;

enum {
    PANEL_EDITS_MAX = 8, // a frame; one mouse does not do more
    PANEL_KEEPS_MAX = 32,
    PANEL_PLOTS_MAX = 8,
    PANEL_PATH_MAX = 2 * FIELD_NAME_MAX,
    PANEL_VALUE_MAX = 512,
    PANEL_BREAKS_MAX = 32,
    PANEL_CONDITION_MAX = PANEL_PATH_MAX + 64, // "hero.hp <= 0"
    PANEL_IMAGE_KEY = 0x7f0f0001               // of the font in draw lists; no asset has it
};

// Where the time of one frame went, in milliseconds.
typedef struct PanelTimes {
    float frame;   // from the one before
    float ticks;   // without what follows
    float capture; // what they changed, remembered
    float draw;    // the game's draw()
    float panels;
    float present; // triangles, upload, and waiting where vsync is there
    float idle;    // asleep until the next is due, housekeeping in it
    bool reload;   // a build was swapped in
} PanelTimes;

// A condition at which the game stands still.
typedef struct PanelBreak {
    uint32_t number;
    uint64_t hits;
    char condition[PANEL_CONDITION_MAX];
} PanelBreak;

// What a frame looks at.
typedef struct PanelView {
    const Live *live;
    const FieldView *fields; // NULL: nothing has a name; no_fields says why
    const char *no_fields;
    uint64_t now_ns;
    bool paused;
    bool has_span; // there is history: span
    LiveSpan span;
    float free_bottom_px;    // of the window, that a panel does not open over
    const PanelTimes *times; // of the last frame; NULL: not measured
    uint32_t draw_commands, draw_calls, draw_dropped; // of the last picture
    double refresh_hz;
    const PanelBreak *breaks;
    uint32_t break_count;
} PanelView;

typedef struct PanelEdit {
    char path[PANEL_PATH_MAX], value[PANEL_VALUE_MAX];
} PanelEdit;

// What the user wants of those who can do it.
typedef struct PanelRequests {
    PanelEdit edits[PANEL_EDITS_MAX];
    uint32_t edit_count;
    bool seek;
    LivePlace seek_to;
    bool copy; // to the clipboard
    char copy_text[PANEL_PATH_MAX];
    char keeps[PANEL_KEEPS_MAX][PANEL_PATH_MAX]; // variables: what they are now, into the sources
    uint32_t keep_count;
    bool breaks; // stand still where break_on becomes true: "hero.hp changes"
    char break_on[PANEL_CONDITION_MAX];
    uint32_t break_off; // the number of one that is not wanted any more; 0: none
    bool finds;         // go to the last moment at which find_when became true
    char find_when[PANEL_CONDITION_MAX];
} PanelRequests;

typedef struct Panels Panels;

// NULL: *fault.
Panels *panels_open(Fault *fault);
void panels_close(Panels *panels); // NULL is fine

const char *panel_name(PanelKind kind);                // "inspector", for commands
bool panel_by_name(const char *name, PanelKind *kind); // also one letter too many or too few: no
bool panel_is_open(const Panels *panels, PanelKind kind);
bool panels_any_open(const Panels *panels);
void panel_set_open(Panels *panels, PanelKind kind, bool open);

// A field over history, in the panel of watches and plots. False: there are PANEL_PLOTS_MAX.
bool panel_plot(Panels *panels, const char *path, bool on);
bool panel_has_plot(const Panels *panels, const char *path);

// What is pinned and plotted, by other names: `moved` writes the one that a path has now; false: as
// it was.
void panels_follow(Panels *panels,
                   bool (*moved)(void *with, const char *path, char *out, size_t out_bytes),
                   void *with);

// A line for the log panel, as it was said at `place`; has_place false: no moment is that of it.
void panels_log(Panels *panels, LogLevel level, uint64_t tick, bool has_place, LivePlace place,
                const char *text);

// Draws what is open over the game. Requests of this frame are added to *requests. Nothing of the
// view is held afterwards.
void panels_frame(Panels *panels, const PanelView *view, const UiInput *input, DrawList *over,
                  PanelRequests *requests);
// As of the last frame: what is done with them is not the game's.
bool panels_want_mouse(const Panels *panels);
bool panels_want_keys(const Panels *panels);
// What the last frame was made of.
const UiItem *panels_items(const Panels *panels, uint32_t *count);

// Which are open, where, what is pinned: as text to be kept for this game, and back, before the
// first frame. Damaged text is taken as far as it makes sense. *changed since the last call; the
// text lives until the next one.
const char *panels_kept(Panels *panels, bool *changed);
void panels_put_kept(Panels *panels, const char *text);

#endif
