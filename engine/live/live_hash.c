// The state as one number: a sum over the pages of the arena and the globals, so that after a tick
// only what changed is looked at again. A page counts by its place and content; of the last one in
// use only the part that is. A global counts by its name, and only while it is not what it was
// loaded with: a variable that nobody writes may be missing at another optimisation level.
#include "live_internal.h"

#include <stdio.h>
#include <string.h>

enum { WORDS_A_PAGE = PAGE_BYTES / 8, GLOBALS_MAX = 1 << 20 };

typedef struct Global {
    uintptr_t address;
    uint32_t size_bytes, id; // id: with LIVE_GLOBAL_BIT
    uint64_t name, counts;   // counts: what it adds to the sum
} Global;

struct LiveHash {
    Arena own, page_memory, global_memory, check_memory, scratch;
    uint64_t *pages;  // what each adds to the sum; 0: not known
    size_t page_room; // entries that are readable
    size_t full;      // pages below are in `sum`
    uint64_t sum, global_sum;
    Global *globals;
    uint32_t global_count;
    uintptr_t globals_of; // image they are of
};

LiveHash *live_hash_open(Fault *fault)
{
    Arena own;
    if (!arena_open(&own, 0, 1 << 16, fault)) {
        return NULL;
    }
    LiveHash *hash = ARENA_NEW(&own, LiveHash, 1);
    hash->own = own;
    if (!arena_open(&hash->page_memory, 0, ARENA_STATE_MAX / PAGE_BYTES * 8, fault)
        || !arena_open(&hash->global_memory, 0, sizeof(Global) * GLOBALS_MAX, fault)
        || !arena_open(&hash->check_memory, 0, ARENA_STATE_MAX / PAGE_BYTES * 8 + (64u << 20),
                       fault)
        || !arena_open(&hash->scratch, 0, 4ull << 30, fault)) {
        live_hash_close(hash);
        return NULL;
    }
    hash->pages = (uint64_t *)(void *)hash->page_memory.base;
    return hash;
}

void live_hash_close(LiveHash *hash)
{
    if (hash) {
        Arena own = hash->own;
        arena_close(&hash->page_memory);
        arena_close(&hash->global_memory);
        arena_close(&hash->check_memory);
        arena_close(&hash->scratch);
        arena_close(&own);
    }
}

// Of `bytes` (a multiple of 8) at `memory`, addresses by what they point at.
static uint64_t hash_words(const LiveView *view, const uint8_t *memory, size_t bytes)
{
    const uint64_t *words = (const uint64_t *)(const void *)memory;
    uint64_t block[WORDS_A_PAGE], found = 0;
    for (size_t i = 0; i < bytes / 8; i++) {
        found |= live_is_address(view, words[i]);
    }
    if (!found) { // nearly always
        return hash_bytes(memory, bytes);
    }
    for (size_t i = 0; i < bytes / 8; i++) {
        block[i] = live_is_address(view, words[i]) ? live_token(view, words[i]) : words[i];
    }
    return hash_bytes(block, bytes);
}

static uint64_t place_hash(uint32_t page, uint64_t content)
{
    uint64_t counts = hash_combine((uint64_t)page + 1, content);
    return counts ? counts : 1; // 0 means: not known
}

// -------------------------------------------------------------------------------------- globals

void live_read_global(const LiveView *view, uintptr_t address, uint8_t *out, size_t bytes)
{
    size_t at = address - view->images[0]->globals_first;
    while (bytes > 0) {
        size_t within = at % PAGE_BYTES;
        size_t part = bytes < PAGE_BYTES - within ? bytes : PAGE_BYTES - within;
        memcpy(out,
               view->page(view->with, view->globals_page + (uint32_t)(at / PAGE_BYTES)) + within,
               part);
        out += part;
        at += part;
        bytes -= part;
    }
}

