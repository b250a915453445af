// State and the images that it points into: which old ones are still needed, and what an address
// counts as, so that hashes do not depend on where things are loaded.
#include "live_internal.h"

#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

// Shared libraries, and the stack, are mapped above this on x86-64 Linux with 47 address bits.
static const uint64_t LIBRARIES_FROM = 0x7e0000000000ull;
static const uint64_t LIBRARIES_END = 0x800000000000ull;
// Reading state for pointers runs at several GiB/s; this is what is reckoned with.
static const uint64_t SCAN_BYTES_PER_NS = 8;
// An image has been idle for this long before the state is searched for it: bursts of builds are
// then searched for in one go.
static const uint64_t RETIRE_AFTER_TICKS = 30;

// As the timeline numbers them, which names the pages that a tick changed: each build's globals
// have numbers of their own.
static uint32_t globals_page(const Live *live)
{
    uint32_t page = live->timeline && live->now.globals_end > live->now.globals_first
                        ? timeline_page_at(live->timeline, (const uint8_t *)live->now.globals_first)
                        : UINT32_MAX;
    return page == UINT32_MAX ? TIMELINE_GLOBALS_FIRST : page;
}

static const uint8_t *live_page(const void *with, uint32_t page)
{
    const Live *live = with;
    return page < TIMELINE_GLOBALS_FIRST ? live->state.base + (size_t)page * PAGE_BYTES
                                         : (const uint8_t *)live->now.globals_first
                                               + (size_t)(page - globals_page(live)) * PAGE_BYTES;
}

void live_look(const Live *live, LiveImages *images)
{
    DeltaWords words = live_code_words(live);
    images->libs[0] = &live->now;
    for (uint32_t i = 0; i < live->retired_count; i++) {
        images->libs[i + 1] = &live->retired[i].lib;
    }
    images->view = (LiveView){.images = images->libs,
                              .image_count = live->retired_count + 1,
                              .images_first = words.first,
                              .images_span = words.span,
                              .page = live_page,
                              .with = live,
                              .globals_page = globals_page(live)};
}

DeltaWords live_code_words(const Live *live)
{
    uintptr_t first = live->now.image_first, end = live->now.image_end;
    for (uint32_t i = 0; i < live->retired_count; i++) {
        const GameLib *lib = &live->retired[i].lib;
        first = lib->image_first < first ? lib->image_first : first;
        end = lib->image_end > end ? lib->image_end : end;
    }
    return (DeltaWords){first, end - first};
}

// ------------------------------------------------------------------------------------ old images

// Marks in `needed` which retired images some aligned word of the memory points into.
static void find_words(const Live *live, const void *memory, size_t size_bytes, bool *needed)
{
    uintptr_t lowest = UINTPTR_MAX, end = 0;
    for (uint32_t i = 0; i < live->retired_count; i++) {
        const GameLib *lib = &live->retired[i].lib;
        lowest = lib->image_first < lowest ? lib->image_first : lowest;
        end = lib->image_end > end ? lib->image_end : end;
    }
    const uint64_t *words = memory;
    uint64_t span = end - lowest;
    for (size_t at = 0; at < size_bytes / 8; at += 64) {
        size_t stop = at + 64 < size_bytes / 8 ? at + 64 : size_bytes / 8;
        uint64_t hits = 0; // counted without branches, so that the compiler can do it in parallel
        for (size_t i = at; i < stop; i++) {
            hits += words[i] - lowest < span;
        }
        for (size_t i = at; hits > 0 && i < stop; i++) {
            for (uint32_t k = 0; k < live->retired_count; k++) {
                const GameLib *lib = &live->retired[k].lib;
                needed[k] |= words[i] - lib->image_first < lib->image_end - lib->image_first;
            }
        }
    }
}

static void find_in_globals(const Live *live, bool *found)
{
    // A text that no later build has stays in its image, and variables point to texts as well.
    find_words(live, (const void *)live->now.globals_first,
               live->now.globals_end - live->now.globals_first, found);
}

void live_find_images(const Live *live, bool *found)
{
    size_t bytes = live->host->state ? host_state_bytes(live->host) : 0;
    uint32_t page = 0;
    if (live->retired_count == 0) {
        return;
    }
    find_in_globals(live, found);
    if (!live->timeline || !live->hits_known) {
        find_words(live, live->state.base, bytes, found);
        return;
    }
    for (; timeline_next_hit(live->timeline, &page); page++) {
        find_words(live, live->state.base + (size_t)page * PAGE_BYTES, PAGE_BYTES, found);
    }
}

// Moments of a build with other structs can only be read with what is known of it.
static void compare_structs(Live *live)
{
    for (uint32_t i = 0; i < live->retired_count; i++) {
        LiveRetired *old = &live->retired[i];
        if (old->compared != live->generation) {
            old->compared = live->generation;
            old->differs = live_structs_differ(&old->lib, &live->now);
        }
    }
}

