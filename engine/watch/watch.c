// Contents: queue of changes, watched folders, watched paths (hops), the system's limits, events,
// polling, the public calls
#include "watch.h"

#include "watch_poll.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum {
    ROOTS_MAX = 600,
    FOLDERS_MAX = 16384,
    HOPS_MAX = 8192,
    CHANGES_MAX = 8192, // more different paths in one drain become WATCH_RESCAN
    CHANGE_SLOTS = 2 * CHANGES_MAX,
    POLL_MS = 250,
    LINKS_MAX = 40, // as the kernel; path_resolution(7)
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

static void note(Watch *watch, const char *text)
{
    if (!watch->has_note) {
        (void)text_format(watch->note, sizeof(watch->note), "%s", text);
        watch->has_note = true;
    }
}

// ------------------------------------------------------------------------------ queue of changes

static void reset_changes(Watch *watch)
{
    if (watch->change_count > 0) {
        memset(watch->change_slots, 0, CHANGE_SLOTS * sizeof(watch->change_slots[0]));
    }
    arena_reset(&watch->drain, 0);
    watch->change_count = 0;
    watch->change_next = 0;
    watch->overflowed = false;
}

static void add_change(Watch *watch, WatchKind kind, const char *path, uint64_t path_hash)
{
    uint32_t slot = (uint32_t)(path_hash % CHANGE_SLOTS);
    while (watch->change_slots[slot]) {
        Change *known = &watch->changes[watch->change_slots[slot] - 1];
        if (known->path_hash == path_hash) {
            // A rescan says more than what happened to the root before it.
            known->kind = known->kind == WATCH_RESCAN ? WATCH_RESCAN : kind;
            known->noticed_ns = mono_ns();
            return;
        }
        slot = (slot + 1) % CHANGE_SLOTS;
    }
    watch->changes[watch->change_count++] =
        (Change){kind, arena_copy_text(&watch->drain, path), path_hash, mono_ns()};
    watch->change_slots[slot] = watch->change_count;
}

static void push_change(Watch *watch, WatchKind kind, const char *path)
{
    if (watch->overflowed) {
        return;
    }
    if (watch->change_count < CHANGES_MAX - ROOTS_MAX) {
        add_change(watch, kind, path, hash_bytes(path, strlen(path)));
        return;
    }
    watch->overflowed = true;
    watch->change_count = 0;
    memset(watch->change_slots, 0, CHANGE_SLOTS * sizeof(watch->change_slots[0]));
    for (uint32_t i = 0; i < watch->root_count; i++) {
        const char *root = watch->roots[i].path;
        add_change(watch, WATCH_RESCAN, root, hash_bytes(root, strlen(root)));
    }
}

// ------------------------------------------------------------------------------- watched folders

static bool folder_path(const Watch *watch, uint32_t folder, char out[FILE_PATH_MAX])
{
    size_t at = FILE_PATH_MAX - 1;
    char backwards[FILE_PATH_MAX];
    backwards[at] = '\0';
    for (; !watch->folders[folder].is_root; folder = watch->folders[folder].parent) {
        size_t length = strlen(watch->folders[folder].name);
        if (at < length + 1) {
            return false;
        }
        at -= length;
        memcpy(backwards + at, watch->folders[folder].name, length);
        backwards[--at] = '/';
    }
    const char *root = watch->roots[watch->folders[folder].root].path;
    size_t root_length = strlen(root);
    if (root_length > 0 && root[root_length - 1] == '/') {
        root_length--;
    }
    const char *below = root_length == 0 && backwards[at] == '\0' ? "/" : backwards + at;
    return text_format(out, FILE_PATH_MAX, "%.*s%s", (int)root_length, root, below);
}

static bool path_below(const Watch *watch, uint32_t folder, const char *name,
                       char out[FILE_PATH_MAX])
{
    char above[FILE_PATH_MAX];
    return folder_path(watch, folder, above) && file_join(out, above, name);
}

