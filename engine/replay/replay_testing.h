// What the tests of this module share: a folder, inputs, small recordings, and playing whatever is
// there.
#ifndef REPLAY_TESTING_H
#define REPLAY_TESTING_H
#include "replay.h"
#include "replay_format.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_ROOM = 1 << 20, PAGE = 4096 };

static const ReplayFacts FACTS = {.game_id = "pong",
                                  .title = "P\xc3\xb6ng",
                                  .state_type = "Game",
                                  .state_size = 96,
                                  .arena_bytes = 64 << 20,
                                  .seed = 42,
                                  .tick_rate = 60,
                                  .api = HL_API_VERSION,
                                  .recorded_s = 1760000000,
                                  .made_by = "hotloop 0.2.0",
                                  .machine = "x86_64 fma avx2, glibc 2.36"};
static const ReplayBuild BUILD = {.content = 0x1122334455667788, .compiler = "gcc 12.2.0 -O2 -g"};
static const ReplayBuild BUILD_2 = {.content = 2, .compiler = "clang 14 -O1"},
                         BUILD_3 = {.content = 3};

static const uint8_t TYPES_1[] = "types of one", TYPES_2[400] = "types of two, packed";

// The build with types, as it is put; a reader shows it without.
static inline ReplayBuild with_types(const ReplayBuild *build, const uint8_t *types,
                                     size_t types_bytes)
{
    ReplayBuild made = *build;
    made.types = types;
    made.types_bytes = types_bytes;
    return made;
}

typedef struct Place {
    char folder[64], path[96], other[96];
} Place;

static inline Place make_place(void)
{
    Place place = {.folder = "/tmp/replay_test.XXXXXX"};
    assert_non_null(mkdtemp(place.folder));
    (void)snprintf(place.path, sizeof(place.path), "%s/a.replay", place.folder);
    (void)snprintf(place.other, sizeof(place.other), "%s/b.replay", place.folder);
    return place;
}

static inline void remove_place(const Place *place)
{
    (void)unlink(place->path);
    (void)unlink(place->other);
    assert_int_equal(rmdir(place->folder), 0);
}

static inline ReplayWriter *create(const char *path, const ReplayState *first)
{
    Fault fault = {0};
    ReplayWriter *writer = replay_create(path, &FACTS, &BUILD, first, &fault);
    if (!writer) {
        fail_msg("%s", fault.text);
    }
    return writer;
}

static inline ReplayReader *open_whole(const char *path)
{
    Fault fault = {0}, damage;
    ReplayReader *reader = replay_open(path, &damage, &fault);
    if (!reader || damage.kind != FAULT_NONE) {
        fail_msg("%s", reader ? damage.text : fault.text);
    }
    return reader;
}

// An input as tick `i` of a session might have it.
static inline hl_input make_input(uint32_t i)
{
    hl_input input = {.window_w = 640, .window_h = 360, .focused = 1};
    input.key[HL_KEY_RIGHT] = (hl_button){(i / 20) & 1u, i % 20 == 0};
    input.mouse = (hl_vec2){(float)(i / 7), 50};
    (void)snprintf(input.text, sizeof(input.text), "%s", i % 50 == 9 ? "\xc3\xa4" : "");
    return input;
}

// What tick `i` is said to come out as: every fifth is not known, every third only its hash.
typedef struct TestCheck {
    ReplayCheck check;
    uint32_t pages[64], hashes[64];
} TestCheck;

static inline bool check_is_known(uint32_t i)
{
    return i % 5 != 4;
}

static inline const ReplayCheck *make_check(uint32_t i, TestCheck *out)
{
    out->check = (ReplayCheck){.hash = 0x9e3779b97f4a7c15 * (i + 1),
                               .pages = out->pages,
                               .page_hashes = out->hashes,
                               .page_count = i % 9};
    for (uint32_t n = 0; n < out->check.page_count; n++) {
        out->pages[n] = n * n * i + n + (n > 5 ? 0x1000000 : 0);
        out->hashes[n] = (i + n) * 2654435761u;
    }
    return check_is_known(i) ? &out->check : NULL;
}