void live_unload(Live *live, GameLib *lib)
{
    if (lib->handle && live->timeline && lib->globals_end > lib->globals_first) {
        timeline_drop_range(live->timeline, (const uint8_t *)lib->globals_first);
    }
    live_prepare_forget(live); // it may be about this image
    char path[FILE_PATH_MAX];
    (void)text_format(path, sizeof(path), "%s", lib->path);
    if (!gamelib_close(lib)) {
        if (live->stuck_count++ == 0) {
            log_line(LOG_WARNING,
                     "%s: the loader keeps an old build's image (thread-local destructors, or "
                     "symbols unique in the process); nothing is wrong, only memory is used. "
                     "`hotloop ctl status` counts them",
                     path);
        }
    }
}

bool live_retire(Live *live, GameLib *lib, uint64_t generation)
{
    if (!lib->handle) {
        return false;
    }
    if (live->retired_count == LIVE_RETIRED_MAX) {
        live->stuck_count++; // stays loaded for good: never wrong, only memory
        return false;
    }
    live->retired[live->retired_count++] = (LiveRetired){.lib = *lib,
                                                         .generation = generation,
                                                         .has_variables = live_has_variables(lib),
                                                         .loaded_capture = live->now_capture,
                                                         .pointed_from = generation,
                                                         .pointed_until = generation};
    return true;
}

// That are read to find out which builds made it.
static size_t history_bytes(const Live *live)
{
    TimelineStats stats = {0};
    if (live->timeline) {
        timeline_stats(live->timeline, &stats);
    }
    return stats.moments * sizeof(uint32_t);
}

bool live_housekeeping(Live *live, uint64_t spare_ns)
{
    if (live->retired_count == 0 || live->save || live->has_odd_words) {
        return false; // a save reads their symbols; what is not found may point there
    }
    uint64_t since = live_tick_number(live) - live->swapped_tick;
    size_t bytes = live->host->state ? host_state_bytes(live->host) : 0, more = history_bytes(live);
    // Many saves in one pause: no tick comes to wait for. Once a build, or a state that does need
    // them all would be searched in every frame.
    bool crowded =
        live->retired_count > LIVE_RETIRED_MAX / 2 && live->searched_generation != live->generation;
    if (!crowded
        && (live->reloaded || since < RETIRE_AFTER_TICKS
            || (bytes + more) / SCAN_BYTES_PER_NS > spare_ns)) {
        return false;
    }
    live->searched_generation = live->generation;
    bool needed[LIVE_RETIRED_MAX] = {0};
    find_words(live, live->state.base, bytes, needed);
    find_in_globals(live, needed);
    compare_structs(live);
    live_look_through(live, needed);
    live_forget_oldest(live, needed);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < live->retired_count; i++) {
        LiveRetired *old = &live->retired[i];
        bool may_play_again =
            old->generation == live->previous || old->generation == live->before_previous;
        bool may_run =
            guard_has_thread_in(live->config.guard, old->lib.image_first, old->lib.image_end);
        if (needed[i] || may_play_again || may_run || live_history_needs(live, old)) {
            live->retired[kept++] = *old;
        } else {
            if (!old->differs) {
                live_note_same(live, old->generation);
            }
            live_unload(live, &old->lib);
        }
    }
    live->retired_count = kept;
    live_tell_guard(live);
    live_keep(live);
    live->swapped_tick = live_tick_number(live); // look again only after another while
    return true;
}

// -------------------------------------------------------------------------------------- addresses

// What a compiler appends to a clone of a function says nothing about which function it is.
static uint64_t name_hash(const char *name)
{
    return hash_bytes(name, strcspn(name, "."));
}

// The text at `address` of our own memory, which may turn out not to be readable.
static uint64_t text_hash(uintptr_t address)
{
    char text[256];
    struct iovec to = {text, sizeof(text)}, from = {(void *)address, sizeof(text)};
    // Instead of reading it directly: a hole between two segments is an error here, not a crash.
    ssize_t got = process_vm_readv(getpid(), &to, 1, &from, 1, 0);
    if (got <= 0) {
        from.iov_len = PAGE_BYTES - address % PAGE_BYTES;
        got = process_vm_readv(getpid(), &to, 1, &from, 1, 0);
    }
    return got > 0 ? hash_bytes(text, strnlen(text, (size_t)got)) : 0;
}

static uint64_t library_token(uint64_t word)
{
    char name[1024];
    uintptr_t offset;
    return gamelib_foreign_at((uintptr_t)word, name, sizeof(name), &offset)
               ? hash_combine(name_hash(name), offset)
               : word;
}

bool live_is_address(const LiveView *view, uint64_t word)
{
    // Images may lie below LIBRARIES_FROM only where the kernel was told so; look at them, too.
    return word - view->images_first < view->images_span
           || word - LIBRARIES_FROM < LIBRARIES_END - LIBRARIES_FROM;
}

uint64_t live_token(const LiveView *view, uint64_t word)
{
    for (uint32_t i = 0; i < view->image_count; i++) {
        const GameLib *lib = view->images[i];
        if (word - lib->image_first < lib->image_end - lib->image_first) {
            uintptr_t offset = 0;
            const char *symbol = gamelib_symbol_at(lib, (uintptr_t)word, &offset);
            return symbol ? hash_combine(name_hash(symbol), offset) : text_hash((uintptr_t)word);
        }
    }
    return word >= LIBRARIES_FROM && word < LIBRARIES_END ? library_token(word) : word;
}
