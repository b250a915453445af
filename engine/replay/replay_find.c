// Everything about a file that is not its events: keyframes put together, the pages of a check, and
// what there is in it.
#include "replay_read.h"

#include <stdlib.h>

// -------------------------------------------------------------------------------------- keyframes

// What is being put together, from the last keyframe back to the last whole one before it: the
// first that is met has the last word on a page.
typedef struct Overlay {
    uint8_t *data;  // pages_max * PAGE_BYTES, each page in its place
    uint8_t *taken; // a byte a page
    uint32_t pages_max;
    Arena *arena;
    ReplayState *state;
} Overlay;

static bool take_pages(ReplayReader *reader, const StateHead *head, const ReplayState *from,
                       Overlay *overlay)
{
    uint32_t wanted = 0;
    for (uint32_t i = 0; i < from->page_count; i++) {
        uint32_t page = from->pages[i];
        wanted += page < overlay->pages_max && !overlay->taken[page];
    }
    size_t size_bytes = (size_t)from->page_count * PAGE_BYTES;
    uint8_t *data = wanted > 0 ? arena_try_push(&reader->scratch, 1, 16, size_bytes) : NULL;
    if (wanted == 0) {
        return true;
    }
    if (!data
        || !replay_get_data(head->pages_coding, head->pages, head->pages_coded, data, size_bytes)) {
        return false;
    }
    for (uint32_t i = 0; i < from->page_count; i++) {
        uint32_t page = from->pages[i];
        if (page < overlay->pages_max && !overlay->taken[page]) {
            memcpy(overlay->data + (size_t)page * PAGE_BYTES, data + (size_t)i * PAGE_BYTES,
                   PAGE_BYTES);
        }
    }
    return true;
}

// Pointers of pages that are still this keyframe's. Those in globals come from the last one only.
static bool take_pointers(ReplayReader *reader, const ReplayState *from, bool is_last,
                          const Overlay *overlay)
{
    for (uint32_t i = 0; i < from->pointer_count; i++) {
        const ReplayPointer *pointer = &from->pointers[i];
        uint64_t page = pointer->at / PAGE_BYTES;
        if (pointer->global >= 0 ? !is_last : page >= overlay->pages_max || overlay->taken[page]) {
            continue;
        }
        ReplayPointer *kept =
            arena_try_push(&reader->found, sizeof(*kept), _Alignof(ReplayPointer), 1);
        size_t name_bytes = strlen(pointer->name) + 1;
        char *name = is_last ? NULL : arena_try_push(overlay->arena, 1, 1, name_bytes);
        if (!kept || (!is_last && !name)) {
            return false;
        }
        *kept = *pointer;
        if (name) { // the other names go with the scratch memory
            memcpy(name, pointer->name, name_bytes);
            kept->name = name;
        }
    }
    return true;
}

static bool overlay_keyframe(ReplayReader *reader, const Keyframe *keyframe, bool is_last,
                             Overlay *overlay)
{
    StateHead head;
    ReplayState from;
    Chunk chunk = replay_chunk(reader, keyframe->chunk_at);
    arena_reset(&reader->scratch, 0);
    (void)replay_get_state_head(chunk.payload, chunk.payload_bytes, reader->facts.arena_bytes,
                                &head); // replay_open has looked at it
    if (!replay_get_state_details(&head, is_last ? overlay->arena : &reader->scratch, &from)) {
        return false;
    }
    if (is_last) {
        *overlay->state = from;
        overlay->pages_max = (uint32_t)((head.used_bytes + PAGE_BYTES - 1) / PAGE_BYTES);
        overlay->data = arena_try_push(overlay->arena, PAGE_BYTES, PAGE_BYTES, overlay->pages_max);
        overlay->taken = arena_try_push(overlay->arena, 1, 1, overlay->pages_max);
        if (!overlay->data || !overlay->taken) {
            return false;
        }
    }
    // What a keyframe did not use any more was gone, whatever came back there later.
    uint64_t used_pages = (head.used_bytes + PAGE_BYTES - 1) / PAGE_BYTES;
    overlay->pages_max =
        used_pages < overlay->pages_max ? (uint32_t)used_pages : overlay->pages_max;
    if (!take_pages(reader, &head, &from, overlay)
        || !take_pointers(reader, &from, is_last, overlay)) {
        return false;
    }
    for (uint32_t i = 0; i < from.page_count; i++) {
        if (from.pages[i] < overlay->pages_max) {
            overlay->taken[from.pages[i]] = 1;
        }
    }
    return true;
}

