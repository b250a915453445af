// The whole program: what a command line asked for, everything that is open, and the frame loop.
// The only module that knows everybody; nobody knows it.
//
//   app_main.c      the command: run, build, new, ctl, help
//   app_options.c   the command line of `run`, and the nearest right word for a wrong one
//   app_run.c       opening and closing a session
//   app_frame.c     the order of things in a frame
//   app_report.c    what happened, to screen, terminal and events file
//   app_tiers.c     the fast compiler's code and the full one's
//   app_crash.c     a call into the game that ended early; the guard once a second
//   app_control.c   requests of `hotloop ctl`, and the F-keys
//   app_keep.c      the keeper, and a session that comes back
//   app_session.c   the private folder of a session; where header, stub and assets are
//   app_time.c      looking at the past: keys, requests of ctl; clips
//   app_bar.c       the bar of time: the mouse on it, what is marked
//   app_thumb.c     the small picture of a moment, above the bar
//   app_moved.c     names that are pinned, plotted or waited for, in the next build
//   app_field.c     requests of ctl that name a part of the state: get, set, tree, types
//   app_tweaks.c    numbers to play with: `ctl tweak`, and values into source files
//   app_panels.c    panels: what they are given, what they want
//   app_when.c      conditions on a field: ctl break, ctl when
//   app_jump.c      --on-error: to the editor
//   app_build.c     `hotloop build`
//   app_new.c       `hotloop new`        app_ctl.c       `hotloop ctl`, the asking side
//   app_replay.c    `hotloop replay` and `info`; which game a file is of
//   app_verify.c    `hotloop verify`     app_export.c    `hotloop export`
//   app_diff.c      `hotloop diff`
#ifndef APP_H
#define APP_H
#include "asset.h"
#include "change.h"
#include "control.h"
#include "events.h"
#include "guard.h"
#include "inspect.h"
#include "inspect_time.h"
#include "keeper.h"
#include "live_when.h"
#include "panel.h"
#include "platform.h"
#include "script.h"
#include "watch.h"

#include <sys/types.h>

enum {
    APP_TICKS_PER_FRAME = 4, // more that are due after a stall are dropped (or 1/15 s of them)
    APP_FOLDERS_MAX = 5,
    APP_BREAKS_MAX = 16,
    APP_CTL_MAX = 32 // commands of `hotloop ctl`
};

typedef struct RunOptions {
    const char *game;    // folder, or NULL with so
    const char *so;      // --so
    const char *build;   // --build: command that makes `so`; NULL: somebody else does
    const char *sources; // with build: folder whose files it is made from
    const char *assets;  // --assets
    const char *script, *screenshot, *events, *record, *replay, *socket;
    const char *compiler, *flags;
    const char *on_error; // command for the first error of a failed build; NULL: none
    size_t arena_bytes;   // 0: the game's
    uint64_t ticks;       // 0: no end
    uint32_t seed;
    size_t history_bytes; // 0: none is kept
    DirtyMethod dirty;
    int synctest;      // 0: off
    uint64_t hang_ns;  // has_hang: a call into the game that takes longer is ended; 0: never
    uint64_t from, to; // moments of the replay
    bool has_seed, has_history, has_from, has_to, has_hang;
    BuildTiers tier; // has_tier; see app_tiers
    bool has_tier;
    bool headless, fast, software, no_sound;
    bool no_supervisor; // one bare process
    bool stays;         // at the end of a replay: paused, not gone
    bool quiet;         // no platform is opened
} RunOptions;

// Where things are for this run.
typedef struct AppPaths {
    char self[FILE_PATH_MAX];    // this executable
    char api[FILE_PATH_MAX];     // folder of hotloop.h
    char stub[FILE_PATH_MAX];    // libhotloop.so, "" when it is not there
    char game_id[80];            // [a-z0-9_-]+
    char session[FILE_PATH_MAX]; // private to this process, gone with it
    char work[FILE_PATH_MAX];    // objects, shared by sessions on one game
    char saves[FILE_PATH_MAX], window[FILE_PATH_MAX];
    char assets[APP_FOLDERS_MAX][FILE_PATH_MAX];
    size_t asset_count;
    int session_lock; // descriptor that marks `session` as in use
} AppPaths;

