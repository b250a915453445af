// --synctest: every tick is taken back and run again, with the same input, and has to come out the
// same. What differs came from somewhere that is not state: a clock, rand(), malloc'ed memory, a
// variable that was not set.
#include "live_internal.h"

#include <stdio.h>
#include <string.h>

enum { FIELDS_COUNTED = 999 };

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

// ---------------------------------------------------------------------------------------- words

// Where nothing is known of the build's types, allocations still have a tag.
static FieldView view_of(const Live *live)
{
    static const ReflectType UNKNOWN = {.name = ""};
    static const ReflectTable NOTHING = {.types = &UNKNOWN, .type_count = 1, .is_empty = true};
    const hl_game *game = live->now.game;
    FieldView view = {.table = live->now.about ? live->now.about : &NOTHING,
                      .heap = live->host->heap,
                      .root = (uintptr_t)live->host->state->root};
    view.root_type = view.root ? field_tag_type(view.table, game->state_type, game->state_size) : 0;
    return view;
}

bool live_explain_member(const Live *live, const uint8_t *address, char *out, size_t out_bytes)
{
    FieldView view = view_of(live);
    return field_member_name(&view, (uintptr_t)address, out, out_bytes);
}

void live_explain(const Live *live, const uint8_t *address, char *out, size_t out_bytes)
{
    FieldView view = view_of(live);
    size_t at = (size_t)(address - live->state.base);
    bool is_state = at < live->state.reserve_bytes;
    uint64_t ignored;
    uintptr_t offset;
    char name[FIELD_NAME_MAX];
    (void)field_name_by_type(&view, (uintptr_t)address, name, sizeof(name));
    FieldBlock block;
    if (is_state && !field_block_at(&view, (uintptr_t)address, &block)) {
        (void)text_format(out, out_bytes, "the runtime's own part of the state, byte %zu", at);
    } else if (is_state) {
        (void)text_format(out, out_bytes, "%s", name);
    } else if (reflect_variable_at(view.table, (uintptr_t)address, &ignored)) {
        (void)text_format(out, out_bytes, "the variable %s", name);
    } else {
        const char *symbol = gamelib_symbol_at(&live->now, (uintptr_t)address, &offset);
        (void)text_format(out, out_bytes, "the variable %.*s, byte %zu",
                          symbol ? (int)strcspn(symbol, ".") : 1, symbol ? symbol : "?",
                          symbol ? (size_t)offset : 0);
    }
}

// ------------------------------------------------------------------------------------ comparing

// The pages that two runs left differently, with what the second one left there.
typedef struct Differing {
    Live *live;
    const uint8_t **pages; // ascending
    uint8_t *second;
    size_t count;
} Differing;

// Memory as the first run left it: its pages over those from before.
static void put_back(Live *live, const Written *written)
{
    for (size_t i = 0; i < written->count; i++) {
        memcpy((uint8_t *)(uintptr_t)written->pages[i], written->bytes + i * PAGE_BYTES,
               PAGE_BYTES);
    }
    host_attach(live->host, live->state.base, live->state.reserve_bytes);
    live->fitted = live->generation;
}

// What memory holds after the second run, while it holds what the first one left.
static bool read_second(void *with, uintptr_t address, void *out, size_t bytes)
{
    const Differing *differing = with;
    FieldView first;
    Fault ignored;
    if (!live_fields(differing->live, &first, &ignored)
        || !field_read(&first, address, out, bytes)) {
        return false;
    }
    for (size_t i = 0; i < differing->count; i++) {
        uintptr_t page = (uintptr_t)differing->pages[i];
        uintptr_t from = address > page ? address : page;
        uintptr_t end = address + bytes < page + PAGE_BYTES ? address + bytes : page + PAGE_BYTES;
        if (from < end) {
            memcpy((uint8_t *)out + (from - address),
                   differing->second + i * PAGE_BYTES + (from - page), end - from);
        }
    }
    return true;
}

// The first byte from `at` on that differs; PAGE_BYTES: none.
static size_t next_differing(const uint8_t *x, const uint8_t *y, size_t at)
{
    while (at < PAGE_BYTES && x[at] == y[at]) {
        at++;
    }
    return at;
}

