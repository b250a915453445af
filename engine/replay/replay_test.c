#include "replay.h"
#include "replay_format.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zstd.h>

enum { FILE_ROOM = 1 << 20 };

static const ReplayFacts FACTS = {.game_id = "pong",
                                  .title = "P\xc3\xb6ng",
                                  .state_type = "Game",
                                  .state_size = 96,
                                  .arena_bytes = 64 << 20,
                                  .build_content = 0x1122334455667788,
                                  .seed = 42,
                                  .tick_rate = 60,
                                  .api = HL_API_VERSION,
                                  .machine = "x86-64 glibc 2.36",
                                  .compiler_flags = "-O2 -g"};

typedef struct Place {
    char folder[64], path[96], other[96];
} Place;

static Place make_place(void)
{
    Place place = {.folder = "/tmp/replay_test.XXXXXX"};
    assert_non_null(mkdtemp(place.folder));
    (void)snprintf(place.path, sizeof(place.path), "%s/a.replay", place.folder);
    (void)snprintf(place.other, sizeof(place.other), "%s/b.replay", place.folder);
    return place;
}

static void remove_place(const Place *place)
{
    (void)unlink(place->path);
    (void)unlink(place->other);
    assert_int_equal(rmdir(place->folder), 0);
}

static ReplayWriter *create(const char *path, const void *state, size_t state_bytes)
{
    Fault fault = {0};
    ReplayWriter *writer = replay_create(path, &FACTS, state, state_bytes, 100, &fault);
    if (!writer) {
        fail_msg("%s", fault.text);
    }
    return writer;
}

static ReplayReader *open_whole(const char *path)
{
    Fault fault = {0}, damage;
    ReplayReader *reader = replay_open(path, &damage, &fault);
    if (!reader || damage.kind != FAULT_NONE) {
        fail_msg("%s", reader ? damage.text : fault.text);
    }
    return reader;
}

// An input as tick `i` of a session might have it.
static hl_input make_input(uint32_t i)
{
    hl_input input = {.window_w = 640, .window_h = 360, .focused = 1};
    input.key[HL_KEY_RIGHT] = (hl_button){(i / 20) & 1u, i % 20 == 0};
    input.mouse = (hl_vec2){(float)(i / 7), 50};
    (void)snprintf(input.text, sizeof(input.text), "%s", i % 50 == 9 ? "\xc3\xa4" : "");
    return input;
}

static void put_inputs(ReplayWriter *writer, uint32_t from, uint32_t count)
{
    for (uint32_t i = from; i < from + count; i++) {
        hl_input input = make_input(i);
        Fault fault = {0};
        if (!replay_put_input(writer, &input, &fault)) {
            fail_msg("%s", fault.text);
        }
    }
}

static void expect_inputs(ReplayReader *reader, uint32_t from, uint32_t count)
{
    for (uint32_t i = from; i < from + count; i++) {
        ReplayEvent event;
        hl_input input = make_input(i);
        replay_next(reader, &event);
        assert_int_equal(event.kind, REPLAY_EVENT_INPUT);
        assert_memory_equal(&event.input, &input, sizeof(input));
    }
}

static void expect_bytes(ReplayReader *reader, ReplayBytesKind kind, const char *name, bool present,
                         const void *data, size_t size_bytes)
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

static void expect_end(ReplayReader *reader, bool finished)
{
    for (int i = 0; i < 2; i++) {
        ReplayEvent event;
        replay_next(reader, &event);
        assert_int_equal(event.kind, REPLAY_EVENT_END);
        assert_int_equal(event.finished, finished);
    }
}

// A small file with every kind of chunk.
static void record_small(const char *path)
{
    uint8_t state[96];
    for (size_t i = 0; i < sizeof(state); i++) {
        state[i] = (uint8_t)(i * 37);
    }
    ReplayWriter *writer = create(path, state, sizeof(state));
    put_inputs(writer, 0, 5);
    assert_true(replay_put_bytes(writer, REPLAY_FILE, "level.txt", true, "####", 4, NULL));
    put_inputs(writer, 5, 3);
    assert_true(replay_put_restart(writer, NULL));
    assert_true(replay_put_bytes(writer, REPLAY_SAVE, "best", false, NULL, 0, NULL));
    put_inputs(writer, 8, 2);
    assert_true(replay_finish(writer, 110, 0xfeed, NULL));
}

static size_t load(const char *path, uint8_t *out)
{
    int fd = open(path, O_RDONLY);
    ssize_t got = read(fd, out, FILE_ROOM);
    assert_true(fd >= 0 && got >= 0 && got < FILE_ROOM);
    close(fd);
    return (size_t)got;
}

static void store(const char *path, const uint8_t *data, size_t size_bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, size_bytes), (ssize_t)size_bytes);
    close(fd);
}

