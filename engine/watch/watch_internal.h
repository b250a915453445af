// What the files of watch share.
//   watch.c           the public calls: what is watched, and the drain
//   watch_queue.c     the changes of one drain, and the note
//   watch_tree.c      folders below a folder root, each with its watch
//   watch_hops.c      names on the way to a root's path that change what it means
//   watch_events.c    what inotify says, turned into changes
//   watch_fallback.c  roots that are looked at every 250 ms because inotify cannot be had
//   watch_poll.c      one such look; it knows nothing of the rest (watch_poll.h)
#ifndef WATCH_INTERNAL_H
#define WATCH_INTERNAL_H
#include "watch.h"
#include "watch_poll.h"

#include <limits.h>
#include <sys/inotify.h>

enum {
    ROOTS_MAX = 600,
    FOLDERS_MAX = 16384,
    HOPS_MAX = 8192,
    CHANGES_MAX = 8192, // more different paths in one drain become WATCH_RESCAN
    CHANGE_SLOTS = 2 * CHANGES_MAX,
    EVENT_BYTES = 65536,
    OLD_HOP = ROOTS_MAX, // in place of a root: about to be dropped
    NAME_BYTES = NAME_MAX + 1
};

static const uint32_t EVENT_MASK = IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_DELETE
                                   | IN_MOVED_FROM | IN_DELETE_SELF | IN_MOVE_SELF;

// What the caller asked for.
typedef struct WatchRoot {
    char path[FILE_PATH_MAX];
    bool is_folder;
    bool polled;
    bool baseline; // polled, and the last look has seen it: differences count
} WatchRoot;

// A folder with a watch below a folder root. Its path is that of its parent plus its name, so that
// nothing has to be rewritten when a folder higher up goes away.
typedef struct WatchFolder {
    int wd; // 0: a free slot
    uint32_t parent, root;
    bool is_root;
    char name[NAME_BYTES];
} WatchFolder;

// A name in a folder whose appearing or going changes what a root's path means: its last component
// and every symlink on the way there.
typedef struct WatchHop {
    int wd;
    uint32_t root;
    char name[NAME_BYTES];
} WatchHop;

typedef struct Change {
    WatchKind kind;
    const char *path;
    uint64_t path_hash, noticed_ns;
} Change;

// A symlink to a folder, met while reading folders.
typedef struct WatchLink {
    uint32_t parent;
    const char *name;
} WatchLink;

struct Watch {
    Arena memory; // this struct and its tables
    Arena drain;  // paths of the changes of one drain
    int fd;       // -1: inotify could not be had
    bool draining;
    bool overflowed; // so much in this drain that only WATCH_RESCAN says it
    uint32_t root_count, folder_count, hop_count, change_count, change_next;
    WatchRoot *roots;
    WatchFolder *folders;
    WatchHop *hops;
    Change *changes;
    uint32_t *change_slots;
    uint32_t *todo; // folders still to be read, while a tree is added
    WatchLink *links;
    uint32_t todo_count, link_count, last_folder;
    PollLook looks[2];
    uint32_t look;
    uint64_t next_poll_ns;
    bool has_note;
    char note[2048];
    char events[EVENT_BYTES] __attribute__((aligned(__alignof__(struct inotify_event))));
};

// ---- watch_queue.c

// The line that watch_take_note gives; the first one that was not taken yet stays.
void watch_note(Watch *watch, const char *text);
// Empties the queue, for the next drain.
void watch_reset_changes(Watch *watch);
// One path is kept once. When there are too many, all roots get WATCH_RESCAN instead.
void watch_push_change(Watch *watch, WatchKind kind, const char *path);

// ---- watch_tree.c

// False when the path is longer than a path can be.
bool watch_path_below(const Watch *watch, uint32_t folder, const char *name,
                      char out[FILE_PATH_MAX]);
// UINT32_MAX when no folder has that watch.
uint32_t watch_folder_of_wd(Watch *watch, int wd);
// UINT32_MAX when `parent` has no watched folder of that name.
uint32_t watch_child_of(const Watch *watch, uint32_t parent, const char *name);
// Gives the watch back unless a folder or a hop still uses it.
void watch_release_wd(Watch *watch, int wd);
// The folder and all below it.
void watch_drop_tree(Watch *watch, uint32_t top);
void watch_drop_root_folders(Watch *watch, uint32_t root);
// A folder that appeared below `parent`: what is in it counts as written.
void watch_add_tree(Watch *watch, uint32_t parent, const char *name);
// Watches a folder root anew.
void watch_arm_folder(Watch *watch, uint32_t root);

// ---- watch_hops.c

void watch_drop_hops(Watch *watch, uint32_t root);
// Watches all that a root needs, or leaves it to polling.
void watch_arm_root(Watch *watch, uint32_t root);

// ---- watch_events.c

// Turns the events that wait into changes.
void watch_read_events(Watch *watch);

// ---- watch_fallback.c

// What to say about an errno of inotify_add_watch(2).
const char *watch_limit_text(int error);
bool watch_is_limit(int error);
// From now on the root is looked at; says `why` in a note.
void watch_root_to_polling(Watch *watch, uint32_t root, const char *why);
// The kind of network file system that `path` lies on; NULL when it is none.
const char *watch_network_name(const char *path);
bool watch_polls_at_all(const Watch *watch);
bool watch_polls_only(const Watch *watch);
// The first look at a root has nothing to compare with. Its files go into the old look, so that
// only what changes from now on is a change.
void watch_look_first(Watch *watch);
void watch_look_if_due(Watch *watch);

#endif