// UINT32_MAX when no folder has that watch.
static uint32_t folder_of_wd(Watch *watch, int wd)
{
    uint32_t last = watch->last_folder;
    if (last < watch->folder_count && watch->folders[last].wd == wd) {
        return last; // events come in runs from one folder
    }
    for (uint32_t i = 0; i < watch->folder_count; i++) {
        if (watch->folders[i].wd == wd) {
            watch->last_folder = i;
            return i;
        }
    }
    return UINT32_MAX;
}

static uint32_t child_of(const Watch *watch, uint32_t parent, const char *name)
{
    for (uint32_t i = 0; i < watch->folder_count; i++) {
        const WatchFolder *folder = &watch->folders[i];
        if (folder->wd && !folder->is_root && folder->parent == parent
            && strcmp(folder->name, name) == 0) {
            return i;
        }
    }
    return UINT32_MAX;
}

static bool wd_is_used(const Watch *watch, int wd)
{
    for (uint32_t i = 0; i < watch->hop_count; i++) {
        if (watch->hops[i].wd == wd) {
            return true;
        }
    }
    for (uint32_t i = 0; i < watch->folder_count; i++) {
        if (watch->folders[i].wd == wd) {
            return true;
        }
    }
    return false;
}

static void release_wd(Watch *watch, int wd)
{
    if (wd > 0 && !wd_is_used(watch, wd)) {
        (void)inotify_rm_watch(watch->fd, wd);
    }
}

static bool is_below(const Watch *watch, uint32_t folder, uint32_t above)
{
    while (folder != above && !watch->folders[folder].is_root) {
        folder = watch->folders[folder].parent;
    }
    return folder == above;
}