// Opens whatever is there and plays it to its end; true when it opened. Nothing may be silent: a
// file that is not whole is refused or its damage is said.
static bool play_any(const char *path, bool *is_damaged, uint64_t *ticks)
{
    Fault fault = {0}, damage = {.kind = FAULT_BUILD};
    ReplayReader *reader = replay_open(path, &damage, &fault);
    *ticks = 0;
    *is_damaged = damage.kind == FAULT_FORMAT;
    if (!reader) {
        assert_int_equal(fault.kind, FAULT_FORMAT);
        assert_ptr_equal(strstr(fault.text, path), fault.text);
        return false;
    }
    assert_true(*is_damaged ? strstr(damage.text, path) != NULL : damage.kind == FAULT_NONE);
    ReplayEvent event = {0};
    uint64_t sum = 0;
    do {
        replay_next(reader, &event);
        *ticks += event.kind == REPLAY_EVENT_INPUT;
        for (size_t i = 0; event.kind == REPLAY_EVENT_BYTES && i <= event.size_bytes; i++) {
            sum += event.data[i];
        }
    } while (event.kind != REPLAY_EVENT_END);
    assert_true(sum < UINT64_MAX);
    assert_int_equal(*ticks, replay_tick_count(reader));
    replay_close(reader);
    return true;
}

static void a_session_comes_back_as_it_was(void **unused)
{
    // Scenario: a state, 200 inputs with files, saves and restarts between them, played twice.
    // Expect: facts, state, every event in its order, bit for bit, both times.
    (void)unused;
    Place place = make_place();
    static uint8_t state[100000], level[300000];
    for (size_t i = 0; i < sizeof(state); i += 3) {
        state[i] = (uint8_t)(i * 2654435761u >> 13);
    }
    for (size_t i = 0; i < sizeof(level); i++) {
        level[i] = (uint8_t)((uint32_t)i * 2654435761u >> 24);
    }
    ReplayWriter *writer = create(place.path, state, sizeof(state));
    assert_true(replay_put_bytes(writer, REPLAY_FILE, "a/\xc3\xa4.txt", true, "", 0, NULL));
    put_inputs(writer, 0, 130);
    assert_true(replay_put_bytes(writer, REPLAY_FILE, "level", true, level, sizeof(level), NULL));
    assert_true(replay_put_bytes(writer, REPLAY_SAVE, "slot", false, NULL, 0, NULL));
    put_inputs(writer, 130, 1);
    assert_true(replay_put_restart(writer, NULL));
    assert_true(replay_put_restart(writer, NULL));
    put_inputs(writer, 131, 69);
    assert_true(replay_finish(writer, 300, 0x123456789abcdef0, NULL));

    ReplayReader *reader = open_whole(place.path);
    assert_memory_equal(replay_facts(reader), &FACTS, sizeof(FACTS));
    size_t state_bytes;
    uint64_t first_tick;
    const void *first = replay_first_state(reader, &state_bytes, &first_tick);
    assert_int_equal(state_bytes, sizeof(state));
    assert_int_equal(first_tick, 100);
    assert_memory_equal(first, state, sizeof(state));
    assert_int_equal(replay_tick_count(reader), 200);
    for (int round = 0; round < 2; round++) {
        ReplayEvent event;
        expect_bytes(reader, REPLAY_FILE, "a/\xc3\xa4.txt", true, "", 0);
        expect_inputs(reader, 0, 130);
        expect_bytes(reader, REPLAY_FILE, "level", true, level, sizeof(level));
        expect_bytes(reader, REPLAY_SAVE, "slot", false, NULL, 0);
        expect_inputs(reader, 130, 1);
        replay_next(reader, &event);
        assert_int_equal(event.kind, REPLAY_EVENT_RESTART);
        replay_next(reader, &event);
        assert_int_equal(event.kind, REPLAY_EVENT_RESTART);
        expect_inputs(reader, 131, 69);
        replay_next(reader, &event);
        assert_int_equal(event.last_tick, 300);
        assert_true(event.state_hash == 0x123456789abcdef0);
        expect_end(reader, true);
        replay_rewind(reader);
    }
    expect_bytes(reader, REPLAY_FILE, "a/\xc3\xa4.txt", true, "", 0);
    expect_inputs(reader, 0, 70);
    replay_rewind(reader); // in the middle of a chunk
    expect_bytes(reader, REPLAY_FILE, "a/\xc3\xa4.txt", true, "", 0);
    expect_inputs(reader, 0, 130);
    replay_close(reader);
    replay_close(NULL);
    remove_place(&place);
}

static void a_recording_may_begin_before_init(void **unused)
{
    // Scenario: no first state, no tick.
    // Expect: a whole file; the first state is NULL.
    (void)unused;
    Place place = make_place();
    assert_true(replay_finish(create(place.path, NULL, 0), 0, 7, NULL));
    ReplayReader *reader = open_whole(place.path);
    size_t state_bytes = 1;
    uint64_t first_tick;
    assert_null(replay_first_state(reader, &state_bytes, &first_tick));
    assert_int_equal(state_bytes, 0);
    assert_int_equal(replay_tick_count(reader), 0);
    expect_end(reader, true);
    replay_close(reader);
    remove_place(&place);
}

static void put_rewind(ReplayWriter *writer, uint64_t ticks)
{
    Fault fault = {0};
    if (!replay_put_rewind(writer, ticks, &fault)) {
        fail_msg("%s", fault.text);
    }
}

