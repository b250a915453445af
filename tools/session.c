// Contents: folders, starting and stopping, events, saving
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// ----------------------------------------------------------------------------------------- folders

bool session_folder_open(char folder[FILE_PATH_MAX], const char *name, Fault *fault)
{
    static const char *const VARIABLES[][2] = {{"XDG_STATE_HOME", "state"},
                                               {"XDG_DATA_HOME", "data"},
                                               {"XDG_RUNTIME_DIR", "runtime"},
                                               {"TMPDIR", "tmp"}};
    (void)text_format(folder, FILE_PATH_MAX, "/tmp/hotloop-%s-XXXXXX", name);
    if (!mkdtemp(folder)) {
        return fault_set(fault, FAULT_FILE, "%s: %s", folder, strerror(errno));
    }
    for (size_t i = 0; i < COUNT_OF(VARIABLES); i++) {
        char path[FILE_PATH_MAX];
        if (!file_join(path, folder, VARIABLES[i][1]) || !file_make_dirs(path, 0700, fault)) {
            return false;
        }
        setenv(VARIABLES[i][0], path, 1);
    }
    unsetenv("DISPLAY");
    unsetenv("WAYLAND_DISPLAY");
    return true;
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)about;
    (void)kind;
    (void)where;
    return remove(path);
}

void session_folder_close(const char *folder)
{
    if (folder[0]) {
        (void)nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    }
}

