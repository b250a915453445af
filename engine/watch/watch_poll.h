// Looking instead of listening, for what inotify cannot do: every file below some roots with the
// signature it had when last looked at. Private to watch.
#ifndef WATCH_POLL_H
#define WATCH_POLL_H
#include "file.h"

typedef struct PollEntry {
    const char *path;
    uint64_t path_hash;
    uint64_t signature; // of mtime, size and inode; whoever acts on a change compares contents
} PollEntry;

enum {
    POLL_ENTRIES_MAX = 65536, // files below all polled roots; more are not looked at
    POLL_INDEX_SLOTS = 2 * POLL_ENTRIES_MAX
};

// One look: lives until the next but one.
typedef struct PollLook {
    Arena memory;
    PollEntry *entries;
    uint32_t *slots; // index of an entry + 1 by path hash; 0: free
    uint32_t count;
    bool was_cut; // more files than POLL_ENTRIES_MAX
} PollLook;

bool poll_look_open(PollLook *look, Fault *fault);
void poll_look_close(PollLook *look);
void poll_look_reset(PollLook *look);
// One file, or every file below one folder (no hidden ones, each real folder once).
void poll_look_at(PollLook *look, const char *path, bool is_folder);
// The entry of that path, or NULL.
const PollEntry *poll_look_find(const PollLook *look, uint64_t path_hash);

// True for what nobody wants to hear about below a watched folder: hidden files and the droppings
// of editors (vim's "4913" probe and "x~" backups, emacs' "#x#").
bool watch_ignores_name(const char *name);

#endif
