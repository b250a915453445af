// The running game: its memory, its code and its history. Decides what is accepted: a new
// generation is swapped in between two ticks if its state fits, else the old one plays on. Knows no
// window and no compiler; whoever owns those calls live_swap, live_tick and live_draw.
//
//   live.c          swaps, ticks, restarts         live_images.c   old images and their addresses
//   live_needs.c    what history needs of old builds
//   live_fault.c    what a call that ended early leaves behind
//   live_fit.c      the memory over a change of the code: structs, variables, pointers
//   live_carry.c    of that the pointers
//   live_prepare.c  the part of that which needs no frame
//   live_again.c    the same moment again, with every pass of a loop
//   live_leave.c    what stands in the way of one     live_layout.c  structs that changed
//   live_sync.c     --synctest                    live_runs.c    what two runs of a tick left
//   live_tier.c     two builds of the same sources  live_seam.c   whether they do the same
//   live_safety.c   undoing a tick where no history is kept
//   live_resume.c   going on where another process ended
//   live_time.c     seeking, playing on, loops     live_hash.c     the state as a number
//   live_trace.h    a field over history   live_when.h     conditions on one
//   live_trails.c   where things were, over history
//   live_peek.c     a picture of another moment, without going there
//   live_edit.c     the state by name, and values that are set between two ticks
//   live_changes.c  what ticks changed, for recordings
//   live_record.c   --record, and what the session was given from outside
//   live_state.c    a moment as a file holds it    live_state_put.c  and back into memory
//   live_state_old.c  the same out of other structs; live_types.c, live_files.c: what files say of
//   them            live_loads.c    saves with other structs
//   live_save.c     `ctl save`: a file out of history, beside the running game
//   live_replay.c   where ticks come from a file
//   live_verify.c   and whether it comes out the same
#ifndef LIVE_H
#define LIVE_H
#include "carry.h"
#include "field.h"
#include "gamelib.h"
#include "host.h"
#include "timeline.h"

enum {
    LIVE_RETIRED_MAX =
        256 // old images kept because state points into them; more are never unloaded
};

typedef struct LiveConfig {
    const char *game_id;     // folder name of saves; borrowed
    const char *save_folder; // borrowed
    const char *made_by;     // for recordings: "hotloop 0.1.0"; borrowed
    const char *compiler;    // what the builds are made with; "": not by us. Borrowed.
    Guard *guard;            // borrowed; NULL: one that contains nothing
    Assets *assets;          // borrowed
    SoundList *sound;        // borrowed
    size_t arena_bytes;      // 0: what the game asks for; a replay has its own
    uint32_t seed;
    size_t history_bytes;    // 0: no history is kept
    bool history_on_demand;  // it begins with the first wish for it
    bool kept;               // history can be taken over by another process: live_resume
    DirtyMethod dirty;       // how written pages are found
    int synctest;            // every tick is run so many times more and compared
    const char *record_path; // NULL: not recorded
    ReplayReader *replay;    // NULL: played live; else inputs and files come from it. Borrowed.
} LiveConfig;

typedef enum LiveLoop {
    LIVE_LOOP_OFF,
    LIVE_LOOP_RECORD, // its first moment is known
    LIVE_LOOP_PLAY    // those ticks are played over and over
} LiveLoop;

// What was done about a call into the game that ended early.
typedef struct LiveEnd {
    bool is_new;          // and nobody has been told
    bool undone;          // the tick: the state is that of the last good one
    uint64_t put_aside;   // number of the generation that will not be played; 0: none
    bool is_tier;         // what plays on instead is the fast build of the same sources
    double after_seconds; // of play, since it was swapped in
    GuardReport report;   // how the call ended
    const char *call;     // "init", "update", "draw"
    uint64_t generation;  // that it was
} LiveEnd;

// What a tick did, for whoever has to tell.
typedef struct LiveTick {
    bool ran;            // false: no game yet, stopped by a fault, or the replay has ended
    bool first_of_build; // the first tick of a new generation
    bool wrapped;        // the loop jumped back to its first tick before this one
    bool forked;         // it was played on from the past: the old future is a branch now
    bool replay_ended;
} LiveTick;