static void drop_tree(Watch *watch, uint32_t top)
{
    // In two passes: the way up must still be there while the tree is told apart from the rest.
    uint32_t count = 0;
    for (uint32_t i = 0; i < watch->folder_count; i++) {
        if (watch->folders[i].wd && is_below(watch, i, top)) {
            watch->todo[count++] = i;
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        int wd = watch->folders[watch->todo[i]].wd;
        watch->folders[watch->todo[i]].wd = 0;
        release_wd(watch, wd);
    }
}

static void drop_root_folders(Watch *watch, uint32_t root)
{
    for (uint32_t i = 0; i < watch->folder_count; i++) {
        if (watch->folders[i].wd && watch->folders[i].is_root && watch->folders[i].root == root) {
            drop_tree(watch, i);
        }
    }
}

static uint32_t free_folder(Watch *watch)
{
    for (uint32_t i = 0; i < watch->folder_count; i++) {
        if (!watch->folders[i].wd) {
            return i;
        }
    }
    return watch->folder_count < FOLDERS_MAX ? watch->folder_count++ : UINT32_MAX;
}

static void root_to_polling(Watch *watch, uint32_t root, const char *why);

static const char *limit_text(int error)
{
    return error == ENOSPC ? "inotify watch limit reached: raise it with `sysctl "
                             "fs.inotify.max_user_watches=524288`"
                           : strerror(error);
}

static bool is_limit(int error)
{
    return error == ENOSPC || error == ENOMEM;
}

// A watch on one more folder; it is read later, by read_todo, once the watch stands, so that what
// appears in between is seen by the one or the other. A folder known already under another name (a
// symlink loop) has the same watch and is left out. False when the root polls now.
static bool add_folder(Watch *watch, WatchFolder what, const char *path)
{
    uint32_t slot = free_folder(watch);
    if (slot == UINT32_MAX) {
        root_to_polling(watch, what.root, "more than 16384 folders");
        return false;
    }
    int wd = inotify_add_watch(watch->fd, path, EVENT_MASK | IN_ONLYDIR);
    if (wd < 0 && is_limit(errno)) {
        root_to_polling(watch, what.root, limit_text(errno));
        return false;
    }
    if (wd < 0 || folder_of_wd(watch, wd) != UINT32_MAX) {
        return true;
    }
    what.wd = wd;
    watch->folders[slot] = what;
    watch->todo[watch->todo_count++] = slot;
    return true;
}

static bool add_child(Watch *watch, uint32_t parent, const char *name)
{
    char path[FILE_PATH_MAX];
    WatchFolder child = {.parent = parent, .root = watch->folders[parent].root};
    if (!path_below(watch, parent, name, path)
        || !text_format(child.name, sizeof(child.name), "%s", name)) {
        return true; // longer than a path can be: nobody can open what is in it either
    }
    return add_folder(watch, child, path);
}

static bool read_name(Watch *watch, uint32_t folder, const struct dirent *entry, bool report)
{
    char path[FILE_PATH_MAX];
    struct stat about;
    if (watch_ignores_name(entry->d_name) || !path_below(watch, folder, entry->d_name, path)
        || lstat(path, &about) != 0) {
        return true;
    }
    if (S_ISDIR(about.st_mode)) {
        return add_child(watch, folder, entry->d_name);
    }
    if (S_ISLNK(about.st_mode) && file_is_folder(path)) {
        if (watch->link_count < FOLDERS_MAX) {
            watch->links[watch->link_count++] =
                (WatchLink){folder, arena_copy_text(&watch->drain, entry->d_name)};
        }
    } else if (report) {
        push_change(watch, WATCH_WRITTEN, path);
    }
    return true;
}

static bool read_folder(Watch *watch, uint32_t folder, bool report)
{
    char path[FILE_PATH_MAX];
    DIR *dir = folder_path(watch, folder, path) ? opendir(path) : NULL;
    bool ok = true;
    if (!dir) {
        return true; // gone again, or not ours to read
    }
    for (struct dirent *entry = readdir(dir); entry && ok; entry = readdir(dir)) {
        ok = read_name(watch, folder, entry, report);
    }
    closedir(dir);
    return ok;
}

// Reads what add_folder has put on the list, and what that adds; folders behind symlinks come last
// so that a real folder is known by its own name. `report`: files found count as written, because
// they may have been before the watch stood.
static void read_todo(Watch *watch, bool report)
{
    bool ok = true;
    for (uint32_t done = 0; ok && done < watch->todo_count; done++) {
        ok = read_folder(watch, watch->todo[done], report);
        while (ok && done + 1 == watch->todo_count && watch->link_count > 0) {
            WatchLink link = watch->links[--watch->link_count];
            ok = add_child(watch, link.parent, link.name);
        }
    }
    watch->todo_count = 0;
    watch->link_count = 0;
}

static void add_tree(Watch *watch, uint32_t parent, const char *name)
{
    watch->todo_count = 0;
    if (add_child(watch, parent, name)) {
        read_todo(watch, true);
    }
    watch->todo_count = 0;
}

// ------------------------------------------------------------------------- watched paths (hops)

static bool add_hop(Watch *watch, uint32_t root, const char *folder, const char *name)
{
    int wd = -1;
    errno = ENOSPC;
    if (watch->hop_count < HOPS_MAX) {
        wd = inotify_add_watch(watch->fd, folder, EVENT_MASK | IN_ONLYDIR);
    }
    if (wd < 0) {
        return false;
    }
    WatchHop *hop = &watch->hops[watch->hop_count++];
    *hop = (WatchHop){.wd = wd, .root = root};
    (void)text_format(hop->name, sizeof(hop->name), "%s", name);
    return true;
}

typedef struct PathWalk {
    char at[FILE_PATH_MAX];   // the part already resolved
    char rest[FILE_PATH_MAX]; // what is left to walk
    int links;
} PathWalk;

// Takes one component off; false at the end.
static bool walk_next(PathWalk *walk, char name[NAME_BYTES])
{
    char *rest = walk->rest + strspn(walk->rest, "/");
    size_t length = strcspn(rest, "/");
    if (length == 0 || length >= NAME_BYTES) {
        return false;
    }
    memcpy(name, rest, length);
    name[length] = '\0';
    rest += length;
    rest += strspn(rest, "/");
    memmove(walk->rest, rest, strlen(rest) + 1);
    return true;
}

static bool walk_link(PathWalk *walk, const char *path)
{
    char target[FILE_PATH_MAX], rest[FILE_PATH_MAX];
    ssize_t length = readlink(path, target, sizeof(target) - 1);
    if (length <= 0 || ++walk->links > LINKS_MAX) {
        return false;
    }
    target[length] = '\0';
    (void)text_format(rest, sizeof(rest), "%s", walk->rest);
    if (target[0] == '/') {
        (void)text_format(walk->at, sizeof(walk->at), "/");
    }
    return text_format(walk->rest, sizeof(walk->rest), "%s/%s", target, rest);
}

// Listens to every name on the way to the root's path that can change what it means: symlinks, the
// last component, and the first missing one. The watch is set before the name is looked at, so
// nothing slips through between. False, with errno, when a watch was refused.
static bool walk_hops(Watch *watch, uint32_t root)
{
    PathWalk walk = {.links = 0};
    char name[NAME_BYTES], path[FILE_PATH_MAX];
    const char *whole = watch->roots[root].path;
    (void)text_format(walk.at, sizeof(walk.at), "%s", whole[0] == '/' ? "/" : ".");
    (void)text_format(walk.rest, sizeof(walk.rest), "%s", whole);
    while (walk_next(&walk, name) && file_join(path, walk.at, name)) {
        struct stat about;
        bool is_step = strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
        bool exists = lstat(path, &about) == 0;
        if (!is_step && (walk.rest[0] == '\0' || !exists || S_ISLNK(about.st_mode))) {
            if (!add_hop(watch, root, walk.at, name)) {
                return false;
            }
            exists = lstat(path, &about) == 0;
        }
        bool is_link = exists && S_ISLNK(about.st_mode);
        if (!exists || (is_link && !walk_link(&walk, path))) {
            break;
        }
        if (!is_link) {
            (void)text_format(walk.at, sizeof(walk.at), "%s", path);
        }
    }
    return true;
}

static void drop_hops(Watch *watch, uint32_t root)
{
    for (uint32_t i = 0; i < watch->hop_count;) {
        if (watch->hops[i].root != root) {
            i++;
            continue;
        }
        int wd = watch->hops[i].wd;
        watch->hops[i] = watch->hops[--watch->hop_count];
        release_wd(watch, wd);
    }
}

// The new hops are set before the old ones go: a folder in both keeps its watch, and with it the
// events that wait to be read.
static bool renew_hops(Watch *watch, uint32_t root)
{
    bool ok = false;
    for (uint32_t i = 0; i < watch->hop_count; i++) {
        if (watch->hops[i].root == root) {
            watch->hops[i].root = OLD_HOP;
        }
    }
    // Again when a folder on the way went between two looks.
    for (int tries = 0; tries < 3 && !ok; tries++) {
        ok = walk_hops(watch, root);
    }
    int error = errno;
    drop_hops(watch, OLD_HOP);
    errno = error;
    return ok;
}

static void arm_folder(Watch *watch, uint32_t root)
{
    drop_root_folders(watch, root);
    watch->todo_count = 0;
    if (add_folder(watch, (WatchFolder){.root = root, .is_root = true}, watch->roots[root].path)) {
        read_todo(watch, false);
    }
    watch->todo_count = 0;
}

static void arm_root(Watch *watch, uint32_t root)
{
    // A folder root can do without: only its own renaming is missed then.
    if (!renew_hops(watch, root) && (!watch->roots[root].is_folder || is_limit(errno))) {
        root_to_polling(watch, root, limit_text(errno));
    }
    if (watch->roots[root].is_folder && !watch->roots[root].polled) {
        arm_folder(watch, root);
    }
}

// --------------------------------------------------------------------------- the system's limits

static void root_to_polling(Watch *watch, uint32_t root, const char *why)
{
    char text[FILE_PATH_MAX + 256];
    if (watch->roots[root].polled) {
        return;
    }
    watch->roots[root].polled = true;
    drop_hops(watch, root);
    drop_root_folders(watch, root);
    watch->todo_count = 0;
    watch->link_count = 0;
    watch->next_poll_ns = 0; // the first look, to compare with, comes at once
    (void)text_format(text, sizeof(text), "%s; until then %s is looked at every %d ms instead", why,
                      watch->roots[root].path, POLL_MS);
    note(watch, text);
    push_change(watch, WATCH_RESCAN, watch->roots[root].path);
}

// The network file systems that do not report what other machines change.
// Source: statfs(2) and linux/magic.h; NFS, SMB, CIFS, SMB2, FUSE, 9p, AFS, Ceph, vboxsf.
static const char *network_name(const char *path)
{
    static const struct {
        uint32_t magic;
        const char *name;
    } KNOWN[] = {
        {0x6969u, "NFS"},      {0x517Bu, "SMB"},      {0xFF534D42u, "CIFS"},
        {0xFE534D42u, "SMB2"}, {0x65735546u, "FUSE"}, {0x01021997u, "9p"},
        {0x5346414Fu, "AFS"},  {0x00C36400u, "Ceph"}, {0x786F4256u, "VirtualBox"},
    };
    struct statfs about;
    if (statfs(path, &about) != 0) {
        return NULL;
    }
    for (size_t i = 0; i < COUNT_OF(KNOWN); i++) {
        if ((uint32_t)about.f_type == KNOWN[i].magic) {
            return KNOWN[i].name;
        }
    }
    return NULL;
}

// ---------------------------------------------------------------------------------------- events

static void hop_event(Watch *watch, uint32_t root, uint32_t mask)
{
    const char *path = watch->roots[root].path;
    struct stat about = {0};
    if (mask & ~(uint32_t)IN_CLOSE_WRITE) {
        arm_root(watch, root);
    }
    bool exists = lstat(path, &about) == 0;
    if (watch->roots[root].is_folder) {
        if (mask & ~(uint32_t)IN_CLOSE_WRITE) {
            push_change(watch, WATCH_RESCAN, path);
        }
    } else if (!exists || !file_exists(path)) {
        push_change(watch, WATCH_GONE, path);
    } else if (!(mask & IN_CREATE) || !S_ISREG(about.st_mode) || about.st_nlink > 1) {
        // A plain file that was just created is empty; IN_CLOSE_WRITE follows once it is filled.
        push_change(watch, WATCH_WRITTEN, path);
    }
}

// The folder itself went away or got another name: what its paths mean has to be found out again.
static void self_event(Watch *watch, int wd)
{
    bool affected[ROOTS_MAX + 1] = {0};
    for (uint32_t i = 0; i < watch->hop_count; i++) {
        affected[watch->hops[i].root] |= watch->hops[i].wd == wd;
    }
    uint32_t folder = folder_of_wd(watch, wd);
    if (folder != UINT32_MAX && watch->folders[folder].is_root) {
        affected[watch->folders[folder].root] = true;
    }
    for (uint32_t root = 0; root < watch->root_count; root++) {
        if (affected[root]) {
            hop_event(watch, root, IN_MOVED_TO);
        }
    }
}

static void link_created(Watch *watch, uint32_t folder, const char *name, const char *path)
{
    struct stat about;
    if (lstat(path, &about) != 0) {
        return;
    }
    if (S_ISLNK(about.st_mode) && file_is_folder(path)) {
        add_tree(watch, folder, name);
    } else if (S_ISLNK(about.st_mode) || about.st_nlink > 1) {
        push_change(watch, WATCH_WRITTEN, path); // a link: nobody will write and close it
    }
}

static void file_in_folder(Watch *watch, uint32_t folder, const struct inotify_event *event)
{
    char path[FILE_PATH_MAX];
    if (!path_below(watch, folder, event->name, path)) {
        return;
    }
    if (event->mask & (IN_DELETE | IN_MOVED_FROM)) {
        uint32_t link = child_of(watch, folder, event->name);
        if (link != UINT32_MAX) { // a symlink to a folder
            push_change(watch, WATCH_RESCAN, watch->roots[watch->folders[folder].root].path);
            drop_tree(watch, link);
        } else {
            push_change(watch, WATCH_GONE, path);
        }
    } else if (event->mask & IN_CREATE) {
        link_created(watch, folder, event->name, path);
    } else if (event->mask & IN_MOVED_TO && file_is_folder(path)) {
        add_tree(watch, folder, event->name);
    } else {
        push_change(watch, WATCH_WRITTEN, path);
    }
}

static void folder_in_folder(Watch *watch, uint32_t folder, const struct inotify_event *event)
{
    if (event->mask & (IN_CREATE | IN_MOVED_TO)) {
        add_tree(watch, folder, event->name);
        return;
    }
    uint32_t child = child_of(watch, folder, event->name);
    if (event->mask & IN_MOVED_FROM && child != UINT32_MAX) {
        // Its files left without an event of their own.
        push_change(watch, WATCH_RESCAN, watch->roots[watch->folders[folder].root].path);
        drop_tree(watch, child);
    }
}

static void forget_wd(Watch *watch, int wd)
{
    uint32_t folder = folder_of_wd(watch, wd);
    if (folder != UINT32_MAX) {
        drop_tree(watch, folder);
    }
}

static void named_event(Watch *watch, const struct inotify_event *event)
{
    bool matches[ROOTS_MAX + 1] = {0}; // marked first: hop_event changes the list of hops
    uint32_t folder = folder_of_wd(watch, event->wd);
    for (uint32_t i = 0; i < watch->hop_count; i++) {
        const WatchHop *hop = &watch->hops[i];
        matches[hop->root] |= hop->wd == event->wd && strcmp(hop->name, event->name) == 0;
    }
    if (folder != UINT32_MAX && !watch_ignores_name(event->name)) {
        if (event->mask & IN_ISDIR) {
            folder_in_folder(watch, folder, event);
        } else {
            file_in_folder(watch, folder, event);
        }
    }
    for (uint32_t root = 0; root < watch->root_count; root++) {
        if (matches[root]) {
            hop_event(watch, root, event->mask & IN_ALL_EVENTS);
        }
    }
}

static void events_lost(Watch *watch)
{
    for (uint32_t root = 0; root < watch->root_count; root++) {
        if (!watch->roots[root].polled) {
            arm_root(watch, root);
            push_change(watch, WATCH_RESCAN, watch->roots[root].path);
        }
    }
}

static void handle_event(Watch *watch, const struct inotify_event *event)
{
    if (event->mask & IN_Q_OVERFLOW) {
        events_lost(watch);
    } else if (event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT)) {
        self_event(watch, event->wd);
    } else if (event->mask & IN_IGNORED) {
        forget_wd(watch, event->wd);
    } else if (event->len > 0) {
        named_event(watch, event);
    }
}

