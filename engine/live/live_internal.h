// What the files of live share. Inside this module only.
#ifndef LIVE_INTERNAL_H
#define LIVE_INTERNAL_H
#include "live.h"
#include "migrate.h"
#include "timeline_keep.h"

// A state to be read: the live one, or a moment out of history on another thread.
typedef struct LiveView {
    const GameLib *const *images; // [0] is the one that plays
    uint32_t image_count;
    uint64_t images_first, images_span;                      // all of them lie in it
    const uint8_t *(*page)(const void *with, uint32_t page); // 4 KiB by number, see timeline.h
    const void *with;
    uint32_t globals_page; // number of the first page of images[0]'s globals
} LiveView;

// live_images.c
typedef struct LiveImages {
    const GameLib *libs[LIVE_RETIRED_MAX + 1];
    LiveView view; // of the live memory, with these images
} LiveImages;
void live_look(const Live *live, LiveImages *images);
DeltaWords live_code_words(const Live *live);
// What `word` counts as in hashes: itself, or what it points at.
uint64_t live_token(const LiveView *view, uint64_t word);
bool live_is_address(const LiveView *view, uint64_t word); // worth asking for its token
// Marks in `found` which old images the state points into: of its pages, where they are known,
// those that ever held such a word.
void live_find_images(const Live *live, bool *found);
bool live_retire(Live *live, GameLib *lib, uint64_t generation); // false: no room to remember it
void live_unload(Live *live, GameLib *lib); // false alarms of dlclose are counted

// live_needs.c
// After the state was searched for old images: `found` says into which of `retired` it points.
void live_look_through(Live *live, const bool *found);
void live_note_jump(Live *live); // the state is another moment's, in today's terms
bool live_history_needs(const Live *live, const LiveRetired *old); // as of then
// Lets go of moments when it takes too many builds to read them.
void live_forget_oldest(Live *live, const bool *found);

// live_hash.c
LiveHash *live_hash_open(Fault *fault);
void live_hash_close(LiveHash *hash);
// Of all of the view; what is known of it so far is forgotten.
uint64_t live_hash_all(LiveHash *hash, const LiveView *view);
// The same, after only `pages` changed since the last call (with this view's images). *check: hash,
// and what changed, valid until the next call.
void live_hash_some(LiveHash *hash, const LiveView *view, const uint32_t *pages, size_t count,
                    ReplayCheck *check);
void live_hash_forget(LiveHash *hash); // the memory is another moment's; NULL is fine
// What lies in page `page`, or which variable it stands for, for people.
void live_hash_explain(const Live *live, uint32_t page, char *out, size_t out_bytes);
size_t live_used_bytes(const LiveView *view);
// Copies bytes of a global, which may lie across pages.
void live_read_global(const LiveView *view, uintptr_t address, uint8_t *out, size_t bytes);
// Globals get numbers of pages that no page has, by name: a difference in one can be named then.
#define LIVE_GLOBAL_BIT 0x80000000u

// live.c
bool live_start(Live *live, Fault *fault);
bool live_restart_state(Live *live, Fault *fault);
bool live_load_begin(Live *live, Fault *fault); // a replay's first state, if it has one

// live_fault.c
// A call ended early: what is to be done is done. Returns false.
bool live_end_call(Live *live, bool undone, Fault *fault);
// Which code is the game's, for the guard.
void live_tell_guard(Live *live);

// live_tier.c
bool live_is_quiet(const Live *live, const GameLib *lib); // before a swap to it
void live_count_build(Live *live, const GameLib *lib);    // one more: lib
// They are made of the same sources, one by the fast compiler.
bool live_is_same_code(const Live *live, uint64_t a, uint64_t b);
bool live_has_same_sources(const GameLib *a, const GameLib *b);
bool live_has_variables(const GameLib *lib);                      // that may change
void live_swap_previous(Live *live, uint64_t was, bool is_quiet); // as a swap begins
void live_count_tick(Live *live);                                 // one ran well

// live_seam.c
void live_fast_begin(Live *live);                               // a fast build begins to play
void live_fast_ran(Live *live, uint64_t tick_ns);               // a tick of it,
void live_fast_moment(Live *live, const TimelineCapture *took); // which is a moment now
void live_fast_end(Live *live);
// The full build plays instead of that fast one, and no tick has run: do the two do the same?
// live->seam. False: this process cannot be trusted any more, *fault and live->end say why.
bool live_seam_check(Live *live, uint64_t fast, uint64_t swap_ns, Fault *fault);

