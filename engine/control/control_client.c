// The client's side of `hotloop ctl`: finds the session, asks, prints.
#include "control.h"
#include "control_socket.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SESSIONS_MAX = 64, ANSWER_MS = 10000, STATUS_MS = 300, CONNECT_MS = 10000 };

typedef struct Sessions {
    char path[SESSIONS_MAX][FILE_PATH_MAX];
    int count;
} Sessions;

// Waits until `fd` can do `events`; false when the time is over.
static bool wait_for(int fd, short events, uint64_t deadline_ns)
{
    for (;;) {
        uint64_t now_ns = mono_ns();
        if (now_ns >= deadline_ns) {
            return false;
        }
        struct pollfd wanted = {.fd = fd, .events = events};
        int left_ms = (int)((deadline_ns - now_ns) / NS_PER_MS) + 1;
        if (poll(&wanted, 1, left_ms) > 0) {
            return true;
        }
    }
}

static bool send_request(int fd, const char *request, size_t size_bytes, uint64_t deadline_ns,
                         Fault *fault)
{
    for (size_t done = 0; done < size_bytes;) {
        ssize_t sent = send(fd, request + done, size_bytes - done, MSG_NOSIGNAL);
        if (sent >= 0) {
            done += (size_t)sent;
        } else if (errno == EPIPE || errno == ECONNRESET) {
            return true; // it may have said why before it hung up: read that
        } else if (errno != EINTR && (errno != EAGAIN || !wait_for(fd, POLLOUT, deadline_ns))) {
            return fault_set(fault, FAULT_FILE, "the request could not be sent: %s",
                             strerror(errno));
        }
    }
    return true;
}

// The reply up to its newline, terminated, in `arena`. NULL and a fault when none came.
static const char *receive_reply(int fd, Arena *arena, uint64_t deadline_ns, Fault *fault)
{
    char *reply = ARENA_NEW(arena, char, CONTROL_REPLY_MAX + 1);
    size_t done = 0;
    while (done < CONTROL_REPLY_MAX) {
        if (!wait_for(fd, POLLIN, deadline_ns)) {
            (void)fault_set(fault, FAULT_FILE,
                            "the session did not answer in time; it may be "
                            "stopped in a debugger or busy");
            return NULL;
        }
        ssize_t got = recv(fd, reply + done, CONTROL_REPLY_MAX - done, 0);
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) {
            continue;
        }
        if (got <= 0) {
            (void)fault_set(fault, FAULT_FILE,
                            "the session closed the connection without an answer%s",
                            done ? " that was whole" : "; it has ended or was too busy");
            return NULL;
        }
        char *end = memchr(reply + done, '\n', (size_t)got);
        done += (size_t)got;
        if (end) {
            *end = '\0';
            return reply;
        }
    }
    (void)fault_set(fault, FAULT_FORMAT, "the answer is longer than %d MiB",
                    CONTROL_REPLY_MAX >> 20);
    return NULL;
}

// Sends one request line and parses the reply. NULL and a fault when there is none.
static json_t *ask(int fd, const char *request, size_t size_bytes, unsigned timeout_ms,
                   Fault *fault)
{
    Arena arena;
    json_t *answer = NULL;
    uint64_t deadline_ns = mono_ns() + timeout_ms * NS_PER_MS;
    if (!arena_open(&arena, 0, CONTROL_REPLY_MAX + PAGE_BYTES, fault)) {
        return NULL;
    }
    if (send_request(fd, request, size_bytes, deadline_ns, fault)) {
        const char *reply = receive_reply(fd, &arena, deadline_ns, fault);
        json_error_t error;
        answer = reply ? json_loads(reply, 0, &error) : NULL;
        if (reply && !json_is_object(answer)) {
            json_decref(answer);
            answer = NULL;
            (void)fault_set(fault, FAULT_FORMAT,
                            "the answer is not a JSON object; is it a hotloop "
                            "session that listens there?");
        }
    }
    arena_close(&arena);
    return answer;
}

// The words as one line of JSON; the caller frees it. NULL and a fault when they cannot be one.
static char *make_request(int argc, const char *const *argv, size_t *size_bytes, Fault *fault)
{
    json_t *words = json_array();
    bool is_utf8 = true;
    for (int i = 0; i < argc; i++) {
        is_utf8 = json_array_append_new(words, json_string(argv[i])) == 0 && is_utf8;
    }
    char *line = is_utf8 ? json_dumps(words, JSON_COMPACT) : NULL;
    json_decref(words);
    size_t length = line ? strlen(line) : 0;
    if (!line || argc > (int)COUNT_OF(((ControlRequest *)NULL)->argv)
        || length + 1 > CONTROL_REQUEST_MAX) {
        (void)fault_set(fault, FAULT_USAGE, "%s",
                        !line ? "the command is not UTF-8"
                              : "the command is longer than 16 words or 4096 bytes");
        free(line);
        return NULL;
    }
    line[length] = '\n'; // the terminating 0 has done its work
    *size_bytes = length + 1;
    return line;
}