static void read_events(Watch *watch)
{
    // Bounded, so that a storm of events cannot keep the caller here.
    for (int round = 0; round < 64 && watch->fd >= 0; round++) {
        ssize_t got = read(watch->fd, watch->events, sizeof(watch->events));
        if (got <= 0) {
            return;
        }
        for (ssize_t at = 0; at < got;) {
            const struct inotify_event *event = (const void *)(watch->events + at);
            handle_event(watch, event);
            at += (ssize_t)(sizeof(*event) + event->len);
        }
    }
}

// --------------------------------------------------------------------------------------- polling

static bool polls_at_all(const Watch *watch)
{
    for (uint32_t i = 0; i < watch->root_count; i++) {
        if (watch->roots[i].polled) {
            return true;
        }
    }
    return false;
}

static bool polls_only(const Watch *watch)
{
    for (uint32_t i = 0; i < watch->root_count; i++) {
        if (!watch->roots[i].polled) {
            return false;
        }
    }
    return watch->root_count > 0;
}

static void compare_looks(Watch *watch, const PollLook *old, const PollLook *new)
{
    for (uint32_t i = 0; i < new->count; i++) {
        const PollEntry *was = poll_look_find(old, new->entries[i].path_hash);
        if (!was || was->signature != new->entries[i].signature) {
            push_change(watch, WATCH_WRITTEN, new->entries[i].path);
        }
    }
    for (uint32_t i = 0; i < old->count; i++) {
        if (!poll_look_find(new, old->entries[i].path_hash)) {
            push_change(watch, WATCH_GONE, old->entries[i].path);
        }
    }
}

