// State and the images that it points into: which old ones are still needed, and a hash that does
// not depend on where they are loaded.
#include "live.h"

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

// Marks in `needed` which retired images some aligned word of the memory points into.
static void find_words(const Live *live, const void *memory, size_t size_bytes, bool *needed)
{
    uintptr_t lowest = UINTPTR_MAX, end = 0;
    for (uint32_t i = 0; i < live->retired_count; i++) {
        const GameLib *lib = &live->retired[i];
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
                const GameLib *lib = &live->retired[k];
                needed[k] |= words[i] - lib->image_first < lib->image_end - lib->image_first;
            }
        }
    }
}

bool live_housekeeping(Live *live, uint64_t spare_ns)
{
    if (live->retired_count == 0) {
        return false;
    }
    uint64_t since = live_tick_number(live) - live->swapped_tick;
    size_t state_bytes = live->host->state ? host_state_bytes(live->host) : 0;
    size_t bytes = state_bytes + live->timeline.state_bytes;
    // Many saves in one pause: no tick comes to wait for. Once a build, or a state that does need
    // them all would be searched in every frame.
    bool crowded =
        live->retired_count > LIVE_RETIRED_MAX / 2 && live->searched_generation != live->generation;
    if (!crowded
        && (live->reloaded || since < RETIRE_AFTER_TICKS || bytes / SCAN_BYTES_PER_NS > spare_ns)) {
        return false;
    }
    live->searched_generation = live->generation;
    bool needed[LIVE_RETIRED_MAX] = {0};
    find_words(live, live->state.base, state_bytes, needed);
    find_words(live, live->timeline.first.base, live->timeline.state_bytes, needed);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < live->retired_count; i++) {
        if (needed[i]) {
            live->retired[kept++] = live->retired[i];
        } else if (!gamelib_close(&live->retired[i])) {
            live->stuck_count++;
        }
    }
    live->retired_count = kept;
    live->swapped_tick = live_tick_number(live); // look again only after another while
    return true;
}

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

// What `word` counts as: itself, or what it points at.
static uint64_t token_of(const Live *live, uint64_t word)
{
    const GameLib *lib = NULL;
    for (uint32_t i = 0; i <= live->retired_count && !lib; i++) {
        const GameLib *candidate = i == 0 ? &live->now : &live->retired[i - 1];
        if (word - candidate->image_first < candidate->image_end - candidate->image_first) {
            lib = candidate;
        }
    }
    if (!lib) {
        return word >= LIBRARIES_FROM && word < LIBRARIES_END ? library_token(word) : word;
    }
    uintptr_t offset = 0;
    const char *symbol = gamelib_symbol_at(lib, (uintptr_t)word, &offset);
    return symbol ? hash_combine(name_hash(symbol), offset) : text_hash((uintptr_t)word);
}

uint64_t live_hash(const Live *live)
{
    enum { BLOCK_WORDS = 512 };
    if (!live->host || !live->host->state) {
        return 0;
    }
    const uint64_t *words = (const uint64_t *)(const void *)live->state.base;
    size_t count = host_state_bytes(live->host) / 8;
    uint64_t hash = 0, block[BLOCK_WORDS];
    for (size_t at = 0; at < count; at += BLOCK_WORDS) {
        size_t words_here = count - at < BLOCK_WORDS ? count - at : BLOCK_WORDS;
        memcpy(block, words + at, words_here * 8);
        for (size_t i = 0; i < words_here; i++) {
            // Images may lie below LIBRARIES_FROM only where the kernel was told so; look at them,
            // too.
            if (block[i] - live->now.image_first < live->now.image_end - live->now.image_first
                || block[i] - LIBRARIES_FROM < LIBRARIES_END - LIBRARIES_FROM) {
                block[i] = token_of(live, block[i]);
            }
        }
        hash = hash_combine(hash, hash_bytes(block, words_here * 8));
    }
    return hash;
}
