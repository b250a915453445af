// A running `hotloop run`: what it reports through its events file, asked through `hotloop ctl`.
// Also the frame around a case: a fresh Place before it, and after it the end of everything that it
// started - with what the sessions said, when the case did not pass.
#ifndef SESSION_H
#define SESSION_H
#include "place.h"

#include <jansson.h>

typedef struct Session {
    struct Session *next;
    Place *place;
    pid_t pid;       // of the program, which is the keeper where there is one; still known once it
                     // has ended
    pid_t game_pid;  // of the process that plays, as its last "start" or "resumed" said
    int pid_fd;      // -1: its end has been collected
    int events_fd;   // -1: it has not been opened
    int watch_fd;    // inotify on the events file
    int exit_code;   // once pid_fd is -1
    char words[512]; // its command line, for messages
    char events[128], out[128], err[128], socket[128];
    char *unread; // the beginning of a line whose end has not come
    size_t unread_bytes;
    json_t *seen; // every event so far
    size_t at;    // the first that no wait has gone past
    json_t *reply;
    int reply_code;
} Session;

// A case, as an entry of a CMUnitTest table. `name` is void name(Place *place).
typedef struct SessionCase {
    void (*body)(Place *place);
} SessionCase;
int session_case_begin(void **state);
void session_case_run(void **state);
int session_case_end(void **state);
#define CASE(name_)                                                                                \
    {                                                                                              \
        .name = #name_, .test_func = session_case_run, .setup_func = session_case_begin,           \
        .teardown_func = session_case_end, .initial_state = &(SessionCase)                         \
        {                                                                                          \
            name_                                                                                  \
        }                                                                                          \
    }
// Of main: with a word, only the cases that it matches ('*' and '?' stand for others) run.
void session_arguments(int argc, char **argv);

// `hotloop run WORDS --events FILE`, up to its event "start". The words end with NULL.
Session *session_start(Place *place, const char *const *words);
#define SESSION_START(place, ...) session_start((place), (const char *const[]){__VA_ARGS__, NULL})
// The same program started through another one ("setpriv ..."): words[0] is that.
Session *session_start_by(Place *place, const char *const *words);
// The game in place->game, headless, up to its first tick.
Session *session_start_game(Place *place);
// The library at `name`, headless, up to its first tick.
Session *session_start_library(Place *place, const char *name);

// The next event of that name behind those that were waited for; borrowed from session->seen.
// Fails when the session ends before it comes.
const json_t *session_wait(Session *session, const char *event);
// The same, whose field `field` contains `part`.
const json_t *session_wait_field(Session *session, const char *event, const char *field,
                                 const char *part);
// The text of the next hl_log() line that contains `part`.
const char *session_wait_log(Session *session, const char *part);
// The text of the next "count N tick N" line of the counter game whose tick is `tick` or later.
const char *session_wait_tick(Session *session, long long tick);
// Until its standard error contains `part`.
void session_wait_words(Session *session, const char *part);
// How many events of that name there have been up to now; from the start, waited for or not.
int session_count(Session *session, const char *event);
// Waits for its end; the exit code.
int session_wait_end(Session *session);
void session_signal(Session *session, int signal_number);
// The machine goes out: all its processes are gone at once, none of them has time to say anything.
void session_kill(Session *session);
// Only the process that plays, whose keeper lives on.
void session_kill_game(Session *session, int signal_number);
bool session_is_running(Session *session);
// What it has written to standard error (or out) so far; valid like place_text.
const char *session_errors(Session *session);
const char *session_prints(Session *session);

const char *field_text(const json_t *object, const char *name); // fails when it is none
long long field_number(const json_t *object, const char *name);

// `hotloop ctl --socket ITS WORDS`: the reply, which stays valid until the next one. The exit code
// goes to session->reply_code; NULL when nothing came that is JSON.
const json_t *session_ask(Session *session, const char *const *words);
// The same, and "ok" must be true.
const json_t *session_tell(Session *session, const char *const *words);
#define SESSION_ASK(session, ...)  session_ask((session), (const char *const[]){__VA_ARGS__, NULL})
#define SESSION_TELL(session, ...) session_tell((session), (const char *const[]){__VA_ARGS__, NULL})
// `ctl quit` and its end, which must be a good one.
void session_quit(Session *session);

#endif