bool session_find_hotloop(char hotloop[FILE_PATH_MAX], Fault *fault)
{
    char self[FILE_PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
    self[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(self, '/');
    if (slash) {
        *slash = '\0';
    }
    if (!file_join(hotloop, self, "hotloop") || access(hotloop, X_OK) != 0) {
        return fault_set(fault, FAULT_FILE,
                         "%s: not there; build it first (ninja -C build hotloop)", hotloop);
    }
    return true;
}

// ------------------------------------------------------------------------------ starting, stopping

enum { ARGS_MAX = 32 };

// A borrowed text where argv wants `char *`; nothing writes to it.
static char *as_word(const char *text)
{
    union {
        const char *text;
        char *word;
    } both = {.text = text};
    return both.word;
}

// out_fd: where stdout goes (-1: /dev/null); log: where stderr, and stdout if out_fd is -1, go.
static pid_t spawn(const char *const *command, int out_fd, const char *log)
{
    char *words[ARGS_MAX + 1];
    int count = 0;
    for (; command[count] && count < ARGS_MAX; count++) {
        words[count] = as_word(command[count]);
    }
    words[count] = NULL;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, log ? log : "/dev/null",
                                     O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (log) {
        posix_spawn_file_actions_adddup2(&actions, 1, 2);
    }
    if (out_fd >= 0) {
        posix_spawn_file_actions_adddup2(&actions, out_fd, 1);
    }
    pid_t pid = 0;
    int error = posix_spawnp(&pid, words[0], &actions, NULL, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    return error ? 0 : pid;
}

static bool wait_for_exit(pid_t pid, int *status)
{
    pid_t got;
    while ((got = waitpid(pid, status, 0)) < 0 && errno == EINTR) {
    }
    return got == pid;
}

bool session_run(const char *const *command)
{
    int status = 0;
    pid_t pid = spawn(command, -1, "/dev/null");
    return pid > 0 && wait_for_exit(pid, &status) && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool listen_to(Session *session, const char *fifo, Fault *fault)
{
    (void)unlink(fifo);
    // O_RDWR: an own writer, so that reading never sees an end of file (fifo(7)).
    if (mkfifo(fifo, 0600) != 0
        || (session->events_fd = open(fifo, O_RDWR | O_NONBLOCK | O_CLOEXEC)) < 0) {
        return fault_set(fault, FAULT_FILE, "%s: %s", fifo, strerror(errno));
    }
    // More than anything between two looks; hotloop drops a line rather than wait for a reader.
    (void)fcntl(session->events_fd, F_SETPIPE_SZ, 1 << 20);
    return true;
}

bool session_start(Session *session, const char *hotloop, const char *folder,
                   const char *const *args, Fault *fault)
{
    const char *command[ARGS_MAX] = {hotloop, "run"};
    char fifo[FILE_PATH_MAX];
    int count = 2;
    *session = (Session){.events_fd = -1, .hotloop = hotloop};
    if (!file_join(fifo, folder, "events") || !file_join(session->log, folder, "log")
        || !listen_to(session, fifo, fault)) {
        return false;
    }
    while (*args && count < ARGS_MAX - 3) {
        command[count++] = *args++;
    }
    command[count++] = "--events";
    command[count++] = fifo;
    session->pid = spawn(command, -1, session->log);
    json_t *start = session->pid ? session_wait(session, "start", SESSION_WAIT_MS) : NULL;
    if (!start) {
        session_print_log(session);
        (void)session_stop(session);
        return fault_set(fault, FAULT_GAME, "%s run did not start", hotloop);
    }
    (void)text_format(session->socket, sizeof(session->socket), "%s", event_text(start, "socket"));
    session->game_pid = (pid_t)json_integer_value(json_object_get(start, "pid"));
    json_decref(start);
    return true;
}

int session_stop(Session *session)
{
    int status = 0;
    bool ended = session->pid == 0;
    if (!ended) {
        kill(session->pid, SIGTERM);
    }
    for (int i = 0; i < 1000 && !ended; i++) {
        ended = waitpid(session->pid, &status, WNOHANG) != 0;
        if (!ended) {
            mono_sleep_until(mono_ns() + 10 * NS_PER_MS);
        }
    }
    if (!ended) {
        kill(session->pid, SIGKILL);
        (void)wait_for_exit(session->pid, &status);
    }
    if (session->events_fd >= 0) {
        close(session->events_fd);
    }
    session->pid = 0;
    session->events_fd = -1;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void session_print_log(const Session *session)
{
    enum { SHOWN_BYTES = 3000 };
    char text[SHOWN_BYTES + 1];
    int fd = open(session->log, O_RDONLY | O_CLOEXEC);
    off_t size = fd >= 0 ? lseek(fd, 0, SEEK_END) : 0;
    if (fd < 0) {
        return;
    }
    ssize_t got =
        pread(fd, text, SHOWN_BYTES, size > (off_t)SHOWN_BYTES ? size - (off_t)SHOWN_BYTES : 0);
    text[got > 0 ? got : 0] = '\0';
    fprintf(stderr, "---- the end of what hotloop printed:\n%s----\n", text);
    close(fd);
}

// ------------------------------------------------------------------------------------------ events

static json_t *take_line(Session *session)
{
    char *end = memchr(session->unread, '\n', session->unread_bytes);
    if (!end) {
        return NULL;
    }
    size_t length = (size_t)(end - session->unread) + 1;
    json_t *event = json_loadb(session->unread, length, 0, NULL);
    session->unread_bytes -= length;
    memmove(session->unread, end + 1, session->unread_bytes);
    return event;
}

static bool has_ended(const Session *session)
{
    siginfo_t about = {0};
    return waitid(P_PID, (id_t)session->pid, &about, WEXITED | WNOHANG | WNOWAIT) == 0
           && about.si_pid == session->pid;
}

json_t *session_event(Session *session, int timeout_ms)
{
    uint64_t give_up_ns = mono_ns() + (uint64_t)timeout_ms * NS_PER_MS;
    for (;;) {
        json_t *event = take_line(session);
        if (event) {
            return event;
        }
        bool ended = has_ended(session); // asked before reading: what it wrote last is still read
        ssize_t got = session->unread_bytes < sizeof(session->unread)
                          ? read(session->events_fd, session->unread + session->unread_bytes,
                                 sizeof(session->unread) - session->unread_bytes)
                          : 0;
        if (got > 0) {
            session->unread_bytes += (size_t)got;
            continue;
        }
        uint64_t now_ns = mono_ns();
        if (ended || got == 0 || now_ns >= give_up_ns) {
            return NULL;
        }
        uint64_t left_ms = (give_up_ns - now_ns) / NS_PER_MS + 1;
        struct pollfd readable = {.fd = session->events_fd, .events = POLLIN};
        (void)poll(&readable, 1, left_ms < 200 ? (int)left_ms : 200);
    }
}

json_t *session_wait(Session *session, const char *name, int timeout_ms)
{
    uint64_t give_up_ns = mono_ns() + (uint64_t)timeout_ms * NS_PER_MS;
    for (;;) {
        uint64_t now_ns = mono_ns();
        int left_ms = now_ns < give_up_ns ? (int)((give_up_ns - now_ns) / NS_PER_MS) : 0;
        json_t *event = session_event(session, left_ms);
        if (!event || event_is(event, name)) {
            return event;
        }
        json_decref(event);
    }
}

json_t *session_ask(const Session *session, const char *words)
{
    const char *command[12] = {session->hotloop, "ctl", "--socket", session->socket};
    char text[8192], copy[1024], *rest = copy;
    size_t count = 4;
    (void)text_format(copy, sizeof(copy), "%s", words);
    for (char *word; count + 1 < COUNT_OF(command) && (word = strsep(&rest, " ")) != NULL;) {
        command[count++] = word;
    }
    command[count] = NULL;
    size_t used = 0;
    int ends[2], status;
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return NULL;
    }
    pid_t pid = spawn(command, ends[1], NULL);
    close(ends[1]);
    for (ssize_t got; used < sizeof(text); used += (size_t)got) {
        got = read(ends[0], text + used, sizeof(text) - used);
        if (got <= 0) {
            break;
        }
    }
    close(ends[0]);
    if (pid <= 0 || !wait_for_exit(pid, &status)) {
        return NULL;
    }
    return json_loadb(text, used, 0, NULL);
}

bool event_is(const json_t *event, const char *name)
{
    return strcmp(event_text(event, "event"), name) == 0;
}

uint64_t event_number(const json_t *event, const char *field)
{
    return (uint64_t)json_integer_value(json_object_get(event, field));
}

const char *event_text(const json_t *event, const char *field)
{
    const char *text = json_string_value(json_object_get(event, field));
    return text ? text : "";
}

// ------------------------------------------------------------------------------------------ saving

const char *const SAVE_STYLE_NAMES[SAVE_STYLES] = {"renamed over", "written in place",
                                                   "emptied, then written",
                                                   "emptied, then written in four parts"};

static bool write_parts(int fd, const uint8_t *bytes, size_t size_bytes, size_t parts,
                        unsigned pause_us)
{
    for (size_t i = 0; i < parts; i++) {
        size_t from = size_bytes * i / parts, to = size_bytes * (i + 1) / parts;
        if (pause_us > 0) {
            mono_sleep_until(mono_ns() + pause_us * UINT64_C(1000));
        }
        if (write(fd, bytes + from, to - from) != (ssize_t)(to - from)) {
            return false;
        }
    }
    return true;
}

bool session_save(const char *path, const void *bytes, size_t size_bytes, SaveStyle style,
                  unsigned pause_us, uint64_t *saved_ns, Fault *fault)
{
    char beside[FILE_PATH_MAX];
    (void)text_format(beside, sizeof(beside), "%s~", path);
    bool renames = style == SAVE_RENAME, in_place = style == SAVE_IN_PLACE;
    int flags = O_WRONLY | O_CREAT | O_CLOEXEC | (in_place ? 0 : O_TRUNC);
    int fd = open(renames ? beside : path, flags, 0644);
    if (fd < 0) {
        return fault_set(fault, FAULT_FILE, "%s: %s", path, strerror(errno));
    }
    size_t parts = style == SAVE_CHUNKS ? 4 : 1;
    bool breathes = style == SAVE_TRUNCATE || style == SAVE_CHUNKS;
    bool ok = write_parts(fd, bytes, size_bytes, parts, breathes ? pause_us : 0);
    ok = ok && (!in_place || ftruncate(fd, (off_t)size_bytes) == 0);
    if (saved_ns) {
        *saved_ns = mono_ns();
    }
    ok = close(fd) == 0 && ok && (!renames || rename(beside, path) == 0);
    return ok
           || fault_set(fault, FAULT_FILE, "%s: could not be written: %s", path, strerror(errno));
}