// What it changed: every fourth has nothing, and of the 49th of 50 is too much.
static inline size_t make_values(uint32_t i, uint8_t out[REPLAY_VALUES_MAX + 1])
{
    size_t size_bytes = i % 50 == 49 ? REPLAY_VALUES_MAX + 1 : i % 4 * 3;
    memset(out, (int)(i % 251), size_bytes);
    return size_bytes;
}

static inline void put_ticks(ReplayWriter *writer, uint32_t from, uint32_t count)
{
    static uint8_t values[REPLAY_VALUES_MAX + 1];
    for (uint32_t i = from; i < from + count; i++) {
        TestCheck check;
        hl_input input = make_input(i);
        Fault fault = {0};
        replay_put_values(writer, values, make_values(i, values));
        if (!replay_put_tick(writer, &input, make_check(i, &check), &fault)) {
            fail_msg("%s", fault.text);
        }
    }
}

// The tick that make_input(i) made, at moment `at`, and its check.
static inline void expect_tick(ReplayReader *reader, uint32_t i, uint64_t at)
{
    static Arena arena;
    ReplayEvent event;
    TestCheck wanted;
    ReplayCheck check;
    hl_input input = make_input(i);
    if (!arena.base) {
        assert_true(arena_open(&arena, 0, 1 << 20, NULL));
    }
    replay_next(reader, &event);
    assert_int_equal(event.kind, REPLAY_EVENT_TICK);
    assert_int_equal(event.at, at);
    assert_memory_equal(event.input, &input, sizeof(input));
    const ReplayCheck *known = make_check(i, &wanted);
    assert_int_equal(event.has_hash, known != NULL);
    assert_true(event.hash == (known ? known->hash : 0));
    arena_reset(&arena, 0);
    assert_int_equal(replay_check(reader, at, &arena, &check), known != NULL);
    assert_int_equal(check.page_count, known ? known->page_count : 0);
    if (known) {
        assert_true(check.hash == known->hash);
        assert_memory_equal(check.pages, known->pages, check.page_count * 4);
        assert_memory_equal(check.page_hashes, known->page_hashes, check.page_count * 4);
    }
    static uint8_t values[REPLAY_VALUES_MAX + 1];
    const uint8_t *kept;
    size_t values_bytes = make_values(i, values), kept_bytes;
    bool is_kept = values_bytes > 0 && values_bytes <= REPLAY_VALUES_MAX;
    assert_int_equal(replay_values(reader, at, &arena, &kept, &kept_bytes), is_kept);
    assert_int_equal(kept_bytes, is_kept ? values_bytes : 0);
    if (is_kept) {
        assert_memory_equal(kept, values, values_bytes);
    }
}

static inline void expect_ticks(ReplayReader *reader, uint32_t from, uint32_t count,
                                uint64_t first_at)
{
    for (uint32_t i = 0; i < count; i++) {
        expect_tick(reader, from + i, first_at + i);
    }
}

static inline void expect_bytes(ReplayReader *reader, ReplayBytesKind kind, const char *name,
                                bool present, const void *data, size_t size_bytes)
{
    ReplayEvent event;
    replay_next(reader, &event);
    assert_int_equal(event.kind, REPLAY_EVENT_BYTES);
    assert_int_equal(event.bytes_kind, kind);
    assert_string_equal(event.name, name);
    assert_int_equal(event.present, present);
    assert_int_equal(event.size_bytes, size_bytes);
    if (size_bytes > 0) {
        assert_memory_equal(event.data, data, size_bytes);
    }
    assert_int_equal(event.data[size_bytes], 0);
}

static inline void expect_build(ReplayReader *reader, const ReplayBuild *build, uint64_t at)
{
    ReplayEvent event;
    replay_next(reader, &event);
    assert_int_equal(event.kind, REPLAY_EVENT_BUILD);
    assert_int_equal(event.at, at);
    assert_memory_equal(event.build, build, sizeof(*build));
}

static inline void expect_restart(ReplayReader *reader, uint64_t at)
{
    ReplayEvent event;
    replay_next(reader, &event);
    assert_int_equal(event.kind, REPLAY_EVENT_RESTART);
    assert_int_equal(event.at, at);
}

static inline void expect_edit(ReplayReader *reader, const char *path, const char *value,
                               uint64_t at)
{
    ReplayEvent event;
    replay_next(reader, &event);
    assert_int_equal(event.kind, REPLAY_EVENT_EDIT);
    assert_int_equal(event.at, at);
    assert_string_equal(event.name, path);
    assert_string_equal((const char *)event.data, value);
}

