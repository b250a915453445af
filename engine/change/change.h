// The change lane: saved file -> watch -> build -> gamelib, on a thread of its own with the
// compilers as child processes, handing over one finished thing: a loaded generation, or why there
// is none. The frame lane never waits for it. A save during a build drops that build; the newest
// source (or the newest foreign library) always comes through.
#ifndef CHANGE_H
#define CHANGE_H
#include "build.h"
#include "build_command.h"
#include "gamelib.h"
#include "watch.h"

typedef struct ChangeConfig {
    const char *game_folder;           // builds it; NULL with library_path
    const char *library_path;          // --so: watches and takes this one
    const BuildConfig *build;          // with game_folder
    const BuildCommandConfig *command; // with library_path: makes it, on every save of a source;
                                       // NULL: somebody else does
    GameLibConfig gamelib;
    uint64_t known; // content of a build that was delivered by another process: not delivered
                    // again, and the first look says nothing of it. 0: none
} ChangeConfig;

typedef enum ChangeKind {
    CHANGE_BUILD_STARTED,
    CHANGE_BUILD_FAILED, // report
    CHANGE_READY,        // lib, report (game_folder): the receiver owns lib. With two tiers (see
                         // BuildTiers) a save gives two: lib.is_fast, and the same sources again,
                         // lib.sources equal, from the full compiler
    CHANGE_REFUSED,      // fault: a library that cannot be loaded
    CHANGE_WARNINGS,     // report: a good build with warnings
    CHANGE_UNCHANGED,    // saved, but the content is that of the current generation
    CHANGE_NOTE          // fault.text: a line for the log
} ChangeKind;

typedef struct ChangeResult {
    ChangeKind kind;
    GameLib lib;
    BuildReport report;
    Fault fault;
    uint64_t saved_ns; // when the file was saved: its mtime on the monotonic clock where that is
                       // plausible, else when the event was read
    uint64_t built_ns; // when the library was complete on disk
} ChangeResult;

typedef struct Change Change;

// Starts the thread. The first build or load happens at once.
Change *change_open(const ChangeConfig *config, Fault *fault);
void change_close(Change *change); // stops compilers, joins; NULL is fine
// The oldest result not taken yet. CHANGE_READY that was overtaken by a newer one is closed inside
// and never seen.
bool change_take(Change *change, ChangeResult *result);
// Becomes readable when change_take has something: wakes a waiting frame.
int change_fd(const Change *change);
// As if everything had been saved: `ctl reload`. The same content still is no reload unless
// `force`.
void change_poke(Change *change, bool force);
// The fast compiler's code of that file (as in BuildFast) did something else than the full one's:
// it is not used for this file any more, until the file changes.
void change_distrust(Change *change, const char *file, const char *why);
// True while a compiler or loader is at work.
bool change_is_busy(const Change *change);

#endif
