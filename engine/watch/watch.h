// Which paths changed since the last drain. inotify on whole folders (with their sub-folders, also
// ones that appear later), or on the folder of one single file. Where inotify gives up (watch
// limit, file systems that do not report) it looks every 250 ms instead and says so. What changed
// is only a hint: whoever acts on it compares contents.
#ifndef WATCH_H
#define WATCH_H
#include "file.h"

typedef enum WatchKind {
    WATCH_WRITTEN, // closed after writing, moved in, linked: complete as far as its writer goes
    WATCH_GONE,    // deleted or moved away
    WATCH_RESCAN   // events were lost: anything may have changed; path is a watched root
} WatchKind;

typedef struct WatchChange {
    WatchKind kind;
    char path[FILE_PATH_MAX]; // as the root was given, plus the rest
    uint64_t noticed_ns;      // mono_ns
} WatchChange;

typedef struct Watch Watch;

// Lives in an arena of its own.
Watch *watch_open(Fault *fault);
void watch_close(Watch *watch); // NULL is fine
// A folder and all below it but hidden ones (".git") and symlink loops. Fails when it does not
// exist; falls back to polling, with a note, when the system's limit is reached.
bool watch_folder(Watch *watch, const char *folder, Fault *fault);
// One file, which need not exist yet; its folder must. Also when it is replaced by a rename, and
// when the path is a symlink: changes of the link and of its target both count.
bool watch_file(Watch *watch, const char *path, Fault *fault);
// A descriptor that polls readable when watch_next has something; -1 when polling.
int watch_fd(const Watch *watch);
// How long to sleep at most before the next drain: -1 for ever, 250 when polling.
int watch_timeout_ms(const Watch *watch);
// The next change, false when there is none for now. One path is given once a drain however often
// it changed.
bool watch_next(Watch *watch, WatchChange *change);
// A line for the log ("inotify watch limit reached: ... raise fs.inotify.max_user_watches"), or
// false.
bool watch_take_note(Watch *watch, char *out, size_t out_bytes);

#endif