// Looking at the past with a key or the mouse held.
typedef struct AppScrub {
    bool holds_key, holds_bar, holds_range;
    bool goes_on;      // it played before, and plays on when let go
    bool bar;          // F3: the bar is shown also while it plays
    uint64_t since_ns; // of the key
    uint64_t last_ns;
    double rest;          // of a moment not yet gone
    InspectHandle handle; // an end of the loop that the mouse holds
    uint64_t range_from;  // the end that stays, of a loop that is drawn or moved
    bool forward;         // Shift with the key
    bool jumps;           // F8 went down with Ctrl: it is not held
} AppScrub;

typedef struct AppMarks AppMarks;

// What the bar of time shows besides time.
typedef struct AppBar {
    AppMarks *marks; // NULL: nothing happened yet
    bool is_hovered; // the mouse is on it, and holds nothing
    // The picture of a moment under the mouse; opened by the first that is wanted.
    bool thumb_opened, has_lists, has_thumb, has_looked;
    DrawList thumb, no_debug;
    struct Kept *kept;
    uint64_t thumb_moment, thumb_generation, thumb_history; // that was looked at
    uint64_t looked_ns, look_ns;                            // when, and how long that took
    uint64_t moved_ns;                                      // when the mouse was last moved,
    float mouse_x;                                          // to here
    uint32_t thumb_branch;
    uint64_t broken; // the build whose draw() could not draw one
} AppBar;

// What lies between a frame and the panels over it.
typedef struct AppPanels {
    PlatformPanels input;     // of this frame
    PanelRequests wishes;     // to be carried out before the next tick
    bool was_open, had_mouse; // had_mouse: the game had caught it when a panel opened
    bool walks;               // Ctrl+F1: the keys are theirs
    uint64_t drawn_ns, kept_ns;
    // Only while somebody looks at times:
    bool measured, has_times; // `times` has not been shown
    PanelTimes times, next;
    uint64_t frame_ns, mark_ns, generation;
} AppPanels;

// A file that is being made of history, and the movie made of that.
typedef struct AppSaving {
    uint64_t client; // who waits for `ctl save`; 0: nobody
    bool is_clip;
    char movie[FILE_PATH_MAX];
    pid_t exporter; // 0: none
} AppSaving;

// A build that is loaded while what its swap has to do is worked out.
typedef struct AppReady {
    bool waits;
    GameLib lib;
    uint64_t saved_ns, built_ns;
} AppReady;

// A reload whose first tick has not run yet.
typedef struct AppReload {
    bool waits;
    bool is_fast;  // the fast compiler's code
    bool is_fresh; // the game began anew with it: nothing was carried over
    uint64_t saved_ns, built_ns, ready_ns, swap_ns;
} AppReload;

// A process that goes on with the session of another.
typedef struct AppResumed {
    bool waits;       // to be told, once there is a picture to tell it on
    bool has_history; // it is at the tick that the other one was at, with all that came before
    bool has_report;  // why the other one asked for it: report
    GuardReport report;
    uint64_t lost; // moments that the other one had and this one has not
    char text[1024];
} AppResumed;

// Where the game is to stand still.
typedef struct AppBreaks {
    LiveBreak points[APP_BREAKS_MAX];
    uint32_t count, last_number;
} AppBreaks;

// What is known of the two compilers' code.
typedef struct AppTiers {
    BuildFast fast;         // which files of the last fast build went which way, and why
    uint64_t fast_saved_ns; // the save that the fast build which plays is of; 0: none plays
} AppTiers;

