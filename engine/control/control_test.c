#include "control.h"
#include "control_socket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { HANG_MS = 10000 };

// A folder of its own that is also the runtime home.
typedef struct Place {
    char folder[64], home[96], path[96], out[96], err[96];
} Place;

static Place make_place(void)
{
    Place place = {.folder = "/tmp/control_test.XXXXXX"};
    assert_non_null(mkdtemp(place.folder));
    (void)snprintf(place.home, sizeof(place.home), "%s/hotloop", place.folder);
    (void)snprintf(place.path, sizeof(place.path), "%s/s.sock", place.folder);
    (void)snprintf(place.out, sizeof(place.out), "%s/out", place.folder);
    (void)snprintf(place.err, sizeof(place.err), "%s/err", place.folder);
    assert_int_equal(setenv("XDG_RUNTIME_DIR", place.folder, 1), 0);
    return place;
}

static void remove_place(const Place *place)
{
    (void)unlink(place->out);
    (void)unlink(place->err);
    (void)rmdir(place->home);
    assert_int_equal(rmdir(place->folder), 0);
}

static Control *open_control(const char *path)
{
    Fault fault = {0};
    Control *control = control_open(path, &fault);
    if (!control) {
        fail_msg("%s", fault.text);
    }
    return control;
}

static int connect_to(const Control *control)
{
    int fd = control_connect(control_path(control), NULL);
    assert_true(fd >= 0);
    return fd;
}

static void send_text(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

// Waits until there is a request.
static ControlRequest take(Control *control)
{
    ControlRequest request;
    uint64_t deadline_ns = mono_ns() + HANG_MS * NS_PER_MS;
    while (!control_take(control, &request)) {
        assert_true(mono_ns() < deadline_ns);
        struct pollfd wanted = {.fd = control_fd(control), .events = POLLIN};
        (void)poll(&wanted, 1, 100);
    }
    return request;
}

static void take_nothing(Control *control)
{
    ControlRequest request;
    assert_false(control_take(control, &request));
    assert_int_equal(request.argc, 0);
}

static void answer(Control *control, const ControlRequest *request, bool ok)
{
    control_reply(control, request->client, json_pack("{s:b}", "ok", ok));
}

// What arrives up to a newline or the end, while the session is pumped; "" when it was hung up.
static void receive(Control *control, int fd, char *out, size_t out_bytes)
{
    size_t done = 0;
    uint64_t deadline_ns = mono_ns() + HANG_MS * NS_PER_MS;
    while (done + 1 < out_bytes && (done == 0 || out[done - 1] != '\n')) {
        assert_true(mono_ns() < deadline_ns);
        ssize_t got = recv(fd, out + done, out_bytes - 1 - done, 0);
        if (got == 0 || (got < 0 && errno == ECONNRESET)) {
            break;
        }
        if (got < 0) {
            take_nothing(control);
        }
        done += got > 0 ? (size_t)got : 0;
    }
    out[done] = '\0';
}

static void expect_reply(Control *control, int fd, const char *text)
{
    char reply[512];
    receive(control, fd, reply, sizeof(reply));
    if (!strstr(reply, text) || (*text == '\0' && reply[0])) {
        fail_msg("\"%s\" does not say \"%s\"", reply, text);
    }
}

// Pumps until the session has read what was sent, so that what follows sees its effect.
static void pump(Control *control)
{
    for (int i = 0; i < 4; i++) {
        take_nothing(control);
    }
}

// Runs control_client in a child; its output goes to place->out and place->err.
static pid_t start_client(const Place *place, const char *socket_path, int argc,
                          const char *const *argv)
{
    (void)fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)dup2(open(place->out, O_WRONLY | O_CREAT | O_TRUNC, 0600), 1);
        (void)dup2(open(place->err, O_WRONLY | O_CREAT | O_TRUNC, 0600), 2);
        _exit(control_client(socket_path, argc, argv));
    }
    return child;
}