static uint64_t count_global(LiveHash *hash, const LiveView *view, const Global *global)
{
    const GameLib *lib = view->images[0];
    arena_reset(&hash->scratch, 0);
    uint8_t *now = arena_try_push(&hash->scratch, 1, 16, global->size_bytes + 8);
    if (!now) {
        return 0;
    }
    live_read_global(view, global->address, now, global->size_bytes);
    if (memcmp(now, lib->globals_initial + (global->address - lib->globals_first),
               global->size_bytes)
        == 0) {
        return 0;
    }
    // Words as they lie in memory: a global of 8 bytes and more that holds addresses is aligned.
    uint64_t content = 0;
    for (size_t at = 0; at < global->size_bytes; at += PAGE_BYTES) {
        size_t bytes = global->size_bytes - at < PAGE_BYTES ? global->size_bytes - at : PAGE_BYTES;
        size_t whole = global->address % 8 == 0 ? bytes / 8 * 8 : 0;
        content = hash_combine(content, hash_words(view, now + at, whole));
        content = hash_combine(content, hash_bytes(now + at + whole, bytes - whole));
    }
    return hash_combine(global->name, content);
}

// Of the name up to a compiler's suffix (`count.1` of a function's static), and of which of those
// that are called so it is: the suffix may be another one in the next build.
static uint64_t global_name(const GameLib *lib, uint32_t cursor, const char *name)
{
    size_t length = strcspn(name, ".");
    uint32_t nth = 0, at = 0, ignored;
    const GameLibSymbol *symbol;
    const char *before;
    while (name[length] && gamelib_next_global(lib, &at, &symbol, &before, &ignored)
           && at < cursor) {
        nth += strcspn(before, ".") == length && memcmp(before, name, length) == 0;
    }
    return hash_combine(hash_bytes(name, length), nth);
}

static void list_globals(LiveHash *hash, const GameLib *lib)
{
    uint32_t cursor = 0, nth;
    const GameLibSymbol *symbol;
    const char *name;
    arena_reset(&hash->global_memory, 0);
    hash->globals = (Global *)(void *)hash->global_memory.base;
    hash->global_count = 0;
    hash->global_sum = 0;
    hash->globals_of = lib->image_first;
    while (hash->global_count < GLOBALS_MAX
           && gamelib_next_global(lib, &cursor, &symbol, &name, &nth)) {
        Global *global = ARENA_NEW(&hash->global_memory, Global, 1);
        uint64_t name_hash =
            hash_combine(global_name(lib, cursor, name), name[strcspn(name, ".")] ? 0 : nth);
        *global = (Global){.address = symbol->address,
                           .size_bytes = symbol->size_bytes,
                           .name = name_hash,
                           .id = LIVE_GLOBAL_BIT | (uint32_t)name_hash};
        hash->global_count++;
    }
}

static void add_check(LiveHash *hash, ReplayCheck *check, uint32_t page, uint64_t content)
{
    uint32_t *entry = arena_push(&hash->check_memory, 8, 4, 1);
    entry[0] = page;
    entry[1] = (uint32_t)content;
    check->page_count++;
}

// Counts those again that lie in globals' pages first..end (of the view).
static void count_globals(LiveHash *hash, const LiveView *view, uintptr_t first, uintptr_t end,
                          ReplayCheck *check)
{
    for (uint32_t i = 0; i < hash->global_count; i++) {
        Global *global = &hash->globals[i];
        if (global->address < end && global->address + global->size_bytes > first) {
            uint64_t counts = count_global(hash, view, global);
            if (check && counts != global->counts) {
                add_check(hash, check, global->id, counts);
            }
            hash->global_sum += counts - global->counts;
            global->counts = counts;
        }
    }
}

// ----------------------------------------------------------------------------------------- pages

size_t live_used_bytes(const LiveView *view)
{
    size_t heap_at = host_heap_offset();
    const uint8_t *heap = view->page(view->with, (uint32_t)(heap_at / PAGE_BYTES));
    return heap_at + heap_used_bytes((const Heap *)(const void *)heap);
}