// The taken pages move together, and their numbers and pointers become lists.
static bool finish_state(ReplayReader *reader, Overlay *overlay, uint32_t pages_max)
{
    ReplayState *state = overlay->state;
    uint32_t count = 0;
    for (uint32_t page = 0; page < pages_max; page++) {
        count += overlay->taken[page];
    }
    size_t pointers_bytes = reader->found.used_bytes;
    uint32_t *pages = arena_try_push(overlay->arena, sizeof(*pages), _Alignof(uint32_t), count);
    ReplayPointer *pointers =
        arena_try_push(overlay->arena, 1, _Alignof(ReplayPointer), pointers_bytes);
    if (!pages || !pointers) {
        return false;
    }
    uint32_t filled = 0;
    for (uint32_t page = 0; page < pages_max; page++) {
        if (overlay->taken[page]) {
            if (filled != page) {
                memcpy(overlay->data + (size_t)filled * PAGE_BYTES,
                       overlay->data + (size_t)page * PAGE_BYTES, PAGE_BYTES);
            }
            pages[filled++] = page;
        }
    }
    if (pointers_bytes > 0) {
        memcpy(pointers, reader->found.base, pointers_bytes);
    }
    state->is_whole = true;
    state->pages = pages;
    state->page_count = count;
    state->data = overlay->data;
    state->pointers = pointers;
    state->pointer_count = (uint32_t)(pointers_bytes / sizeof(*pointers));
    return true;
}

// keyframes[last] with all that it is relative to. *bad: which of them stands in the way when it
// fails.
static bool build_state(ReplayReader *reader, uint32_t last, Arena *arena, ReplayState *state,
                        uint32_t *bad)
{
    Overlay overlay = {.arena = arena, .state = state};
    uint32_t i = last, pages_max = 0;
    arena_reset(&reader->found, 0);
    for (;; i--) {
        *bad = i;
        if (!overlay_keyframe(reader, &reader->keyframes[i], i == last, &overlay)) {
            return false;
        }
        pages_max = i == last ? overlay.pages_max : pages_max;
        if (reader->keyframes[i].is_whole) {
            break; // a first one always is
        }
    }
    *bad = last;
    return finish_state(reader, &overlay, pages_max);
}

// A keyframe that cannot be unpacked, and those that are relative to it, count as none.
static void give_up(ReplayReader *reader, uint32_t bad)
{
    do {
        reader->keyframes[bad++].is_usable = false;
    } while (bad < reader->keyframe_count && !reader->keyframes[bad].is_whole);
}

static void tidy(ReplayReader *reader)
{
    arena_release(&reader->scratch);
    arena_release(&reader->found);
}

bool replay_state(ReplayReader *reader, uint64_t at, Arena *arena, ReplayState *state)
{
    size_t before = arena->used_bytes;
    *state = (ReplayState){0};
    for (uint32_t i = reader->keyframe_count; i > 0; i--) {
        uint32_t bad;
        const Keyframe *keyframe = &reader->keyframes[i - 1];
        if (keyframe->at > at || !keyframe->is_usable) {
            continue;
        }
        if (build_state(reader, i - 1, arena, state, &bad)) {
            tidy(reader);
            return true;
        }
        give_up(reader, bad);
        arena_reset(arena, before);
        *state = (ReplayState){0};
    }
    tidy(reader);
    return false;
}

uint32_t replay_types_of_state(const ReplayReader *reader, uint64_t at)
{
    for (uint32_t i = reader->keyframe_count; i > 0; i--) {
        const Keyframe *keyframe = &reader->keyframes[i - 1];
        if (keyframe->at <= at && keyframe->is_usable) {
            return keyframe->types;
        }
    }
    return reader->first_types;
}