static int finish_client(pid_t child)
{
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void file_says(const char *path, const char *text)
{
    static char content[65536];
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    content[fread(content, 1, sizeof(content) - 1, file)] = '\0';
    (void)fclose(file);
    if (!strstr(content, text)) {
        fail_msg("\"%s\" does not say \"%s\"", content, text);
    }
}

static void a_client_asks_and_gets_its_answer(void **unused)
{
    // Scenario: `hotloop ctl` with words that hold blanks, quotes and an umlaut; no path given.
    // Expect: the one session is found, gets the very words, and its reply is printed; exit 0.
    (void)unused;
    static const char *const WORDS[] = {"seek", "two words", "\"q\" \\ \n", "\xc3\xa4", ""};
    Place place = make_place();
    Control *control = open_control(NULL);
    pid_t child = start_client(&place, NULL, 5, WORDS);
    ControlRequest request = take(control);
    assert_int_equal(request.argc, 5);
    for (int i = 0; i < 5; i++) {
        assert_string_equal(request.argv[i], WORDS[i]);
    }
    control_reply(control, request.client, json_pack("{s:b, s:i}", "ok", 1, "tick", 42));
    assert_int_equal(finish_client(child), 0);
    file_says(place.out, "{\"ok\":true,\"tick\":42}\n");
    control_close(control);
    remove_place(&place);
}

static void a_refusal_is_exit_1(void **unused)
{
    // Scenario: the reply says ok: false; then one that does not say ok at all.
    // Expect: printed as it is, exit 1.
    (void)unused;
    static const char *const WORDS[] = {"pause"};
    Place place = make_place();
    Control *control = open_control(place.path);
    for (int i = 0; i < 2; i++) {
        pid_t child = start_client(&place, place.path, 1, WORDS);
        ControlRequest request = take(control);
        control_reply(control, request.client,
                      i == 0 ? json_pack("{s:b, s:s}", "ok", 0, "error", "no") : json_object());
        assert_int_equal(finish_client(child), 1);
        file_says(place.out, i == 0 ? "\"error\":\"no\"" : "{}");
    }
    control_close(control);
    remove_place(&place);
}

static void no_session_is_said(void **unused)
{
    // Scenario: nothing runs; a path where nothing is; a session that closes without an answer; a
    // request that is too long; a word that is not UTF-8.
    // Expect: a message that says so, and 2 for usage, 1 for the rest.
    (void)unused;
    static const char *const WORDS[] = {"status"}, *const BAD[] = {"\xff"};
    static char big[5000];
    memset(big, 'x', sizeof(big) - 1);
    const char *const long_words[] = {big};
    Place place = make_place();
    assert_int_equal(finish_client(start_client(&place, NULL, 1, WORDS)), 2);
    file_says(place.err, "no session");
    assert_int_equal(finish_client(start_client(&place, place.path, 1, WORDS)), 1);
    file_says(place.err, place.path);
    assert_int_equal(finish_client(start_client(&place, place.path, 1, long_words)), 2);
    file_says(place.err, "4096");
    assert_int_equal(finish_client(start_client(&place, place.path, 1, BAD)), 2);
    file_says(place.err, "UTF-8");
    Control *control = open_control(place.path);
    pid_t child = start_client(&place, place.path, 1, WORDS);
    (void)take(control);
    control_close(control);
    assert_int_equal(finish_client(child), 1);
    file_says(place.err, "without an answer");
    remove_place(&place);
}

static void several_sessions_are_listed(void **unused)
{
    // Scenario: two sessions answer `status`, and a third file is a dead session's socket.
    // Expect: exit 2; both with number and title on stderr, the dead one not.
    (void)unused;
    static const char *const WORDS[] = {"pause"};
    Place place = make_place();
    char paths[3][128];
    Control *controls[2];
    assert_int_equal(mkdir(place.home, 0700), 0);
    for (int i = 0; i < 3; i++) {
        (void)snprintf(paths[i], sizeof(paths[i]), "%s/10%d.sock", place.home, i);
    }
    controls[0] = open_control(paths[0]);
    controls[1] = open_control(paths[1]);
    int dead = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ControlAddress at;
    assert_true(control_address_open(&at, paths[2], NULL));
    assert_int_equal(bind(dead, (struct sockaddr *)&at.address, sizeof(at.address)), 0);
    control_address_close(&at);
    close(dead);

    pid_t child = start_client(&place, NULL, 1, WORDS);
    int status = 0;
    while (waitpid(child, &status, WNOHANG) == 0) {
        for (int i = 0; i < 2; i++) {
            ControlRequest request;
            struct pollfd wanted = {.fd = control_fd(controls[i]), .events = POLLIN};
            if (poll(&wanted, 1, 5) > 0 && control_take(controls[i], &request)) {
                assert_string_equal(request.argv[0], "status");
                control_reply(controls[i], request.client,
                              json_pack("{s:b, s:s}", "ok", 1, "title", i ? "Pong" : "Snake"));
            }
        }
    }
    assert_int_equal(WEXITSTATUS(status), 2);
    file_says(place.err, "100 ");
    file_says(place.err, "101 ");
    file_says(place.err, "Snake");
    file_says(place.err, "Pong");
    FILE *file = fopen(place.err, "r");
    char content[4096];
    content[fread(content, 1, sizeof(content) - 1, file)] = '\0';
    (void)fclose(file);
    assert_null(strstr(content, "102.sock"));
    control_close(controls[0]);
    control_close(controls[1]);
    assert_int_equal(unlink(paths[2]), 0);
    remove_place(&place);
}

static void plain_words_are_understood(void **unused)
{
    // Scenario: lines as a person types them: blanks, quotes, backslashes, a carriage return.
    // Expect: the words.
    (void)unused;
    Place place = make_place();
    Control *control = open_control(place.path);
    int fd = connect_to(control);
    send_text(fd, "  seek\t\"two words\" a\\ b \"\" x\"y z\" \\\" \r\n");
    ControlRequest request = take(control);
    static const char *const WORDS[] = {"seek", "two words", "a b", "", "xy z", "\""};
    assert_int_equal(request.argc, COUNT_OF(WORDS));
    for (int i = 0; i < request.argc; i++) {
        assert_string_equal(request.argv[i], WORDS[i]);
    }
    answer(control, &request, true);
    expect_reply(control, fd, "{\"ok\":true}\n");
    close(fd);
    control_close(control);
    remove_place(&place);
}

static void wrong_requests_are_answered(void **unused)
{
    // Scenario: broken JSON, an object, numbers, no word, 17 words, an open quote, a zero byte.
    // Expect: ok: false each time, nothing taken, and the connection goes on.
    (void)unused;
    static const struct {
        const char *line, *reply;
    } CASES[] = {{"[\"a\"\n", "not a JSON array"},
                 {"[]\n", "not a JSON array"},
                 {"[1]\n", "not a string"},
                 {"[[[[[[\n", "not a JSON array"},
                 {"\n", "empty"},
                 {"a b c d e f g h i j k l m n o p q\n", "16 words"},
                 {"[1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7]\n", "16 words"},
                 {"say \"hello\n", "closing"},
                 {"[\"\\u0000\"]\n", "not a JSON array"}};
    Place place = make_place();
    Control *control = open_control(place.path);
    int fd = connect_to(control);
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        send_text(fd, CASES[i].line);
        expect_reply(control, fd, CASES[i].reply);
    }
    assert_int_equal(send(fd, "a\0b\n", 4, 0), 4);
    expect_reply(control, fd, "zero bytes");
    send_text(fd, "[\"status\"]\n");
    ControlRequest request = take(control);
    assert_string_equal(request.argv[0], "status");
    close(fd);
    control_close(control);
    remove_place(&place);
}

