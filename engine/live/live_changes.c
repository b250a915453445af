// What ticks changed, for recordings: so that `hotloop verify` can say what a field was then. A
// tick's bytes are rows: varint place (a page of the state, or a variable by its name), varint
// offset in it, varint count, and the new bytes. A copy of the memory tells what is new. Words that
// are addresses of code are left out: they are others in each process.
#include "live_internal.h"

#include <string.h>

// Contents: the copy, what is new, bytes back into memory.

enum {
    STATE_BYTES_MAX = 4 << 20,   // of larger states nothing is known: the copy would cost too much
    GLOBALS_BYTES_MAX = 4 << 20, // the same
    VARINT_MAX = 10,
    ROW_HEAD_MAX = 3 * VARINT_MAX
};
#define VARIABLE_BIT UINT64_C(0x80000000)

struct LiveChanges {
    Arena own;
    uint8_t *state, *globals; // as they were
    uintptr_t image;          // that `globals` is of; 0: the copy is of nothing
    uint8_t rows[REPLAY_VALUES_MAX];
    size_t used;
    bool is_full; // there were more than fit
};

// ------------------------------------------------------------------------------------- the copy

LiveChanges *live_changes_open(void)
{
    Arena own;
    Fault ignored;
    if (!arena_open(&own, 0, STATE_BYTES_MAX + GLOBALS_BYTES_MAX + (1 << 20), &ignored)) {
        return NULL;
    }
    LiveChanges *changes = ARENA_NEW(&own, LiveChanges, 1);
    changes->state = arena_push(&own, 1, PAGE_BYTES, STATE_BYTES_MAX);
    changes->globals = arena_push(&own, 1, PAGE_BYTES, GLOBALS_BYTES_MAX);
    changes->own = own;
    return changes;
}

void live_changes_close(LiveChanges *changes)
{
    if (changes) {
        Arena own = changes->own;
        arena_close(&own);
    }
}

void live_changes_begin(LiveChanges *changes, const LiveView *view)
{
    const GameLib *lib = view->images[0];
    size_t used = live_used_bytes(view), globals = lib->globals_end - lib->globals_first;
    changes->image = 0;
    if (used > STATE_BYTES_MAX || globals > GLOBALS_BYTES_MAX) {
        return;
    }
    for (uint32_t page = 0; (size_t)page * PAGE_BYTES < used; page++) {
        memcpy(changes->state + (size_t)page * PAGE_BYTES, view->page(view->with, page),
               PAGE_BYTES);
    }
    for (uint32_t page = 0; (size_t)page * PAGE_BYTES < globals; page++) {
        memcpy(changes->globals + (size_t)page * PAGE_BYTES,
               view->page(view->with, view->globals_page + page), PAGE_BYTES);
    }
    changes->image = lib->image_first;
}

// ---------------------------------------------------------------------------------- what is new

static void put_varint(LiveChanges *changes, uint64_t value)
{
    for (; value >= 0x80; value >>= 7) {
        changes->rows[changes->used++] = (uint8_t)(value | 0x80);
    }
    changes->rows[changes->used++] = (uint8_t)value;
}

static void put_row(LiveChanges *changes, uint64_t place, size_t offset, const uint8_t *data,
                    size_t bytes)
{
    if (changes->used + ROW_HEAD_MAX + bytes > sizeof(changes->rows)) {
        changes->is_full = true;
        return;
    }
    put_varint(changes, place);
    put_varint(changes, offset);
    put_varint(changes, bytes);
    memcpy(changes->rows + changes->used, data, bytes);
    changes->used += bytes;
}

// The same in every build that has a variable of that name there.
static uint64_t variable_place(const ReflectVariable *variable)
{
    char file[256];
    file_base_name(file, sizeof(file), variable->unit);
    uint64_t name = hash_combine(hash_bytes(variable->name, strlen(variable->name)),
                                 hash_bytes(variable->function, strlen(variable->function)));
    name = hash_combine(name, hash_combine(hash_bytes(file, strlen(file)), variable->block));
    return VARIABLE_BIT | (name & (VARIABLE_BIT - 1));
}

// Bytes of variables that lie at [address, address + bytes).
static void put_variables(LiveChanges *changes, const ReflectTable *table, uintptr_t address,
                          const uint8_t *data, size_t bytes)
{
    while (bytes > 0) {
        uint64_t offset;
        const ReflectVariable *variable = reflect_variable_at(table, address, &offset);
        size_t part = variable ? (size_t)(variable->bytes - offset) : 1;
        part = part < bytes ? part : bytes;
        if (variable) {
            put_row(changes, variable_place(variable), (size_t)offset, data, part);
        }
        address += part;
        data += part;
        bytes -= part;
    }
}