bool replay_types(const ReplayReader *reader, uint32_t number, Arena *arena, const uint8_t **types,
                  size_t *size_bytes)
{
    size_t before = arena->used_bytes;
    *types = NULL;
    *size_bytes = 0;
    if (number == 0 || number > reader->types_count || reader->types[number - 1] == 0) {
        return false;
    }
    Chunk chunk = replay_chunk(reader, reader->types[number - 1]);
    uint32_t bytes = get_u32(chunk.payload + 4);
    uint8_t *data = arena_try_push(arena, 1, 16, bytes);
    if (!data
        || !replay_get_data(chunk.payload[8], chunk.payload + TYPES_HEAD_BYTES,
                            chunk.payload_bytes - TYPES_HEAD_BYTES, data, bytes)) {
        arena_reset(arena, before);
        return false;
    }
    *types = data;
    *size_bytes = bytes;
    return true;
}

bool replay_first_state_is_sound(ReplayReader *reader)
{
    StateHead head;
    ReplayState state;
    Chunk chunk = replay_chunk(reader, reader->keyframes[0].chunk_at);
    (void)replay_get_state_head(chunk.payload, chunk.payload_bytes, reader->facts.arena_bytes,
                                &head);
    if (!head.is_whole) {
        return false;
    }
    size_t size_bytes = (size_t)head.page_count * PAGE_BYTES;
    bool ok = replay_get_state_details(&head, &reader->scratch, &state);
    uint8_t *data = ok ? arena_try_push(&reader->scratch, 1, 16, size_bytes) : NULL;
    ok = data && replay_get_data(head.pages_coding, head.pages, head.pages_coded, data, size_bytes);
    arena_release(&reader->scratch);
    return ok;
}

// ----------------------------------------------------------------------------------------- checks

// The part that leads to moment `at`, or NULL.
static const Part *part_to(const ReplayReader *reader, uint64_t at)
{
    uint32_t lo = 0, hi = reader->part_count;
    while (lo < hi) {
        uint32_t middle = lo + (hi - lo) / 2;
        if (reader->parts[middle].at + reader->parts[middle].moments < at) {
            lo = middle + 1;
        } else {
            hi = middle;
        }
    }
    return lo < reader->part_count && reader->parts[lo].at < at ? &reader->parts[lo] : NULL;
}

// One tick's pages from the row of numbers; `pages` may be NULL. Its hashes are `*first` and after.
static bool take_numbers(Taking *from, uint32_t limit, Arena *arena, uint32_t **pages,
                         uint32_t *count)
{
    uint64_t said = take_varint(from), next = 0;
    if (!from->ok || said > limit) {
        return false;
    }
    *count = (uint32_t)said;
    *pages = arena ? arena_try_push(arena, sizeof(**pages), _Alignof(uint32_t), *count) : NULL;
    if (arena && !*pages) {
        return false;
    }
    for (uint32_t i = 0; i < *count; i++) {
        uint64_t step = take_varint(from);
        if (!from->ok || step > UINT32_MAX || next + step > UINT32_MAX) {
            return false;
        }
        if (*pages) {
            (*pages)[i] = (uint32_t)(next + step);
        }
        next += step + 1;
    }
    return true;
}

static bool copy_hashes(const HashesHead *head, uint32_t first, Arena *arena, ReplayCheck *check)
{
    uint32_t *hashes =
        arena_try_push(arena, sizeof(*hashes), _Alignof(uint32_t), check->page_count);
    for (uint32_t i = 0; hashes && i < check->page_count; i++) {
        hashes[i] = get_u32(head->page_hashes + ((size_t)first + i) * sizeof(uint32_t));
    }
    check->page_hashes = hashes;
    return hashes != NULL;
}