static void requests_may_come_in_pieces_or_together(void **unused)
{
    // Scenario: one request byte by byte, then three in one send and the sending side shut.
    // Expect: one after the other, each when the one before is answered, and three replies; the
    // descriptor is readable while one waits.
    (void)unused;
    Place place = make_place();
    Control *control = open_control(place.path);
    int fd = connect_to(control);
    for (const char *at = "[\"step\",\"1\"]"; *at; at++) {
        assert_int_equal(send(fd, at, 1, 0), 1);
        take_nothing(control);
    }
    send_text(fd, "\n");
    ControlRequest request = take(control);
    assert_string_equal(request.argv[1], "1");
    send_text(fd, "one\ntwo\nthree\n");
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    take_nothing(control);
    answer(control, &request, true);
    expect_reply(control, fd, "{\"ok\":true}");
    static const char *const WORDS[] = {"one", "two", "three"};
    for (int i = 0; i < 3; i++) {
        struct pollfd wanted = {.fd = control_fd(control), .events = POLLIN};
        assert_int_equal(poll(&wanted, 1, HANG_MS), 1);
        request = take(control);
        assert_string_equal(request.argv[0], WORDS[i]);
        answer(control, &request, true);
        expect_reply(control, fd, "{\"ok\":true}");
    }
    expect_reply(control, fd, "");
    close(fd);
    control_close(control);
    remove_place(&place);
}