static bool open_looks(Watch *watch)
{
    for (int i = 0; i < 2; i++) {
        if (!watch->looks[i].memory.base) {
            if (!poll_look_open(&watch->looks[i], NULL)) {
                note(watch, "no memory to look for changes: saves are not noticed");
                return false;
            }
            poll_look_reset(&watch->looks[i]);
        }
    }
    return true;
}

// The first look at a root has nothing to compare with. Its files go into the old look, so that
// only what changes from now on is a change.
static void look_first(Watch *watch)
{
    for (uint32_t i = 0; i < watch->root_count && open_looks(watch); i++) {
        WatchRoot *root = &watch->roots[i];
        if (root->polled && !root->baseline) {
            poll_look_at(&watch->looks[watch->look], root->path, root->is_folder);
            root->baseline = true;
        }
    }
}

static void look_if_due(Watch *watch)
{
    if (!polls_at_all(watch) || mono_ns() < watch->next_poll_ns) {
        return;
    }
    watch->next_poll_ns = mono_ns() + POLL_MS * NS_PER_MS;
    if (!open_looks(watch)) {
        return;
    }
    look_first(watch);
    PollLook *new = &watch->looks[1 - watch->look];
    poll_look_reset(new);
    for (uint32_t i = 0; i < watch->root_count; i++) {
        if (watch->roots[i].polled) {
            poll_look_at(new, watch->roots[i].path, watch->roots[i].is_folder);
        }
    }
    if (new->was_cut) {
        note(watch, "more than 65536 files below the watched folders: the rest is not looked at");
    }
    compare_looks(watch, &watch->looks[watch->look], new);
    watch->look = 1 - watch->look;
}

