// `ctl save`: a file out of history, written by a thread while the game goes on. It walks through
// the moments with a copy of the memory; code and symbols that it reads stay loaded until it is
// done.
#include "live_internal.h"

#include "live_types.h"

#include "worker.h"

#include <stdatomic.h>
#include <string.h>

struct LiveSave {
    Arena own, scratch;
    Worker *worker;
    atomic_bool is_done;
    TimelineReader *reader;
    LiveHash *hash;
    LiveChanges *changes;                       // NULL: not known
    GameLib libs[LIVE_RETIRED_MAX + 1];         // copies: the originals may change places
    uint64_t generations[LIVE_RETIRED_MAX + 1]; // that they are
    LiveSame *same;                             // as live->same was
    uint32_t same_count;
    uint32_t globals_pages[LIVE_RETIRED_MAX + 1]; // see LiveView; UINT32_MAX: not remembered
    const GameLib *images[LIVE_RETIRED_MAX + 1];
    LiveView view;             // with the build that made the moment that is read
    bool is_new_view;          // and nothing has been hashed with it
    uint64_t first_generation; // that made the first moment
    ReplayFacts facts;
    char compiler[sizeof(((ReplayBuild *)0)->compiler)];
    LiveOutside *outside; // a copy, in the order of the moments of the way
    uint32_t outside_count, outside_at;
    bool outside_full;
    uint64_t base;
    uint32_t lost, blind; // addresses that could not be kept; ticks without a hash
    LiveSaved result;
};

static const uint8_t *reader_page(const void *with, uint32_t page)
{
    return timeline_read_page(with, page);
}

// ------------------------------------------------------------------------------------- the thread

// The library of that build, or of one with the same structs where it was let go; 0, that which
// plays, when none is loaded any more.
static uint32_t lib_of(const LiveSave *save, uint64_t generation)
{
    generation = live_same_as(save->same, save->same_count, generation);
    for (uint32_t i = 0; i < save->view.image_count; i++) {
        const GameLib *lib = &save->libs[i];
        bool is_whole =
            save->globals_pages[i] != UINT32_MAX || lib->globals_first == lib->globals_end;
        if (save->generations[i] == generation && is_whole) {
            return i;
        }
    }
    return 0;
}

// From here on moments are those of that build: its variables are the game's.
static void look_as(LiveSave *save, uint32_t lib)
{
    uint32_t count = 0;
    if (save->images[0] == &save->libs[lib]) {
        return;
    }
    save->images[count++] = &save->libs[lib];
    for (uint32_t i = 0; i < save->view.image_count; i++) {
        if (i != lib) {
            save->images[count++] = &save->libs[i];
        }
    }
    save->view.globals_page = save->globals_pages[lib];
    save->is_new_view = true;
}

// Everything in the scratch memory. An older build's file may no longer be known.
static ReplayBuild build_of(LiveSave *save, uint64_t generation)
{
    ReplayBuild build = {0};
    uint32_t lib = lib_of(save, generation);
    uint64_t same = live_same_as(save->same, save->same_count, generation);
    if (save->generations[lib] == same) {
        build.content = same == generation ? save->libs[lib].content : 0; // its code was another
        build.types = live_types_pack(&save->libs[lib], &save->scratch, &build.types_bytes);
        memcpy(build.compiler, save->compiler, sizeof(build.compiler));
    }
    return build;
}

static bool put_bytes_until(LiveSave *save, ReplayWriter *writer, uint64_t at, Fault *fault)
{
    for (; save->outside_at < save->outside_count; save->outside_at++) {
        const LiveOutside *known = &save->outside[save->outside_at];
        if (known->place.at > at) {
            return true;
        }
        if (!replay_put_bytes(writer, known->kind, known->name, known->present, known->data,
                              known->size_bytes, fault)) {
            return false;
        }
    }
    return true;
}

// The first state, and of each file what it was last before it.
static ReplayWriter *begin(LiveSave *save, const TimelineStep *step, Fault *fault)
{
    ReplayState state;
    live_state_take(&save->view, step->pages, step->page_count, true, save->base + step->place.at,
                    &save->scratch, &state, &save->lost);
    ReplayBuild build = build_of(save, save->first_generation);
    ReplayWriter *writer = replay_create(save->result.path, &save->facts, &build, &state, fault);
    arena_reset(&save->scratch, 0);
    save->result.first = save->base + step->place.at;
    for (; writer && save->outside_at < save->outside_count; save->outside_at++) {
        const LiveOutside *known = &save->outside[save->outside_at];
        if (known->place.at > step->place.at) {
            break;
        }
        bool is_last = known->kind == REPLAY_FILE;
        for (uint32_t i = save->outside_at + 1; is_last && i < save->outside_count; i++) {
            const LiveOutside *later = &save->outside[i];
            is_last = later->place.at > step->place.at || later->kind != REPLAY_FILE
                      || strcmp(later->name, known->name) != 0;
        }
        if (is_last) {
            (void)replay_put_bytes(writer, known->kind, known->name, known->present, known->data,
                                   known->size_bytes, fault);
        }
    }
    return writer;
}