static void what_was_undone_is_never_played(void **unused)
{
    (void)unused;
    // Scenario: 100 ticks, a file read and 70 more; back by 90 (into a chunk), 10 others, a file;
    // then a loop of 5 ticks that goes back three times.
    // Expect: 80 ticks, 10 others, the second file only, then the last pass; twice the same.
    Place place = make_place();
    ReplayWriter *writer = create(place.path, NULL, 0);
    Fault fault = {0};
    put_inputs(writer, 0, 100);
    assert_true(replay_put_bytes(writer, REPLAY_FILE, "undone", true, "x", 1, &fault));
    put_inputs(writer, 100, 70);
    put_rewind(writer, 90);
    put_inputs(writer, 500, 10);
    for (uint32_t pass = 0; pass < 4; pass++) {
        assert_true(replay_put_bytes(writer, REPLAY_SAVE, "slot", true, &pass, 4, &fault));
        put_inputs(writer, 700 + 10 * pass, 5);
        if (pass < 3) {
            put_rewind(writer, 5);
        }
    }
    assert_true(replay_finish(writer, 95, 7, &fault));
    ReplayReader *reader = open_whole(place.path);
    assert_int_equal(replay_tick_count(reader), 95);
    uint32_t last_pass = 3;
    for (int time = 0; time < 2; time++) {
        expect_inputs(reader, 0, 80);
        expect_inputs(reader, 500, 10);
        expect_bytes(reader, REPLAY_SAVE, "slot", true, &last_pass, 4);
        expect_inputs(reader, 730, 5);
        expect_end(reader, true);
        replay_rewind(reader);
    }
    replay_close(reader);
    remove_place(&place);
}

static void going_back_too_far_is_damage(void **unused)
{
    (void)unused;
    // Scenario: a recording that undoes more ticks than it has, and one that undoes a restart.
    // Expect: both open with the damage said, and what came before can be played.
    for (int with_restart = 0; with_restart < 2; with_restart++) {
        Place place = make_place();
        ReplayWriter *writer = create(place.path, NULL, 0);
        Fault fault = {0}, damage = {0};
        put_inputs(writer, 0, 30);
        if (with_restart) {
            assert_true(replay_put_restart(writer, &fault));
            put_inputs(writer, 30, 10);
        }
        put_rewind(writer, with_restart ? 20 : 31);
        assert_true(replay_finish(writer, 1, 7, &fault));
        ReplayReader *reader = replay_open(place.path, &damage, &fault);
        assert_non_null(reader);
        assert_int_equal(damage.kind, FAULT_FORMAT);
        expect_inputs(reader, 0, 30);
        replay_close(reader);
        remove_place(&place);
    }
}

static void ticks_survive_their_coding(void **unused)
{
    // Scenario: 20,000 pairs of inputs that differ in none, some or all of their bytes.
    // Expect: decoding gives the second again, within the stated size; no change is one byte.
    (void)unused;
    hl_rng rng;
    hl_seed(&rng, 5, 1);
    for (int round = 0; round < 20000; round++) {
        hl_input before, now, decoded;
        uint8_t coded[TICK_CODED_MAX + 16];
        int density = round % 101;
        for (size_t i = 0; i < sizeof(now); i++) {
            uint8_t old = (uint8_t)hl_rand(&rng);
            ((uint8_t *)&before)[i] = old;
            ((uint8_t *)&now)[i] =
                hl_rand_int(&rng, 0, 99) < density ? (uint8_t)hl_rand(&rng) : old;
        }
        size_t used = encode_tick(coded, &before, &now);
        assert_true(used <= TICK_CODED_MAX);
        assert_true(density > 0 || used == 1);
        memcpy(&decoded, &before, sizeof(decoded));
        assert_int_equal(decode_tick(coded, used, &decoded), used);
        assert_memory_equal(&decoded, &now, sizeof(now));
        assert_int_equal(decode_tick(coded, used - 1, &decoded), 0);
    }
}

static void quiet_ticks_cost_next_to_nothing(void **unused)
{
    // Scenario: a minute in which nobody touches anything, and one of play.
    // Expect: below one byte and below three bytes a tick.
    (void)unused;
    Place place = make_place();
    struct stat about;
    ReplayWriter *writer = create(place.path, NULL, 0);
    hl_input input = make_input(1);
    for (int i = 0; i < 3600; i++) {
        assert_true(replay_put_input(writer, &input, NULL));
    }
    assert_true(replay_finish(writer, 3600, 0, NULL));
    assert_int_equal(stat(place.path, &about), 0);
    assert_true(about.st_size - FACTS_BYTES < 3600 + 200);
    writer = create(place.path, NULL, 0);
    put_inputs(writer, 0, 3600);
    assert_true(replay_finish(writer, 3600, 0, NULL));
    assert_int_equal(stat(place.path, &about), 0);
    assert_true(about.st_size < 3 * 3600);
    remove_place(&place);
}