// The first field with a name that differs, as "hero.pos.x was 12.5, is 12.75 in the second run";
// false: none has one. *where: its first byte.
static bool name_difference(Live *live, Differing *differing, char *out, size_t out_bytes,
                            const uint8_t **where)
{
    FieldView first, second;
    Field field;
    Fault ignored;
    char name[FIELD_NAME_MAX], was[200], is[200];
    size_t used = 0;
    unsigned more = 0;
    if (!live_fields(live, &first, &ignored)) {
        return false;
    }
    field_index(&first, &live->sync_memory);
    second = first;
    second.read = read_second;
    second.with = differing;
    uintptr_t behind = 0; // the field that was looked at last
    for (size_t i = 0; i < differing->count; i++) {
        const uint8_t *page = differing->pages[i], *again = differing->second + i * PAGE_BYTES;
        for (size_t at = 0; (at = next_differing(page, again, at)) < PAGE_BYTES; at++) {
            uintptr_t address = (uintptr_t)page + at;
            if (address < behind || more == FIELDS_COUNTED
                || !field_name(&first, address, &field, name, sizeof(name))
                || !field_differs(&first, &second, &field, was, is, sizeof(was))) {
                continue;
            }
            behind = field.bit_size ? address : field.address + field_bytes(&first, &field);
            if (used > 0) {
                more++;
                continue;
            }
            (void)text_format(out, out_bytes, "%s was %s, is %s in the second run", name, was, is);
            used = strlen(out);
            *where = (const uint8_t *)address;
        }
    }
    if (more > 0) {
        (void)text_format(out + used, out_bytes - used, " (and %u more field%s)", more,
                          more == 1 ? "" : "s");
    }
    return used > 0;
}

// Memory is as the first run left it.
static void report(Live *live, Differing *differing)
{
    char what[800];
    const uint8_t *where = differing->pages[0];
    if (!name_difference(live, differing, what, sizeof(what), &where)) {
        char place[256];
        size_t at = next_differing(where, differing->second, 0) / 4 * 4;
        uint32_t a, b;
        memcpy(&a, where + at, 4);
        memcpy(&b, differing->second + at, 4);
        where += at;
        live_explain(live, where, place, sizeof(place));
        (void)text_format(what, sizeof(what), "%s (%p) was %#x, is %#x in the second run", place,
                          (const void *)where, a, b);
    }
    live->desyncs++;
    live->desync = (LiveDesync){.is_new = true,
                                .is_page = true,
                                .moment = live->moment + 1,
                                .page = timeline_page_at(live->timeline, where)};
    (void)text_format(live->desync.text, sizeof(live->desync.text),
                      "tick %llu does not do the same twice: %s. Something from outside the state "
                      "decides it: a clock, rand(), malloc'ed memory, a variable that is not set",
                      (unsigned long long)live_tick_number(live), what);
}

// How many pages differ; into `differing`, when it has room for them.
static size_t gather(const Written *first, const Written *again, Differing *differing)
{
    size_t a = 0, b = 0, cursor_a = 0, cursor_b = 0, count = 0;
    while (a < first->count || b < again->count) {
        const uint8_t *pa = a < first->count ? first->pages[a] : NULL;
        const uint8_t *pb = b < again->count ? again->pages[b] : NULL;
        const uint8_t *page = !pa || (pb && pb < pa) ? pb : pa;
        a += page == pa;
        b += page == pb;
        const uint8_t *x = held(first, page, &cursor_a), *y = held(again, page, &cursor_b);
        if (memcmp(x, y, PAGE_BYTES) == 0) {
            continue;
        }
        if (differing->second) {
            memcpy(differing->second + count * PAGE_BYTES, y, PAGE_BYTES);
            differing->pages[count] = page;
        }
        count++;
    }
    return count;
}

// False: they differ, and it has been reported. Memory is as it was before both runs, or, if they
// differ, as the first one left it.
static bool compare(Live *live, const Written *first, const Written *again)
{
    Differing differing = {.live = live};
    differing.count = gather(first, again, &differing);
    if (differing.count == 0) {
        return true;
    }
    differing.pages = arena_push(&live->sync_memory, sizeof(void *), 16, differing.count);
    differing.second = arena_push(&live->sync_memory, PAGE_BYTES, 16, differing.count);
    (void)gather(first, again, &differing);
    put_back(live, first);
    report(live, &differing);
    return false;
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
    }
    // What the first run noted points into memory that was used again.
    for (uint32_t i = 0; i < note_count; i++) {
        live->host->notes[mark->notes + i] = notes[i];
    }
}