static uint64_t page_counts(LiveHash *hash, const LiveView *view, uint32_t page)
{
    if (!hash->pages[page]) {
        hash->pages[page] =
            place_hash(page, hash_words(view, view->page(view->with, page), PAGE_BYTES));
    }
    return hash->pages[page];
}

static void make_room(LiveHash *hash, size_t pages)
{
    if (pages > hash->page_room) {
        size_t more = pages - hash->page_room;
        more = more < 4096 ? 4096 : more;
        size_t most = hash->page_memory.reserve_bytes / 8 - hash->page_room;
        more = more < most ? more : most;
        (void)arena_push(&hash->page_memory, 8, 8, more);
        hash->page_room += more;
    }
}

// Brings `sum` to the pages below `full`.
static void set_full(LiveHash *hash, const LiveView *view, size_t full)
{
    make_room(hash, full + 1);
    for (; hash->full < full; hash->full++) {
        hash->sum += page_counts(hash, view, (uint32_t)hash->full);
    }
    while (hash->full > full) {
        hash->full--;
        hash->sum -= hash->pages[hash->full];
    }
}

static uint64_t last_part(const LiveView *view, size_t used_bytes)
{
    size_t rest = used_bytes % PAGE_BYTES / 8 * 8;
    uint32_t page = (uint32_t)(used_bytes / PAGE_BYTES);
    return rest > 0 ? hash_words(view, view->page(view->with, page), rest) : 0;
}

static uint64_t total(const LiveHash *hash, const LiveView *view, size_t used_bytes)
{
    uint64_t rest = hash_combine(used_bytes, last_part(view, used_bytes));
    return hash_combine(hash->sum + hash->global_sum, rest);
}

void live_hash_forget(LiveHash *hash)
{
    if (hash) {
        arena_release(&hash->page_memory);
        hash->page_room = 0;
        hash->full = 0;
        hash->sum = 0;
        hash->globals_of = 0;
    }
}

uint64_t live_hash_all(LiveHash *hash, const LiveView *view)
{
    size_t used = live_used_bytes(view);
    live_hash_forget(hash);
    set_full(hash, view, used / PAGE_BYTES);
    list_globals(hash, view->images[0]);
    count_globals(hash, view, 0, UINTPTR_MAX, NULL);
    return total(hash, view, used);
}

// By number, each once; returns how many are left. They are nearly in order, and few are not.
static uint32_t sort_pairs(uint32_t *pairs, uint32_t count)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t page = pairs[i * 2], content = pairs[i * 2 + 1], at = kept;
        while (at > 0 && pairs[at * 2 - 2] > page) {
            at--;
        }
        if (at > 0 && pairs[at * 2 - 2] == page) {
            pairs[at * 2 - 1] ^= content;
            continue;
        }
        memmove(pairs + at * 2 + 2, pairs + at * 2, (size_t)(kept - at) * 8);
        pairs[at * 2] = page;
        pairs[at * 2 + 1] = content;
        kept++;
    }
    return kept;
}