// -------------------------------------------------------------------------------- the public calls

Watch *watch_open(Fault *fault)
{
    Arena memory, drain;
    if (!arena_open(&memory, 0, 64u << 20, fault)) {
        return NULL;
    }
    if (!arena_open(&drain, 0, 64u << 20, fault)) {
        arena_close(&memory);
        return NULL;
    }
    Watch *watch = ARENA_NEW(&memory, Watch, 1);
    watch->roots = ARENA_NEW(&memory, WatchRoot, ROOTS_MAX);
    watch->folders = ARENA_NEW(&memory, WatchFolder, FOLDERS_MAX);
    watch->hops = ARENA_NEW(&memory, WatchHop, HOPS_MAX);
    watch->changes = ARENA_NEW(&memory, Change, CHANGES_MAX);
    watch->change_slots = ARENA_NEW(&memory, uint32_t, CHANGE_SLOTS);
    watch->todo = ARENA_NEW(&memory, uint32_t, FOLDERS_MAX);
    watch->links = ARENA_NEW(&memory, WatchLink, FOLDERS_MAX);
    watch->memory = memory;
    watch->drain = drain;
    watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    return watch;
}

void watch_close(Watch *watch)
{
    if (!watch) {
        return;
    }
    if (watch->fd >= 0) {
        close(watch->fd);
    }
    poll_look_close(&watch->looks[0]);
    poll_look_close(&watch->looks[1]);
    arena_close(&watch->drain);
    Arena memory = watch->memory; // holds *watch itself
    arena_close(&memory);
}

