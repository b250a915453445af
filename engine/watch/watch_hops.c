// Watched paths: every name on the way to a root that can change what its path means, and from them
// the arming of a root.
#include "watch_internal.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINKS_MAX = 40 }; // as the kernel; path_resolution(7)

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

void watch_drop_hops(Watch *watch, uint32_t root)
{
    for (uint32_t i = 0; i < watch->hop_count;) {
        if (watch->hops[i].root != root) {
            i++;
            continue;
        }
        int wd = watch->hops[i].wd;
        watch->hops[i] = watch->hops[--watch->hop_count];
        watch_release_wd(watch, wd);
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
    watch_drop_hops(watch, OLD_HOP);
    errno = error;
    return ok;
}

void watch_arm_root(Watch *watch, uint32_t root)
{
    // A folder root can do without: only its own renaming is missed then.
    if (!renew_hops(watch, root) && (!watch->roots[root].is_folder || watch_is_limit(errno))) {
        watch_root_to_polling(watch, root, watch_limit_text(errno));
    }
    if (watch->roots[root].is_folder && !watch->roots[root].polled) {
        watch_arm_folder(watch, root);
    }
}
