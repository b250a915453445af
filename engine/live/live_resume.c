// Going on where another process ended. What of Live has to come along lies in the timeline's extra
// bytes (timeline_keep.h): which libraries there are, where they were loaded, and what the session
// counts from. Written whenever one of those changes; everything else follows from the state.
#include "live_internal.h"

#include <string.h>

#define KEPT_MAGIC UINT64_C(0x31657669706f6f6c)

typedef struct KeptImage {
    uint64_t content;
    uint64_t image_first, globals_first, globals_bytes;
    uint64_t generation, pointed_from, pointed_until, pointed_moment;
    uint64_t sources;
    uint32_t globals_page; // UINT32_MAX: its globals are not followed
    uint32_t is_fast;
    char path[FILE_PATH_MAX];
} KeptImage;

typedef struct Kept {
    uint64_t magic;
    uint32_t bytes, image_count; // the first one plays
    uint64_t base, generation, generations, first_build, build_ticks, swapped_tick;
    uint64_t let_go_build, previous, before_previous, edit_ticks, newest_sources;
    uint64_t known; // content of the build that was delivered last
    uint32_t seed, loop, same_count, newest_is_fast;
    TimelinePlace loop_first, loop_last;
    KeptImage images[LIVE_RETIRED_MAX + 1];
    LiveSame same[LIVE_SAME_MAX];
    uint64_t repeats[LIVE_MARKED_MAX / 64];
} Kept;

_Static_assert(sizeof(Kept) <= TIMELINE_EXTRA_BYTES, "raise TIMELINE_EXTRA_BYTES");

// ---------------------------------------------------------------------------------------- writing

static void write_image(const Live *live, const GameLib *lib, KeptImage *kept)
{
    kept->content = lib->content;
    kept->image_first = lib->image_first;
    kept->globals_first = lib->globals_first;
    kept->globals_bytes = lib->globals_end - lib->globals_first;
    kept->globals_page = kept->globals_bytes > 0
                             ? timeline_page_at(live->timeline, (const uint8_t *)lib->globals_first)
                             : UINT32_MAX;
    kept->sources = lib->sources;
    kept->is_fast = lib->is_fast;
    memset(kept->path, 0, strlen(kept->path));
    (void)text_format(kept->path, sizeof(kept->path), "%s", lib->path);
}

// Of the bits of so many builds.
static size_t repeats_bytes(uint64_t generations)
{
    uint64_t last = generations < LIVE_MARKED_MAX ? generations : LIVE_MARKED_MAX - 1;
    return (size_t)(last / 64 + 1) * sizeof(uint64_t);
}

void live_keep(Live *live)
{
    Kept *kept = live->timeline ? timeline_extra(live->timeline) : NULL;
    if (!kept || !live->now.handle) {
        return;
    }
    timeline_change_begin(live->timeline);
    kept->magic = KEPT_MAGIC;
    kept->bytes = sizeof(Kept);
    kept->base = live->base;
    kept->generation = live->generation;
    kept->generations = live->generations;
    kept->first_build = live->first_build;
    kept->build_ticks = live->build_ticks;
    kept->let_go_build = live->let_go_build;
    kept->swapped_tick = live->swapped_tick;
    kept->known = live->pending.handle ? live->now.content : live->offered;
    kept->seed = live->config.seed;
    kept->loop = (uint32_t)live->loop;
    kept->loop_first = live->loop_first;
    kept->loop_last = live->loop_last;
    kept->image_count = live->retired_count + 1;
    write_image(live, &live->now, &kept->images[0]);
    kept->images[0].generation = live->generation;
    for (uint32_t i = 0; i < live->retired_count; i++) {
        const LiveRetired *old = &live->retired[i];
        KeptImage *image = &kept->images[i + 1];
        write_image(live, &old->lib, image);
        image->generation = old->generation;
        image->pointed_from = old->pointed_from;
        image->pointed_until = old->pointed_until;
        image->pointed_moment = old->pointed_moment;
    }
    kept->previous = live->previous;
    kept->before_previous = live->before_previous;
    kept->edit_ticks = live->edit_ticks;
    kept->newest_sources = live->newest_sources;
    kept->newest_is_fast = live->newest_is_fast;
    kept->same_count = live->same_count;
    memcpy(kept->same, live->same, live->same_count * sizeof(LiveSame));
    memcpy(kept->repeats, live->repeats, repeats_bytes(live->generations));
    timeline_change_end(live->timeline);
}

void live_keep_history(Live *live)
{
    bool has = live->timeline && timeline_handles(live->timeline).store < 0;
    live->config.kept = true;
    if (has) {
        live_end_history(live);
        live->wants_history = true;
    }
}

// ---------------------------------------------------------------------------------------- reading

static bool is_sound(const Kept *kept)
{
    if (!kept || kept->magic != KEPT_MAGIC || kept->bytes != sizeof(Kept) || kept->image_count == 0
        || kept->image_count > LIVE_RETIRED_MAX + 1 || kept->loop > LIVE_LOOP_PLAY
        || kept->same_count > LIVE_SAME_MAX) {
        return false;
    }
    for (uint32_t i = 0; i < kept->image_count; i++) {
        const KeptImage *image = &kept->images[i];
        if (image->image_first == 0 || !memchr(image->path, '\0', sizeof(image->path))) {
            return false;
        }
    }
    return true;
}