typedef struct App {
    RunOptions options;
    KeeperLink link; // to the keeper, and to the process that may come after this one
    AppResumed resumed;
    uint64_t places_told; // a key of the libraries whose places the page holds
    uint64_t offered;     // live.histories when the keeper was offered a timeline; 0: it has none
    AppPaths paths;
    Arena keep;
    Platform *platform; // opened with the first result of the change lane
    Change *change;
    Watch *watch; // the asset folders
    Assets *assets;
    Control *control;
    Events events;
    Script *script;
    ReplayReader *replay;
    ChangeResult change_result; // the one being taken: it is large
    Guard *guard;
    uint64_t guard_checked_ns;
    bool traced;           // by a debugger: the guard stands back
    bool had_mouse;        // captured, when it came to stand still
    unsigned changes_told; // GUARD_ bits that were warned of,
    uint64_t changes_of;   // while that generation played
    Live live;
    Crash crash;            // why the game stands still, when live.stopped says that it does
    uint64_t drawn_stopped; // tick of that picture, counted from 1
    Inspect inspect;
    AppBreaks breaks;
    Panels *panels;
    AppPanels panel;
    SoundList sound;
    DrawList game_draw, next_draw, over_draw; // the last whole picture; the one that is made
    int wake_fd;                              // epoll over everything that should end a wait
    uint64_t due_ns;                          // when the next tick is due
    uint64_t ticks_run;                       // in this session
    uint64_t steps;                           // ticks still to run while paused
    int slow;                                 // 1, 2, 4 or 10
    bool paused, muted, quit, rebuilding;
    bool wants_from, has_joined; // --from has not been reached; a keyframe before it has
    bool wants_first;            // nothing was delivered by the change lane so far
    char pause_text[HOST_LINE_BYTES];
    char compiler[128]; // what builds are made with
    Fault refused;      // the last build that could not be taken
    AppReady ready;
    AppReload reload;
    AppTiers tiers;
    AppScrub scrub;
    AppBar bar;
    AppSaving saving;
    pid_t jumps[4];       // commands of --on-error that have not ended; 0: none
    uint64_t step_client; // who waits for `ctl step`; 0: nobody
    int exit_code;
    uint32_t shots; // numbers F12's files
    uint64_t frames, fps_from_ns;
    double fps;
} App;

// Fills *options. False: wrong; the message is out and *exit_code says 2. `--help` is out, too,
// then with exit code 0.
bool app_parse_run(int argc, char **argv, RunOptions *options, int *exit_code);

// The same for `hotloop replay`, the game looked for.
bool app_parse_replay(int argc, char **argv, RunOptions *options, int *exit_code);
// Says what is wrong with this name of a game's folder; false.
bool app_refuse_game(const char *game);
// Fills options->game for options->replay, unless it is given: by the name of the game that the
// file says it is of - never by a path out of the file, which is not to be trusted. False: a
// message is out.
bool app_find_game(RunOptions *options);
// The game that a file is played with: rows for a command's getopt_long, each with a value, and
// what they say. False: `option` is none of them.
enum { APP_GAME_OPTION = 512 };
// clang-format off
#define APP_GAME_OPTIONS                                       \
    {"game", required_argument, NULL, APP_GAME_OPTION},        \
    {"so", required_argument, NULL, APP_GAME_OPTION + 1},      \
    {"cc", required_argument, NULL, APP_GAME_OPTION + 2},      \
    {"cflags", required_argument, NULL, APP_GAME_OPTION + 3},  \
    {"assets", required_argument, NULL, APP_GAME_OPTION + 4}
// clang-format on
bool app_take_game_option(int option, const char *value, RunOptions *options);

int app_run(const RunOptions *options);

// Puts a keeper in front of the session, or goes on with one: fills session and lock of *paths, and
// *link. False: all is over, with *exit_code; this was the keeper.
bool app_keep_begin(AppPaths *paths, KeeperLink *link, Arena *arena, const RunOptions *options,
                    int *exit_code);
// What the process before left: options that it had found out, and words on how it ended.
void app_keep_inherit(App *app);
bool app_keep_is_next(const App *app); // there was a process before
void app_keep_announce(App *app);      // its event
// Takes over what it left of the game. When that cannot be had in this process it does not come
// back: another one tries, or begins anew.
void app_keep_resume(App *app);
void app_keep_say(App *app);   // what happened, once there is a picture to say it on
void app_keep_frame(App *app); // after every frame
// The session goes on in a new process, at the last moment that is remembered and standing still;
// app->resumed.report is *report there. For when a lock may be held for ever: asks for no memory.
_Noreturn void app_restart_in_place(App *app, const GuardReport *report);
// A session without events file, ctl, script and window, for the commands that only run a replay:
// everything of it but the platform is open. NULL: *fault.
App *app_open_quiet(const RunOptions *options, Fault *fault);
void app_close_quiet(App *app);
int app_new(int argc, char **argv);
int app_build(int argc, char **argv);
int app_ctl(int argc, char **argv);
int app_info(int argc, char **argv);
int app_verify(int argc, char **argv);
int app_diff(int argc, char **argv);
int app_export(int argc, char **argv);
// Can a run with this compiler on this machine be expected to come out as recorded? *why says not.
bool app_is_comparable(const ReplayReader *replay, const char *compiler, char *why,
                       size_t why_bytes);