static void whatever_is_missing_is_said(void **unused)
{
    // Scenario: a small file with every kind of chunk, cut at each of its bytes.
    // Expect: refused before the first tick, opened with damage after; never more ticks from less.
    (void)unused;
    static uint8_t file[FILE_ROOM];
    Place place = make_place();
    uint64_t most = 0;
    bool opened_before = false;
    record_small(place.path);
    size_t size_bytes = load(place.path, file);
    for (size_t cut = 0; cut < size_bytes; cut++) {
        bool is_damaged;
        uint64_t ticks;
        store(place.other, file, cut);
        bool opened = play_any(place.other, &is_damaged, &ticks);
        assert_true(!opened || is_damaged);
        assert_true(opened || !opened_before);
        assert_true(ticks >= most);
        most = ticks;
        opened_before = opened;
    }
    assert_int_equal(most, 10);
    remove_place(&place);
}

static void every_flipped_bit_is_found(void **unused)
{
    // Scenario: the small file, with each of its bits flipped in turn.
    // Expect: refused or opened with damage said; the ticks before it play.
    (void)unused;
    static uint8_t file[FILE_ROOM];
    Place place = make_place();
    record_small(place.path);
    size_t size_bytes = load(place.path, file);
    uint64_t partly = 0;
    for (size_t bit = 0; bit < size_bytes * 8; bit++) {
        bool is_damaged;
        uint64_t ticks;
        file[bit / 8] ^= (uint8_t)(1u << bit % 8);
        store(place.other, file, size_bytes);
        bool opened = play_any(place.other, &is_damaged, &ticks);
        assert_true(!opened || is_damaged);
        partly += ticks == 5 || ticks == 8;
        file[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_true(partly > 100);
    remove_place(&place);
}

static void foreign_files_are_refused_by_name(void **unused)
{
    // Scenario: empty, not ours, other version, other input size, missing, FIFO, folder, symlink
    // loop, and one over 4 GiB (sparse).
    // Expect: refused at once, with the path and the reason.
    (void)unused;
    static uint8_t file[FILE_ROOM];
    Place place = make_place();
    Fault fault = {0}, damage;
    const char *path = place.path;
    record_small(path);
    size_t size_bytes = load(path, file);

    store(path, file, 0);
    assert_null(replay_open(path, &damage, &fault));
    assert_non_null(strstr(fault.text, "empty"));
    store(path,
          (const uint8_t *)"\x7f"
                           "ELF and more of it",
          20);
    assert_null(replay_open(path, &damage, &fault));
    assert_non_null(strstr(fault.text, "not a hotloop replay"));
    file[8]++;
    store(path, file, size_bytes);
    assert_null(replay_open(path, &damage, &fault));
    assert_non_null(strstr(fault.text, "version 2"));
    assert_non_null(strstr(fault.text, "reads version 1"));
    file[8]--;
    file[12]--;
    store(path, file, size_bytes);
    assert_null(replay_open(path, &damage, &fault));
    assert_non_null(strstr(fault.text, "503"));
    assert_int_equal(fault.kind, FAULT_FORMAT);
    assert_int_equal(truncate(path, (off_t)FILE_MAX_BYTES + 1), 0);
    assert_null(replay_open(path, &damage, &fault));
    assert_int_equal(fault.kind, FAULT_FILE);

    assert_int_equal(unlink(path), 0);
    assert_null(replay_open(path, &damage, &fault));
    assert_int_equal(fault.kind, FAULT_FILE);
    assert_non_null(strstr(fault.text, path));
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_null(replay_open(path, &damage, &fault));
    assert_int_equal(fault.kind, FAULT_FILE);
    assert_int_equal(unlink(path), 0);
    assert_null(replay_open(place.folder, NULL, &fault));
    assert_int_equal(fault.kind, FAULT_FILE);
    assert_int_equal(symlink("a.replay", path), 0);
    assert_null(replay_open(path, &damage, &fault));
    assert_int_equal(fault.kind, FAULT_FILE);
    remove_place(&place);
}

static void places_that_are_no_files_are_not_recorded_to(void **unused)
{
    // Scenario: recording to a symlink, a FIFO (with and without reader), a folder, a missing one.
    // Expect: refused with path and reason; what the symlink names is untouched.
    (void)unused;
    Place place = make_place();
    Fault fault = {0};
    const char *path = place.path;
    store(place.other, (const uint8_t *)"mine", 4);
    assert_int_equal(symlink("b.replay", path), 0);
    assert_null(replay_create(path, &FACTS, NULL, 0, 0, &fault));
    assert_non_null(strstr(fault.text, "symbolic link"));
    struct stat about;
    assert_int_equal(stat(place.other, &about), 0);
    assert_int_equal(about.st_size, 4);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_null(replay_create(path, &FACTS, NULL, 0, 0, &fault));
    assert_non_null(strstr(fault.text, "FIFO"));
    int reader = open(path, O_RDONLY | O_NONBLOCK);
    assert_null(replay_create(path, &FACTS, NULL, 0, 0, &fault));
    assert_non_null(strstr(fault.text, "not a regular file"));
    close(reader);
    assert_null(replay_create(place.folder, &FACTS, NULL, 0, 0, &fault));
    assert_non_null(strstr(fault.text, "folder"));
    assert_null(replay_create("/nowhere/x.replay", &FACTS, NULL, 0, 0, &fault));
    assert_non_null(strstr(fault.text, "/nowhere/x.replay"));
    assert_int_equal(fault.kind, FAULT_FILE);
    remove_place(&place);
}

static void a_second_writer_is_refused(void **unused)
{
    // Scenario: two sessions record to one file; the second comes again when the first has ended.
    // Expect: refused by name, the first one's file is whole; then it may, and replaces the file.
    (void)unused;
    Place place = make_place();
    Fault fault = {0};
    ReplayWriter *writer = create(place.path, NULL, 0);
    put_inputs(writer, 0, 60);
    assert_null(replay_create(place.path, &FACTS, NULL, 0, 0, &fault));
    assert_ptr_equal(strstr(fault.text, place.path), fault.text);
    assert_non_null(strstr(fault.text, "another session"));
    put_inputs(writer, 60, 60);
    assert_true(replay_finish(writer, 120, 0, NULL));
    ReplayReader *reader = open_whole(place.path);
    expect_inputs(reader, 0, 120);
    replay_close(reader);
    record_small(place.path);
    reader = open_whole(place.path);
    assert_int_equal(replay_tick_count(reader), 10);
    replay_close(reader);
    remove_place(&place);
}

static uint64_t ticks_on_disk(const char *path)
{
    Fault damage = {0};
    ReplayReader *reader = replay_open(path, &damage, NULL);
    assert_non_null(reader);
    uint64_t ticks = replay_tick_count(reader);
    assert_int_equal(damage.kind, FAULT_FORMAT); // not ended yet
    replay_close(reader);
    return ticks;
}

static void inputs_reach_the_disk_in_time(void **unused)
{
    // Scenario: a running recording is looked at after 59, 60 and, a second after the 61st, 62
    // inputs; then it is flushed, and then it is killed.
    // Expect: 0, 60, 62, 63 ticks; a recording that was killed plays up to there.
    (void)unused;
    Place place = make_place();
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    ReplayWriter *writer = NULL;
    if (child == 0) {
        (void)alarm(30); // should the test fail before it kills us
        writer = create(place.other, NULL, 0);
        put_inputs(writer, 0, 70);
        (void)!write(ready[1], "x", 1);
        for (;;) {
            (void)pause();
        }
    }
    writer = create(place.path, NULL, 0);
    put_inputs(writer, 0, 59);
    assert_int_equal(ticks_on_disk(place.path), 0);
    put_inputs(writer, 59, 1);
    assert_int_equal(ticks_on_disk(place.path), 60);
    put_inputs(writer, 60, 1);
    mono_sleep_until(mono_ns() + FLUSH_MS * NS_PER_MS);
    put_inputs(writer, 61, 1);
    assert_int_equal(ticks_on_disk(place.path), 62);
    put_inputs(writer, 62, 1);
    assert_true(replay_flush(writer, NULL));
    assert_true(replay_flush(writer, NULL));
    assert_int_equal(ticks_on_disk(place.path), 63);
    assert_true(replay_finish(writer, 163, 0, NULL));

    char byte;
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    close(ready[0]);
    close(ready[1]);
    assert_int_equal(ticks_on_disk(place.other), 60);
    remove_place(&place);
}

static void record_to_a_full_disk(const char *path)
{
    // RLIMIT_FSIZE stands in for a full disk: a short write, then EFBIG. Source: setrlimit(2).
    struct rlimit limit = {2000, 2000};
    Fault fault = {0};
    int failures = 0;
    (void)signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) {
        _exit(2);
    }
    ReplayWriter *writer = replay_create(path, &FACTS, NULL, 0, 0, &fault);
    for (uint32_t i = 0; writer && i < 3000; i++) {
        hl_input input = make_input(i);
        input.mouse.y = (float)(i * 2654435761u >> 8);
        failures += !replay_put_input(writer, &input, &fault);
    }
    bool is_quiet = writer && replay_flush(writer, NULL) && replay_put_restart(writer, NULL)
                    && replay_put_bytes(writer, REPLAY_FILE, "x", true, "x", 1, NULL);
    if (failures != 1 || !is_quiet || !strstr(fault.text, path)
        || !strstr(fault.text, "plays on")) {
        _exit(3);
    }
    _exit(replay_finish(writer, 3000, 0, &fault) ? 4 : 0);
}

static void a_full_disk_ends_the_recording_not_the_game(void **unused)
{
    // Scenario: the disk is full after 2000 bytes.
    // Expect: said once; all that follows is quiet; the file ends with a whole chunk and plays.
    (void)unused;
    Place place = make_place();
    bool is_damaged;
    uint64_t ticks;
    int status = 0;
    (void)fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        record_to_a_full_disk(place.path);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_true(play_any(place.path, &is_damaged, &ticks));
    assert_true(is_damaged && ticks > 0 && ticks % 60 == 0);
    Fault damage;
    ReplayReader *reader = replay_open(place.path, &damage, NULL);
    assert_non_null(strstr(damage.text, "was not ended")); // no half chunk is left
    replay_close(reader);
    remove_place(&place);
}

static void what_a_reader_would_refuse_is_not_written(void **unused)
{
    // Scenario: an input that is not a number; names that are empty, too long or not UTF-8; a file
    // and a state over the limits.
    // Expect: the recording stops there and says why; it plays up to there.
    (void)unused;
    Place place = make_place();
    char name[300];
    (void)memset(name, 'x', sizeof(name));
    name[256] = '\0';
    const char *const names[] = {"", name, "\xff", "\x1b[2J"};
    Fault fault = {0};
    for (size_t i = 0; i < COUNT_OF(names) + 2; i++) {
        ReplayWriter *writer = create(place.path, NULL, 0);
        hl_input input = make_input(1);
        put_inputs(writer, 0, 3);
        if (i < COUNT_OF(names)) {
            assert_false(replay_put_bytes(writer, REPLAY_FILE, names[i], true, "x", 1, &fault));
        } else if (i == COUNT_OF(names)) {
            assert_false(replay_put_bytes(writer, REPLAY_FILE, "big", true, name,
                                          BYTES_MAX_BYTES + 1, &fault));
        } else {
            assert_true(replay_flush(writer, NULL));
            input.pad[1].left.y = NAN;
            assert_false(replay_put_input(writer, &input, &fault));
        }
        assert_non_null(strstr(fault.text, place.path));
        assert_false(replay_finish(writer, 3, 0, &fault));
        assert_int_equal(ticks_on_disk(place.path), 3);
    }
    assert_null(replay_create(place.path, &FACTS, name, STATE_MAX_BYTES + 1, 0, &fault));
    assert_non_null(strstr(fault.text, "1 GiB"));
    remove_place(&place);
}

// ------------------------------------------------------------------------- forged, checksums right

typedef struct Forge {
    uint8_t data[FILE_ROOM];
    size_t size_bytes;
} Forge;

static void forge_chunk(Forge *forge, uint32_t tag, const void *payload, size_t payload_bytes)
{
    uint8_t *head = forge->data + forge->size_bytes;
    (void)put_u32(put_u32(head, tag), (uint32_t)payload_bytes);
    if (payload_bytes > 0) {
        memcpy(head + CHUNK_HEAD_BYTES, payload, payload_bytes);
    }
    (void)put_u64(head + 8, chunk_hash(head, head + CHUNK_HEAD_BYTES, payload_bytes));
    forge->size_bytes += CHUNK_HEAD_BYTES + payload_bytes;
}

static void forge_start(Forge *forge, uint64_t state_size, uint8_t coding, const void *data,
                        size_t data_bytes)
{
    uint8_t facts[FACTS_BYTES], state[4096];
    memcpy(forge->data, REPLAY_MAGIC, 8);
    (void)put_u32(put_u32(forge->data + 8, REPLAY_FORMAT_VERSION), INPUT_BYTES);
    forge->size_bytes = FILE_HEAD_BYTES;
    put_facts(facts, &FACTS);
    forge_chunk(forge, TAG_FACTS, facts, sizeof(facts));
    (void)put_u64(put_u64(state, 0), state_size);
    state[16] = coding;
    if (data_bytes > 0) {
        memcpy(state + STATE_HEAD_BYTES, data, data_bytes);
    }
    forge_chunk(forge, TAG_STATE, state, STATE_HEAD_BYTES + data_bytes);
}

static void forge_ticks(Forge *forge, uint32_t count, uint32_t size, uint8_t coding,
                        const void *data, size_t data_bytes)
{
    uint8_t payload[4096];
    (void)put_u32(put_u32(payload, count), size);
    payload[8] = coding;
    memcpy(payload + TICKS_HEAD_BYTES, data, data_bytes);
    forge_chunk(forge, TAG_TICKS, payload, TICKS_HEAD_BYTES + data_bytes);
}

static void forge_bytes(Forge *forge, uint8_t kind, uint8_t present, uint16_t name_bytes,
                        uint8_t coding, uint64_t size, const char *rest)
{
    uint8_t payload[512] = {kind, present, (uint8_t)name_bytes, (uint8_t)(name_bytes >> 8), coding};
    (void)put_u64(payload + 5, size);
    memcpy(payload + BYTES_HEAD_BYTES, rest, strlen(rest));
    forge_chunk(forge, TAG_BYTES, payload, BYTES_HEAD_BYTES + strlen(rest));
}

static void expect_damage(const Place *place, const Forge *forge, bool opens, uint64_t ticks)
{
    bool is_damaged;
    uint64_t played;
    store(place->path, forge->data, forge->size_bytes);
    assert_int_equal(play_any(place->path, &is_damaged, &played), opens);
    assert_true(!opens || is_damaged);
    assert_int_equal(played, ticks);
}

// The small zstd frame of `size_bytes` zeros: a bomb.
static size_t make_bomb(uint8_t out[4096], size_t size_bytes)
{
    uint8_t *zeros = calloc(1, size_bytes);
    assert_non_null(zeros);
    size_t coded = ZSTD_compress(out, 4096, zeros, size_bytes, 19);
    assert_false(ZSTD_isError(coded));
    free(zeros);
    return coded;
}

static void bombs_are_refused(void **unused)
{
    // Scenario: a state that says it has 2^60 bytes, 1 GiB + 1, or 100 and unpacks to 8 MB; ticks
    // that unpack to more than they say or say more than a chunk may hold; files over 256 MiB and
    // files shorter than they say.
    // Expect: refused, or damage said.
    (void)unused;
    static Forge forge;
    uint8_t bomb[4096];
    size_t bomb_bytes = make_bomb(bomb, 8 << 20);
    Place place = make_place();
    const uint64_t sizes[] = {1ull << 60, STATE_MAX_BYTES + 1, 100};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        forge_start(&forge, sizes[i], CODING_ZSTD, bomb, bomb_bytes);
        expect_damage(&place, &forge, false, 0);
    }
    const uint32_t coded[] = {60, 60540, 60541, UINT32_MAX};
    for (size_t i = 0; i < COUNT_OF(coded); i++) {
        forge_start(&forge, 0, 0, NULL, 0);
        forge_ticks(&forge, 60, coded[i], CODING_ZSTD, bomb, bomb_bytes);
        expect_damage(&place, &forge, true, 0);
    }
    const uint64_t files[] = {BYTES_MAX_BYTES + 1, UINT64_MAX, 3};
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        forge_start(&forge, 0, 0, NULL, 0);
        forge_bytes(&forge, REPLAY_FILE, 1, 1, CODING_PLAIN, files[i], "ab");
        expect_damage(&place, &forge, true, 0);
    }
    remove_place(&place);
}

