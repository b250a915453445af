// --synctest: every tick is taken back and run again, with the same input, and has to come out the
// same. What differs came from somewhere that is not state: a clock, rand(), malloc'ed memory, a
// variable that was not set.
#include "live_internal.h"

#include "reflect_table.h"

#include <stdio.h>
#include <string.h>

// Pages that a run wrote, with what they held then.
typedef struct Written {
    const uint8_t **pages;
    uint8_t *bytes;
    size_t count;
} Written;

static bool keep_written(Live *live, Written *written, Fault *fault)
{
    const DirtySpan *spans;
    size_t count;
    *written = (Written){0};
    if (!timeline_written(live->timeline, &spans, &count, fault)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        written->count += (spans[i].end - spans[i].first) / PAGE_BYTES;
    }
    written->pages = arena_try_push(&live->sync_memory, sizeof(void *), 16, written->count + 1);
    written->bytes = arena_try_push(&live->sync_memory, PAGE_BYTES, 16, written->count);
    if (!written->pages || !written->bytes) {
        return fault_set(fault, FAULT_MEMORY, "no memory to compare two runs of a tick");
    }
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        for (uintptr_t at = spans[i].first; at < spans[i].end; at += PAGE_BYTES, n++) {
            written->pages[n] = (const uint8_t *)at;
            memcpy(written->bytes + n * PAGE_BYTES, written->pages[n], PAGE_BYTES);
        }
    }
    return true;
}

// What page `page` held after that run, now that memory is as it was before it.
static const uint8_t *held(const Written *written, const uint8_t *page, size_t *cursor)
{
    while (*cursor < written->count && written->pages[*cursor] < page) {
        (*cursor)++;
    }
    bool there = *cursor < written->count && written->pages[*cursor] == page;
    return there ? written->bytes + *cursor * PAGE_BYTES : page;
}

// The type that an allocation has by its tag: of all of that name, the one of that size.
static uint32_t type_named(const ReflectTable *table, const char *name, size_t bytes)
{
    for (uint32_t i = 1; table && i < table->type_count; i++) {
        if (table->types[i].bytes == bytes && strcmp(table->types[i].name, name) == 0) {
            return i;
        }
    }
    return 0;
}

// ".pos.x" for a byte of such an object, "" where that is not known.
static void field_of(const ReflectTable *table, uint32_t type, size_t within, char *out,
                     size_t out_bytes)
{
    char path[160] = "";
    out[0] = '\0';
    if (!table || type == 0) {
        return;
    }
    const ReflectType *what = &table->types[type];
    reflect_path(table, type, within, path, sizeof(path));
    if (!path[0] && within == 0 && what->member_count > 0) {
        (void)text_format(path, sizeof(path), "%s", table->members[what->first_member].name);
    }
    if (path[0]) {
        (void)text_format(out, out_bytes, "%s%s", path[0] == '[' || path[0] == '.' ? "" : ".",
                          path);
    }
}

static void explain_variable(const Live *live, uintptr_t address, char *out, size_t out_bytes)
{
    const ReflectTable *table = live->now.about;
    char path[160];
    uint64_t within;
    uintptr_t offset;
    const ReflectVariable *variable = table ? reflect_variable_at(table, address, &within) : NULL;
    if (variable) {
        field_of(table, variable->type, (size_t)within, path, sizeof(path));
        (void)text_format(out, out_bytes, "the variable %s%s%s%s", variable->function,
                          variable->function[0] ? "." : "", variable->name, path);
        return;
    }
    const char *name = gamelib_symbol_at(&live->now, address, &offset);
    (void)text_format(out, out_bytes, "the variable %.*s, byte %zu",
                      name ? (int)strcspn(name, ".") : 1, name ? name : "?",
                      name ? (size_t)offset : 0);
}

void live_explain(const Live *live, const uint8_t *address, char *out, size_t out_bytes)
{
    size_t at = (size_t)(address - live->state.base);
    if (at >= live->state.reserve_bytes) {
        explain_variable(live, (uintptr_t)address, out, out_bytes);
        return;
    }
    HeapBlock block = {0};
    const ReflectTable *table = live->now.about;
    while (heap_next(live->host->heap, &block)) {
        const uint8_t *data = block.data;
        if (address < data || address >= data + block.count * block.element_bytes) {
            continue;
        }
        size_t within = (size_t)(address - data), element = block.element_bytes;
        element = element ? element : 1;
        char field[180], which[40] = "";
        field_of(table, type_named(table, block.type, element), within % element, field,
                 sizeof(field));
        if (block.count > 1) {
            (void)text_format(which, sizeof(which), "[%zu]", within / element);
        }
        if (field[0]) {
            (void)text_format(out, out_bytes, "%s%s%s", block.type, which, field);
        } else {
            (void)text_format(out, out_bytes, "%s%s, byte %zu", block.type, which,
                              within % element);
        }
        return;
    }
    (void)text_format(out, out_bytes, "the runtime's own part of the state, byte %zu", at);
}