// What the step changed, where the one before it was seen as well.
static void put_changes(LiveSave *save, ReplayWriter *writer, const TimelineStep *step, bool gap)
{
    const uint8_t *rows;
    if (!save->changes || !step->has_state) {
        return;
    }
    if (gap) {
        live_changes_begin(save->changes, &save->view);
        return;
    }
    size_t bytes =
        live_changes_take(save->changes, &save->view, step->pages, step->page_count, &rows);
    if (!step->moment.edit && !step->moment.restart) {
        replay_put_values(writer, rows, bytes);
    }
}

static bool put_step(LiveSave *save, ReplayWriter *writer, const TimelineStep *step, bool *gap,
                     Fault *fault)
{
    ReplayCheck check;
    bool has_check = step->has_state && !*gap;
    if (step->moment.build) {
        look_as(save, lib_of(save, step->moment.build));
    }
    if (step->has_state && save->is_new_view) { // all of it looks otherwise
        check = (ReplayCheck){.hash = live_hash_all(save->hash, &save->view)};
        save->is_new_view = false;
    } else if (step->has_state) {
        live_hash_some(save->hash, &save->view, step->pages, step->page_count, &check);
    }
    put_changes(save, writer, step, *gap);
    if (step->moment.edit) {
        LiveEdit edit = live_edit_unpack(&step->moment.input);
        return replay_put_edit(writer, edit.path, edit.value, fault);
    }
    if (step->moment.restart) {
        return replay_put_restart(writer, fault)
               && put_bytes_until(save, writer, step->place.at, fault);
    }
    save->blind += !step->has_state;
    if (step->has_state && *gap) { // which pages changed in this very tick is not known
        check.page_count = 0;
        has_check = true;
    }
    *gap = !step->has_state;
    if (step->moment.first_of_build) { // which the game is told, so it is a part of what happened
        ReplayBuild build = build_of(save, step->moment.build);
        bool ok = replay_put_build(writer, &build, fault);
        arena_reset(&save->scratch, 0);
        if (!ok) {
            return false;
        }
    }
    return put_bytes_until(save, writer, step->place.at, fault)
           && replay_put_tick(writer, &step->moment.input, has_check ? &check : NULL, fault);
}

static bool write_file(LiveSave *save, Fault *fault)
{
    TimelineStep step;
    if (!timeline_read_next(save->reader, &step)) {
        return fault_set(fault, FAULT_MEMORY, "that part of history is no longer there");
    }
    ReplayWriter *writer = begin(save, &step, fault);
    if (!writer) {
        return false;
    }
    uint64_t hash = live_hash_all(save->hash, &save->view);
    bool ok = true, gap = false;
    if (save->changes) {
        live_changes_begin(save->changes, &save->view);
    }
    save->result.last = save->result.first;
    while (ok && timeline_read_next(save->reader, &step)) {
        ok = put_step(save, writer, &step, &gap, fault);
        save->result.last = save->base + step.place.at;
    }
    hash = gap ? 0 : live_hash_all(save->hash, &save->view);
    Fault finish;
    bool finished = replay_finish(writer, hash, &finish);
    if (ok && !finished) {
        *fault = finish;
    }
    return ok && finished;
}

static void run(void *with)
{
    LiveSave *save = with;
    save->result.ok = write_file(save, &save->result.fault);
    size_t used = 0;
    char *note = save->result.note;
    if (save->lost > 0) {
        (void)text_format(
            note, sizeof(save->result.note),
            "%u addresses of other libraries in its first state could not be kept and "
            "are zero there",
            save->lost);
        used = strlen(note);
    }
    if (save->outside_full) {
        (void)text_format(note + used, sizeof(save->result.note) - used,
                          "%sfiles that the game read were too many to keep all", used ? "; " : "");
    }
    atomic_store(&save->is_done, true);
}

// --------------------------------------------------------------------------------- the frame
// thread

static void free_save(Live *live)
{
    LiveSave *save = live->save;
    Arena own = save->own;
    worker_close(save->worker);
    timeline_read_end(save->reader);
    live_hash_close(save->hash);
    live_changes_close(save->changes);
    arena_close(&save->scratch);
    live->save = NULL;
    arena_close(&own);
}

static void copy_images(const Live *live, LiveSave *save)
{
    DeltaWords words = live_code_words(live);
    for (uint32_t i = 0; i <= live->retired_count; i++) {
        GameLib *lib = &save->libs[i];
        *lib = i == 0 ? live->now : live->retired[i - 1].lib;
        save->generations[i] = i == 0 ? live->generation : live->retired[i - 1].generation;
        save->globals_pages[i] =
            timeline_page_at(live->timeline, (const uint8_t *)lib->globals_first);
        save->images[i] = lib;
    }
    save->same = arena_push(&save->own, sizeof(LiveSame), 8, (size_t)live->same_count + 1);
    save->same_count = live->same_count;
    memcpy(save->same, live->same, live->same_count * sizeof(LiveSame));
    save->view = (LiveView){.images = save->images,
                            .image_count = live->retired_count + 1,
                            .images_first = words.first,
                            .images_span = words.span,
                            .page = reader_page,
                            .globals_page = save->globals_pages[0]};
}