static void nonsense_with_right_checksums_is_found(void **unused)
{
    // Scenario: chunks whose checksum is right and whose content is not, after 2 good ticks.
    // Expect: damage said, the 2 ticks play.
    (void)unused;
    static Forge good, forge;
    static const uint8_t TWO[] = {0, 0}, NO_END[] = {1, 7}, OVER[] = {255, 255, 255, 249, 0};
    static const uint8_t CUT[] = {100, 1, 2, 0}, MORE[] = {0, 0, 0};
    hl_input zero = {0}, wrong[4];
    memset(wrong, 0, sizeof(wrong));
    memset(wrong[0].text, 'x', sizeof(wrong[0].text));
    wrong[1].mouse.x = INFINITY;
    wrong[2].reserved[5] = 1;
    wrong[3].pad[3].reserved[2] = 1;
    Place place = make_place();
    forge_start(&good, 0, 0, NULL, 0);
    forge_ticks(&good, 2, 2, CODING_PLAIN, TWO, 2);

    struct {
        uint32_t count, size;
        uint8_t coding;
        const uint8_t *data;
        size_t data_bytes;
    } const ticks[] = {
        {0, 0, 0, TWO, 0},  {61, 2, 0, TWO, 2}, {1, 2, 0, TWO, 2},  {3, 2, 0, TWO, 2},
        {2, 3, 0, TWO, 2},  {2, 2, 1, TWO, 2},  {2, 2, 2, TWO, 2},  {1, 2, 0, NO_END, 2},
        {1, 5, 0, OVER, 5}, {1, 4, 0, CUT, 4},  {2, 3, 0, MORE, 3}, {UINT32_MAX, 2, 0, TWO, 2},
    };
    for (size_t i = 0; i < COUNT_OF(ticks); i++) {
        forge = good;
        forge_ticks(&forge, ticks[i].count, ticks[i].size, ticks[i].coding, ticks[i].data,
                    ticks[i].data_bytes);
        expect_damage(&place, &forge, true, 2);
    }
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        uint8_t coded[TICK_CODED_MAX];
        size_t used = encode_tick(coded, &zero, &wrong[i]);
        forge = good;
        forge_ticks(&forge, 1, (uint32_t)used, CODING_PLAIN, coded, used);
        expect_damage(&place, &forge, true, 2);
    }
    const uint32_t tags[] = {TAG_FACTS, TAG_STATE, 0, 0xffffffff, TAG_END, TAG_RESTART, TAG_BYTES};
    for (size_t i = 0; i < COUNT_OF(tags); i++) {
        forge = good;
        forge_chunk(&forge, tags[i], "xyz", 3);
        expect_damage(&place, &forge, true, 2);
    }
    struct {
        uint8_t kind, present;
        uint16_t name_bytes;
        uint8_t coding;
        uint64_t size;
        const char *rest;
    } const bytes[] = {{0, 1, 1, 0, 1, "ab"},    {3, 1, 1, 0, 1, "ab"},   {1, 2, 1, 0, 1, "ab"},
                       {1, 1, 0, 0, 2, "ab"},    {1, 1, 300, 0, 0, "ab"}, {1, 1, 3, 0, 0, "ab"},
                       {1, 1, 1, 0, 2, "ab"},    {1, 1, 1, 1, 1, "ab"},   {1, 1, 1, 7, 1, "ab"},
                       {1, 1, 2, 0, 0, "\x1b["}, {1, 1, 1, 0, 0, "\xff"}};
    for (size_t i = 0; i < COUNT_OF(bytes); i++) {
        forge = good;
        forge_bytes(&forge, bytes[i].kind, bytes[i].present, bytes[i].name_bytes, bytes[i].coding,
                    bytes[i].size, bytes[i].rest);
        expect_damage(&place, &forge, true, 2);
    }
    remove_place(&place);
}