// live_fit.c
// Puts the memory into the terms of the build that plays, if it is in another's. False: its structs
// cannot be had from what is there (*fault); the memory is as it was, in the other's terms.
bool live_fit(Live *live, Fault *fault);
// The same in two steps, for a swap: the state first, which may be refused; then variables and
// pointers. `report` has room for CARRY_ITEMS_MAX items; NULL: nobody wants to know.
typedef struct LiveFit LiveFit;
bool live_fit_begin(Live *live, CarryReport *report, LiveFit **fit, Fault *fault);
void live_fit_end(Live *live, LiveFit *fit);              // NULL: there was nothing to do
int live_index_of(const Live *live, uint64_t generation); // -1: it is not loaded, or plays
// Index of that build, or of one with the same structs where it was let go; -1: not known.
int live_retired_of(const Live *live, uint64_t generation);
// The build whose structs are known instead: itself where it was not let go.
uint64_t live_same_as(const LiveSame *same, uint32_t count, uint64_t generation);
void live_note_same(Live *live, uint64_t generation); // it is let go, its structs are today's
uint64_t live_build_here(const Live *live); // that made the moment that the timeline stands at
void live_note_hits(Live *live);            // of the state as it is, for the timeline
bool live_take_back(Live *live,
                    Fault *fault); // what was written since the last moment; and fits it

// live_migrate.c
typedef struct LiveStep {
    const GameLib *from, *to;
    bool is_first; // the state is as `from` made it, and so are its variables
    bool is_way;   // `to` does not play: there are builds behind it
} LiveStep;
typedef struct LiveMigration LiveMigration;
typedef struct LiveTags { // of the allocations that are alive
    char (*names)[HEAP_TYPE_NAME_MAX];
    uint64_t *bytes;
    uint32_t count;
} LiveTags;
LiveTags *live_tags(const Live *live, Arena *arena);
// Looks at the two builds only, so that it can be done beside the frames.
LiveMigration *live_migration_open(Arena *arena, const LiveStep *step, const LiveTags *tags);
// About how many bytes of the state it will write.
uint64_t live_migration_bytes(const LiveMigration *migration, const LiveTags *tags);
// The builds from the one that made the memory to the one that plays, and what they took.
typedef struct LiveRoute {
    const GameLib *libs[LIVE_RETIRED_MAX + 1];
    uint32_t count;
    const MigrateOutside *outside;
    LiveMigration *migrations[LIVE_RETIRED_MAX + 1];
    uint32_t migration_count;
} LiveRoute;
// Directly where nothing is lost by that, else over every build in between: a field that got a new
// name in one and moved in the next cannot be found from the two ends alone. False: refused.
bool live_migrate(Live *live, LiveRoute *route, LiveMigration *prepared, MigrateReport *report,
                  Fault *fault);
bool live_has_moved(const LiveRoute *route); // there is something to forward
uint64_t live_forward(void *route, uint64_t word, uint32_t want, uint32_t want_to, bool *gone);
bool live_has_types(const GameLib *lib);
bool live_structs_differ(const GameLib *a, const GameLib *b);

// live_old.c
// Calls the game's .migrate, which may ask about the state before: `bytes` of it, from the arena's
// first, with the root at `root`.
bool live_ask_game(Live *live, const GameLib *from, const uint8_t *bytes, size_t used, void *root,
                   Fault *fault);

// live_again.c
// What live_fit wrote where we stand, to be written again when a loop comes back here.
LiveAgain *live_again_open(Arena *arena);
size_t live_span_pages(const DirtySpan *spans, size_t count);
void live_again_take(Live *live);
bool live_again_put(Live *live);          // false: the memory has to be fitted, still or anew
void live_again_forget(LiveAgain *again); // NULL is fine

// live_prepare.c
void live_prepare_open(Live *live);
void live_prepare_close(Live *live);
// What was prepared for going from one to the other; NULL: nothing.
typedef struct LivePlan {
    Carry *carry;
    LiveMigration *migration;
} LivePlan;
const LivePlan *live_prepared(const Live *live, const GameLib *from, const GameLib *to);

// live_leave.c
bool live_can_leave(const Live *live,
                    Fault *fault); // for another build; FAULT_LAYOUT: what is in the way

// live_safety.c
void live_safety_begin(Live *live); // the state as it is can be gone back to
void live_safety_end(Live *live);
void live_safety_mark(Live *live);                                       // again, later
void live_safety_tick(Live *live, const hl_input *input, bool reloaded); // one ran well
bool live_safety_undo(Live *live); // the one after them did not

