// What inotify says, turned into changes: events of a hop, of a folder itself, and of the names in
// it.
#include "watch_internal.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void hop_event(Watch *watch, uint32_t root, uint32_t mask)
{
    const char *path = watch->roots[root].path;
    struct stat about = {0};
    if (mask & ~(uint32_t)IN_CLOSE_WRITE) {
        watch_arm_root(watch, root);
    }
    bool exists = lstat(path, &about) == 0;
    if (watch->roots[root].is_folder) {
        if (mask & ~(uint32_t)IN_CLOSE_WRITE) {
            watch_push_change(watch, WATCH_RESCAN, path);
        }
    } else if (!exists || !file_exists(path)) {
        watch_push_change(watch, WATCH_GONE, path);
    } else if (!(mask & IN_CREATE) || !S_ISREG(about.st_mode) || about.st_nlink > 1) {
        // A plain file that was just created is empty; IN_CLOSE_WRITE follows once it is filled.
        watch_push_change(watch, WATCH_WRITTEN, path);
    }
}

// The folder itself went away or got another name: what its paths mean has to be found out again.
static void self_event(Watch *watch, int wd)
{
    bool affected[ROOTS_MAX + 1] = {0};
    for (uint32_t i = 0; i < watch->hop_count; i++) {
        affected[watch->hops[i].root] |= watch->hops[i].wd == wd;
    }
    uint32_t folder = watch_folder_of_wd(watch, wd);
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
        watch_add_tree(watch, folder, name);
    } else if (S_ISLNK(about.st_mode) || about.st_nlink > 1) {
        watch_push_change(watch, WATCH_WRITTEN, path); // a link: nobody will write and close it
    }
}

static void file_in_folder(Watch *watch, uint32_t folder, const struct inotify_event *event)
{
    char path[FILE_PATH_MAX];
    if (!watch_path_below(watch, folder, event->name, path)) {
        return;
    }
    if (event->mask & (IN_DELETE | IN_MOVED_FROM)) {
        uint32_t link = watch_child_of(watch, folder, event->name);
        if (link != UINT32_MAX) { // a symlink to a folder
            watch_push_change(watch, WATCH_RESCAN, watch->roots[watch->folders[folder].root].path);
            watch_drop_tree(watch, link);
        } else {
            watch_push_change(watch, WATCH_GONE, path);
        }
    } else if (event->mask & IN_CREATE) {
        link_created(watch, folder, event->name, path);
    } else if (event->mask & IN_MOVED_TO && file_is_folder(path)) {
        watch_add_tree(watch, folder, event->name);
    } else {
        watch_push_change(watch, WATCH_WRITTEN, path);
    }
}

static void folder_in_folder(Watch *watch, uint32_t folder, const struct inotify_event *event)
{
    if (event->mask & (IN_CREATE | IN_MOVED_TO)) {
        watch_add_tree(watch, folder, event->name);
        return;
    }
    uint32_t child = watch_child_of(watch, folder, event->name);
    if (event->mask & IN_MOVED_FROM && child != UINT32_MAX) {
        // Its files left without an event of their own.
        watch_push_change(watch, WATCH_RESCAN, watch->roots[watch->folders[folder].root].path);
        watch_drop_tree(watch, child);
    }
}

static void forget_wd(Watch *watch, int wd)
{
    uint32_t folder = watch_folder_of_wd(watch, wd);
    if (folder != UINT32_MAX) {
        watch_drop_tree(watch, folder);
    }
}

static void named_event(Watch *watch, const struct inotify_event *event)
{
    bool matches[ROOTS_MAX + 1] = {0}; // marked first: hop_event changes the list of hops
    uint32_t folder = watch_folder_of_wd(watch, event->wd);
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
            watch_arm_root(watch, root);
            watch_push_change(watch, WATCH_RESCAN, watch->roots[root].path);
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

void watch_read_events(Watch *watch)
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
