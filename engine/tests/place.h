// A folder for one case, and programs that run in it. Everything that a case writes is below
// `folder`, which also stands in for the user's homes (XDG_STATE_HOME and the like), so a case sees
// no session but its own. Files change in the ways that editors, linkers and shells change them.
//
// Every function fails the running case when it cannot do what it says. Waits end with what they
// wait for; only a hang reaches their cap.
#ifndef PLACE_H
#define PLACE_H
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/types.h>

enum { PLACE_WORDS_MAX = 48, PLACE_ENV_MAX = 16, PLACE_TEXTS_MAX = 64, PLACE_CAP_MS = 20000 };

// How a file gets its new content.
typedef enum Way {
    IN_PLACE,     // truncated and written, one write
    IN_PIECES,    // truncated and written in five pieces with time between them
    OVER_BYTES,   // written over the old bytes, cut to size at the end: what some linkers do
    RENAMED,      // written beside and renamed over: most editors
    WITH_BACKUP,  // the old one renamed to NAME~, a new one written, NAME~ removed: vim
    COPIED,       // cp NEW OLD
    MOVED,        // mv NEW OLD
    REMOVED_FIRST // removed, then made anew: ld
} Way;

// What a program said and how it ended.
typedef struct Output {
    int exit_code; // 128 + N: ended by signal N
    char out[65536], err[65536];
} Output;

struct Session;

typedef struct Place {
    char folder[64];
    char game[80];                 // folder/game: the sources of the case's game
    char *env[PLACE_ENV_MAX];      // "NAME=value" that replace inherited ones; place_set
    char *texts[PLACE_TEXTS_MAX];  // what place_text has made, oldest overwritten first
    uint32_t text_count;           // of all that were ever made
    Output *output;                // of the last program that place_run ran
    pid_t helpers[4];              // killed with the place; place_start
    struct Session *first_session; // those that were started, newest first
    void (*body)(struct Place *place);
    bool passed;
} Place;

// A new, empty one; and its end. session.h calls both around each case.
Place *place_open(void);
void place_close(Place *place);

// Environment of everything that is started from now on; NULL takes the name out.
void place_set(Place *place, const char *name, const char *value);
// The whole environment, freed by the caller: one block, which also holds its strings.
char **place_environment(const Place *place);

// A formatted string that stays valid for the next 63 calls.
const char *place_text(Place *place, const char *format, ...) __attribute__((format(printf, 2, 3)));
// `name` below the folder (absolute ones as they are); valid like place_text.
const char *place_path(Place *place, const char *name);

// Makes the file (and folders above it) or gives it new content. `name` as for place_path.
void place_write(Place *place, const char *name, const char *text, Way way);
void place_write_bytes(Place *place, const char *name, const void *bytes, size_t size_bytes,
                       Way way);
// A file of engine/tests/games, copied to `name`.
void place_game(Place *place, const char *game, const char *name);
// Replaces the one occurrence of `from` in the file by `to`.
void place_edit(Place *place, const char *name, const char *from, const char *to, Way way);
// The whole file, terminated; the caller frees it. Its size goes to *size_bytes (may be NULL).
char *place_read(Place *place, const char *name, size_t *size_bytes);
bool place_exists(Place *place, const char *name);
void place_remove(Place *place, const char *name); // a file, or a folder with what is in it
// How many files (not folders) there are below the folder `name`.
int place_count_files(Place *place, const char *name);

// Starts a program in `cwd` with its output in two files; words end with NULL.
pid_t place_spawn(Place *place, const char *cwd, const char *out_path, const char *err_path,
                  const char *const *words);
// Starts one that runs beside the case (an X server) and is killed at its end; its output goes to
// the file `out`. The place forgets it when the case has waited for its end: place_stop.
pid_t place_start(Place *place, const char *out, const char *const *words);
void place_stop(Place *place, pid_t pid, int signal_number);
// Waits for its end. 128 + N for signal N.
int place_wait(pid_t pid, const char *what);
// Runs one to its end in place->folder; returns place->output.
const Output *place_run(Place *place, const char *const *words);
#define PLACE_RUN(place, ...) place_run((place), (const char *const[]){__VA_ARGS__, NULL})
// `hotloop WORDS`.
#define PLACE_HOTLOOP(place, ...) PLACE_RUN((place), HOTLOOP, __VA_ARGS__)
// A library at `name`, the way somebody else's build would make it. `flags` are split at blanks.
void place_library(Place *place, const char *name, const char *source, const char *flags);

// The number behind `label` in `text` ("count 12 tick 3"); fails when there is none.
long long place_number(const char *text, const char *label);
void place_nap_ms(int ms);
bool place_has_program(const char *name);

#endif