// The n-th tick of a HASH chunk.
static bool get_check(ReplayReader *reader, const HashesHead *head, uint32_t nth, Arena *arena,
                      ReplayCheck *check)
{
    uint64_t before = (1ull << nth) - 1;
    uint8_t *numbers = arena_try_push(&reader->scratch, 1, 1, head->numbers_bytes);
    if (!(head->known >> nth & 1) || !numbers
        || !replay_get_data(head->coding, head->numbers, head->numbers_coded, numbers,
                            head->numbers_bytes)) {
        return false;
    }
    Taking from = {numbers, numbers + head->numbers_bytes, true};
    uint32_t skipped = 0, count, *pages;
    for (int left = __builtin_popcountll(head->known & before); left > 0; left--) {
        if (!take_numbers(&from, head->page_count - skipped, NULL, &pages, &count)) {
            return false;
        }
        skipped += count;
    }
    if (!take_numbers(&from, head->page_count - skipped, arena, &pages, &count)) {
        return false;
    }
    check->hash = get_u64(head->hashes + (size_t)__builtin_popcountll(head->hashed & before) * 8);
    check->pages = pages;
    check->page_count = count;
    return copy_hashes(head, skipped, arena, check);
}

bool replay_check(ReplayReader *reader, uint64_t at, Arena *arena, ReplayCheck *check)
{
    size_t before = arena->used_bytes;
    const Part *part = part_to(reader, at);
    *check = (ReplayCheck){0};
    if (!part || part->hashes_at == 0) {
        return false;
    }
    HashesHead head;
    Chunk chunk = replay_chunk(reader, part->hashes_at);
    (void)replay_get_hashes_head(&chunk, &head); // replay_open has looked at it
    arena_reset(&reader->scratch, 0);
    bool ok = get_check(reader, &head, (uint32_t)(at - part->at - 1), arena, check);
    if (!ok) {
        *check = (ReplayCheck){0};
        arena_reset(arena, before);
    }
    return ok;
}

// The n-th tick of a VALS chunk.
static bool get_values(ReplayReader *reader, const ValuesHead *head, uint32_t nth, Arena *arena,
                       const uint8_t **values, size_t *size_bytes)
{
    uint8_t *data = arena_try_push(&reader->scratch, 1, 1, (size_t)head->size_bytes + 1);
    if (!(head->known >> nth & 1) || !data
        || !replay_get_data(head->coding, head->data, head->coded, data, head->size_bytes)) {
        return false;
    }
    Taking from = {data, data + head->size_bytes, true};
    uint64_t left = (uint64_t)__builtin_popcountll(head->known & ((1ull << nth) - 1)), bytes;
    do {
        bytes = take_varint(&from);
        if (!from.ok || bytes > (uint64_t)(from.end - from.at)) {
            return false;
        }
        from.at += bytes;
    } while (left-- > 0);
    uint8_t *kept = bytes > 0 ? arena_try_push(arena, 1, 16, (size_t)bytes) : NULL;
    if (kept) {
        memcpy(kept, from.at - bytes, (size_t)bytes);
    }
    *values = kept;
    *size_bytes = (size_t)bytes;
    return kept != NULL;
}

bool replay_values(ReplayReader *reader, uint64_t at, Arena *arena, const uint8_t **data,
                   size_t *size_bytes)
{
    ValuesHead head;
    const Part *part = part_to(reader, at);
    *data = NULL;
    *size_bytes = 0;
    if (!part || part->values_at == 0) {
        return false;
    }
    Chunk chunk = replay_chunk(reader, part->values_at);
    (void)replay_get_values_head(&chunk, &head); // replay_open has looked at it
    arena_reset(&reader->scratch, 0);
    return get_values(reader, &head, (uint32_t)(at - part->at - 1), arena, data, size_bytes);
}

bool replay_next_state(const ReplayReader *reader, uint64_t at, uint64_t *moment)
{
    for (uint32_t i = 0; i < reader->keyframe_count; i++) {
        if (reader->keyframes[i].at >= at && reader->keyframes[i].is_usable) {
            *moment = reader->keyframes[i].at;
            return true;
        }
    }
    return false;
}