// Only now: until then nothing else can take that room.
static void make_room(const LiveKept *from, uint64_t first)
{
    for (size_t i = 0; i < from->held_count; i++) {
        if ((uintptr_t)from->held[i].base == first) {
            arena_close(&from->held[i]);
        }
    }
}

static void let_go(void *table)
{
    reflect_table_close(table);
}

// Builds that were let go. One whose file is gone was about to be: history did not need it, or
// needs its structs only, which are those of the build that plays.
static void take_same(Live *live, const Kept *kept)
{
    memcpy(live->same, kept->same, kept->same_count * sizeof(LiveSame));
    live->same_count = kept->same_count;
    live->generation = kept->generation;
    for (uint32_t i = 1; i < kept->image_count; i++) {
        if (!file_exists(kept->images[i].path)) {
            live_note_same(live, kept->images[i].generation);
        }
    }
}

static bool open_images(Live *live, const Kept *kept, const LiveKept *from, Fault *fault)
{
    for (uint32_t i = 0; i < kept->image_count; i++) {
        const KeptImage *image = &kept->images[i];
        GameLibConfig config = from->gamelib;
        GameLib lib;
        config.is_copy = true;
        config.at = image->image_first;
        config.self_path = NULL; // it was tried when it was new
        if (i > 0 && !file_exists(image->path)) {
            continue;
        }
        make_room(from, image->image_first);
        if (!gamelib_open(&lib, image->path, &config, fault)) {
            return false;
        }
        if (lib.content != image->content || lib.image_first != image->image_first
            || lib.globals_first != image->globals_first) {
            return fault_set(fault, FAULT_LIBRARY, "%s: is not the library that the game was in",
                             image->path);
        }
        lib.about =
            lib.has_debug_info ? reflect_table_open(lib.path, lib.image_first, fault) : NULL;
        lib.let_go = lib.about ? let_go : NULL;
        lib.sources = image->sources;
        lib.is_fast = image->is_fast != 0;
        if (i == 0) {
            live->now = lib;
            continue;
        }
        live->retired[live->retired_count++] =
            (LiveRetired){.lib = lib,
                          .generation = image->generation,
                          .has_variables = live_has_variables(&lib),
                          .pointed_from = image->pointed_from,
                          .pointed_until = image->pointed_until,
                          .pointed_moment = image->pointed_moment};
    }
    return true;
}

static const TimelineAdopted *range_named(const TimelineAdopted *ranges, size_t count,
                                          uint32_t first_page)
{
    for (size_t i = 0; i < count; i++) {
        if (ranges[i].first_page == first_page) {
            return &ranges[i];
        }
    }
    return NULL;
}

static bool adopt_state(Live *live, const TimelineAdopted *range, Fault *fault)
{
    if (!range || range->was != ARENA_STATE_ADDRESS || range->bytes > ARENA_STATE_MAX) {
        return fault_set(fault, FAULT_FORMAT, "the history has no state of a game in it");
    }
    if (!arena_open(&live->state, ARENA_STATE_ADDRESS, range->bytes, fault)) {
        return false;
    }
    if (!arena_try_push(&live->state, 1, PAGE_BYTES, range->bytes)) {
        return fault_set(fault, FAULT_MEMORY, "no memory for a state of %zu MiB",
                         range->bytes >> 20);
    }
    return timeline_adopt_range(live->timeline, 0, live->state.base, range->bytes, fault);
}

// The loader's own words among the variables: libraries and this program lie elsewhere now. Their
// values never change while it plays, so putting them right once does so for all of history.
static void keep_imports(Live *live, const GameLib *lib)
{
    DeltaWords code = live_code_words(live);
    for (uint32_t i = 0; i < lib->import_count; i++) {
        uintptr_t word, at = lib->imports[i].address;
        memcpy(&word, (const void *)at, sizeof(word));
        bool is_games = lib->imports[i].is_variable && (word == 0 || word - code.first < code.span);
        if (!is_games) {
            memcpy((void *)at, lib->globals_initial + (at - lib->globals_first), sizeof(word));
            timeline_adopt_keep(live->timeline, (const void *)at, sizeof(word));
        }
    }
}

static bool adopt_globals(Live *live, const KeptImage *image, const GameLib *lib,
                          const TimelineAdopted *ranges, size_t count, Fault *fault)
{
    const TimelineAdopted *range = range_named(ranges, count, image->globals_page);
    size_t bytes = lib->globals_end - lib->globals_first;
    if (!range || image->globals_page == UINT32_MAX) {
        return true; // they were not followed
    }
    if (range->was != lib->globals_first || range->bytes != bytes) {
        return fault_set(fault, FAULT_FORMAT, "the history has other globals than %s", image->path);
    }
    bool ok = timeline_adopt_range(live->timeline, image->globals_page,
                                   (uint8_t *)lib->globals_first, bytes, fault);
    if (ok) {
        keep_imports(live, lib);
    }
    return ok;
}