static bool add_root(Watch *watch, const char *path, bool is_folder, Fault *fault)
{
    if (watch->root_count == ROOTS_MAX) {
        return fault_set(fault, FAULT_FILE, "%s: not watched: more than %d folders and files", path,
                         ROOTS_MAX);
    }
    WatchRoot *root = &watch->roots[watch->root_count];
    *root = (WatchRoot){.is_folder = is_folder};
    if (!text_format(root->path, sizeof(root->path), "%s", path) || path[0] == '\0') {
        return fault_set(fault, FAULT_FILE, "%s: not watched: not a usable path", path);
    }
    watch->root_count++;
    return true;
}

static void start_root(Watch *watch, uint32_t root, const char *folder)
{
    char why[256];
    const char *network = network_name(folder);
    if (watch->fd < 0) {
        root_to_polling(watch, root,
                        "inotify cannot be had: raise fs.inotify.max_user_instances and `ulimit "
                        "-n`");
    } else if (network) {
        (void)text_format(why, sizeof(why),
                          "%s does not report what other machines change: move the game to a local "
                          "disk for faster reloads",
                          network);
        root_to_polling(watch, root, why);
    } else {
        arm_root(watch, root);
    }
    look_first(watch);
}

bool watch_folder(Watch *watch, const char *folder, Fault *fault)
{
    if (!file_is_folder(folder)) {
        return fault_set(fault, FAULT_FILE, "%s: no such folder to watch", folder);
    }
    if (!add_root(watch, folder, true, fault)) {
        return false;
    }
    start_root(watch, watch->root_count - 1, folder);
    return true;
}