static inline void expect_end(ReplayReader *reader, bool finished, uint64_t at, uint64_t hash)
{
    for (int i = 0; i < 2; i++) {
        ReplayEvent event;
        replay_next(reader, &event);
        assert_int_equal(event.kind, REPLAY_EVENT_END);
        assert_int_equal(event.finished, finished);
        assert_int_equal(event.at, at);
        assert_true(event.hash == hash);
    }
}

// A page of which every byte says which page of which keyframe it is.
static inline void fill_page(uint8_t *at, uint32_t page, uint32_t keyframe)
{
    for (uint32_t i = 0; i < PAGE; i++) {
        at[i] = (uint8_t)(page * 31 + keyframe * 7 + (i >> 5));
    }
}

static inline ReplayWriter *create_with_types(const char *path, const ReplayState *first)
{
    Fault fault = {0};
    ReplayBuild build = with_types(&BUILD, TYPES_1, sizeof(TYPES_1));
    ReplayWriter *writer = replay_create(path, &FACTS, &build, first, &fault);
    if (!writer) {
        fail_msg("%s", fault.text);
    }
    return writer;
}

// A small file with every kind of chunk but EDIT, from moment 100 to 111: 10 ticks and a restart.
static inline void record_small(const char *path)
{
    static uint8_t data[2 * PAGE];
    static const uint32_t pages[] = {0, 2};
    static const uint8_t score[8] = {7};
    const ReplayGlobal global = {"score", 0, sizeof(score), score};
    const ReplayPointer pointers[] = {{-1, 16, REPLAY_POINTER_SYMBOL, "hl_update", 4},
                                      {0, 0, REPLAY_POINTER_TEXT, "hello\n", 1}};
    ReplayState state = {100, 2 * PAGE + 9, true, pages, 2, data, &global, 1, pointers, 2};
    fill_page(data, 0, 1);
    fill_page(data + PAGE, 2, 1);
    ReplayBuild second = with_types(&BUILD_2, TYPES_2, sizeof(TYPES_2));
    ReplayWriter *writer = create_with_types(path, &state);
    put_ticks(writer, 0, 5);
    assert_true(replay_put_bytes(writer, REPLAY_FILE, "level.txt", true, "####", 4, NULL));
    put_ticks(writer, 5, 3);
    assert_true(replay_put_restart(writer, NULL));
    state = (ReplayState){109, 100, false, pages, 1, data + PAGE, &global, 1, pointers, 2};
    assert_true(replay_put_state(writer, &state, NULL));
    assert_true(replay_put_bytes(writer, REPLAY_SAVE, "best", false, NULL, 0, NULL));
    assert_true(replay_put_build(writer, &second, NULL));
    put_ticks(writer, 60, 3);
    assert_true(replay_put_rewind(writer, 3, NULL));
    put_ticks(writer, 8, 2);
    assert_true(replay_finish(writer, 0xfeed, NULL));
}

static inline size_t load(const char *path, uint8_t *out)
{
    int fd = open(path, O_RDONLY);
    ssize_t got = read(fd, out, FILE_ROOM);
    assert_true(fd >= 0 && got >= 0 && got < FILE_ROOM);
    close(fd);
    return (size_t)got;
}

static inline void store(const char *path, const uint8_t *data, size_t size_bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, size_bytes), (ssize_t)size_bytes);
    close(fd);
}

// The chunk at `at`: its tag, and where the next one begins.
static inline size_t next_chunk(const uint8_t *file, size_t at, uint32_t *tag)
{
    *tag = get_u32(file + at);
    return at + CHUNK_HEAD_BYTES + get_u32(file + at + 4);
}

// ------------------------------------------------------------------------ forged, checksums right

typedef struct Forge {
    uint8_t data[FILE_ROOM];
    size_t size_bytes;
    uint32_t count; // of chunks
} Forge;

