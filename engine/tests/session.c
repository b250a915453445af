// Contents: the frame of a case, starting, events, the end, ctl.
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

// ---------------------------------------------------------------------------- the frame of a case

void session_arguments(int argc, char **argv)
{
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
}

int session_case_begin(void **state)
{
    const SessionCase *chosen = *state;
    Place *place = place_open();
    place->body = chosen->body;
    *state = place;
    return 0;
}

void session_case_run(void **state)
{
    Place *place = *state;
    place->body(place);
    place->passed = true;
}

static void print_file(const char *what, const char *path)
{
    enum { TAIL_BYTES = 6000 };
    FILE *file = fopen(path, "re");
    if (!file) {
        return;
    }
    (void)fprintf(stderr, "---- %s\n", what);
    (void)fseek(file, 0, SEEK_END);
    long size_bytes = ftell(file);
    (void)fseek(file, size_bytes > TAIL_BYTES ? size_bytes - TAIL_BYTES : 0, SEEK_SET);
    char part[1024];
    for (size_t got; (got = fread(part, 1, sizeof(part), file)) > 0;) {
        (void)fwrite(part, 1, got, stderr);
    }
    (void)fclose(file);
}

// The process that plays is stopped first: it would hear of its keeper's end and end in order.
static void kill_all(const Session *session)
{
    pid_t game = session->game_pid;
    int game_fd = game > 0 && game != session->pid ? pidfd_open(game, 0) : -1;
    if (game_fd >= 0) {
        kill(game, SIGSTOP);
    }
    kill(session->pid, SIGKILL);
    if (game_fd >= 0) {
        kill(game, SIGKILL);
        struct pollfd ended = {.fd = game_fd, .events = POLLIN};
        (void)poll(&ended, 1, PLACE_CAP_MS);
        close(game_fd);
    }
}

static void end_session(Session *session, bool passed)
{
    if (session->pid_fd >= 0) {
        kill_all(session);
        (void)waitpid(session->pid, NULL, 0);
        close(session->pid_fd);
    }
    if (!passed) {
        (void)fprintf(stderr, "==== %s (pid %d, %s)\n", session->words, (int)session->pid,
                      session->pid_fd >= 0 ? "was running" : "had ended");
        print_file("standard output", session->out);
        print_file("standard error", session->err);
        print_file("events", session->events);
    }
    if (session->events_fd >= 0) {
        close(session->events_fd);
    }
    close(session->watch_fd);
    json_decref(session->seen);
    json_decref(session->reply);
    free(session->unread);
    free(session);
}

int session_case_end(void **state)
{
    Place *place = *state;
    for (Session *session = place->first_session; session;) {
        Session *next = session->next;
        end_session(session, place->passed);
        session = next;
    }
    if (!place->passed) {
        print_file("the last program's output", place_path(place, "program.out"));
        print_file("the last program's errors", place_path(place, "program.err"));
    }
    place_close(place);
    return 0;
}

// -------------------------------------------------------------------------------------- starting

static int count_sessions(const Place *place)
{
    int count = 0;
    for (const Session *session = place->first_session; session; session = session->next) {
        count++;
    }
    return count;
}

static Session *new_session(Place *place)
{
    int number = count_sessions(place) + 1;
    Session *session = calloc(1, sizeof(*session));
    assert_non_null(session);
    *session = (Session){.place = place, .pid_fd = -1, .events_fd = -1, .seen = json_array()};
    (void)snprintf(session->events, sizeof(session->events), "%s/events%d", place->folder, number);
    (void)snprintf(session->out, sizeof(session->out), "%s/out%d", place->folder, number);
    (void)snprintf(session->err, sizeof(session->err), "%s/err%d", place->folder, number);
    session->watch_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    assert_true(session->watch_fd >= 0);
    // The folder holds the files with its events and words; what else happens there wakes a wait
    // in vain.
    assert_true(inotify_add_watch(session->watch_fd, place->folder, IN_MODIFY | IN_CREATE) >= 0);
    session->next = place->first_session;
    place->first_session = session;
    return session;
}

Session *session_start_by(Place *place, const char *const *words)
{
    Session *session = new_session(place);
    const char *all[PLACE_WORDS_MAX] = {0}, *said = "";
    size_t count = 0;
    for (; words[count]; count++) {
        assert_true(count < PLACE_WORDS_MAX - 3);
        all[count] = words[count];
        said = place_text(place, "%s %s", said, words[count]);
    }
    all[count++] = "--events";
    all[count++] = session->events;
    (void)snprintf(session->words, sizeof(session->words), "%s", said);
    session->pid = place_spawn(place, place->folder, session->out, session->err, all);
    session->pid_fd = pidfd_open(session->pid, 0);
    assert_true(session->pid_fd >= 0);
    const json_t *start = session_wait(session, "start");
    (void)snprintf(session->socket, sizeof(session->socket), "%s", field_text(start, "socket"));
    return session;
}

