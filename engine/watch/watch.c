// The public calls: opening and closing, adding a root, and the drain. watch_internal.h says what
// the other files do.
#include "watch_internal.h"

#include <string.h>
#include <unistd.h>

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
    const char *network = watch_network_name(folder);
    if (watch->fd < 0) {
        watch_root_to_polling(
            watch, root,
            "inotify cannot be had: raise fs.inotify.max_user_instances and `ulimit "
            "-n`");
    } else if (network) {
        (void)text_format(why, sizeof(why),
                          "%s does not report what other machines change: move the game to a local "
                          "disk for faster reloads",
                          network);
        watch_root_to_polling(watch, root, why);
    } else {
        watch_arm_root(watch, root);
    }
    watch_look_first(watch);
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
    return watch_polls_only(watch) ? -1 : watch->fd;
}

int watch_timeout_ms(const Watch *watch)
{
    if (!watch_polls_at_all(watch)) {
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
        watch_reset_changes(watch);
        watch_read_events(watch);
        watch_look_if_due(watch);
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
