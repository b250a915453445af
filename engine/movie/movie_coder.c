#include "movie_coder.h"

#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// ------------------------------------------------------------------------------------------
// starting

static bool is_program(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISREG(about.st_mode) && access(path, X_OK) == 0;
}

bool movie_coder_find(char out[FILE_PATH_MAX])
{
    const char *path = getenv("PATH");
    for (const char *at = path ? path : "/usr/local/bin:/usr/bin:/bin"; at;) {
        const char *end = strchrnul(at, ':');
        char name[FILE_PATH_MAX];
        // An empty folder is the current one. Source: environ(7).
        bool fits = text_format(name, sizeof name, "%.*s/ffmpeg", end > at ? (int)(end - at) : 1,
                                end > at ? at : ".");
        char *whole = fits && is_program(name) ? realpath(name, NULL) : NULL;
        if (whole && text_format(out, FILE_PATH_MAX, "%s", whole)) {
            free(whole);
            return true;
        }
        free(whole);
        at = *end ? end + 1 : NULL;
    }
    out[0] = 0;
    return false;
}

static void set_actions(posix_spawn_file_actions_t *actions, const char *folder, int feed_fd,
                        int words_fd)
{
    posix_spawn_file_actions_init(actions);
    if (feed_fd >= 0) {
        posix_spawn_file_actions_adddup2(actions, feed_fd, STDIN_FILENO);
    } else {
        posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    }
    posix_spawn_file_actions_adddup2(actions, words_fd, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(actions, words_fd, STDERR_FILENO);
    child_close_others(actions);
    posix_spawn_file_actions_addchdir_np(actions, folder);
}

static int spawn(MovieCoder *coder, const char *program, const char *folder,
                 const char *const *args, int feed_fd)
{
    // posix_spawn(3) takes them as it would have to change them, and does not.
    char *argv[MOVIE_CODER_ARGS_MAX + 2] = {(char *)(uintptr_t)program};
    for (int i = 0; i < MOVIE_CODER_ARGS_MAX && args[i]; i++) {
        argv[i + 1] = (char *)(uintptr_t)args[i];
    }
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    set_actions(&actions, folder, feed_fd, coder->words_fd);
    child_fresh(&attributes, POSIX_SPAWN_SETPGROUP);
    int error = posix_spawn(&coder->pid, program, &actions, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (error) {
        coder->pid = 0;
    }
    return error;
}

static void close_fd(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
    }
    *fd = -1;
}

static void rest(MovieCoder *coder)
{
    close_fd(&coder->feed_fd);
    close_fd(&coder->words_fd);
    coder->pid = 0;
}

bool movie_coder_start(MovieCoder *coder, const char *program, const char *folder,
                       const char *const *args, bool fed)
{
    int ends[2] = {-1, -1};
    *coder = (MovieCoder){.feed_fd = -1, .words_fd = memfd_create("ffmpeg", MFD_CLOEXEC)};
    // A socket, not a pipe: only send(2) can be told not to raise SIGPIPE.
    bool ready = coder->words_fd >= 0
                 && (!fed || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    int error = ready ? spawn(coder, program, folder, args, ends[1]) : errno;
    coder->feed_fd = ends[0];
    close_fd(&ends[1]);
    if (error) {
        rest(coder);
        errno = error;
        return false;
    }
    return true;
}

// ----------------------------------------------------------------------------------------- feeding

bool movie_coder_feed(MovieCoder *coder, const void *bytes, size_t size_bytes)
{
    const uint8_t *at = bytes, *end = at + size_bytes;
    while (at < end) {
        ssize_t sent = send(coder->feed_fd, at, (size_t)(end - at), MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR) {
            return false;
        }
        at += sent > 0 ? sent : 0;
    }
    return true;
}

// ------------------------------------------------------------------------------------------ ending

// The last lines that fit, as one.
static void read_words(int fd, char *out, size_t out_bytes)
{
    char raw[MOVIE_CODER_WORDS_BYTES / 2];
    struct stat about;
    off_t size = fstat(fd, &about) == 0 ? about.st_size : 0, room = (off_t)sizeof raw - 1;
    ssize_t got = pread(fd, raw, (size_t)room, size > room ? size - room : 0);
    got = got > 0 ? got : 0;
    while (got > 0 && (raw[got - 1] == '\n' || raw[got - 1] == ' ')) {
        got--;
    }
    raw[got] = 0;
    const char *cut = size > room ? strchr(raw, '\n') : NULL; // a line that was cut is left out
    for (char *newline = raw; (newline = strchr(newline, '\n'));) {
        *newline = ' ';
    }
    text_clean(out, out_bytes, cut ? cut + 1 : raw, false);
}

static int wait_for(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

bool movie_coder_end(MovieCoder *coder, char words[MOVIE_CODER_WORDS_BYTES])
{
    char said[MOVIE_CODER_WORDS_BYTES / 2];
    words[0] = 0;
    if (coder->pid == 0) {
        return false;
    }
    close_fd(&coder->feed_fd);
    int status = wait_for(coder->pid);
    read_words(coder->words_fd, said, sizeof said);
    rest(coder);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        return true;
    }
    if (WIFSIGNALED(status)) {
        text_format(words, MOVIE_CODER_WORDS_BYTES, "ffmpeg was ended by signal %d (%s)%s%s",
                    WTERMSIG(status), strsignal(WTERMSIG(status)), said[0] ? ": " : "", said);
    } else {
        text_format(words, MOVIE_CODER_WORDS_BYTES, "ffmpeg gave up: %s",
                    said[0] ? said : "it did not say why");
    }
    return false;
}

void movie_coder_kill(MovieCoder *coder)
{
    if (coder->pid > 0) {
        kill(-coder->pid, SIGKILL); // the group: a wrapper around ffmpeg has children
        kill(coder->pid, SIGKILL);
        wait_for(coder->pid);
    }
    rest(coder);
}