// One tick of a loop.
typedef struct LiveLoopTick {
    hl_input input;
    bool restart; // instead: the state began afresh
    bool edit;    // instead: something is set; `input` holds what
    uint64_t at;  // which moment it was, as the timeline counts; 0: none, it came later
} LiveLoopTick;

// hl_file and hl_load results, for saving and looping what they were part of.
typedef struct LiveOutside {
    TimelinePlace place; // of the tick that was given them; at counts from the timeline's first
    ReplayBytesKind kind;
    bool present;
    const char *name;
    uint64_t content;
    const uint8_t *data;
    size_t size_bytes;
} LiveOutside;

typedef struct LiveRetired {
    GameLib lib;
    uint64_t generation;
    uint64_t loaded_capture; // captures when it began to play
    uint64_t pointed_from;   // moments up to pointed_moment, on any branch, that builds of
    uint64_t pointed_until;  // these numbers made may point into it
    uint64_t pointed_moment;
    uint64_t compared;  // with which generation
    bool differs;       // in its structs
    bool was_missed;    // when it was last looked at, the state did not point into it
    bool is_pointed;    // some of what those builds made is in history
    bool has_variables; // of the game's: its moments are only complete with their memory
} LiveRetired;

// A tick that came out differently when it was run again.
typedef struct LiveDesync {
    bool is_new;  // and nobody has been told
    bool is_page; // `page` and what follows is known
    uint64_t moment;
    uint32_t page;
    char text[1024]; // what differs, for people
} LiveDesync;

// A tick that the fast build had run, and that the full build of the same sources does otherwise.
typedef struct LiveSeam {
    bool is_new; // and nobody has been told
    uint64_t tick, moment;
    char field[FIELD_NAME_MAX]; // the first that differs, by its type: "Game.hero.x"; "" it has no
                                // name, or the tick ended early
    char fast[200], full[200];  // its values
    uint32_t more;              // fields that differ beside it
    char text[1024];            // all of that, for people
    // Of the last swap from one to the other:
    uint32_t checked, differed; // ticks that were run again
    char skipped[160];          // why there were no more of them; "" there were none to run
} LiveSeam;

typedef struct LiveHash LiveHash;
typedef struct LiveChanges LiveChanges;
typedef struct LiveSave LiveSave;
typedef struct LiveSafety LiveSafety;
typedef struct LivePrepared LivePrepared;
typedef struct LiveFiles LiveFiles;
typedef struct LiveAgain LiveAgain;
typedef struct LiveFastTicks LiveFastTicks;

// A build that was let go, and another one with the same structs.
typedef struct LiveSame {
    uint64_t generation, same_as;
} LiveSame;
enum {
    LIVE_SAME_MAX = 65536,
    LIVE_MARKED_MAX = 1 << 20 // builds up to this number are told apart, later ones never let go
};

