// A running `hotloop run` as the tools beside it see it: started with folders of its own, heard
// through its events file (here a FIFO, so that listening costs no processor time), spoken to with
// `hotloop ctl`. Shared by bench and soak.
#ifndef SESSION_H
#define SESSION_H
#include "file.h"
#include <jansson.h>
#include <sys/types.h>

enum { SESSION_WAIT_MS = 20000 }; // longer than anything but a hang takes

typedef struct Session {
    pid_t pid;      // 0: none
    pid_t game_pid; // of the process that plays; `pid` is its keeper where it has one
    int events_fd;  // the reading end
    const char *hotloop;
    char socket[FILE_PATH_MAX], log[FILE_PATH_MAX];
    char unread[1 << 16]; // the events file's bytes behind the last line taken
    size_t unread_bytes;
} Session;

// A fresh folder /tmp/hotloop-NAME-XXXXXX, with XDG_STATE_HOME, XDG_DATA_HOME, XDG_RUNTIME_DIR and
// TMPDIR of this process, and so of all that it starts, inside; DISPLAY and the like are forgotten.
bool session_folder_open(char folder[FILE_PATH_MAX], const char *name, Fault *fault);
void session_folder_close(const char *folder);
// The hotloop executable beside this program.
bool session_find_hotloop(char hotloop[FILE_PATH_MAX], Fault *fault);

// `hotloop run ARGS... --events FIFO`; args end with NULL. What it prints goes to session->log.
// Returns after its "start" event.
bool session_start(Session *session, const char *hotloop, const char *folder,
                   const char *const *args, Fault *fault);
// The next event; the caller gives it back with json_decref. NULL: none within `timeout_ms`, or the
// session has ended.
json_t *session_event(Session *session, int timeout_ms);
// The next one of that name; others before it are thrown away.
json_t *session_wait(Session *session, const char *name, int timeout_ms);
// `hotloop ctl WORDS`'s reply, the words split at blanks; NULL when there is none.
json_t *session_ask(const Session *session, const char *words);
// Ends it (SIGTERM, after 10 s SIGKILL) and returns its exit code, 128 + signal when one ended it.
int session_stop(Session *session);
// The end of what it printed, for when something went wrong.
void session_print_log(const Session *session);

bool event_is(const json_t *event, const char *name);
uint64_t event_number(const json_t *event, const char *field); // 0: not there
const char *event_text(const json_t *event, const char *field);

// Runs a program to its end; what it prints is thrown away. True: exit code 0.
bool session_run(const char *const *command);
// How a program saves a file.
typedef enum SaveStyle {
    SAVE_RENAME,   // written beside it, then renamed over it
    SAVE_IN_PLACE, // over the old bytes, then cut to length
    SAVE_TRUNCATE, // emptied, and then written
    SAVE_CHUNKS,   // emptied, and then written in four parts with a breath between them
    SAVE_STYLES
} SaveStyle;
extern const char *const SAVE_STYLE_NAMES[SAVE_STYLES];
// `pause_us`: how long the breath is. *saved_ns (may be NULL): just before the file was complete.
bool session_save(const char *path, const void *bytes, size_t size_bytes, SaveStyle style,
                  unsigned pause_us, uint64_t *saved_ns, Fault *fault);

#endif