static inline void forge_chunk(Forge *forge, uint32_t tag, const void *payload,
                               size_t payload_bytes)
{
    uint8_t *head = forge->data + forge->size_bytes;
    assert_true(forge->size_bytes + CHUNK_HEAD_BYTES + payload_bytes <= FILE_ROOM);
    (void)put_u32(put_u32(put_u32(head, tag), (uint32_t)payload_bytes), forge->count++);
    if (payload_bytes > 0) {
        memcpy(head + CHUNK_HEAD_BYTES, payload, payload_bytes);
    }
    (void)put_u64(head + 12, replay_chunk_hash(head, head + CHUNK_HEAD_BYTES, payload_bytes));
    forge->size_bytes += CHUNK_HEAD_BYTES + payload_bytes;
}

static inline void forge_start(Forge *forge, bool has_state)
{
    uint8_t facts[FACTS_BYTES], build[BUILD_BYTES];
    memcpy(forge->data, REPLAY_MAGIC, 8);
    (void)put_u32(put_u32(forge->data + 8, REPLAY_FORMAT_VERSION), INPUT_BYTES);
    forge->size_bytes = FILE_HEAD_BYTES;
    forge->count = 0;
    replay_put_facts(facts, &FACTS, 0, has_state);
    replay_put_build_fields(build, &BUILD);
    forge_chunk(forge, TAG_FACTS, facts, sizeof(facts));
    forge_chunk(forge, TAG_BUILD, build, sizeof(build));
}

static inline void forge_ticks(Forge *forge, uint32_t count, uint32_t size, uint8_t coding,
                               const void *data, size_t data_bytes)
{
    uint8_t payload[4096];
    (void)put_u32(put_u32(payload, count), size);
    payload[8] = coding;
    memcpy(payload + TICKS_HEAD_BYTES, data, data_bytes);
    forge_chunk(forge, TAG_TICKS, payload, TICKS_HEAD_BYTES + data_bytes);
}

static inline void forge_bytes(Forge *forge, uint8_t kind, uint8_t present, uint16_t name_bytes,
                               uint8_t coding, uint64_t size, const char *rest)
{
    uint8_t payload[512] = {kind, present, (uint8_t)name_bytes, (uint8_t)(name_bytes >> 8), coding};
    (void)put_u64(payload + 5, size);
    memcpy(payload + BYTES_HEAD_BYTES, rest, strlen(rest));
    forge_chunk(forge, TAG_BYTES, payload, BYTES_HEAD_BYTES + strlen(rest));
}

// The fields of a STAT chunk as they are written; `rest`: details and pages.
typedef struct ForgedState {
    uint64_t at, used_bytes;
    uint8_t is_whole, details_coding, pages_coding;
    uint32_t page_count, global_count, pointer_count, details_bytes, details_coded;
    const void *rest;
    size_t rest_bytes;
} ForgedState;

static inline void forge_state(Forge *forge, const ForgedState *state)
{
    static uint8_t payload[FILE_ROOM];
    uint8_t *at = put_u64(put_u64(payload, state->at), state->used_bytes);
    *at++ = state->is_whole;
    *at++ = state->details_coding;
    *at++ = state->pages_coding;
    at =
        put_u32(put_u32(put_u32(at, state->page_count), state->global_count), state->pointer_count);
    at = put_u32(put_u32(at, state->details_bytes), state->details_coded);
    assert_int_equal(at - payload, STATE_HEAD_BYTES);
    if (state->rest_bytes > 0) {
        memcpy(at, state->rest, state->rest_bytes);
    }
    forge_chunk(forge, TAG_STATE, payload, STATE_HEAD_BYTES + state->rest_bytes);
}

// The fields of a HASH chunk as they are written; `rest`: hashes, numbers and page hashes.
typedef struct ForgedHashes {
    uint32_t count;
    uint64_t hashed, known;
    uint32_t numbers_bytes;
    uint8_t coding;
    uint32_t numbers_coded;
    const void *rest;
    size_t rest_bytes;
} ForgedHashes;

static inline void forge_hashes(Forge *forge, const ForgedHashes *hashes)
{
    uint8_t payload[4096];
    uint8_t *at = put_u64(put_u64(put_u32(payload, hashes->count), hashes->hashed), hashes->known);
    at = put_u32(at, hashes->numbers_bytes);
    *at++ = hashes->coding;
    at = put_u32(at, hashes->numbers_coded);
    assert_int_equal(at - payload, HASHES_HEAD_BYTES);
    memcpy(at, hashes->rest, hashes->rest_bytes);
    forge_chunk(forge, TAG_HASHES, payload, HASHES_HEAD_BYTES + hashes->rest_bytes);
}