// ---------------------------------------------------------------------------------- what is in it

const ReplayFacts *replay_facts(const ReplayReader *reader)
{
    return &reader->facts;
}

uint64_t replay_first(const ReplayReader *reader)
{
    return reader->first;
}

uint64_t replay_last(const ReplayReader *reader)
{
    return reader->last;
}

static uint64_t count_hashes(const ReplayReader *reader, const Part *part)
{
    HashesHead head;
    Chunk chunk = replay_chunk(reader, part->hashes_at);
    (void)replay_get_hashes_head(&chunk, &head);
    uint64_t played = (1ull << part->moments) - 1;
    return (uint64_t)__builtin_popcountll(head.hashed & played);
}

void replay_summary(const ReplayReader *reader, ReplaySummary *summary)
{
    *summary = reader->summary;
    summary->file_bytes = reader->file.size_bytes;
    summary->first = reader->first;
    summary->last = reader->last;
    for (uint32_t i = 0; i < reader->part_count; i++) {
        const Part *part = &reader->parts[i];
        summary->ticks += part->tag == TAG_TICKS ? part->moments : 0;
        summary->restarts += part->tag == TAG_RESTART;
        summary->edits += part->tag == TAG_EDIT;
        summary->hashes += part->hashes_at > 0 ? count_hashes(reader, part) : 0;
    }
    for (uint32_t i = 0; i < reader->keyframe_count; i++) {
        summary->keyframes += reader->keyframes[i].is_usable;
    }
}

bool replay_build(const ReplayReader *reader, uint32_t n, ReplayBuild *build, uint64_t *at)
{
    bool is_there = n < reader->build_count;
    *build = is_there ? reader->builds[n].build : (ReplayBuild){0};
    *at = is_there ? reader->builds[n].at : 0;
    return is_there;
}

static int compare_names(const Bytes *a, const Bytes *b)
{
    int order = strcmp(a->name, b->name);
    return order ? order : (int)a->kind - (int)b->kind;
}

// By name, then in the order in which they were read, which is that of their addresses.
static int compare_outside(const void *a, const void *b)
{
    const Bytes *left = *(const Bytes *const *)a, *right = *(const Bytes *const *)b;
    int order = compare_names(left, right);
    return order ? order : (left > right) - (left < right);
}

bool replay_list_outside(ReplayReader *reader)
{
    uint32_t count = 0, kept = 0;
    for (uint32_t i = 0; i < reader->part_count; i++) {
        count += reader->parts[i].tag == TAG_BYTES;
    }
    const Bytes **list = arena_try_push(&reader->kept, sizeof(*list), _Alignof(Bytes *), count);
    if (!list) {
        return false;
    }
    for (uint32_t i = 0, at = 0; i < reader->part_count; i++) {
        if (reader->parts[i].tag == TAG_BYTES) {
            list[at++] = reader->parts[i].about;
        }
    }
    if (count > 1) {
        qsort(list, count, sizeof(*list), compare_outside);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (i + 1 == count || compare_names(list[i], list[i + 1]) != 0) {
            list[kept++] = list[i];
        }
    }
    reader->outside = list;
    reader->outside_count = kept;
    return true;
}

bool replay_outside(const ReplayReader *reader, uint32_t n, ReplayOutside *outside)
{
    *outside = (ReplayOutside){0};
    if (n >= reader->outside_count) {
        return false;
    }
    const Bytes *bytes = reader->outside[n];
    *outside =
        (ReplayOutside){bytes->kind, bytes->name, bytes->present, bytes->size_bytes, bytes->at};
    return true;
}

bool replay_edit(const ReplayReader *reader, uint32_t n, const char **path, const char **value,
                 uint64_t *at)
{
    for (uint32_t i = 0; i < reader->part_count; i++) {
        const Part *part = &reader->parts[i];
        if (part->tag == TAG_EDIT && n-- == 0) {
            const Bytes *bytes = part->about;
            *path = bytes->name;
            *value = (const char *)bytes->data;
            *at = part->at + 1;
            return true;
        }
    }
    return false;
}
