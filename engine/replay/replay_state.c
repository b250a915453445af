// Keyframes as bytes: one coder and one reader, and what is refused on both sides. The layout is in
// replay.c's top comment.
#include "pack.h"
#include "replay_format.h"

// The least that a global and a pointer take in the details, so that their counts can be held
// against the details' size before anything is reserved for them.
enum { GLOBAL_LEAST_BYTES = 4, POINTER_LEAST_BYTES = 5 };

static uint64_t pages_in(uint64_t used_bytes)
{
    return (used_bytes + PAGE_BYTES - 1) / PAGE_BYTES;
}

static bool symbol_is_sound(const char *name)
{
    char clean[SYMBOL_MAX_BYTES + 1];
    size_t length = strnlen(name, sizeof(clean));
    if (length == 0 || length > SYMBOL_MAX_BYTES) {
        return false;
    }
    text_clean(clean, sizeof(clean), name, false);
    return strcmp(clean, name) == 0;
}

static bool has_page(const ReplayState *state, uint64_t page)
{
    uint32_t lo = 0, hi = state->page_count;
    while (lo < hi) {
        uint32_t middle = lo + (hi - lo) / 2;
        if (state->pages[middle] < page) {
            lo = middle + 1;
        } else {
            hi = middle;
        }
    }
    return lo < state->page_count && state->pages[lo] == page;
}

static bool pointer_is_sound(const ReplayState *state, const ReplayPointer *pointer)
{
    bool is_symbol = pointer->kind == REPLAY_POINTER_SYMBOL;
    if ((!is_symbol && pointer->kind != REPLAY_POINTER_TEXT)
        || (is_symbol && !symbol_is_sound(pointer->name))) {
        return false;
    }
    if (pointer->global >= 0) {
        if ((uint32_t)pointer->global >= state->global_count) {
            return false;
        }
        uint32_t size_bytes = state->globals[pointer->global].size_bytes;
        return size_bytes >= POINTER_BYTES && pointer->at <= size_bytes - POINTER_BYTES;
    }
    uint64_t page = pointer->at / PAGE_BYTES;
    return pointer->global == -1 && pointer->at % PAGE_BYTES <= PAGE_BYTES - POINTER_BYTES
           && has_page(state, page);
}

static bool pages_are_sound(const ReplayState *state)
{
    uint64_t next = 0;
    for (uint32_t i = 0; i < state->page_count; i++) {
        if (state->pages[i] < next) {
            return false;
        }
        next = (uint64_t)state->pages[i] + 1;
    }
    return next <= pages_in(state->used_bytes);
}