// ----------------------------------------------------------------------------- playing anything

// Asks everything that can be asked of a keyframe and a check at `at`.
static inline uint64_t look_around(ReplayReader *reader, uint64_t at, Arena *arena)
{
    ReplayState state;
    ReplayCheck check;
    uint64_t sum = 0;
    arena_reset(arena, 0);
    if (replay_state(reader, at, arena, &state)) {
        assert_true(state.at <= at && state.is_whole);
        for (uint32_t i = 0; i < state.page_count; i++) {
            assert_true(state.pages[i] < (state.used_bytes + PAGE - 1) / PAGE);
            sum += state.data[(size_t)i * PAGE] + state.data[(size_t)i * PAGE + PAGE - 1];
        }
        for (uint32_t i = 0; i < state.global_count; i++) {
            sum += strlen(state.globals[i].name)
                   + hash_bytes(state.globals[i].data, state.globals[i].size_bytes);
        }
        for (uint32_t i = 0; i < state.pointer_count; i++) {
            sum += strlen(state.pointers[i].name) + state.pointers[i].at;
        }
    }
    const uint8_t *types;
    size_t types_bytes;
    if (replay_types(reader, replay_types_of_state(reader, at), arena, &types, &types_bytes)) {
        sum += hash_bytes(types, types_bytes);
    }
    const uint8_t *values;
    size_t values_bytes;
    if (replay_values(reader, at, arena, &values, &values_bytes)) {
        sum += hash_bytes(values, values_bytes);
    }
    if (replay_check(reader, at, arena, &check)) {
        for (uint32_t i = 0; i < check.page_count; i++) {
            assert_true(i == 0 || check.pages[i] > check.pages[i - 1]);
            sum += check.page_hashes[i];
        }
    }
    return sum;
}

// Plays bytes to their end and asks everything on the way; true when they opened. Nothing may be
// silent: what is not whole is refused or its damage is said.
static inline bool play_bytes(const uint8_t *data, size_t size_bytes, bool *is_damaged,
                              uint64_t *ticks)
{
    static Arena arena;
    static volatile uint64_t sum; // so that all is read
    Fault fault = {0}, damage = {.kind = FAULT_BUILD};
    ReplayReader *reader = replay_open_bytes(data, size_bytes, "some.replay", &damage, &fault);
    *ticks = 0;
    *is_damaged = damage.kind == FAULT_FORMAT;
    if (!reader) {
        assert_int_equal(fault.kind, FAULT_FORMAT);
        assert_ptr_equal(strstr(fault.text, "some.replay"), fault.text);
        return false;
    }
    if (!arena.base) {
        assert_true(arena_open(&arena, 0, 4ull << 30, NULL));
    }
    assert_true(*is_damaged ? strstr(damage.text, "some.replay") != NULL
                            : damage.kind == FAULT_NONE);
    ReplayEvent event = {0};
    ReplaySummary summary;
    uint64_t first = replay_first(reader), last = replay_last(reader);
    do {
        replay_next(reader, &event);
        assert_true(event.at >= first && event.at <= last);
        *ticks += event.kind == REPLAY_EVENT_TICK;
        if (event.kind == REPLAY_EVENT_BYTES) {
            sum += hash_bytes(event.data, event.size_bytes + 1);
        } else if (event.kind == REPLAY_EVENT_BUILD) {
            const uint8_t *types;
            size_t types_bytes;
            arena_reset(&arena, 0);
            sum += replay_types(reader, event.types, &arena, &types, &types_bytes) ? types[0] : 0;
        }
    } while (event.kind != REPLAY_EVENT_END);
    sum += look_around(reader, first, &arena) + look_around(reader, (first + last) / 2, &arena)
           + look_around(reader, last, &arena) + look_around(reader, UINT64_MAX, &arena);
    replay_summary(reader, &summary);
    assert_int_equal(summary.ticks, *ticks);
    assert_int_equal(summary.ticks + summary.restarts + summary.edits, last - first);
    assert_int_equal(summary.file_bytes, size_bytes);
    replay_close(reader);
    return true;
}

#endif
