// The state as one number: a sum over the pages of the arena and the globals, so that after a tick
// only what changed is looked at again. A page counts by its place and by what counts of it, a
// global by its name, and only while it is not what it was loaded with: a variable that nobody
// writes may be missing at another optimisation level. What counts is decided by types, see
// live_hash_fields.c, so that the number is the same for every compiler and level.
#include "live_hash_parts.h"

#include <stdio.h>

struct LiveHash {
    Arena own, page_memory, check_memory;
    HashPage *pages;
    size_t page_room; // entries that are readable
    size_t full;      // pages below are in `sum`
    uint64_t sum;
    uint64_t build; // whose types and globals these are
    HashTypes types;
    HashBlocks blocks;
    HashGlobals globals;
    HashWords words;
};

LiveHash *live_hash_open(Fault *fault)
{
    Arena own;
    if (!arena_open(&own, 0, sizeof(LiveHash) + PAGE_BYTES, fault)) {
        return NULL;
    }
    LiveHash *hash = ARENA_NEW(&own, LiveHash, 1);
    hash->own = own;
    if (!arena_open(&hash->page_memory, 0, ARENA_STATE_MAX / PAGE_BYTES * sizeof(HashPage), fault)
        || !arena_open(&hash->check_memory, 0, ARENA_STATE_MAX / PAGE_BYTES * 16 + (64u << 20),
                       fault)
        || !hash_types_open(&hash->types, fault) || !hash_blocks_open(&hash->blocks, fault)
        || !hash_globals_open(&hash->globals, fault)) {
        live_hash_close(hash);
        return NULL;
    }
    hash->pages = (HashPage *)(void *)hash->page_memory.base;
    return hash;
}

void live_hash_close(LiveHash *hash)
{
    if (hash) {
        Arena own = hash->own;
        arena_close(&hash->page_memory);
        arena_close(&hash->check_memory);
        hash_types_close(&hash->types);
        hash_globals_close(&hash->globals);
        arena_close(&own);
    }
}

size_t live_used_bytes(const LiveView *view)
{
    size_t heap_at = host_heap_offset();
    const uint8_t *heap = view->page(view->with, (uint32_t)(heap_at / PAGE_BYTES));
    return heap_at + heap_used_bytes((const Heap *)(const void *)heap);
}

// --------------------------------------------------------------------------------------------
// pages

static uint64_t place_hash(uint32_t page, uint64_t content)
{
    uint64_t counts = hash_combine((uint64_t)page + 1, content);
    return counts ? counts : 1; // 0 means: not known
}

static void make_room(LiveHash *hash, size_t pages)
{
    if (pages > hash->page_room) {
        size_t more = pages - hash->page_room;
        more = more < 4096 ? 4096 : more;
        size_t most = hash->page_memory.reserve_bytes / sizeof(HashPage) - hash->page_room;
        more = more < most ? more : most;
        (void)ARENA_NEW(&hash->page_memory, HashPage, more);
        hash->page_room += more;
    }
}

static void add_check(LiveHash *hash, ReplayCheck *check, uint32_t page, uint64_t content)
{
    uint32_t *entry = arena_push(&hash->check_memory, 8, 4, 1);
    entry[0] = page;
    entry[1] = (uint32_t)content;
    check->page_count++;
}

// One page. Returns what lies across its end.
static uint32_t count_page(LiveHash *hash, uint32_t page, ReplayCheck *check)
{
    const LiveView *view = hash->words.view;
    HashPage *note = &hash->pages[page];
    _Alignas(16) uint8_t out[PAGE_BYTES];
    HashWindow window = {
        .in = view->page(view->with, page), .out = out, .bytes = PAGE_BYTES, .words = &hash->words};
    uint32_t next_cover;
    const uint8_t *bytes =
        hash_page_fields(&hash->blocks, &hash->types, hash->pages, page, &window, &next_cover);
    if (hash_words_has(&hash->words, bytes, PAGE_BYTES / 8)) {
        if (bytes != out) {
            memcpy(out, bytes, PAGE_BYTES);
        }
        hash_words_turn(&hash->words, out, PAGE_BYTES / 8);
        bytes = out;
    }
    uint64_t content = hash_bytes(bytes, PAGE_BYTES);
    uint64_t before = note->counts;
    note->counts = place_hash(page, content);
    hash->sum += page < hash->full ? note->counts - before : 0;
    if (check) {
        add_check(hash, check, page, content);
    }
    return next_cover;
}

// One page, and those behind it that count otherwise because of it: the block that lies in them was
// given back, or is of another type now.
static void count_from(LiveHash *hash, uint32_t page, ReplayCheck *check)
{
    uint32_t cover = count_page(hash, page, check);
    while ((size_t)page + 1 < hash->full && hash->pages[page + 1].cover != cover) {
        cover = count_page(hash, ++page, check);
    }
}

static void shrink(LiveHash *hash, size_t full)
{
    while (hash->full > full) {
        hash->full--;
        hash->sum -= hash->pages[hash->full].counts;
        hash->pages[hash->full].counts = 0;
    }
}