typedef struct Live {
    LiveConfig config;
    Arena state;      // at ARENA_STATE_ADDRESS once the first generation is accepted
    Arena keep;       // host and the like
    Guard *own_guard; // when config has none
    size_t state_top; // bytes of it that were ever in use: above, it reads as zero
    Host *host;
    GameLib now; // the generation that plays; zeroed before the first
    uint64_t now_capture;
    GameLib pending;      // refused for its layout only: a restart takes it
    LiveRetired *retired; // LIVE_RETIRED_MAX
    uint32_t retired_count;
    uint32_t stuck_count; // images that stayed mapped after their close
    uint64_t generation;  // number of the build that plays
    uint64_t generations; // accepted so far: the newest one's number
    uint64_t build_ticks; // that it has run
    uint64_t fitted;      // whose terms the memory is in: its addresses, its variables
    uint64_t first_build; // that played when history began
    CarryReport carried;  // of the last swap
    char migrated[400];   // what it changed of the state's structs; "" nothing
    LiveSame *same;       // builds that were let go
    uint32_t same_count;
    uint64_t *marked;      // a bit a build: history has to be read with it; live_needs.c
    uint64_t top_moment;   // the largest since the state was last searched
    uint64_t let_go_build; // moments of builds up to this number are not offered; 0: all are
    LiveAgain *again;      // a loop's first moment in the terms of the build that plays
    bool hits_known;       // the timeline knows all pages with addresses of code
    bool has_odd_words;    // there are packed structs, whose pointers a search by words overlooks
    Arena carry_memory;
    LivePrepared *prepared;       // NULL: swaps are not prepared
    uint64_t previous;            // number of the build that plays on if this one dies; 0: none
    uint64_t before_previous;     // and of the one after that, if that one does as well
    uint64_t edit_ticks;          // that have run since the sources changed
    uint64_t searched_generation; // the one that played when state was last searched for images
    bool reloaded;                // the next update is the first of a generation
    uint64_t swapped_tick;
    // tiers
    bool was_quiet;          // the last swap: only the compiler is another one
    uint64_t newest_sources; // of the build number `generations`,
    bool newest_is_fast;     // and whether it was the fast compiler's
    uint64_t *repeats;       // a bit a build: the full compiler's of what the one before is made of
    CarryReport tier_carried;  // of the last such swap
    LiveFastTicks *fast_ticks; // what ticks of the fast build changed; NULL: nothing so far
    LiveSeam seam;
    uint64_t seams_checked, seams; // ticks that were run by both tiers, and of them those that
                                   // differed
    Fault stopped;                 // why no tick runs until the next build or restart; empty: none
    LiveEnd end;                   // of the last call that ended early
    // time
    Timeline *timeline; // NULL: no history (yet)
    bool wants_history;
    LiveSafety *safety;             // what a tick is undone from without a timeline
    bool no_safety;                 // it cannot be had
    Fault history_fault;            // why there is none
    uint64_t base;                  // the moment of the session that the timeline calls 0
    uint64_t moment;                // of the session: ticks and restarts that lie behind the state
    bool timed;                     // somebody wants to know capture_ns,
    uint64_t capture_ns;            // which is added up, and theirs to put back to 0
    uint64_t captures, hit_capture; // made; of them the last that wrote an address of game code
    LiveLoop loop;
    uint64_t histories;       // timelines so far: a new number, another timeline
    uint64_t offered;         // content of the last build that was swapped in or refused
    TimelinePlace loop_first; // as the timeline counts
    TimelinePlace loop_last;
    Arena loop_memory;
    LiveLoopTick *loop_ticks;
    uint32_t loop_count, loop_at; // loop_at: next of them
    uint32_t pass_branch;         // of the pass that plays; 0: the first pass has not forked
    bool rejoins; // a replay's loop was let go: its ticks are being played to the end
    Arena outside_memory, outside_bytes;
    LiveOutside *outside;
    uint32_t outside_count;
    bool outside_full; // some are missing
    // record and replay
    LiveHash *hash; // what recordings need after every tick; NULL: not needed so far
    ReplayWriter *writer;
    Fault writer_fault;     // the first failure to record; empty: none
    bool writer_failed;     // and it has been told
    TimelinePlace recorded; // where the file ends
    uint64_t keyframe_moment;
    uint8_t *since_keyframe;     // a bit a page
    LiveChanges *changes;        // what ticks changed, for the file; NULL: not known
    TimelinePlace changes_place; // that its copy is of
    uint64_t changes_histories;  // and of which timeline
    ReplayEvent event;
    uint64_t replay_at;       // the moment that the reader has delivered
    bool verifying;           // only some moments are captured
    uint64_t verified_moment; // the last one that came out right
    uint64_t replay_hash;     // of the recording's end; 0: it was cut
    bool replay_ended, replay_finished;
    LiveSave *save;   // that is being written; NULL: none
    LiveFiles *files; // what is known of structs out of files: live_types.h
    LiveDesync desync;
    uint64_t synced, desyncs; // ticks that were run again, and of them those that differed
    Arena sync_memory;
} Live;

// `live` is the caller's, zeroed. Nothing runs before the first live_swap.
bool live_open(Live *live, const LiveConfig *config, Fault *fault);
// Ends the recording with the state hash and unloads everything.
void live_close(Live *live);

// As if config.kept had been set: from the next tick on, should history have begun already.
void live_keep_history(Live *live);
// What another process has to know, as of now. Asks for no memory.
void live_keep(Live *live);
// What another process (with config.kept) left, instead of a first live_swap: the game is at the
// moment that it was at, with its code at the same addresses, its past, branches and loop.
typedef struct LiveKept {
    int store, history;    // see timeline_adopt; they stay the caller's
    GameLibConfig gamelib; // as for builds
    Arena *held;           // room held for the libraries; each is closed when its library comes
    size_t held_count;
} LiveKept;
// False: *fault. *live is good for nothing then and is not to be closed, or the libraries' copies
// are removed: another process may have the addresses that could not be had here.
bool live_resume(Live *live, const LiveKept *from, Fault *fault);