static void report(Live *live, const uint8_t *address, const uint8_t *first, const uint8_t *again)
{
    char where[256];
    uint32_t a = 0, b = 0;
    size_t left = PAGE_BYTES - (uintptr_t)address % PAGE_BYTES;
    size_t bytes = left < 4 ? left : 4;
    memcpy(&a, first, bytes);
    memcpy(&b, again, bytes);
    live_explain(live, address, where, sizeof(where));
    live->desyncs++;
    live->desync = (LiveDesync){.is_new = true,
                                .is_page = true,
                                .moment = live->moment + 1,
                                .page = timeline_page_at(live->timeline, address)};
    (void)text_format(live->desync.text, sizeof(live->desync.text),
                      "tick %llu does not do the same twice: %s (%p) is %#x the first time and %#x "
                      "the second. Something from outside the state decides it: a clock, rand(), "
                      "malloc'ed memory, a variable that is not set",
                      (unsigned long long)live_tick_number(live) + 1, where, (const void *)address,
                      a, b);
}

// False: they differ, and it has been reported.
static bool compare(Live *live, const Written *first, const Written *again)
{
    size_t a = 0, b = 0, cursor_a = 0, cursor_b = 0;
    while (a < first->count || b < again->count) {
        const uint8_t *pa = a < first->count ? first->pages[a] : NULL;
        const uint8_t *pb = b < again->count ? again->pages[b] : NULL;
        const uint8_t *page = !pa || (pb && pb < pa) ? pb : pa;
        a += page == pa;
        b += page == pb;
        const uint8_t *x = held(first, page, &cursor_a), *y = held(again, page, &cursor_b);
        if (memcmp(x, y, PAGE_BYTES) != 0) {
            size_t at = 0;
            while (x[at] == y[at]) {
                at++;
            }
            at -= at % 4;
            report(live, page + at, x + at, y + at);
            return false;
        }
    }
    return true;
}

// Memory as the first run left it: its pages over those from before.
static void put_back(Live *live, const Written *written)
{
    for (size_t i = 0; i < written->count; i++) {
        memcpy((uint8_t *)(uintptr_t)written->pages[i], written->bytes + i * PAGE_BYTES,
               PAGE_BYTES);
    }
    host_attach(live->host, live->state.base, live->state.reserve_bytes);
}

static bool run_again(Live *live, const hl_input *input, const HostNote *notes, uint32_t count,
                      bool first_of_build, Fault *fault)
{
    if (!live_take_back(live, fault)) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (notes[i].kind == REPLAY_SAVE) {
            host_feed(live->host, notes[i].kind, notes[i].name, notes[i].present, notes[i].data,
                      notes[i].size_bytes);
        }
    }
    HostSource source = live->host->source;
    live->host->source = source == HOST_FROM_RECORD ? source : HOST_REPEATS;
    bool ok = host_update(live->host, live->now.game, input, first_of_build, fault);
    live->host->source = source;
    return ok;
}

// What hl_load gave the first run lies in memory that the second one uses again.
static HostNote *keep_notes(Live *live, const HostMark *mark, uint32_t *count)
{
    *count = live->host->note_count - mark->notes;
    HostNote *notes = arena_push(&live->sync_memory, sizeof(HostNote), 16, *count + 1u);
    for (uint32_t i = 0; i < *count; i++) {
        notes[i] = live->host->notes[mark->notes + i];
        if (notes[i].kind == REPLAY_SAVE && notes[i].present) {
            uint8_t *data = arena_push(&live->sync_memory, 1, 16, notes[i].size_bytes + 1);
            memcpy(data, notes[i].data, notes[i].size_bytes);
            notes[i].data = data;
        }
    }
    return notes;
}

void live_sync(Live *live, const hl_input *input, const HostMark *mark, bool first_of_build)
{
    Fault fault;
    if (!live->timeline
        || (!live->sync_memory.base && !arena_open(&live->sync_memory, 0, 256ull << 30, &fault))) {
        return;
    }
    HostMark after = host_mark(live->host);
    uint32_t note_count;
    Written first, again;
    arena_reset(&live->sync_memory, 0);
    HostNote *notes = keep_notes(live, mark, &note_count);
    if (!keep_written(live, &first, &fault)) {
        log_line(LOG_WARNING, "%s", fault.text);
        return;
    }
    bool same = true;
    for (int i = 0; i < live->config.synctest && same; i++) {
        size_t room = live->sync_memory.used_bytes;
        bool ran = run_again(live, input, notes, note_count, first_of_build, &fault);
        host_take_back(live->host, &after);
        if (!ran) {
            live->desyncs++;
            live->desync = (LiveDesync){.is_new = true, .moment = live->moment + 1};
            (void)text_format(live->desync.text, sizeof(live->desync.text),
                              "tick %llu ends early when it is run again: %s",
                              (unsigned long long)live_tick_number(live), fault.text);
            same = false;
        }
        same = same && keep_written(live, &again, &fault)
               && timeline_undo(live->timeline, NULL, &fault) && compare(live, &first, &again);
        arena_reset(&live->sync_memory, room);
    }
    live->synced++;
    if (timeline_undo(live->timeline, NULL, &fault)) {
        put_back(live, &first);
        live->fitted = live->generation;
    }
    // What the first run noted points into memory that was used again.
    for (uint32_t i = 0; i < note_count; i++) {
        live->host->notes[mark->notes + i] = notes[i];
    }
}
