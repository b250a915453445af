#include "events.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct Place {
    char folder[64], path[96];
} Place;

static Place make_place(void)
{
    Place place = {.folder = "/tmp/events_test.XXXXXX"};
    assert_non_null(mkdtemp(place.folder));
    (void)snprintf(place.path, sizeof(place.path), "%s/events", place.folder);
    return place;
}

static void remove_place(const Place *place)
{
    (void)unlink(place->path);
    assert_int_equal(rmdir(place->folder), 0);
}

// What the file holds, terminated.
static size_t read_file(const char *path, char *out, size_t out_bytes)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t got = fread(out, 1, out_bytes - 1, file);
    (void)fclose(file);
    out[got] = '\0';
    return got;
}

// The JSON of the `index`th line, which must be whole.
static json_t *line_at(const char *text, int index)
{
    for (; index > 0; index--) {
        text = strchr(text, '\n');
        assert_non_null(text);
        text++;
    }
    const char *end = strchr(text, '\n');
    assert_non_null(end);
    json_t *line = json_loadb(text, (size_t)(end - text), 0, NULL);
    assert_non_null(line);
    return line;
}

static void each_event_is_a_line(void **unused)
{
    // Scenario: two events, one with fields that hold newlines, quotes and an escape code.
    // Expect: two lines of JSON with event, tick, a time that grows, and the same text again.
    (void)unused;
    static const char TEXT[] = "two\nlines \"quoted\" \x1b[2J \xc3\xa4";
    Place place = make_place();
    Events events;
    Fault fault = {0};
    char text[4096];
    assert_true(events_open(&events, place.path, &fault));
    events_put(&events, "build", 7, NULL);
    events_put(&events, "log", 8, json_pack("{s:s}", "text", TEXT));
    events_close(&events);
    read_file(place.path, text, sizeof(text));
    json_t *first = line_at(text, 0), *second = line_at(text, 1);
    assert_string_equal(json_string_value(json_object_get(first, "event")), "build");
    assert_int_equal(json_integer_value(json_object_get(first, "tick")), 7);
    assert_string_equal(json_string_value(json_object_get(second, "text")), TEXT);
    assert_true(json_integer_value(json_object_get(second, "mono_ns"))
                >= json_integer_value(json_object_get(first, "mono_ns")));
    assert_null(strchr(text, '\x1b'));
    assert_int_equal(text[strlen(text) - 1], '\n');
    json_decref(first);
    json_decref(second);
    remove_place(&place);
}

static void fields_cannot_replace_ours(void **unused)
{
    // Scenario: fields that carry the names of the fixed ones.
    // Expect: the fixed ones stay.
    (void)unused;
    Place place = make_place();
    Events events;
    char text[512];
    assert_true(events_open(&events, place.path, NULL));
    events_put(&events, "quit", 3, json_pack("{s:s, s:i}", "event", "other", "tick", 99));
    events_close(&events);
    read_file(place.path, text, sizeof(text));
    json_t *line = line_at(text, 0);
    assert_string_equal(json_string_value(json_object_get(line, "event")), "quit");
    assert_int_equal(json_integer_value(json_object_get(line, "tick")), 3);
    json_decref(line);
    remove_place(&place);
}