static bool parts_are_sound(const ReplayState *state)
{
    for (uint32_t i = 0; i < state->global_count; i++) {
        if (!symbol_is_sound(state->globals[i].name)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < state->pointer_count; i++) {
        if (!pointer_is_sound(state, &state->pointers[i])) {
            return false;
        }
    }
    return true;
}

static const char *judge_sizes(uint64_t used_bytes, uint64_t arena_bytes, uint64_t page_count,
                               uint64_t global_count, uint64_t pointer_count)
{
    if (used_bytes > arena_bytes) {
        return "its state is larger than its arena";
    }
    if (used_bytes > STATE_MAX_BYTES) {
        return "the state is larger than the 1 GiB that a recording holds";
    }
    if (page_count > pages_in(used_bytes)) {
        return "a keyframe holds more pages than are in use";
    }
    if (global_count > GLOBALS_MAX || pointer_count > POINTERS_MAX) {
        return "a keyframe holds more than 1,048,576 globals or 4,194,304 addresses in the library";
    }
    return NULL;
}

// -------------------------------------------------------------------------------------- reading

const char *replay_get_state_head(const uint8_t *payload, size_t payload_bytes,
                                  uint64_t arena_bytes, StateHead *head)
{
    if (payload_bytes < STATE_HEAD_BYTES) {
        return "it is too short";
    }
    *head = (StateHead){.at = get_u64(payload),
                        .used_bytes = get_u64(payload + 8),
                        .is_whole = payload[16] == 1,
                        .details_coding = payload[17],
                        .pages_coding = payload[18],
                        .page_count = get_u32(payload + 19),
                        .global_count = get_u32(payload + 23),
                        .pointer_count = get_u32(payload + 27),
                        .details_bytes = get_u32(payload + 31),
                        .details_coded = get_u32(payload + 35),
                        .details = payload + STATE_HEAD_BYTES};
    const char *why = judge_sizes(head->used_bytes, arena_bytes, head->page_count,
                                  head->global_count, head->pointer_count);
    uint64_t least_bytes = (uint64_t)head->page_count
                           + (uint64_t)head->global_count * GLOBAL_LEAST_BYTES
                           + (uint64_t)head->pointer_count * POINTER_LEAST_BYTES;
    if (why) {
        return why;
    }
    if (payload[16] > 1 || head->details_bytes > STATE_DETAILS_MAX
        || least_bytes > head->details_bytes
        || head->details_coded > payload_bytes - STATE_HEAD_BYTES) {
        return "it makes no sense";
    }
    head->pages = head->details + head->details_coded;
    head->pages_coded = payload_bytes - STATE_HEAD_BYTES - head->details_coded;
    return NULL;
}

// A text that ends where the next field begins; "" when there is none.
static const char *take_text(Taking *from)
{
    const char *text = (const char *)from->at;
    const uint8_t *end = from->ok ? memchr(from->at, 0, (size_t)(from->end - from->at)) : NULL;
    if (!end) {
        from->ok = false;
        return "";
    }
    from->at = end + 1;
    return text;
}

static void take_pages(Taking *from, uint32_t *pages, uint32_t count)
{
    uint64_t next = 0;
    for (uint32_t i = 0; i < count && from->ok; i++) {
        uint64_t step = take_varint(from);
        from->ok = from->ok && step <= UINT32_MAX && next + step <= UINT32_MAX;
        pages[i] = (uint32_t)(next + step);
        next += step + 1;
    }
}

static void take_global(Taking *from, ReplayGlobal *global)
{
    global->name = take_text(from);
    uint64_t nth = take_varint(from), size_bytes = take_varint(from);
    from->ok = from->ok && nth <= UINT32_MAX && size_bytes <= (uint64_t)(from->end - from->at);
    if (from->ok) {
        global->nth = (uint32_t)nth;
        global->size_bytes = (uint32_t)size_bytes;
        global->data = from->at;
        from->at += size_bytes;
    }
}

static void take_pointer(Taking *from, ReplayPointer *pointer)
{
    uint64_t global = take_varint(from);
    pointer->at = take_varint(from);
    from->ok = from->ok && global <= GLOBALS_MAX && from->at < from->end;
    if (from->ok) {
        pointer->global = (int32_t)global - 1;
        pointer->kind = (ReplayPointerKind)*from->at++;
    }
    pointer->addend = take_varint(from);
    pointer->name = take_text(from);
}

bool replay_get_state_details(const StateHead *head, Arena *arena, ReplayState *state)
{
    uint8_t *details = arena_try_push(arena, 1, 16, (size_t)head->details_bytes + 1);
    uint32_t *pages = arena_try_push(arena, sizeof(*pages), _Alignof(uint32_t), head->page_count);
    ReplayGlobal *globals =
        arena_try_push(arena, sizeof(*globals), _Alignof(ReplayGlobal), head->global_count);
    ReplayPointer *pointers =
        arena_try_push(arena, sizeof(*pointers), _Alignof(ReplayPointer), head->pointer_count);
    if (!details || !pages || !globals || !pointers
        || !replay_get_data(head->details_coding, head->details, head->details_coded, details,
                            head->details_bytes)) {
        return false;
    }
    Taking from = {details, details + head->details_bytes, true};
    take_pages(&from, pages, head->page_count);
    for (uint32_t i = 0; i < head->global_count && from.ok; i++) {
        take_global(&from, &globals[i]);
    }
    for (uint32_t i = 0; i < head->pointer_count && from.ok; i++) {
        take_pointer(&from, &pointers[i]);
    }
    *state = (ReplayState){.at = head->at,
                           .used_bytes = head->used_bytes,
                           .is_whole = head->is_whole,
                           .pages = pages,
                           .page_count = head->page_count,
                           .globals = globals,
                           .global_count = head->global_count,
                           .pointers = pointers,
                           .pointer_count = head->pointer_count};
    return from.ok && from.at == from.end && pages_are_sound(state) && parts_are_sound(state);
}

// -------------------------------------------------------------------------------------- writing

// What the details take, or at most.
static uint64_t details_room(const ReplayState *state)
{
    uint64_t bytes = (uint64_t)state->page_count * 5;
    for (uint32_t i = 0; i < state->global_count; i++) {
        bytes += strlen(state->globals[i].name) + 11 + state->globals[i].size_bytes;
    }
    for (uint32_t i = 0; i < state->pointer_count; i++) {
        bytes += strlen(state->pointers[i].name) + 27;
    }
    return bytes;
}

const char *replay_judge_state(const ReplayState *state, uint64_t arena_bytes)
{
    const char *why = judge_sizes(state->used_bytes, arena_bytes, state->page_count,
                                  state->global_count, state->pointer_count);
    if (why) {
        return why;
    }
    if (!pages_are_sound(state) || !parts_are_sound(state)) {
        return "a keyframe's pages, names or addresses make no sense (a bug of hotloop)";
    }
    return details_room(state) <= STATE_DETAILS_MAX
               ? NULL
               : "globals and addresses in the library take more than the 256 MiB that a recording "
                 "holds";
}

static uint8_t *put_text(uint8_t *at, const char *text)
{
    size_t bytes = strlen(text) + 1;
    memcpy(at, text, bytes);
    return at + bytes;
}

static uint8_t *put_details(uint8_t *at, const ReplayState *state)
{
    uint64_t next = 0;
    for (uint32_t i = 0; i < state->page_count; i++) {
        at = put_varint(at, state->pages[i] - next);
        next = (uint64_t)state->pages[i] + 1;
    }
    for (uint32_t i = 0; i < state->global_count; i++) {
        const ReplayGlobal *global = &state->globals[i];
        at = put_varint(put_varint(put_text(at, global->name), global->nth), global->size_bytes);
        if (global->size_bytes > 0) {
            memcpy(at, global->data, global->size_bytes);
        }
        at += global->size_bytes;
    }
    for (uint32_t i = 0; i < state->pointer_count; i++) {
        const ReplayPointer *pointer = &state->pointers[i];
        at = put_varint(put_varint(at, (uint64_t)(pointer->global + 1)), pointer->at);
        *at++ = (uint8_t)pointer->kind;
        at = put_text(put_varint(at, pointer->addend), pointer->name);
    }
    return at;
}

uint8_t *replay_make_state(const ReplayState *state, Arena *arena, size_t *payload_bytes)
{
    size_t room = (size_t)details_room(state), pages_bytes = (size_t)state->page_count * PAGE_BYTES;
    uint8_t *details = arena_try_push(arena, 1, 1, room);
    uint8_t *payload =
        arena_try_push(arena, 1, 1, STATE_HEAD_BYTES + pack_bound(room) + pack_bound(pages_bytes));
    if (!details || !payload) {
        return NULL;
    }
    size_t details_bytes = (size_t)(put_details(details, state) - details);
    uint8_t *at = put_u64(put_u64(payload, state->at), state->used_bytes);
    at[0] = state->is_whole;
    uint8_t *out = payload + STATE_HEAD_BYTES;
    size_t details_coded = replay_put_data(out, details, details_bytes, &at[1]);
    out += details_coded;
    out += replay_put_data(out, state->data, pages_bytes, &at[2]);
    at = put_u32(put_u32(put_u32(at + 3, state->page_count), state->global_count),
                 state->pointer_count);
    (void)put_u32(put_u32(at, (uint32_t)details_bytes), (uint32_t)details_coded);
    *payload_bytes = (size_t)(out - payload);
    return payload;
}
