#include "live_runs.h"

#include <stdio.h>
#include <string.h>

enum { FIELDS_COUNTED = 999 };
#define SYNC_BYTES_MAX (256ull << 30)

bool live_runs_begin(Live *live)
{
    Fault ignored;
    if (!live->sync_memory.base && !arena_open(&live->sync_memory, 0, SYNC_BYTES_MAX, &ignored)) {
        return false;
    }
    arena_reset(&live->sync_memory, 0);
    return true;
}

bool live_written_pages(Live *live, LivePages *written, Fault *fault)
{
    const DirtySpan *spans;
    size_t count;
    *written = (LivePages){0};
    if (!timeline_written(live->timeline, &spans, &count, fault)) {
        return false;
    }
    written->count = live_span_pages(spans, count);
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

bool live_is_the_games(const Live *live, const uint8_t *page)
{
    uintptr_t at = (uintptr_t)page, state = (uintptr_t)live->state.base;
    return at - state < live->state.reserve_bytes
           || at - live->now.globals_first < live->now.globals_end - live->now.globals_first;
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

// What memory holds after the second run, while it holds what the first one left.
bool live_read_second(void *with, uintptr_t address, void *out, size_t bytes)
{
    const LiveDiffering *differing = with;
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

bool live_name_difference(Live *live, LiveDiffering *differing, LiveDifference *found)
{
    FieldView first, second;
    Field field;
    Fault ignored;
    char name[FIELD_NAME_MAX], was[200], is[200];
    *found = (LiveDifference){0};
    if (!live_fields(live, &first, &ignored)) {
        return false;
    }
    field_index(&first, &live->sync_memory);
    second = first;
    second.read = live_read_second;
    second.with = differing;
    uintptr_t behind = 0; // the field that was looked at last
    for (size_t i = 0; i < differing->count; i++) {
        const uint8_t *page = differing->pages[i], *again = differing->second + i * PAGE_BYTES;
        for (size_t at = 0; (at = next_differing(page, again, at)) < PAGE_BYTES; at++) {
            uintptr_t address = (uintptr_t)page + at;
            if (address < behind || found->more == FIELDS_COUNTED
                || !field_name(&first, address, &field, name, sizeof(name))
                || !field_differs(&first, &second, &field, was, is, sizeof(was))) {
                continue;
            }
            behind = field.bit_size ? address : field.address + field_bytes(&first, &field);
            if (found->where) {
                found->more++;
                continue;
            }
            memcpy(found->name, name, sizeof(name));
            memcpy(found->first, was, sizeof(was));
            memcpy(found->second, is, sizeof(is));
            found->where = (const uint8_t *)address;
        }
    }
    return found->where != NULL;
}

void live_find_difference(const Live *live, const LiveDiffering *differing, LiveDifference *found)
{
    uint32_t a, b;
    size_t at = next_differing(differing->pages[0], differing->second, 0) / 4 * 4;
    *found = (LiveDifference){.where = differing->pages[0] + at};
    memcpy(&a, found->where, 4);
    memcpy(&b, differing->second + at, 4);
    live_explain(live, found->where, found->name, sizeof(found->name));
    (void)text_format(found->first, sizeof(found->first), "%#x", a);
    (void)text_format(found->second, sizeof(found->second), "%#x", b);
}