// live_edit.c
typedef struct LiveEdit {
    const char *path, *value;
} LiveEdit;
void live_trails_keep(Live *live); // the tick that ran is a moment now
// As live_trails_show, for another moment than the one that is shown.
void live_trails_show_at(Live *live, TimelinePlace here, uint64_t moment);
LiveEdit live_edit_unpack(const hl_input *packed); // what the input of such a moment holds
bool live_edit_pack(const char *path, const char *value, hl_input *packed, Fault *fault);
// Does one again, as a moment: in a loop, in a replay. What cannot be set any more is said, and it
// goes on. False: init() had to run first, and broke a promise.
bool live_edit_again(Live *live, const hl_input *packed, Fault *fault);

// live_time.c
// The state as it is becomes a moment (of a tick with `input`, or NULL: of a restart).
bool live_capture(Live *live, const hl_input *input, bool first_of_build, LiveTick *did,
                  TimelineCapture *took);
bool live_capture_moment(Live *live, const TimelineMoment *moment, LiveTick *did,
                         TimelineCapture *took);
void live_loop_take_edit(Live *live, const hl_input *packed); // into the loop that plays
bool live_begin_history(Live *live);
void live_end_history(Live *live);
void live_watch_globals(Live *live, const GameLib *lib);
void live_loop_forget(Live *live);
bool live_loop_go_on(Live *live, TimelinePlace first, TimelinePlace last, Fault *fault);
// The loop's next input; NULL and *fault: it cannot go on.
const hl_input *live_loop_input(Live *live, LiveTick *did, Fault *fault);
TimelinePlace live_to_timeline(const Live *live, LivePlace place);
void live_jumped(Live *live); // the memory is another moment's: what follows from that

// live_record.c
bool live_record_begin(Live *live, Fault *fault);
bool live_record_from_here(Live *live, Fault *fault); // the state as it is comes first
void live_record_tick(Live *live, const hl_input *input, const TimelineCapture *took);
void live_record_restart(Live *live);
void live_record_edit(Live *live, const hl_input *packed, const TimelineCapture *took);
void live_record_build(Live *live, bool is_same);
void live_record_end(Live *live);
// Brings the file's end to `place`: time went back, or another branch is played on.
void live_record_go(Live *live, TimelinePlace place);
bool live_is_recording(const Live *live);
void live_record_look(Live *live, const LiveView *view); // the next tick changes this
void live_facts(const Live *live, ReplayFacts *facts);
void live_build(const Live *live, const GameLib *lib, ReplayBuild *build);
// Takes what the host noted into the log; called last, the notes are gone then.
void live_take_notes(Live *live);
void live_feed_saves(Live *live, TimelinePlace place); // what that tick was given by hl_load

// live_changes.c
// A copy of the view's state and globals begins to be kept.
void live_changes_begin(LiveChanges *changes, const LiveView *view);
// What `pages` hold that the copy does not, which then has it. Returns the bytes of *rows, valid
// until the next call; 0: nothing, or too much (and the copy is what the view holds).
size_t live_changes_take(LiveChanges *changes, const LiveView *view, const uint32_t *pages,
                         size_t count, const uint8_t **rows);
// Puts such bytes, which may come from anywhere, into the state and the globals. False: they are
// none.
bool live_changes_put(Live *live, const uint8_t *data, size_t size_bytes);
LiveChanges *live_changes_open(void); // NULL: there is no room; nothing is known then
void live_changes_close(LiveChanges *changes);

// live_verify.c
// The state came out otherwise in the tick that the timeline stands behind: *verify says which
// field, what it was and what it is. Only where the moment before it is the tick before. False: the
// file does not say what the tick changed.
bool live_verify_name(Live *live, LiveVerify *verify);
// The same some ticks later, at a moment that the file holds whole; the state is that one then.
bool live_verify_name_later(Live *live, LiveVerify *verify);

// live_state.c, live_state_put.c
// The state as a file holds it; everything in `arena`. `pages` ascending. *lost counts addresses
// that only this process knows.
void live_state_take(const LiveView *view, const uint32_t *pages, size_t count, bool is_whole,
                     uint64_t at, Arena *arena, ReplayState *state, uint32_t *lost);
// Puts a whole state into the state arena and the globals. FAULT_FORMAT when it is not one of this
// game: nothing was kept then, and the memory is fresh.
bool live_state_put(Live *live, const ReplayState *state, Fault *fault);

// live_runs.c
// Where `address` lies in the state, for people: type, element and byte, or the variable.
void live_explain(const Live *live, const uint8_t *address, char *out, size_t out_bytes);
// What it is in the innermost struct that it lies in, "Mob.hp"; false: it lies in none.
bool live_explain_member(const Live *live, const uint8_t *address, char *out, size_t out_bytes);

// live_replay.c
const hl_input *live_replay_input(Live *live, Fault *fault);
void live_sync(Live *live, const hl_input *input, const HostMark *mark, bool first_of_build);

#endif