static bool find_sessions(Sessions *sessions, Fault *fault)
{
    char home[FILE_PATH_MAX];
    if (!file_home(home, FILE_HOME_RUNTIME, "", fault)) {
        return false;
    }
    DIR *listing = opendir(home);
    if (!listing) {
        return fault_set(fault, FAULT_FILE, "%s: %s", home, strerror(errno));
    }
    for (struct dirent *entry = readdir(listing); entry; entry = readdir(listing)) {
        char *path = sessions->path[sessions->count];
        if (sessions->count + 1 < SESSIONS_MAX && control_is_socket_name(entry->d_name)
            && file_join(path, home, entry->d_name)) {
            int fd = control_connect(path, NULL);
            sessions->count += fd >= 0 || errno == EAGAIN;
            if (fd >= 0) {
                close(fd);
            }
        }
    }
    closedir(listing);
    return true;
}

static void list_one(const char *path)
{
    static const char STATUS[] = "[\"status\"]\n";
    char pid[64], title[128] = "does not answer";
    int fd = control_connect(path, NULL);
    json_t *status = fd >= 0 ? ask(fd, STATUS, sizeof(STATUS) - 1, STATUS_MS, NULL) : NULL;
    const char *said = json_string_value(json_object_get(status, "title"));
    if (status) {
        text_clean(title, sizeof(title), said ? said : "", false);
    }
    json_decref(status);
    if (fd >= 0) {
        close(fd);
    }
    file_base_name(pid, sizeof(pid), path);
    pid[strcspn(pid, ".")] = '\0';
    (void)fprintf(stderr, "    %-8s %-32s %s\n", pid, title, path);
}

// Room for the list is 256 KB: in an arena, not on the stack.
static bool choose_session(Arena *arena, const char **path, Fault *fault)
{
    Sessions *sessions = ARENA_NEW(arena, Sessions, 1);
    if (!find_sessions(sessions, fault)) {
        return false;
    }
    if (sessions->count == 0) {
        return fault_set(fault, FAULT_USAGE,
                         "no session of this user is running; start one with "
                         "`hotloop run FOLDER`");
    }
    if (sessions->count > 1) {
        (void)fprintf(stderr, "hotloop: several sessions are running:\n");
        for (int i = 0; i < sessions->count; i++) {
            list_one(sessions->path[i]);
        }
        return fault_set(fault, FAULT_USAGE, "say which one: `hotloop ctl --socket PATH ...`");
    }
    *path = sessions->path[0];
    return true;
}

// As JSON; somebody who looks at a terminal is shown the text of a reply that has one.
static int print_answer(json_t *answer)
{
    char *line = json_dumps(answer, JSON_COMPACT);
    bool ok = json_is_true(json_object_get(answer, "ok"));
    const char *text = ok ? json_string_value(json_object_get(answer, "text")) : NULL;
    if (text && isatty(STDOUT_FILENO)) {
        (void)puts(text);
        (void)fflush(stdout);
    } else if (line) {
        (void)puts(line);
        (void)fflush(stdout);
    }
    free(line);
    return ok ? EXIT_OK : EXIT_GAME;
}

// Connects, waiting while the session has too many connections at once.
static int connect_patiently(const char *path, Fault *fault)
{
    uint64_t deadline_ns = mono_ns() + CONNECT_MS * NS_PER_MS;
    int fd = control_connect(path, fault);
    while (fd < 0 && errno == EAGAIN && mono_ns() < deadline_ns) {
        mono_sleep_until(mono_ns() + 20 * NS_PER_MS);
        fd = control_connect(path, fault);
    }
    if (fd >= 0) {
        *fault = (Fault){0}; // of the tries before
    }
    return fd;
}

static int ask_session(const char *path, const char *request, size_t size_bytes, Fault *fault)
{
    int fd = connect_patiently(path, fault);
    json_t *answer = fd >= 0 ? ask(fd, request, size_bytes, ANSWER_MS, fault) : NULL;
    int code = answer ? print_answer(answer) : EXIT_GAME;
    json_decref(answer);
    if (fd >= 0) {
        close(fd);
    }
    return code;
}

int control_client(const char *socket_path, int argc, const char *const *argv)
{
    Fault fault = {0};
    Arena arena = {0};
    size_t size_bytes = 0;
    int code = EXIT_USAGE;
    char *request = make_request(argc, argv, &size_bytes, &fault);
    if (request && arena_open(&arena, 0, sizeof(Sessions) + PAGE_BYTES, &fault)
        && (socket_path || choose_session(&arena, &socket_path, &fault))) {
        code = ask_session(socket_path, request, size_bytes, &fault);
    }
    if (fault.kind != FAULT_NONE) {
        log_line(LOG_ERROR, "ctl: %s", fault.text);
    }
    free(request);
    arena_close(&arena);
    return code;
}