// Begins to work out, on a thread, what a swap to `lib` has to do; `lib` stays the caller's,
// loaded, until live_is_prepared says true once or live_prepare_forget. False: swap it at once. The
// descriptor becomes readable when it is ready; -1: there is none.
bool live_prepare(Live *live, const GameLib *lib);
bool live_is_prepared(Live *live);
void live_prepare_forget(Live *live); // waits for the thread
int live_prepared_fd(const Live *live);
// Takes `lib` over, whatever happens: it plays from the next tick, or it was refused and closed (or
// kept for a restart). The full build of the sources whose fast build plays is no edit: the game is
// told nothing, live->was_quiet is set, and live->seam says whether the two do the same: the last
// ticks of the fast one are run again, all of them with --synctest. Refused when the state's size
// or alignment differ from the live one's, or when the first generation's memory cannot be had.
// *swap_ns: how long this call held the frame up.
bool live_swap(Live *live, GameLib *lib, uint64_t *swap_ns, Fault *fault);

// One tick. `input` is the player's; a playing loop or a replay puts its own in place of it. In the
// past it is played on from there. False: the game broke a promise or crashed, *fault and live->end
// say how; where history is kept the tick is undone. A build that does so within its first second
// is put aside, and the one before plays on; else live->stopped is set until the next build.
bool live_tick(Live *live, const hl_input *input, LiveTick *did, Fault *fault);
// The picture of the state as it is. `draw` must have been reset. False: as with live_tick; the
// state is not touched, and `draw` holds a part of the picture.
bool live_draw(Live *live, float alpha, DrawList *draw, Fault *fault);
// The game was ended by something that happened outside of its calls - a thread of its own crashed,
// the process before this one hung: what was written since the last moment is taken back, and it
// stands still. *fault says so.
void live_end_elsewhere(Live *live, const GuardReport *report, Fault *fault);
// Where in the state or the globals `address` lies, for people: type, element and byte, or the
// variable. False: nowhere.
bool live_where(const Live *live, uintptr_t address, char *out, size_t out_bytes);
// The images that are loaded, for their symbols: the one of `generation` first. Valid until
// something is swapped or unloaded. Returns how many; `libs` has room for LIVE_RETIRED_MAX + 1.
size_t live_libs(const Live *live, uint64_t generation, const GameLib **libs);

// Fresh state; the pending build is taken if there is one (*took_pending).
bool live_restart(Live *live, bool *took_pending, Fault *fault);
// The number of a build for people: both of the same sources have one. live->generation and the
// like tell them apart.
uint64_t live_number(const Live *live, uint64_t generation);
// Old images are unloaded once nothing in the state points into them. Reads the whole used state,
// so call it when there is time, with how much of it. True when it looked.
bool live_housekeeping(Live *live, uint64_t spare_ns);
// Of the fields of all state in use and of what the globals have that is not as it was loaded.
// Words that point into game code or libraries count by what they point at, not by their address,
// so the same run gives the same number in every process, with every compiler and at every -O
// level.
uint64_t live_hash(Live *live);

// Before a picture of the moment that is shown is drawn by host_draw: live_draw does it.
void live_trails_show(Live *live);
uint64_t live_tick_number(const Live *live); // of the last update
int live_tick_rate(const Live *live);        // 60 before the first generation
const hl_game *live_game(const Live *live);  // NULL before the first generation

// ------------------------------------------------------------------------------------------ time

// Moments as the user counts them: ticks and restarts since the session (or the replay) began.
typedef struct LivePlace {
    uint32_t branch;
    uint64_t moment;
} LivePlace;

typedef struct LiveSpan {
    uint32_t branch;
    uint64_t first, here, last; // the oldest that can be reached, where we are, the newest
    bool thinned;
} LiveSpan;