static bool adopt_ranges(Live *live, const Kept *kept, Fault *fault)
{
    TimelineAdopted *ranges = arena_push(&live->keep, sizeof(*ranges), 8, TIMELINE_RANGES_MAX);
    size_t count = timeline_adopted(live->timeline, ranges, TIMELINE_RANGES_MAX);
    count = count < TIMELINE_RANGES_MAX ? count : TIMELINE_RANGES_MAX;
    const TimelineAdopted *state = range_named(ranges, count, 0);
    if (!adopt_state(live, state, fault)) {
        return false;
    }
    live->state_top = state->used_bytes;
    for (uint32_t i = 0; i < kept->image_count; i++) {
        const KeptImage *image = &kept->images[i];
        const GameLib *lib = live->now.image_first == image->image_first ? &live->now : NULL;
        for (uint32_t k = 0; k < live->retired_count && !lib; k++) {
            const GameLib *old = &live->retired[k].lib;
            lib = old->image_first == image->image_first ? old : NULL;
        }
        if (lib && !adopt_globals(live, image, lib, ranges, count, fault)) {
            return false;
        }
    }
    return timeline_adopt_end(live->timeline, fault);
}

// What was made since the state was last searched may be on any branch.
static uint64_t last_of_all(const Live *live)
{
    TimelineBranch branches[TIMELINE_BRANCHES_MAX + 1];
    size_t count = timeline_branches(live->timeline, branches, COUNT_OF(branches));
    uint64_t last = 0;
    for (size_t i = 0; i < count; i++) {
        last = branches[i].last > last ? branches[i].last : last;
    }
    return last;
}

// What follows from the state, and what does not.
static bool take_over(Live *live, const Kept *kept, Fault *fault)
{
    host_attach(live->host, live->state.base, live->state.reserve_bytes);
    if (!host_check(live->host, live->now.game, fault)) {
        return false;
    }
    TimelinePlace here = timeline_here(live->timeline);
    TimelineMoment moment;
    bool known = timeline_moment(live->timeline, here, &moment);
    size_t used = host_state_bytes(live->host);
    live->state_top = used > live->state_top ? used : live->state_top;
    live->base = kept->base;
    live->moment = kept->base + here.at;
    live->top_moment = kept->base + last_of_all(live);
    live->generation = kept->generation;
    live->generations = kept->generations;
    live->build_ticks = kept->build_ticks;
    live->edit_ticks = kept->edit_ticks;
    live->previous = kept->previous;
    live->before_previous = kept->before_previous;
    live->newest_sources = kept->newest_sources;
    live->newest_is_fast = kept->newest_is_fast != 0;
    memcpy(live->repeats, kept->repeats, repeats_bytes(kept->generations));
    live->let_go_build = kept->let_go_build;
    live->swapped_tick = kept->swapped_tick;
    live->offered = kept->known;
    live->config.seed = kept->seed;
    live->reloaded = !known || moment.restart || moment.build != (uint32_t)kept->generation;
    // What was captured before may hold addresses of any of the images.
    live->captures = live->hit_capture = 1;
    live->outside_full = true; // which bytes the game was given before, only that process knew
    live->wants_history = false;
    live->histories++;
    live->first_build = kept->first_build;
    live->fitted = live_build_here(live);
    Fault why;
    if (!live_fit(live, &why)) {
        live->stopped = why;
    }
    host_jumped(live->host);
    live_tell_guard(live);
    return true;
}

static void go_on_looping(Live *live, const Kept *kept)
{
    Fault fault;
    if (kept->loop == LIVE_LOOP_RECORD) {
        live->loop_first = kept->loop_first;
        live->loop = LIVE_LOOP_RECORD;
    } else if (kept->loop == LIVE_LOOP_PLAY
               && !live_loop_go_on(live, kept->loop_first, kept->loop_last, &fault)) {
        log_line(LOG_WARNING, "%s; the loop is let go", fault.text);
    }
}

bool live_resume(Live *live, const LiveKept *from, Fault *fault)
{
    TimelineConfig config = {.budget_bytes = live->config.history_bytes > (1u << 20)
                                                 ? live->config.history_bytes
                                                 : 1u << 20,
                             .method = live->config.dirty,
                             .kept = true};
    live->timeline = timeline_adopt(&config, from->store, from->history, fault);
    if (!live->timeline) {
        return false;
    }
    const Kept *kept = timeline_extra(live->timeline);
    if (!is_sound(kept)) {
        return fault_set(fault, FAULT_FORMAT, "the history does not say which game it is of");
    }
    take_same(live, kept);
    if (!open_images(live, kept, from, fault) || !adopt_ranges(live, kept, fault)
        || !take_over(live, kept, fault)) {
        return false;
    }
    go_on_looping(live, kept);
    live_keep(live); // images may be fewer
    if (!live_record_from_here(live, fault)) {
        log_line(LOG_ERROR, "%s; the game plays on without being recorded", fault->text);
        live->writer_failed = true;
    }
    return true;
}