// The build that made the first moment: its state struct is the one in the file.
static void begin_with(const Live *live, LiveSave *save, TimelinePlace first)
{
    uint32_t build = timeline_build(live->timeline, first);
    save->first_generation = build ? build : live->first_build;
    uint32_t lib = lib_of(save, save->first_generation);
    const hl_game *game = save->libs[lib].game;
    save->facts.state_size = game->state_size;
    (void)text_format(save->facts.state_type, sizeof(save->facts.state_type), "%s",
                      game->state_type);
    look_as(save, lib);
    save->is_new_view = false;
}

// Of what came from outside, that which lies behind `last`; in order, as moments are.
static void copy_outside(const Live *live, LiveSave *save, TimelinePlace last)
{
    save->outside = arena_push(&save->own, sizeof(LiveOutside), 8, (size_t)live->outside_count + 1);
    for (uint32_t i = 0; i < live->outside_count; i++) {
        TimelinePlace place = live->outside[i].place;
        TimelinePlace owner =
            timeline_owner(live->timeline, (TimelinePlace){last.branch, place.at});
        if (owner.branch != place.branch || place.at > last.at) {
            continue; // of another branch
        }
        uint32_t at = save->outside_count++;
        for (; at > 0 && save->outside[at - 1].place.at > place.at; at--) {
            save->outside[at] = save->outside[at - 1];
        }
        save->outside[at] = live->outside[i];
    }
    save->outside_full = live->outside_full;
}

static bool check_span(const Live *live, TimelinePlace first, TimelinePlace last, Fault *fault)
{
    uint64_t oldest = live_first_of(live, last.branch) - live->base;
    uint64_t newest = timeline_last(live->timeline, last.branch);
    return (first.at < last.at && first.at >= oldest && last.at <= newest)
           || fault_set(fault, FAULT_USAGE,
                        "history holds moments %llu to %llu; a file needs two of them, the first "
                        "before the second",
                        (unsigned long long)(live->base + oldest),
                        (unsigned long long)(live->base + newest));
}

bool live_save_begin(Live *live, const char *path, uint64_t first, uint64_t last, Fault *fault)
{
    if (live->save) {
        return fault_set(fault, FAULT_USAGE, "%s is still being written; try again when it is done",
                         live->save->result.path);
    }
    if (!live->timeline) {
        return fault_set(fault, FAULT_USAGE, "there is no history to save from%s",
                         live->config.history_bytes == 0 ? " (--history 0)" : " yet");
    }
    uint32_t branch = timeline_here(live->timeline).branch;
    TimelinePlace from = live_to_timeline(live, (LivePlace){branch, first});
    TimelinePlace to = live_to_timeline(live, (LivePlace){branch, last});
    Arena own;
    if (first < live->base || !check_span(live, from, to, fault)) {
        return first >= live->base ? false
                                   : fault_set(fault, FAULT_USAGE, "history begins at moment %llu",
                                               (unsigned long long)live->base);
    }
    size_t own_bytes = sizeof(LiveSave) + ((size_t)live->outside_count + 1) * sizeof(LiveOutside);
    if (!arena_open(&own, 0, own_bytes + (1u << 20), fault)) {
        return false;
    }
    LiveSave *save = ARENA_NEW(&own, LiveSave, 1);
    save->own = own;
    (void)text_format(save->result.path, sizeof(save->result.path), "%s", path);
    save->base = live->base;
    copy_images(live, save);
    copy_outside(live, save, to);
    live_facts(live, &save->facts);
    begin_with(live, save, from);
    (void)text_format(save->compiler, sizeof(save->compiler), "%s",
                      live->config.compiler ? live->config.compiler : "");
    live->save = save;
    save->hash = live_hash_open(fault);
    save->changes = live_changes_open();
    bool ok = save->hash && arena_open(&save->scratch, 0, 2 * ARENA_STATE_MAX, fault)
              && (save->reader = timeline_read_begin(live->timeline, from, to, fault)) != NULL
              && (save->worker = worker_open(&save->own, "hotloop save", fault)) != NULL;
    save->view.with = save->reader;
    if (!ok || !worker_do(save->worker, run, save)) {
        free_save(live);
        return false;
    }
    return true;
}

bool live_save_done(Live *live, LiveSaved *saved)
{
    if (!live->save || !atomic_load(&live->save->is_done)) {
        return false;
    }
    *saved = live->save->result;
    free_save(live);
    return true;
}