// Is the word at `at` another one, and one that means the same elsewhere?
static bool is_new(const LiveView *view, const uint8_t *was, const uint8_t *is, size_t at)
{
    uint64_t before, now;
    memcpy(&before, was + at, sizeof(before));
    memcpy(&now, is + at, sizeof(now));
    return before != now && !live_is_address(view, now);
}

// Rows of words that changed one after the other, cut to their first and last byte that did.
static void take_page(LiveChanges *changes, const LiveView *view, uint32_t page, uint8_t *was)
{
    const GameLib *lib = view->images[0];
    const uint8_t *is = view->page(view->with, page);
    for (size_t at = 0; at < PAGE_BYTES && !changes->is_full; at += 8) {
        size_t first = at;
        while (at < PAGE_BYTES && is_new(view, was, is, at)) {
            at += 8;
        }
        size_t end = at;
        while (first < end && was[first] == is[first]) {
            first++;
        }
        while (end > first && was[end - 1] == is[end - 1]) {
            end--;
        }
        if (first == end) {
            continue;
        }
        if (page < TIMELINE_GLOBALS_FIRST) {
            put_row(changes, page, first, is + first, end - first);
        } else if (lib->about) {
            uintptr_t address =
                lib->globals_first + (uintptr_t)(page - view->globals_page) * PAGE_BYTES + first;
            put_variables(changes, lib->about, address, is + first, end - first);
        }
    }
    memcpy(was, is, PAGE_BYTES);
}

size_t live_changes_take(LiveChanges *changes, const LiveView *view, const uint32_t *pages,
                         size_t count, const uint8_t **rows)
{
    const GameLib *lib = view->images[0];
    uint32_t globals = (uint32_t)((lib->globals_end - lib->globals_first) / PAGE_BYTES);
    *rows = changes->rows;
    changes->used = 0;
    changes->is_full = false;
    if (changes->image != lib->image_first) { // another build's variables lie elsewhere
        live_changes_begin(changes, view);
        return 0;
    }
    for (size_t i = 0; i < count && changes->image; i++) {
        uint32_t page = pages[i];
        if (page < STATE_BYTES_MAX / PAGE_BYTES) {
            take_page(changes, view, page, changes->state + (size_t)page * PAGE_BYTES);
        } else if (page >= view->globals_page && page - view->globals_page < globals) {
            take_page(changes, view, page,
                      changes->globals + (size_t)(page - view->globals_page) * PAGE_BYTES);
        } else if (page < TIMELINE_GLOBALS_FIRST) {
            changes->image = 0; // it has grown too large
        }
    }
    if (changes->is_full || !changes->image) { // some may not have been copied
        live_changes_begin(changes, view);
        return 0;
    }
    return changes->used;
}

// ------------------------------------------------------------------------- bytes back into memory

typedef struct Rows {
    const uint8_t *at, *end;
    bool ok;
} Rows;

static uint64_t take_varint(Rows *rows)
{
    uint64_t value = 0;
    for (unsigned shift = 0; rows->ok && shift < 64; shift += 7) {
        if (rows->at == rows->end) {
            break;
        }
        uint8_t byte = *rows->at++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            return value;
        }
    }
    rows->ok = false;
    return 0;
}

// Where the row goes; NULL: this build has no such place.
static uint8_t *place_of(const Live *live, uint64_t place, uint64_t offset, uint64_t bytes)
{
    const GameLib *lib = &live->now;
    const ReflectTable *table = lib->about;
    if (!(place & VARIABLE_BIT)) {
        uint64_t at = place * PAGE_BYTES + offset;
        bool is_inside = place < TIMELINE_GLOBALS_FIRST && offset + bytes <= PAGE_BYTES
                         && at + bytes <= host_state_bytes(live->host);
        return is_inside ? live->state.base + at : NULL;
    }
    for (uint32_t i = 0; table && i < table->variable_count; i++) {
        const ReflectVariable *variable = &table->variables[i];
        uintptr_t first = variable->address;
        if (first >= lib->globals_first && first + variable->bytes <= lib->globals_end
            && offset <= variable->bytes && bytes <= variable->bytes - offset
            && variable_place(variable) == place) {
            return (uint8_t *)first + offset;
        }
    }
    return NULL;
}

bool live_changes_put(Live *live, const uint8_t *data, size_t size_bytes)
{
    Rows rows = {data, data + size_bytes, true};
    while (rows.at < rows.end) {
        uint64_t place = take_varint(&rows), offset = take_varint(&rows),
                 bytes = take_varint(&rows);
        if (!rows.ok || bytes > (uint64_t)(rows.end - rows.at) || offset > UINT32_MAX) {
            return false;
        }
        uint8_t *to = place_of(live, place, offset, bytes);
        if (to && bytes > 0) {
            memcpy(to, rows.at, (size_t)bytes);
        }
        rows.at += bytes;
    }
    return true;
}