Session *session_start(Place *place, const char *const *words)
{
    const char *all[PLACE_WORDS_MAX] = {HOTLOOP, "run"};
    for (size_t i = 0; words[i]; i++) {
        assert_true(i < PLACE_WORDS_MAX - 6);
        all[i + 2] = words[i];
    }
    return session_start_by(place, all);
}

Session *session_start_game(Place *place)
{
    Session *session = SESSION_START(place, place->game, "--headless", "--seed", "7");
    (void)session_wait(session, "reload");
    return session;
}

Session *session_start_library(Place *place, const char *name)
{
    Session *session =
        SESSION_START(place, "--so", place_path(place, name), "--headless", "--seed", "7");
    (void)session_wait(session, "reload");
    return session;
}

// ---------------------------------------------------------------------------------------- events

// What is promised of every line: JSON, the three fields, and a time that does not go back.
static void take_line(Session *session, const char *line, size_t size_bytes)
{
    json_error_t error;
    json_t *event = json_loadb(line, size_bytes, 0, &error);
    if (!event) {
        fail_msg("not JSON: %.*s: %s", (int)size_bytes, line, error.text);
    }
    const char *name = field_text(event, "event");
    if (strcmp(name, "start") == 0 || strcmp(name, "resumed") == 0) {
        session->game_pid = (pid_t)field_number(event, "pid");
    }
    assert_true(field_number(event, "tick") >= 0);
    size_t count = json_array_size(session->seen);
    if (count > 0) {
        const json_t *before = json_array_get(session->seen, count - 1);
        assert_true(field_number(event, "mono_ns") >= field_number(before, "mono_ns"));
    }
    json_array_append_new(session->seen, event);
}

static void take_bytes(Session *session, const char *bytes, size_t size_bytes)
{
    session->unread = realloc(session->unread, session->unread_bytes + size_bytes);
    assert_non_null(session->unread);
    memcpy(session->unread + session->unread_bytes, bytes, size_bytes);
    session->unread_bytes += size_bytes;
    size_t from = 0;
    for (char *end; (end = memchr(session->unread + from, '\n', session->unread_bytes - from));) {
        size_t length = (size_t)(end - session->unread) - from;
        take_line(session, session->unread + from, length);
        from += length + 1;
    }
    memmove(session->unread, session->unread + from, session->unread_bytes - from);
    session->unread_bytes -= from;
}

static void read_events(Session *session)
{
    char part[16384];
    if (session->events_fd < 0) {
        session->events_fd = open(session->events, O_RDONLY | O_CLOEXEC);
    }
    for (ssize_t got;
         session->events_fd >= 0 && (got = read(session->events_fd, part, sizeof(part))) > 0;) {
        take_bytes(session, part, (size_t)got);
    }
}

// The session has done something, or ended; returns at once when it has ended before.
static void wait_for_life(Session *session, long long deadline_ms, const char *what)
{
    char ignored[4096];
    struct pollfd news[2] = {{.fd = session->watch_fd, .events = POLLIN},
                             {.fd = session->pid_fd, .events = POLLIN}};
    long long left_ms = deadline_ms - now_ms();
    if (left_ms <= 0 || poll(news, 2, (int)left_ms) == 0) {
        fail_msg("waited in vain for %s", what);
    }
    while (read(session->watch_fd, ignored, sizeof(ignored)) > 0) {
    }
}

static const json_t *next_match(Session *session, const char *name, const char *field,
                                const char *part)
{
    for (; session->at < json_array_size(session->seen); session->at++) {
        const json_t *event = json_array_get(session->seen, session->at);
        const char *text = field ? json_string_value(json_object_get(event, field)) : NULL;
        if (strcmp(field_text(event, "event"), name) == 0
            && (!field || (text && strstr(text, part)))) {
            session->at++;
            return event;
        }
    }
    return NULL;
}

const json_t *session_wait_field(Session *session, const char *name, const char *field,
                                 const char *part)
{
    long long deadline_ms = now_ms() + PLACE_CAP_MS;
    const char *what = place_text(session->place, "event %s %s%s%s", name, field ? field : "",
                                  field ? " with " : "", field ? part : "");
    for (;;) {
        bool running = session_is_running(session);
        read_events(session);
        const json_t *event = next_match(session, name, field, part);
        if (event) {
            return event;
        }
        if (!running) {
            fail_msg("the session ended before %s", what);
        }
        wait_for_life(session, deadline_ms, what);
    }
}

