// Every line holds "event", "tick" (the last tick that ran) and "mono_ns" (CLOCK_MONOTONIC when it
// was written), then the fields of its kind:
//
//     start         pid, game (its id), socket (for `hotloop ctl`)
//     resumed       in place of start, when another process goes on with the session: pid, game,
//                   socket, why (signal, exit, restart), signal, exit_code (of the process before),
//                   history (false: the game begins anew), paused, moment, lost (moments at most),
//                   text
//     build         the compiler was started
//     build_failed  diagnostics: [{file, line, column, severity, text}], errors, warnings (counts),
//                   plays_fast: the fast compiler took these sources, and its code plays
//     warnings      diagnostics, as above: the build went through
//     unchanged     a build gave the code that runs already
//     reload        generation, tier ("fast": the fast compiler's code, "full"), saved_ns,
//     built_ns, ready_ns, first_tick_ns: points in time by
//                   CLOCK_MONOTONIC, null when unknown (file saved, compiler done, library checked
//                   and loaded, first tick of the new code done); swap_ns: how long the swap held
//                   the frame up; carried, changed, lost, guessed: texts, what became of state,
//                   variables and pointers; migrated: what changed in its structs, "" nothing
//     tier          the full compiler's code took the place of the fast one's of the same sources,
//                   which is no reload: generation, tier ("full"), saved_ns, built_ns, ready_ns,
//                   swap_ns, ms (since the save, null when unknown), checked (ticks that both ran),
//                   differed, skipped: why there were no more of them; lost: texts
//     seam          the two did a tick differently: seam_tick, moment, field ("" none has a name),
//                   fast, full (its values), more (fields beside it), files (that the full compiler
//                   alone makes from now on), text
//     refused       reason, kind (fault_kind_name), fields (texts: what cannot be decided): the
//                   build is fine but cannot be taken; the old code plays on
//     loop          state: "record", "play" or "off"
//     break         number, condition, was, value, moment: it became true in this tick
//     restart       init() ran again
//     fault         kind (fault_kind_name), where (file:line, "" when unknown), text
//     log           text: a line of hl_log()
//     quit          hash (of the state, 16 hex digits), ticks (that ran), exit_code
//
// A reader should skip events and fields that it does not know: later versions add some.
#include "events.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool events_open(Events *events, const char *path, Fault *fault)
{
    *events = (Events){.fd = -1};
    if (!path) {
        return true;
    }
    // O_NONBLOCK: a FIFO without a reader is refused instead of waited for, and a full one loses a
    // line instead of a frame; regular files do not care. Source: open(2), fifo(7).
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0644);
    if (fd < 0) {
        return fault_set(fault, FAULT_FILE, "%s: no events can be written there: %s", path,
                         errno == ENXIO ? "nobody reads this FIFO" : strerror(errno));
    }
    events->fd = fd;
    return true;
}

void events_close(Events *events)
{
    // A zeroed struct was never opened, and 0 is somebody's stdin. open(2) gives us 0 only when the
    // caller has closed stdin; leaking that one until exit is the better mistake.
    if (events->fd > 0) {
        close(events->fd);
    }
    *events = (Events){.fd = -1};
}

// Takes back the beginning of a line that did not fit on the disk. Where that cannot be done (a
// pipe, another writer's line behind it) the file is closed: no reader sees a half line and more.
static void take_back(Events *events, size_t written_bytes)
{
    struct stat about;
    off_t end = lseek(events->fd, 0, SEEK_CUR); // with O_APPEND: behind what was just written
    if (fstat(events->fd, &about) != 0 || !S_ISREG(about.st_mode) || about.st_size != end
        || ftruncate(events->fd, end - (off_t)written_bytes) != 0) {
        events_close(events);
        events->failed = true;
    }
}

static void write_line(Events *events, const char *line, size_t size_bytes)
{
    ssize_t put;
    do {
        put = write(events->fd, line, size_bytes);
    } while (put < 0 && errno == EINTR);
    if (put == (ssize_t)size_bytes) {
        return;
    }
    if (!events->failed) {
        log_line(LOG_WARNING,
                 "events: a line could not be written (%s) and is lost; the game plays "
                 "on, later lines are tried without a word",
                 put < 0 ? strerror(errno) : "there was room for a part only");
    }
    events->failed = true;
    if (put > 0) {
        take_back(events, (size_t)put);
    }
}

// The whole line with its newline; the caller frees it. NULL when jansson has no memory.
static char *make_line(const char *name, uint64_t tick, json_t *fields, size_t *size_bytes)
{
    char *line = NULL;
    json_t *event = json_pack("{s:s, s:I, s:I}", "event", name, "tick", (json_int_t)tick, "mono_ns",
                              (json_int_t)mono_ns());
    if (event && (!fields || json_object_update_missing(event, fields) == 0)) {
        // JSON_COMPACT has no newline inside: control characters in strings are escaped.
        line = json_dumps(event, JSON_COMPACT);
    }
    json_decref(event);
    if (line) {
        *size_bytes = strlen(line) + 1;
        line[*size_bytes - 1] = '\n'; // the terminating 0 has done its work
    }
    return line;
}

void events_put(Events *events, const char *name, uint64_t tick, json_t *fields)
{
    if (events->fd >= 0) {
        size_t size_bytes = 0;
        char *line = make_line(name, tick, fields, &size_bytes);
        if (line) {
            write_line(events, line, size_bytes);
        }
        free(line);
    }
    json_decref(fields);
}