static void facts_are_made_harmless(void **unused)
{
    // Scenario: texts with escape codes; a text without end; tick rates of 0 and 1001.
    // Expect: cleaned; refused.
    (void)unused;
    Place place = make_place();
    ReplayFacts facts = FACTS;
    (void)snprintf(facts.title, sizeof(facts.title), "\x1b[2Jhi\xff");
    Fault fault = {0};
    assert_true(replay_finish(replay_create(place.path, &facts, NULL, 0, 0, NULL), 0, 0, NULL));
    ReplayReader *reader = open_whole(place.path);
    assert_string_equal(replay_facts(reader)->title, "?[2Jhi?");
    replay_close(reader);
    for (uint32_t rate = 0; rate <= 1001; rate += 1001) {
        facts.tick_rate = rate;
        assert_true(replay_finish(replay_create(place.path, &facts, NULL, 0, 0, NULL), 0, 0, NULL));
        assert_null(replay_open(place.path, NULL, &fault));
        assert_int_equal(fault.kind, FAULT_FORMAT);
    }
    uint8_t at[FACTS_BYTES];
    put_facts(at, &FACTS);
    memset(at, 'x', 64);
    assert_false(get_facts(at, &facts));
    remove_place(&place);
}

static void bytes_behind_the_end_are_said(void **unused)
{
    // Scenario: another file was appended to a whole one.
    // Expect: all ticks, finished, and the damage says what follows.
    (void)unused;
    static uint8_t file[FILE_ROOM];
    Place place = make_place();
    record_small(place.path);
    size_t size_bytes = load(place.path, file);
    memcpy(file + size_bytes, file, size_bytes);
    store(place.path, file, 2 * size_bytes);
    Fault damage;
    ReplayReader *reader = replay_open(place.path, &damage, NULL);
    assert_non_null(reader);
    assert_non_null(strstr(damage.text, "follow the end"));
    assert_int_equal(replay_tick_count(reader), 10);
    replay_close(reader);
    remove_place(&place);
}

