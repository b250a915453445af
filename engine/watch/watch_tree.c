// The folders below a folder root, each with a watch of its own: adding and reading them, finding
// one by watch or name, and letting them go.
#include "watch_internal.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

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

bool watch_path_below(const Watch *watch, uint32_t folder, const char *name,
                      char out[FILE_PATH_MAX])
{
    char above[FILE_PATH_MAX];
    return folder_path(watch, folder, above) && file_join(out, above, name);
}

uint32_t watch_folder_of_wd(Watch *watch, int wd)
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

uint32_t watch_child_of(const Watch *watch, uint32_t parent, const char *name)
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

void watch_release_wd(Watch *watch, int wd)
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

void watch_drop_tree(Watch *watch, uint32_t top)
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
        watch_release_wd(watch, wd);
    }
}

void watch_drop_root_folders(Watch *watch, uint32_t root)
{
    for (uint32_t i = 0; i < watch->folder_count; i++) {
        if (watch->folders[i].wd && watch->folders[i].is_root && watch->folders[i].root == root) {
            watch_drop_tree(watch, i);
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

// A watch on one more folder; it is read later, by read_todo, once the watch stands, so that what
// appears in between is seen by the one or the other. A folder known already under another name (a
// symlink loop) has the same watch and is left out. False when the root polls now.
static bool add_folder(Watch *watch, WatchFolder what, const char *path)
{
    uint32_t slot = free_folder(watch);
    if (slot == UINT32_MAX) {
        watch_root_to_polling(watch, what.root, "more than 16384 folders");
        return false;
    }
    int wd = inotify_add_watch(watch->fd, path, EVENT_MASK | IN_ONLYDIR);
    if (wd < 0 && watch_is_limit(errno)) {
        watch_root_to_polling(watch, what.root, watch_limit_text(errno));
        return false;
    }
    if (wd < 0 || watch_folder_of_wd(watch, wd) != UINT32_MAX) {
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
    if (!watch_path_below(watch, parent, name, path)
        || !text_format(child.name, sizeof(child.name), "%s", name)) {
        return true; // longer than a path can be: nobody can open what is in it either
    }
    return add_folder(watch, child, path);
}

static bool read_name(Watch *watch, uint32_t folder, const struct dirent *entry, bool report)
{
    char path[FILE_PATH_MAX];
    struct stat about;
    if (watch_ignores_name(entry->d_name) || !watch_path_below(watch, folder, entry->d_name, path)
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
        watch_push_change(watch, WATCH_WRITTEN, path);
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

void watch_add_tree(Watch *watch, uint32_t parent, const char *name)
{
    watch->todo_count = 0;
    if (add_child(watch, parent, name)) {
        read_todo(watch, true);
    }
    watch->todo_count = 0;
}

void watch_arm_folder(Watch *watch, uint32_t root)
{
    watch_drop_root_folders(watch, root);
    watch->todo_count = 0;
    if (add_folder(watch, (WatchFolder){.root = root, .is_root = true}, watch->roots[root].path)) {
        read_todo(watch, false);
    }
    watch->todo_count = 0;
}
