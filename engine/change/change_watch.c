#include "change_internal.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static bool has_end(const char *path, const char *end)
{
    size_t length = strlen(path), end_length = strlen(end);
    return length >= end_length && strcmp(path + length - end_length, end) == 0;
}

// Cheap and a little too generous: whether it changes the build is decided by contents.
static bool is_relevant(const Change *change, const WatchChange *what)
{
    if (!change->config.game_folder || what->kind == WATCH_RESCAN || has_end(what->path, ".c")
        || has_end(what->path, ".h") || has_end(what->path, "/hotloop.conf")) {
        return true;
    }
    for (uint32_t i = 0; i < change->inputs_watched; i++) {
        if (strcmp(change->inputs[i], what->path) == 0) {
            return true;
        }
    }
    return false;
}

// When the file was written, on the monotonic clock: that is where the wait of whoever saved it
// began. Not believed when it lies in the future or long ago (another machine's clock, cp -p, mv).
static uint64_t saved_ns(const WatchChange *what)
{
    enum { BELIEVED_S = 2 };
    struct stat about;
    struct timespec real;
    if (what->kind != WATCH_WRITTEN || stat(what->path, &about) != 0) {
        return what->noticed_ns;
    }
    clock_gettime(CLOCK_REALTIME, &real);
    uint64_t now_ns = mono_ns();
    int64_t age_ns = (real.tv_sec - about.st_mtim.tv_sec) * (int64_t)NS_PER_S + real.tv_nsec
                     - about.st_mtim.tv_nsec;
    if (age_ns < 0 || (uint64_t)age_ns > now_ns) {
        return what->noticed_ns;
    }
    uint64_t written_ns = now_ns - (uint64_t)age_ns;
    bool is_plausible =
        written_ns <= what->noticed_ns && what->noticed_ns - written_ns <= BELIEVED_S * NS_PER_S;
    return is_plausible ? written_ns : what->noticed_ns;
}

static void drain(Change *change)
{
    WatchChange what;
    Work work = {0};
    while (watch_next(change->watch, &what)) {
        Work more = {.any = true,
                     .noisy = true,
                     .changes = 1,
                     .noticed_ns = what.noticed_ns,
                     .gone = what.kind == WATCH_GONE};
        if (change->command) {
            change_command_work(change, &what, &more);
        } else {
            more.any = is_relevant(change, &what);
        }
        if (more.any) {
            more.saved_ns = saved_ns(&what);
            change_merge_work(&work, &more);
        }
    }
    if (work.any) {
        change_add_work(change, &work);
    }
}

static void take_notes(Change *change)
{
    char note[1024];
    while (watch_take_note(change->watch, note, sizeof(note))) {
        change_push_note(change, change->watcher_result, "%s", note);
    }
}

// Files that the last build read and that do not lie in the game's folder. What happened to them
// between that and the watch is found by building once more, quietly.
static void watch_inputs(Change *change)
{
    uint64_t count;
    ssize_t got = read(change->command_fd, &count, sizeof(count));
    (void)got;
    pthread_mutex_lock(&change->lock);
    uint32_t wanted = change->input_count;
    pthread_mutex_unlock(&change->lock);
    bool is_new = change->inputs_watched < wanted;
    for (; change->inputs_watched < wanted; change->inputs_watched++) {
        // Entries below input_count are not written to any more.
        Fault ignored; // its folder is gone: the compiler will have more to say about that
        (void)watch_file(change->watch, change->inputs[change->inputs_watched], &ignored);
    }
    if (is_new) {
        uint64_t now_ns = mono_ns();
        change_add_work(change, &(Work){.any = true, .noticed_ns = now_ns, .saved_ns = now_ns});
    }
}

void change_watch_run(Change *change)
{
    struct pollfd fds[3] = {{.fd = change->quit_fd, .events = POLLIN},
                            {.fd = change->command_fd, .events = POLLIN}};
    while (!(fds[0].revents & POLLIN)) {
        if (fds[1].revents & POLLIN) {
            watch_inputs(change);
        }
        drain(change);
        take_notes(change);
        fds[2] = (struct pollfd){.fd = watch_fd(change->watch), .events = POLLIN};
        (void)poll(fds, COUNT_OF(fds), watch_timeout_ms(change->watch));
    }
}