// Begins to keep history if that waits for a wish. False: there is none, *fault says why.
bool live_remember(Live *live, Fault *fault);
bool live_span(const Live *live, LiveSpan *span); // false: there is no history (all zero then)
// The oldest moment that can be shown on the way to the end of `branch`; there is history.
uint64_t live_first_of(const Live *live, uint32_t branch);
// The picture of the moment at `at` into `draw`, without going there: the state, its hash, loops
// and recordings are what they were, and what draw() says, wishes or sounds is forgotten; so it can
// be done between any two ticks. Only of moments that the build that plays has made. False: *fault
// says why there is none.
bool live_peek(Live *live, LivePlace at, DrawList *draw, Fault *fault);
bool live_can_peek(const Live *live, LivePlace at); // is there one, as far as that can be said
bool live_is_past(const Live *live);                // there is a future on this branch
// There is one, and the build that plays made its next moment: playing on would do the same again.
bool live_recorded_ahead(const Live *live);
// Shows the moment at `to` (of the present branch's past and future when `to.branch` is it);
// clamped to what can be reached. The state is exactly what it was. A loop goes on when it lies in
// it.
bool live_seek(Live *live, LivePlace to, LivePlace *reached, Fault *fault);
// off -> record -> play -> off, with the moment shown as first, then as last. Nothing happens
// before the first tick. False: *fault says why there is no loop.
bool live_loop_next(Live *live, LiveLoop *now, Fault *fault);
// Loops the ticks first + 1 .. last of the present branch.
bool live_loop_between(Live *live, uint64_t first, uint64_t last, Fault *fault);
bool live_loop_span(const Live *live, uint64_t *first, uint64_t *last); // false: none
void live_loop_off(Live *live);

// A file out of history: moments `first` .. `last` of the present branch. Written by a thread; one
// at a time.
bool live_save_begin(Live *live, const char *path, uint64_t first, uint64_t last, Fault *fault);
typedef struct LiveSaved {
    bool ok;
    Fault fault;          // when not
    uint64_t first, last; // what the file holds
    char path[FILE_PATH_MAX];
    char note[256]; // what could not be kept; "" nothing
} LiveSaved;
// True once, when it is done.
bool live_save_done(Live *live, LiveSaved *saved);

// ------------------------------------------------------------------------------------------ names

// What the state and the globals of the build that plays hold, by name, at the moment that is
// shown. Valid until the next tick, swap or jump. FAULT_USAGE: nothing has a name (no tick has run,
// no debug information).
bool live_fields(Live *live, FieldView *view, Fault *fault);
// Gives what lies at `path` that value, see field_parse; a moment of its own. In the past it is
// played on from there; a loop that plays has it from now on in each of its passes. False: *fault
// says why, and nothing has changed. *did: whether a branch began.
bool live_edit(Live *live, const char *path, const char *value, LiveTick *did, Fault *fault);

// ---------------------------------------------------------------------------------------- replays

// Where a replay can be joined at or before `moment`: puts the keyframe's state in place. The ticks
// from there to `moment` are the caller's to run. False: its beginning is the nearest.
bool live_replay_join(Live *live, uint64_t moment, Fault *fault);

// Whether a build can play it: its state struct is as large as the recorded one, or both sides say
// what theirs is made of.
bool live_can_play(const GameLib *lib, const ReplayReader *replay);
// What was played had other structs when it was recorded, so it cannot come out the same. `which`:
// "Mob: +stamina ...", or "" where that is not known.
bool live_replay_is_other(const Live *live, char *which, size_t which_bytes);

typedef struct LiveVerify {
    uint64_t ticks, checked; // run; with a hash that was compared
    bool ended, diverged;
    uint64_t moment;      // first that differs
    uint64_t wanted, got; // hashes there
    char where[1024];     // page, allocation, variable
    bool other_structs;   // from `others_from` on it was played and not compared: what was recorded
    uint64_t others_from; // there had other structs, so no hash can be the same
    char others[400];     // which, where that is known
} LiveVerify;
// Runs up to `ticks` of the replay, as fast as it can, and compares. *verify begins as zero. False:
// the game broke a promise.
bool live_verify(Live *live, uint64_t ticks, LiveVerify *verify, Fault *fault);

// What a hash of the state is a hash of; another text whenever that changes, at the end of what
// live_machine says, so that hashes of another kind are not compared.
#define LIVE_HASH_KIND ", hash by fields"
// What the machine decides of a run - CPU and libc - and what kind of hash there is of it.
void live_machine(char *out, size_t out_bytes);

#endif