void live_hash_some(LiveHash *hash, const LiveView *view, const uint32_t *pages, size_t count,
                    ReplayCheck *check)
{
    const GameLib *lib = view->images[0];
    size_t used = live_used_bytes(view), last = used / PAGE_BYTES;
    *check = (ReplayCheck){0};
    arena_reset(&hash->check_memory, 0);
    if (hash->globals_of != lib->image_first) {
        list_globals(hash,
                     lib); // another build: its globals are as they were loaded, or seen below
        count_globals(hash, view, 0, UINTPTR_MAX, NULL);
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t page = pages[i];
        if (page >= TIMELINE_GLOBALS_FIRST) {
            uint32_t within = page - view->globals_page;
            uintptr_t at = lib->globals_first + (uintptr_t)within * PAGE_BYTES;
            if (page >= view->globals_page && at < lib->globals_end) {
                count_globals(hash, view, at, at + PAGE_BYTES, check);
            }
            continue;
        }
        make_room(hash, (size_t)page + 1);
        uint64_t before = page < hash->full ? hash->pages[page] : 0;
        uint64_t content = hash_words(view, view->page(view->with, page), PAGE_BYTES);
        hash->pages[page] = place_hash(page, content);
        hash->sum += page < hash->full ? hash->pages[page] - before : 0;
        if (page <= last) {
            add_check(hash, check, page, page < last ? content : last_part(view, used));
        }
    }
    set_full(hash, view, last);
    check->hash = total(hash, view, used);
    // Pairs so far, of which only the globals at the end are not in order; the file wants two rows.
    uint32_t *pairs = (uint32_t *)(void *)hash->check_memory.base;
    uint32_t n = sort_pairs(pairs, check->page_count);
    check->page_count = n;
    uint32_t *rows = arena_push(&hash->check_memory, 4, 4, (size_t)n * 2 + 1);
    for (uint32_t i = 0; i < n; i++) {
        rows[i] = pairs[i * 2];
        rows[n + i] = pairs[i * 2 + 1];
    }
    check->pages = rows;
    check->page_hashes = rows + n;
}

uint64_t live_hash(Live *live)
{
    Fault fault;
    if (!live->host || !live->host->state || !live->now.game) {
        return 0;
    }
    LiveHash *hash = live_hash_open(&fault); // not live->hash: that one is kept up by ticks
    if (!hash) {
        return 0;
    }
    LiveImages images;
    live_look(live, &images);
    uint64_t value = live_hash_all(hash, &images.view);
    live_hash_close(hash);
    return value;
}

// ----------------------------------------------------------------------------------------- words

static bool explain_global(const Live *live, uint32_t id, char *out, size_t out_bytes)
{
    uint32_t cursor = 0, nth;
    const GameLibSymbol *symbol;
    const char *name;
    while (gamelib_next_global(&live->now, &cursor, &symbol, &name, &nth)) {
        uint64_t name_hash =
            hash_combine(global_name(&live->now, cursor, name), name[strcspn(name, ".")] ? 0 : nth);
        if ((LIVE_GLOBAL_BIT | (uint32_t)name_hash) == id) {
            return text_format(out, out_bytes, "the variable %.*s", (int)strcspn(name, "."), name);
        }
    }
    return text_format(out, out_bytes, "a variable that this build does not have");
}

void live_hash_explain(const Live *live, uint32_t page, char *out, size_t out_bytes)
{
    if (page & LIVE_GLOBAL_BIT) {
        (void)explain_global(live, page, out, out_bytes);
        return;
    }
    const uint8_t *first = live->state.base + (size_t)page * PAGE_BYTES, *end = first + PAGE_BYTES;
    size_t used = (size_t)snprintf(out, out_bytes, "page %u (%p)", page, (const void *)first);
    if ((size_t)page * PAGE_BYTES < host_heap_offset()) {
        (void)snprintf(out + used, out_bytes - used, ": the runtime's own part of the state");
        return;
    }
    HeapBlock block = {0};
    const char *joint = ": ";
    for (int named = 0; named < 4 && used < out_bytes && heap_next(live->host->heap, &block);) {
        const uint8_t *data = block.data;
        size_t bytes = block.count * block.element_bytes;
        if (data >= end || data + bytes <= first) {
            continue;
        }
        size_t from = data < first ? (size_t)(first - data) : 0;
        size_t to = data + bytes > end ? (size_t)(end - data) : bytes;
        size_t element = block.element_bytes ? block.element_bytes : 1;
        used += (size_t)snprintf(
            out + used, out_bytes - used,
            block.count > 1 ? "%sbytes %zu to %zu of %s[%zu], elements %zu to %zu"
                            : "%sbytes %zu to %zu of %s",
            joint, from, to, block.type, block.count, from / element, (to - 1) / element);
        joint = "; ";
        named++;
    }
}