// What builds are made with, for files: "cc -O0".
void app_compiler(const RunOptions *options, char *out, size_t out_bytes);

bool app_find_paths(AppPaths *paths, const RunOptions *options, Fault *fault);
// Removes the session folder, and those that dead sessions left behind.
void app_leave_session(AppPaths *paths);
bool app_enter_session(AppPaths *paths, Fault *fault);

// One frame: everything that has to happen between two pictures. app->quit ends the loop.
void app_frame(App *app);
// What can be opened once it is known what the game is (or that there is none yet).
bool app_open_platform(App *app, Fault *fault);

// The commands of `hotloop ctl`; returns how many.
size_t app_ctl_names(const char **names);
void app_serve(App *app);                              // pending requests of `ctl`
void app_keys(App *app, const PlatformEvents *events); // F-keys
void app_actions(App *app, unsigned script_actions);   // lines "do ..." of a script
void app_answer_step(App *app);                        // the client that waits for `ctl step`
void app_set_paused(App *app, bool paused, const char *why);
// What the game that plays is shown in; the defaults of hl_game while there is none.
typedef struct AppCanvas {
    int w, h;
    bool smooth;
    const char *title;
} AppCanvas;
AppCanvas app_canvas(const App *app);
// For replies of ctl: {"ok": false, "error": text}; and {"ok": true, tick, moment, paused}.
json_t *app_failed(const char *format, ...) BASE_PRINTF(1, 2);
json_t *app_done(const App *app);
// Time: what happened since the last frame (keys held, mouse on the bar), and requests.
void app_time_frame(App *app, const PlatformEvents *events);
void app_time_back(App *app, int64_t moments);
bool app_time_step(App *app); // one moment along what is recorded; false: there is none: run a tick
bool app_shows_bar(const App *app);
bool app_is_time_key(unsigned f);                    // with Ctrl: F3, F6, F7, F8
void app_time_key(App *app, unsigned f, bool shift); // goes somewhere
bool app_time_seek(App *app, LivePlace to, Fault *fault);
void app_time_hold(App *app); // the game stands still until app_time_let_go
void app_time_let_go(App *app);
float app_time_hold_speed(const App *app); // of the key that is held; negative: back
// The bar.
void app_time_view(App *app, InspectTime *time);
void app_bar_mouse(App *app, const PlatformEvents *events);
uint64_t app_bar_under(const App *app, const InspectTime *time); // the moment under the mouse
void app_bar_moved(App *app);                                    // another moment is shown
void app_thumb_show(App *app, const LiveSpan *span, InspectTime *time);
void app_bar_close(App *app);
void app_mark(App *app, InspectMarkKind kind, const char *text); // at the moment that is shown
bool app_next_mark(App *app, bool is_later, uint64_t *moment);
void app_time_poll(App *app); // saves and clips that became ready
void app_clip(App *app);
void app_stay_at_end(App *app);
void app_time_show(App *app, LivePlace place); // and stay paused
json_t *app_ctl_seek(App *app, const ControlRequest *request);
json_t *app_ctl_back(App *app, const ControlRequest *request);
json_t *app_ctl_branches(App *app, const ControlRequest *request);
json_t *app_ctl_history(App *app, const ControlRequest *request);
json_t *app_ctl_save(App *app, const ControlRequest *request);
json_t *app_ctl_clip(App *app, const ControlRequest *request);
json_t *app_ctl_loop(App *app, const ControlRequest *request);
json_t *app_ctl_get(App *app, const ControlRequest *request);
json_t *app_ctl_set(App *app, const ControlRequest *request);
json_t *app_ctl_tree(App *app, const ControlRequest *request);
json_t *app_ctl_types(App *app, const ControlRequest *request);
json_t *app_ctl_tweak(App *app, const ControlRequest *request);
json_t *app_ctl_break(App *app, const ControlRequest *request);
json_t *app_ctl_plot(App *app, const ControlRequest *request);
json_t *app_ctl_when(App *app, const ControlRequest *request);
// Around each tick, when there are any: pauses at the end of one in which a condition became true.
void app_breaks_before(App *app);
void app_breaks_after(App *app);
bool app_break_on(App *app, const char *text, Fault *fault); // one more
bool app_break_off(App *app, uint64_t number); // 0: all. False: there is none of that number
// The last moment at which it became so, and `text` about it.
bool app_when(App *app, const char *words, LiveWhen *when, LiveSpan *span, char *text,
              size_t text_bytes, Fault *fault);