const json_t *session_wait(Session *session, const char *name)
{
    return session_wait_field(session, name, NULL, NULL);
}

const char *session_wait_log(Session *session, const char *part)
{
    return field_text(session_wait_field(session, "log", "text", part), "text");
}

const char *session_wait_tick(Session *session, long long tick)
{
    const char *text;
    do {
        text = session_wait_log(session, "count ");
    } while (place_number(text, "tick ") < tick);
    return text;
}

void session_wait_words(Session *session, const char *part)
{
    long long deadline_ms = now_ms() + PLACE_CAP_MS;
    for (;;) {
        bool running = session_is_running(session);
        if (strstr(session_errors(session), part)) {
            return;
        }
        if (!running) {
            fail_msg("the session ended without saying \"%s\"", part);
        }
        wait_for_life(session, deadline_ms, part);
    }
}

int session_count(Session *session, const char *name)
{
    size_t index;
    const json_t *event;
    int count = 0;
    read_events(session);
    json_array_foreach(session->seen, index, event)
    {
        count += strcmp(field_text(event, "event"), name) == 0;
    }
    return count;
}

const char *field_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    if (!text) {
        char *all = json_dumps(object, JSON_COMPACT);
        fail_msg("no text %s in %s", name, all ? all : "nothing");
    }
    return text;
}

long long field_number(const json_t *object, const char *name)
{
    const json_t *number = json_object_get(object, name);
    if (!json_is_integer(number)) {
        char *all = json_dumps(object, JSON_COMPACT);
        fail_msg("no number %s in %s", name, all ? all : "nothing");
    }
    return json_integer_value(number);
}

// --------------------------------------------------------------------------------------- the end

bool session_is_running(Session *session)
{
    siginfo_t info = {0};
    return session->pid_fd >= 0
           && waitid(P_PID, (id_t)session->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0
           && info.si_pid == 0;
}

int session_wait_end(Session *session)
{
    if (session->pid_fd >= 0) {
        struct pollfd ended = {.fd = session->pid_fd, .events = POLLIN};
        if (poll(&ended, 1, PLACE_CAP_MS) != 1) {
            fail_msg("the session does not end");
        }
        session->exit_code = place_wait(session->pid, session->words);
        close(session->pid_fd);
        session->pid_fd = -1;
        read_events(session);
        assert_int_equal(session->unread_bytes, 0); // no half line is left behind
    }
    return session->exit_code;
}

void session_signal(Session *session, int signal_number)
{
    assert_true(session->pid_fd >= 0);
    assert_int_equal(kill(session->pid, signal_number), 0);
}

void session_kill(Session *session)
{
    assert_true(session->pid_fd >= 0);
    read_events(session);
    kill_all(session);
}

void session_kill_game(Session *session, int signal_number)
{
    assert_true(session->pid_fd >= 0);
    read_events(session);
    assert_int_equal(kill(session->game_pid, signal_number), 0);
}

static const char *whole_file(Place *place, const char *path)
{
    char *text = place_read(place, path, NULL);
    const char *kept = place_text(place, "%s", text);
    free(text);
    return kept;
}

const char *session_errors(Session *session)
{
    return whole_file(session->place, session->err);
}

const char *session_prints(Session *session)
{
    return whole_file(session->place, session->out);
}

// ------------------------------------------------------------------------------------------- ctl

const json_t *session_ask(Session *session, const char *const *words)
{
    const char *all[PLACE_WORDS_MAX] = {HOTLOOP, "ctl", "--socket", session->socket};
    for (size_t i = 0; words[i]; i++) {
        assert_true(i < PLACE_WORDS_MAX - 6);
        all[i + 4] = words[i];
    }
    const Output *said = place_run(session->place, all);
    session->reply_code = said->exit_code;
    json_decref(session->reply);
    session->reply = json_loads(said->out, 0, NULL);
    return session->reply;
}

const json_t *session_tell(Session *session, const char *const *words)
{
    const json_t *reply = session_ask(session, words);
    if (session->reply_code != 0 || !json_is_true(json_object_get(reply, "ok"))) {
        fail_msg("ctl %s: %s%s", words[0], session->place->output->out,
                 session->place->output->err);
    }
    return reply;
}

void session_quit(Session *session)
{
    (void)SESSION_TELL(session, "quit");
    assert_int_equal(session_wait_end(session), 0);
    (void)session_wait(session, "quit");
}