static bool folder_of_file(const char *path, char out[FILE_PATH_MAX])
{
    const char *slash = strrchr(path, '/');
    int length = slash ? (int)(slash - path) : 1;
    if (slash == path) {
        return text_format(out, FILE_PATH_MAX, "/");
    }
    return text_format(out, FILE_PATH_MAX, "%.*s", length, slash ? path : ".");
}

bool watch_file(Watch *watch, const char *path, Fault *fault)
{
    char folder[FILE_PATH_MAX];
    size_t length = strlen(path);
    if (length == 0 || path[length - 1] == '/' || !folder_of_file(path, folder)) {
        return fault_set(fault, FAULT_FILE, "%s: not the path of a file to watch", path);
    }
    if (!file_is_folder(folder)) {
        return fault_set(fault, FAULT_FILE, "%s: cannot be waited for: there is no folder %s", path,
                         folder);
    }
    if (!add_root(watch, path, false, fault)) {
        return false;
    }
    start_root(watch, watch->root_count - 1, folder);
    return true;
}

int watch_fd(const Watch *watch)
{
    return polls_only(watch) ? -1 : watch->fd;
}

int watch_timeout_ms(const Watch *watch)
{
    if (!polls_at_all(watch)) {
        return -1;
    }
    uint64_t now_ns = mono_ns();
    return now_ns >= watch->next_poll_ns
               ? 0
               : (int)((watch->next_poll_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS);
}

bool watch_next(Watch *watch, WatchChange *change)
{
    if (!watch->draining) {
        reset_changes(watch);
        read_events(watch);
        look_if_due(watch);
        watch->draining = true;
    }
    if (watch->change_next == watch->change_count) {
        watch->draining = false;
        return false;
    }
    const Change *next = &watch->changes[watch->change_next++];
    change->kind = next->kind;
    change->noticed_ns = next->noticed_ns;
    (void)text_format(change->path, sizeof(change->path), "%s", next->path);
    return true;
}

bool watch_take_note(Watch *watch, char *out, size_t out_bytes)
{
    if (!watch->has_note) {
        return false;
    }
    (void)text_format(out, out_bytes, "%s", watch->note);
    watch->has_note = false;
    return true;
}