static void random_changes_with_right_checksums_are_survived(void **unused)
{
    // Scenario: 4000 times the small file with some bytes of some chunks changed and the checksums
    // made right again, as an attacker would.
    // Expect: no crash; what opens plays to its end.
    (void)unused;
    static uint8_t file[FILE_ROOM], copy[FILE_ROOM];
    Place place = make_place();
    hl_rng rng;
    hl_seed(&rng, 9, 1);
    record_small(place.path);
    size_t size_bytes = load(place.path, file);
    int opened = 0;
    for (int round = 0; round < 4000; round++) {
        memcpy(copy, file, size_bytes);
        for (size_t at = FILE_HEAD_BYTES; at < size_bytes;) {
            uint8_t *head = copy + at, *payload = head + CHUNK_HEAD_BYTES;
            size_t payload_bytes = get_u32(head + 4);
            if (payload_bytes > 0 && hl_rand_int(&rng, 0, 3) == 0) {
                int last = (int)payload_bytes - 1;
                payload[hl_rand_int(&rng, 0, last < 24 ? last : 24)] = (uint8_t)hl_rand(&rng);
                payload[hl_rand_int(&rng, 0, last)] ^= (uint8_t)(1u << hl_rand_int(&rng, 0, 7));
            }
            (void)put_u64(head + 8, chunk_hash(head, payload, payload_bytes));
            at += CHUNK_HEAD_BYTES + payload_bytes;
        }
        bool is_damaged;
        uint64_t ticks;
        store(place.other, copy, size_bytes);
        opened += play_any(place.other, &is_damaged, &ticks);
    }
    assert_true(opened > 100);
    remove_place(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_comes_back_as_it_was),
        cmocka_unit_test(a_recording_may_begin_before_init),
        cmocka_unit_test(what_was_undone_is_never_played),
        cmocka_unit_test(going_back_too_far_is_damage),
        cmocka_unit_test(ticks_survive_their_coding),
        cmocka_unit_test(quiet_ticks_cost_next_to_nothing),
        cmocka_unit_test(whatever_is_missing_is_said),
        cmocka_unit_test(every_flipped_bit_is_found),
        cmocka_unit_test(foreign_files_are_refused_by_name),
        cmocka_unit_test(places_that_are_no_files_are_not_recorded_to),
        cmocka_unit_test(a_second_writer_is_refused),
        cmocka_unit_test(inputs_reach_the_disk_in_time),
        cmocka_unit_test(a_full_disk_ends_the_recording_not_the_game),
        cmocka_unit_test(what_a_reader_would_refuse_is_not_written),
        cmocka_unit_test(bombs_are_refused),
        cmocka_unit_test(nonsense_with_right_checksums_is_found),
        cmocka_unit_test(facts_are_made_harmless),
        cmocka_unit_test(bytes_behind_the_end_are_said),
        cmocka_unit_test(random_changes_with_right_checksums_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