static void grow(LiveHash *hash, size_t full)
{
    make_room(hash, full + 1);
    for (; hash->full < full; hash->full++) {
        if (!hash->pages[hash->full].counts) {
            (void)count_page(hash, (uint32_t)hash->full, NULL);
        }
        hash->sum += hash->pages[hash->full].counts;
    }
}

static size_t pages_of(size_t used_bytes)
{
    return (used_bytes + PAGE_BYTES - 1) / PAGE_BYTES;
}

// ------------------------------------------------------------------------------------ the whole

// Another build has other types and globals. All globals count in the check then: which of them
// changed last is not known.
static void look(LiveHash *hash, const LiveView *view, HashFound *found_one, void *with)
{
    const GameLib *lib = view->images[0];
    uint64_t build = hash_combine(lib->content ^ (uintptr_t)lib->about, lib->image_first);
    hash_words_look(&hash->words, view);
    hash_blocks_look(&hash->blocks, view);
    if (hash->build != build) {
        shrink(hash, 0);
        hash->build = build;
        hash_types_use(&hash->types, lib->about);
        hash_blocks_forget(&hash->blocks);
        hash_globals_list(&hash->globals, lib);
        hash_globals_begin(&hash->globals);
        hash_globals_count(&hash->globals, &hash->types, &hash->words, 0, UINTPTR_MAX, found_one,
                           with);
    }
}

static uint64_t total(const LiveHash *hash)
{
    return hash_combine(hash->sum + hash->globals.sum, hash->blocks.heap.used_bytes);
}

void live_hash_forget(LiveHash *hash)
{
    if (hash) {
        arena_release(&hash->page_memory);
        hash->page_room = 0;
        hash->full = 0;
        hash->sum = 0;
        hash->build = 0;
    }
}

uint64_t live_hash_all(LiveHash *hash, const LiveView *view)
{
    live_hash_forget(hash);
    look(hash, view, NULL, NULL);
    grow(hash, pages_of(hash->blocks.heap.used_bytes));
    return total(hash);
}

// By number, each once; returns how many are left. They are nearly in order, and few are not. A
// page may have been counted twice, the last time as it is; variables may share a number.
static uint32_t sort_pairs(uint32_t *pairs, uint32_t count)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t page = pairs[i * 2], content = pairs[i * 2 + 1], at = kept;
        while (at > 0 && pairs[at * 2 - 2] > page) {
            at--;
        }
        if (at > 0 && pairs[at * 2 - 2] == page) {
            bool is_page = !(page & LIVE_GLOBAL_BIT);
            pairs[at * 2 - 1] = is_page ? content : pairs[at * 2 - 1] ^ content;
            continue;
        }
        memmove(pairs + at * 2 + 2, pairs + at * 2, (size_t)(kept - at) * 8);
        pairs[at * 2] = page;
        pairs[at * 2 + 1] = content;
        kept++;
    }
    return kept;
}

// Of one call of live_hash_some.
typedef struct Found {
    LiveHash *hash;
    ReplayCheck *check;
} Found;

static void found_global(void *with, uint32_t id, uint64_t counts)
{
    const Found *found = with;
    add_check(found->hash, found->check, id, counts);
}

static void count_globals_page(LiveHash *hash, uint32_t page, ReplayCheck *check)
{
    const LiveView *view = hash->words.view;
    const GameLib *lib = view->images[0];
    uintptr_t at = lib->globals_first + (uintptr_t)(page - view->globals_page) * PAGE_BYTES;
    Found found = {hash, check};
    if (page >= view->globals_page && at < lib->globals_end) {
        hash_globals_count(&hash->globals, &hash->types, &hash->words, at, at + PAGE_BYTES,
                           found_global, &found);
    }
}

// Pairs so far, nearly in order; the file wants two rows.
static void set_rows(LiveHash *hash, ReplayCheck *check)
{
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

void live_hash_some(LiveHash *hash, const LiveView *view, const uint32_t *pages, size_t count,
                    ReplayCheck *check)
{
    *check = (ReplayCheck){0};
    arena_reset(&hash->check_memory, 0);
    Found found = {hash, check};
    look(hash, view, found_global, &found);
    size_t full = pages_of(hash->blocks.heap.used_bytes);
    shrink(hash, full);
    make_room(hash, full + 1);
    hash_globals_begin(&hash->globals);
    for (size_t i = 0; i < count; i++) {
        if (pages[i] >= TIMELINE_GLOBALS_FIRST) {
            count_globals_page(hash, pages[i], check);
        } else if (pages[i] < full) {
            count_from(hash, pages[i], check);
        }
    }
    grow(hash, full);
    check->hash = total(hash);
    set_rows(hash, check);
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

void live_hash_explain(const Live *live, uint32_t page, char *out, size_t out_bytes)
{
    if (page & LIVE_GLOBAL_BIT) {
        hash_globals_explain(&live->now, page, out, out_bytes);
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