static void a_large_reply_goes_out_in_parts(void **unused)
{
    // Scenario: a reply of 8 MB to a client that reads slowly, while a second one asks.
    // Expect: control_reply and control_take never wait; both get all of theirs.
    (void)unused;
    enum { SIZE = 8 << 20 };
    static char big[SIZE + 1], got[SIZE + 64];
    memset(big, 'x', SIZE);
    Place place = make_place();
    Control *control = open_control(place.path);
    int slow = connect_to(control), quick = connect_to(control);
    send_text(slow, "dump\n");
    ControlRequest request = take(control);
    control_reply(control, request.client, json_pack("{s:s}", "data", big));
    send_text(quick, "status\n");
    request = take(control);
    answer(control, &request, true);
    expect_reply(control, quick, "{\"ok\":true}");
    receive(control, slow, got, sizeof(got));
    assert_int_equal(strlen(got), SIZE + strlen("{\"data\":\"\"}\n"));
    close(slow);
    close(quick);
    control_close(control);
    remove_place(&place);
}

static void unusable_replies_become_an_error(void **unused)
{
    // Scenario: a reply over 16 MiB, one that is no object, and NULL (a failed json_pack).
    // Expect: ok: false with a reason.
    (void)unused;
    static char big[(16 << 20) + 1];
    memset(big, 'x', sizeof(big) - 1);
    Place place = make_place();
    Control *control = open_control(place.path);
    int fd = connect_to(control);
    for (int i = 0; i < 3; i++) {
        send_text(fd, "status\n");
        ControlRequest request = take(control);
        control_reply(control, request.client,
                      i == 0   ? json_pack("{s:s}", "data", big)
                      : i == 1 ? json_array()
                               : NULL);
        expect_reply(control, fd, "\"ok\":false");
    }
    close(fd);
    control_close(control);
    remove_place(&place);
}

static void a_client_that_left_is_forgotten(void **unused)
{
    // Scenario: a client asks and goes; its answer comes frames later; an answer to nobody.
    // Expect: nothing happens, and its place is free.
    (void)unused;
    Place place = make_place();
    Control *control = open_control(place.path);
    int fd = connect_to(control);
    send_text(fd, "status\n");
    ControlRequest request = take(control);
    close(fd);
    take_nothing(control);
    answer(control, &request, true);
    control_reply(control, 12345, json_pack("{s:b}", "ok", 1));
    // It asks and goes before we even looked: the command still counts.
    fd = connect_to(control);
    send_text(fd, "pause\n");
    close(fd);
    request = take(control);
    assert_string_equal(request.argv[0], "pause");
    answer(control, &request, true);
    pump(control);
    control_close(control);
    remove_place(&place);
}

static void a_megabyte_without_newline_is_cut_off(void **unused)
{
    // Scenario: a client sends 1 MB without a newline, then one of binary junk.
    // Expect: told that it is too long, hung up on; others are served.
    (void)unused;
    static char junk[1 << 20];
    Place place = make_place();
    Control *control = open_control(place.path);
    for (int round = 0; round < 2; round++) {
        int fd = connect_to(control);
        for (size_t i = 0; i < sizeof(junk); i++) {
            junk[i] = round == 0 ? 'x' : (char)(i * 2654435761u >> 24);
            junk[i] = junk[i] == '\n' ? 0 : junk[i];
        }
        uint64_t deadline_ns = mono_ns() + HANG_MS * NS_PER_MS;
        for (size_t done = 0; done < sizeof(junk);) {
            ssize_t sent = send(fd, junk + done, sizeof(junk) - done, MSG_NOSIGNAL);
            if (sent < 0 && errno != EAGAIN) {
                break;
            }
            done += sent > 0 ? (size_t)sent : 0;
            take_nothing(control);
            assert_true(mono_ns() < deadline_ns);
        }
        expect_reply(control, fd, "longer than 4096");
        expect_reply(control, fd, "");
        close(fd);
    }
    int fd = connect_to(control);
    send_text(fd, "status\n");
    ControlRequest request = take(control);
    answer(control, &request, true);
    close(fd);
    control_close(control);
    remove_place(&place);
}