uint32_t app_breaks_list(const App *app, PanelBreak rows[PANEL_BREAKS_MAX]);
void app_breaks_wishes(App *app, PanelRequests *wishes);
void app_breaks_keep(App *app);   // for the process after this one,
void app_breaks_recall(App *app); // which takes them over
// What goes by names goes on by those that the build after `was` has for the same fields.
void app_follow_names(App *app, const GameLib *was);
json_t *app_ctl_panel(App *app, const ControlRequest *request);
void app_keep_tweak(App *app, const char *path); // what it is now, into the source
// What it is now, as text; "" when there is no such place.
void app_field_value(App *app, const char *path, char *text, size_t text_bytes);
void app_report_edit(App *app, const char *path, const char *was); // its event
// Panels. What they want is done by app_panels_apply, between two ticks.
bool app_open_panels(App *app, Fault *fault);
void app_recall_panels(App *app); // as they were when the game was last played
void app_close_panels(App *app);
void app_toggle_panel(App *app, PanelKind kind);
void app_walk_panels(App *app); // the keys are the panels' from here on, or the game's again
void app_panels_input(App *app);
bool app_panels_have_mouse(const App *app);
bool app_panels_have_keys(const App *app);
void app_panels_picture(App *app, float free_bottom_px);
void app_panels_apply(App *app);
void app_panels_line(App *app, LogLevel level, uint64_t tick, const char *text); // for the log
// Where a frame's time goes, for the panel that shows it: what has passed since the last of these
// calls was spent on `on` (NULL: on nothing that is shown).
void app_time_frame_begin(App *app);
void app_time_spent(App *app, float *on);
void app_time_ticked(App *app);
void app_time_presented(App *app);
// Gives it to the window.
void app_fit_canvas(App *app);
// Every action is here once; keys, scripts and `ctl` only name it.
LiveLoop app_loop(App *app);
void app_report_loop(App *app);
void app_restart(App *app);
// Fills game_draw and over_draw with the picture of this moment.
void app_picture(App *app);
bool app_screenshot(App *app, const char *path, Fault *fault);

// Which compilers a session with these options builds with.
BuildTiers app_tiers(const RunOptions *options);
// A build is delivered. False: it is the fast one of sources whose full one plays, and not wanted.
bool app_tiers_take(App *app, const ChangeResult *result);
// The sources that failed to build are those of the fast build that plays: *report says so then.
bool app_tiers_failed(App *app, ChangeResult *result);
// The full build took the place of the fast one: no news, but where they differ.
void app_report_tier(App *app, const AppReady *ready, uint64_t ready_ns, uint64_t swap_ns);
// It could not: the fast one plays on.
void app_report_tier_refused(App *app, const Fault *fault);
void app_tiers_status(const App *app, json_t *status);

bool app_wake_on(App *app, int fd); // ends waits when it is readable; -1 is fine
void app_drop_ready(App *app);      // a build that waits for its swap is not wanted any more
void app_take_changes(App *app);    // results of the change lane
void app_report_ticked(App *app,
                       const LiveTick *did); // first tick of a build, loop wraps, branches
void app_report_fault(App *app, const Fault *fault);
bool app_open_guard(App *app, Fault *fault);
void app_report_end(App *app, const Fault *fault); // live.end is new
void app_crash_resumed(App *app);                  // what ended the process before
const Crash *app_crash_shown(const App *app);      // NULL: the game does not stand still
void app_copy_crash(App *app);
void app_guard_frame(App *app);
void app_report_desync(App *app); // --synctest found a difference
void app_print_diagnostics(const BuildReport *report);
void app_jump(App *app, const BuildReport *report); // --on-error
void app_jump_poll(App *app);                       // collects those that have ended
void app_report_lines(App *app);                    // what the game and the assets had to say
// For an event or a reply: made harmless and UTF-8, which is all that JSON takes.
json_t *app_text(const char *text);
json_t *app_ns_or_null(uint64_t ns);
// To the terminal and to the panel with the log; what has room on screen is said there, too.
void app_say_quietly(App *app, LogLevel level, const char *text);
// "extra: its initialiser was changed ...", or the text alone where it begins with the name.
void app_carry_words(const CarryItem *item, char *out, size_t out_bytes);
void app_note(App *app, LogLevel level, const char *format, ...) BASE_PRINTF(3, 4);

#endif
