// Contents: the system's limits, polling. Which roots inotify cannot serve and why, and looking at
// those every 250 ms; a look itself is made by watch_poll.c.
#include "watch_internal.h"

#include <errno.h>
#include <string.h>
#include <sys/vfs.h>

enum { POLL_MS = 250 };

// --------------------------------------------------------------------------- the system's limits

const char *watch_limit_text(int error)
{
    return error == ENOSPC ? "inotify watch limit reached: raise it with `sysctl "
                             "fs.inotify.max_user_watches=524288`"
                           : strerror(error);
}

bool watch_is_limit(int error)
{
    return error == ENOSPC || error == ENOMEM;
}

void watch_root_to_polling(Watch *watch, uint32_t root, const char *why)
{
    char text[FILE_PATH_MAX + 256];
    if (watch->roots[root].polled) {
        return;
    }
    watch->roots[root].polled = true;
    watch_drop_hops(watch, root);
    watch_drop_root_folders(watch, root);
    watch->todo_count = 0;
    watch->link_count = 0;
    watch->next_poll_ns = 0; // the first look, to compare with, comes at once
    (void)text_format(text, sizeof(text), "%s; until then %s is looked at every %d ms instead", why,
                      watch->roots[root].path, POLL_MS);
    watch_note(watch, text);
    watch_push_change(watch, WATCH_RESCAN, watch->roots[root].path);
}

// The network file systems that do not report what other machines change.
// Source: statfs(2) and linux/magic.h; NFS, SMB, CIFS, SMB2, FUSE, 9p, AFS, Ceph, vboxsf.
const char *watch_network_name(const char *path)
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

// --------------------------------------------------------------------------------------- polling

bool watch_polls_at_all(const Watch *watch)
{
    for (uint32_t i = 0; i < watch->root_count; i++) {
        if (watch->roots[i].polled) {
            return true;
        }
    }
    return false;
}

bool watch_polls_only(const Watch *watch)
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
            watch_push_change(watch, WATCH_WRITTEN, new->entries[i].path);
        }
    }
    for (uint32_t i = 0; i < old->count; i++) {
        if (!poll_look_find(new, old->entries[i].path_hash)) {
            watch_push_change(watch, WATCH_GONE, old->entries[i].path);
        }
    }
}

static bool open_looks(Watch *watch)
{
    for (int i = 0; i < 2; i++) {
        if (!watch->looks[i].memory.base) {
            if (!poll_look_open(&watch->looks[i], NULL)) {
                watch_note(watch, "no memory to look for changes: saves are not noticed");
                return false;
            }
            poll_look_reset(&watch->looks[i]);
        }
    }
    return true;
}

void watch_look_first(Watch *watch)
{
    for (uint32_t i = 0; i < watch->root_count && open_looks(watch); i++) {
        WatchRoot *root = &watch->roots[i];
        if (root->polled && !root->baseline) {
            poll_look_at(&watch->looks[watch->look], root->path, root->is_folder);
            root->baseline = true;
        }
    }
}

void watch_look_if_due(Watch *watch)
{
    if (!watch_polls_at_all(watch) || mono_ns() < watch->next_poll_ns) {
        return;
    }
    watch->next_poll_ns = mono_ns() + POLL_MS * NS_PER_MS;
    if (!open_looks(watch)) {
        return;
    }
    watch_look_first(watch);
    PollLook *new = &watch->looks[1 - watch->look];
    poll_look_reset(new);
    for (uint32_t i = 0; i < watch->root_count; i++) {
        if (watch->roots[i].polled) {
            poll_look_at(new, watch->roots[i].path, watch->roots[i].is_folder);
        }
    }
    if (new->was_cut) {
        watch_note(watch,
                   "more than 65536 files below the watched folders: the rest is not looked at");
    }
    compare_looks(watch, &watch->looks[watch->look], new);
    watch->look = 1 - watch->look;
}