static void half_a_request_is_none(void **unused)
{
    // Scenario: half a request and then the end of the connection, from one that still listens and
    // from one that does not.
    // Expect: nothing is taken; both are hung up on.
    (void)unused;
    Place place = make_place();
    Control *control = open_control(place.path);
    int listening = connect_to(control), gone = connect_to(control);
    send_text(listening, "[\"qui");
    send_text(gone, "quit");
    assert_int_equal(shutdown(listening, SHUT_WR), 0);
    close(gone);
    pump(control);
    expect_reply(control, listening, "");
    close(listening);
    control_close(control);
    remove_place(&place);
}

static void a_crowd_is_turned_away(void **unused)
{
    // Scenario: 100 silent connections, then the clock is turned by 11 s; a 101st asks.
    // Expect: 16 stay, the others are told so; after 10 s the silent ones are gone and the new one
    // is served.
    (void)unused;
    Place place = make_place();
    Control *control = open_control(place.path);
    int fds[100], told = 0, hung_up = 0;
    char reply[256];
    for (size_t i = 0; i < COUNT_OF(fds); i++) {
        fds[i] = connect_to(control);
        take_nothing(control);
    }
    for (size_t i = 0; i < COUNT_OF(fds); i++) {
        told += recv(fds[i], reply, sizeof(reply), 0) > 0;
    }
    assert_int_equal(told, 100 - 16);
    control_drop_idle(control, mono_ns() + 9 * NS_PER_S);
    int late = connect_to(control);
    take_nothing(control);
    expect_reply(control, late, "16 clients");
    close(late);
    control_drop_idle(control, mono_ns() + 11 * NS_PER_S);
    for (size_t i = 0; i < COUNT_OF(fds); i++) {
        hung_up += recv(fds[i], reply, sizeof(reply), 0) == 0;
        close(fds[i]);
    }
    assert_int_equal(hung_up, 100);
    int fd = connect_to(control);
    send_text(fd, "status\n");
    ControlRequest request = take(control);
    control_drop_idle(control, mono_ns() + 1000 * NS_PER_S);
    answer(control, &request, true);
    expect_reply(control, fd, "{\"ok\":true}"); // who waits for us is never idle
    close(fd);
    control_close(control);
    remove_place(&place);
}

static void nobody_crowds_out_the_others(void **unused)
{
    // Scenario: two clients, each with many requests waiting.
    // Expect: they take turns.
    (void)unused;
    Place place = make_place();
    Control *control = open_control(place.path);
    int fds[2] = {connect_to(control), connect_to(control)};
    uint64_t last = 0;
    for (int i = 0; i < 2; i++) {
        send_text(fds[i], "a\na\na\na\na\n");
    }
    for (int i = 0; i < 10; i++) {
        ControlRequest request = take(control);
        assert_true(request.client != last);
        last = request.client;
        answer(control, &request, true);
    }
    close(fds[0]);
    close(fds[1]);
    control_close(control);
    remove_place(&place);
}

