// What the files of change share.
//
//   watcher thread   reads the watch all the time and says "something to do" (change_watch.c)
//   lane thread      builds or checks, loads, and fills the queue (change_build.c,
//                    change_library.c, change_command.c)
//   frame lane       empties the queue (change.c)
//
// Two threads, so that a save during a build is seen for what it is: a relevant one cancels the
// build, an editor's swap file does not.
#ifndef CHANGE_INTERNAL_H
#define CHANGE_INTERNAL_H
#include "change.h"

#include <pthread.h>
#include <stdatomic.h>

enum { QUEUE_MAX = 16, INPUTS_WATCHED_MAX = 256, DISTRUST_MAX = BUILD_FAST_MAX };

// For build_distrust.
typedef struct Distrust {
    char file[512], why[256];
} Distrust;

// What has happened since the lane last asked.
typedef struct Work {
    bool any;
    bool noisy;  // somebody saved or asked: answer also when nothing has changed
    bool forced; // deliver again what is delivered already
    uint32_t changes;
    uint64_t noticed_ns, saved_ns; // of the latest save
    bool runs;                     // the game's own build command
    bool cancels;                  // and it is stopped where it runs already
    bool gone; // the latest is a file that went away: its successor may be on its way
} Work;

struct Change {
    Arena memory;
    ChangeConfig config; // with copies of all texts
    BuildTiers tiers;
    GameLibConfig gamelib_config;
    pthread_t watcher, lane;
    bool has_watcher, has_lane;
    int ready_fd;   // readable while the queue holds something
    int wake_fd;    // readable while there is work: cancels a build
    int quit_fd;    // readable once the threads shall end
    int cancel_fd;  // readable while there is work that stops the game's own build command
    int command_fd; // readable when the watcher has new files to watch

    atomic_bool is_busy; // set under the lock, read without

    pthread_mutex_t lock; // for the rest of this block
    Work work;
    ChangeResult *queue[QUEUE_MAX], *unused[QUEUE_MAX];
    uint32_t queue_count, unused_count;
    char (*inputs)[FILE_PATH_MAX];
    uint32_t input_count;
    Distrust *distrust; // DISTRUST_MAX
    uint32_t distrust_count;

    Watch *watch; // the watcher's alone
    uint32_t inputs_watched;
    ChangeResult *watcher_result;

    BuildSources *sources;  // under the lock, which the lane takes to put another one here
    atomic_bool is_running; // the game's own build command

    BuildCommand *command; // the lane's alone, and what follows
    BuildSources *spare_sources;
    ChangeResult *warned; // what it warned of
    const char *command_folder;
    uint64_t dropped_since_ns; // 0: the last run of it was not dropped
    Build *build;
    ChangeResult *result, *command_note;
    uint64_t known;     // library that another process of ours delivered; 0: none, or not any more
    uint64_t delivered; // content of the generation handed over last; 0: none
    uint64_t refused;   // content that was refused last; 0: none
    uint64_t failed;    // what the last build failed with; 0: it did not
};

// ---- the queue (change.c)
// Copies *result; takes its lib over. Whatever it overtakes is closed.
void change_push(Change *change, const ChangeResult *result);
// Clears the lane's result for another one.
ChangeResult *change_new_result(Change *change, ChangeKind kind, const Work *work);
void change_push_note(Change *change, ChangeResult *result, const char *format, ...)
    BASE_PRINTF(3, 4);

// ---- work (change.c)
void change_add_work(Change *change, const Work *work);
void change_merge_work(Work *into, const Work *more);
// Waits for work, at most timeout_ms (-1: for ever), and takes it: *work is merged with it. False
// when the threads shall end. While it waits the lane counts as idle.
bool change_wait_work(Change *change, Work *work, int timeout_ms);
// Takes on what comes until it has been quiet for 2 ms: a checkout of 1,000 files is one change.
// Behind a file that went away it is 50 ms: editors that keep a backup (vim) rename the old file
// before they write the new one.
void change_settle(Change *change, Work *work);
bool change_shall_quit(Change *change);

// ---- a game with a build of its own (change_command.c)
bool change_open_command(Change *change, const BuildCommandConfig *config, Fault *fault);
// Is it a save of a source, or what the command made? Called by the watcher.
void change_command_work(Change *change, const WatchChange *what, Work *work);
typedef enum CommandOutcome {
    COMMAND_DONE,   // the library is as it should be; change->warned holds the warnings
    COMMAND_FAILED, // told
    COMMAND_DROPPED // by a newer save: *work is to be merged with it
} CommandOutcome;
CommandOutcome change_run_command(Change *change, const Work *work);

// ---- the threads
void change_watch_run(Change *change);
void change_build_run(Change *change);
void change_library_run(Change *change);

// change_about.c: lib->about becomes its ReflectTable, or stays NULL: false, and *fault says why;
// with NULL the log does.
bool change_read_about(GameLib *lib, Fault *fault);

#endif