static void two_writers_append_whole_lines(void **unused)
{
    // Scenario: two processes append 500 lines of 2 KB each to one file at the same time.
    // Expect: 1000 whole lines; what was in the file before is still there.
    (void)unused;
    Place place = make_place();
    Events events;
    static char filler[2048], text[4 << 20];
    memset(filler, 'x', sizeof(filler) - 1);
    assert_true(events_open(&events, place.path, NULL));
    events_put(&events, "before", 0, NULL);
    events_close(&events);
    pid_t child = fork();
    assert_true(child >= 0);
    assert_true(events_open(&events, place.path, NULL));
    for (int i = 0; i < 500; i++) {
        events_put(&events, "log", (uint64_t)i, json_pack("{s:s}", "text", filler));
    }
    events_close(&events);
    if (child == 0) {
        _exit(0);
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
    read_file(place.path, text, sizeof(text));
    const char *at = text;
    int lines = 0;
    for (; *at; at = strchr(at, '\n') + 1, lines++) {
        json_decref(line_at(at, 0));
    }
    assert_int_equal(lines, 1001);
    remove_place(&place);
}

static void nowhere_is_fine(void **unused)
{
    // Scenario: no path; a zeroed struct is closed; fields are handed over.
    // Expect: nothing happens, nothing leaks (the leak check of the asan build looks), and
    // descriptor 0 stays open.
    (void)unused;
    Events events, zeroed = {0};
    assert_true(events_open(&events, NULL, NULL));
    assert_int_equal(events.fd, -1);
    events_put(&events, "log", 1, json_pack("{s:s}", "text", "gone"));
    events_close(&events);
    events_close(&events);
    int before = fcntl(0, F_GETFD);
    events_close(&zeroed);
    assert_int_equal(fcntl(0, F_GETFD), before);
}

static void places_that_cannot_be_written_are_refused(void **unused)
{
    // Scenario: a folder that is missing, a folder itself, a FIFO that nobody reads.
    // Expect: refused at once, by name.
    (void)unused;
    Place place = make_place();
    Events events;
    Fault fault = {0};
    assert_false(events_open(&events, "/nowhere/at/all", &fault));
    assert_int_equal(fault.kind, FAULT_FILE);
    assert_non_null(strstr(fault.text, "/nowhere/at/all"));
    assert_false(events_open(&events, place.folder, &fault));
    assert_int_equal(mkfifo(place.path, 0600), 0);
    assert_false(events_open(&events, place.path, &fault));
    assert_non_null(strstr(fault.text, place.path));
    events_close(&events);
    remove_place(&place);
}

// Runs `body` in a child whose stderr goes to `path`; the child's limits do not outlive it.
static void in_child(void (*body)(const char *events_path), const char *events_path,
                     const char *stderr_path)
{
    (void)fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int fd = open(stderr_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        (void)dup2(fd, 2);
        body(events_path);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void fill_the_disk(const char *path)
{
    // RLIMIT_FSIZE stands in for a full disk: a short write, then EFBIG. Source: setrlimit(2).
    struct rlimit limit = {500, 500};
    Events events;
    (void)signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0 || !events_open(&events, path, NULL)) {
        _exit(1);
    }
    for (int i = 0; i < 50; i++) {
        events_put(&events, "build", (uint64_t)i, NULL);
    }
    _exit(events.failed ? 0 : 2);
}

static void a_full_disk_is_said_once(void **unused)
{
    // Scenario: 50 events into a file that may hold 500 bytes.
    // Expect: whole lines only, one line on stderr.
    (void)unused;
    Place place = make_place();
    char text[4096], said[128];
    (void)snprintf(said, sizeof(said), "%s/stderr", place.folder);
    in_child(fill_the_disk, place.path, said);
    size_t size_bytes = read_file(place.path, text, sizeof(text));
    assert_true(size_bytes > 300 && size_bytes <= 500);
    assert_int_equal(text[size_bytes - 1], '\n');
    read_file(said, text, sizeof(text));
    char *first = strstr(text, "events:");
    assert_non_null(first);
    assert_null(strstr(first + 1, "events:"));
    assert_int_equal(unlink(said), 0);
    remove_place(&place);
}

static void a_slow_reader_does_not_stop_us(void **unused)
{
    // Scenario: a FIFO whose reader sleeps while more lines are put than it can hold.
    // Expect: events_put returns every time; the reader finds whole lines.
    (void)unused;
    Place place = make_place();
    Events events;
    static char text[1 << 20];
    assert_int_equal(mkfifo(place.path, 0600), 0);
    int reader = open(place.path, O_RDONLY | O_NONBLOCK);
    assert_true(reader >= 0);
    assert_true(events_open(&events, place.path, NULL));
    for (int i = 0; i < 5000; i++) {
        events_put(&events, "build", (uint64_t)i, NULL);
    }
    assert_true(events.failed);
    ssize_t got = read(reader, text, sizeof(text) - 1);
    assert_true(got > 0);
    assert_int_equal(text[got - 1], '\n');
    json_decref(line_at(text, 100));
    events_close(&events);
    close(reader);
    remove_place(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_event_is_a_line),
        cmocka_unit_test(fields_cannot_replace_ours),
        cmocka_unit_test(two_writers_append_whole_lines),
        cmocka_unit_test(nowhere_is_fine),
        cmocka_unit_test(places_that_cannot_be_written_are_refused),
        cmocka_unit_test(a_full_disk_is_said_once),
        cmocka_unit_test(a_slow_reader_does_not_stop_us),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