static void only_dead_sockets_are_removed(void **unused)
{
    // Scenario: in the runtime home a dead session's socket, a living one's, and a file; the dead
    // one's path is then asked for, and so are the other two.
    // Expect: opening removes the dead one only; a living one and a file are refused by name.
    (void)unused;
    Place place = make_place();
    char dead[128], alive[128], file[128];
    Fault fault = {0};
    assert_int_equal(mkdir(place.home, 0700), 0);
    (void)snprintf(dead, sizeof(dead), "%s/1.sock", place.home);
    (void)snprintf(alive, sizeof(alive), "%s/2.sock", place.home);
    (void)snprintf(file, sizeof(file), "%s/3.sock", place.home);
    pid_t child = fork();
    if (child == 0) {
        _exit(control_open(dead, NULL) ? 0 : 1); // gone without closing, as after kill -9
    }
    assert_int_equal(finish_client(child), 0);
    assert_true(file_exists(dead));
    Control *other = open_control(alive);
    assert_true(file_write(file, "x", 1, NULL));

    Control *control = open_control(NULL);
    assert_false(file_exists(dead));
    assert_true(file_exists(alive) && file_exists(file));
    assert_null(control_open(alive, &fault));
    assert_non_null(strstr(fault.text, alive));
    assert_null(control_open(file, &fault));
    assert_non_null(strstr(fault.text, "not a socket"));
    struct stat about;
    assert_int_equal(stat(control_path(control), &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    char own[FILE_PATH_MAX];
    (void)snprintf(own, sizeof(own), "%s", control_path(control));
    control_close(control);
    assert_false(file_exists(own));
    control_close(other);
    control_close(NULL);
    assert_int_equal(unlink(file), 0);
    remove_place(&place);
}

static void long_paths_are_reached(void **unused)
{
    // Scenario: a socket in a folder whose path alone has 200 bytes; then a name of 150.
    // Expect: the first works from both ends, the second is refused with a reason.
    (void)unused;
    Place place = make_place();
    static const char *const WORDS[] = {"status"};
    char folder[300], path[320], worse[500];
    Fault fault = {0};
    (void)snprintf(folder, sizeof(folder), "%s/%0150d", place.folder, 7);
    (void)snprintf(path, sizeof(path), "%s/s.sock", folder);
    (void)snprintf(worse, sizeof(worse), "%s/%0150d.sock", folder, 7);
    assert_int_equal(mkdir(folder, 0700), 0);
    Control *control = open_control(path);
    pid_t child = start_client(&place, path, 1, WORDS);
    ControlRequest request = take(control);
    answer(control, &request, true);
    assert_int_equal(finish_client(child), 0);
    control_close(control);
    assert_int_equal(finish_client(start_client(&place, worse, 1, WORDS)), 1);
    file_says(place.err, "too long");
    assert_null(control_open(worse, &fault));
    assert_int_equal(rmdir(folder), 0);
    remove_place(&place);
}

static void other_users_are_not_heard(void **unused)
{
    // Scenario: another user connects to a socket whose folder lets him in (needs root to try).
    // Expect: he is hung up on; nothing is taken.
    (void)unused;
    if (geteuid() != 0) {
        skip();
    }
    Place place = make_place();
    Control *control = open_control(place.path);
    assert_int_equal(chmod(place.folder, 0755), 0);
    assert_int_equal(chmod(place.path, 0666), 0);
    pid_t child = fork();
    if (child == 0) {
        char byte;
        int fd = setuid(65534) == 0 ? control_connect(place.path, NULL) : -1;
        struct pollfd wanted = {.fd = fd, .events = POLLIN};
        (void)send(fd, "quit\n", 5, MSG_NOSIGNAL); // may come too late: hung up already
        bool is_hung_up = fd >= 0 && poll(&wanted, 1, HANG_MS) == 1 && recv(fd, &byte, 1, 0) <= 0;
        _exit(is_hung_up ? 0 : 1);
    }
    int status = 0;
    while (waitpid(child, &status, WNOHANG) == 0) {
        struct pollfd wanted = {.fd = control_fd(control), .events = POLLIN};
        (void)poll(&wanted, 1, 10);
        take_nothing(control);
    }
    assert_int_equal(status, 0);
    control_close(control);
    remove_place(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_asks_and_gets_its_answer),
        cmocka_unit_test(a_refusal_is_exit_1),
        cmocka_unit_test(no_session_is_said),
        cmocka_unit_test(several_sessions_are_listed),
        cmocka_unit_test(plain_words_are_understood),
        cmocka_unit_test(wrong_requests_are_answered),
        cmocka_unit_test(requests_may_come_in_pieces_or_together),
        cmocka_unit_test(a_large_reply_goes_out_in_parts),
        cmocka_unit_test(unusable_replies_become_an_error),
        cmocka_unit_test(a_client_that_left_is_forgotten),
        cmocka_unit_test(a_megabyte_without_newline_is_cut_off),
        cmocka_unit_test(half_a_request_is_none),
        cmocka_unit_test(a_crowd_is_turned_away),
        cmocka_unit_test(nobody_crowds_out_the_others),
        cmocka_unit_test(only_dead_sockets_are_removed),
        cmocka_unit_test(long_paths_are_reached),
        cmocka_unit_test(other_users_are_not_heard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
