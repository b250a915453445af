#include "watch_poll.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool watch_ignores_name(const char *name)
{
    size_t length = strlen(name);
    return length == 0 || name[0] == '.' || name[0] == '#' || name[length - 1] == '~'
           || strcmp(name, "4913") == 0 || (length > 4 && strcmp(name + length - 4, ".swp") == 0);
}

bool poll_look_open(PollLook *look, Fault *fault)
{
    *look = (PollLook){0};
    // Names of files come from outside: room for the longest sensible tree, checked when pushed.
    return arena_open(&look->memory, 0, 64u << 20, fault);
}

void poll_look_close(PollLook *look)
{
    arena_close(&look->memory);
    *look = (PollLook){0};
}

void poll_look_reset(PollLook *look)
{
    arena_reset(&look->memory, 0);
    look->entries = ARENA_NEW(&look->memory, PollEntry, POLL_ENTRIES_MAX);
    look->slots = ARENA_NEW(&look->memory, uint32_t, POLL_INDEX_SLOTS);
    look->count = 0;
    look->was_cut = false;
}

static uint32_t slot_of(const PollLook *look, uint64_t path_hash)
{
    uint32_t slot = (uint32_t)(path_hash % POLL_INDEX_SLOTS);
    while (look->slots[slot] && look->entries[look->slots[slot] - 1].path_hash != path_hash) {
        slot = (slot + 1) % POLL_INDEX_SLOTS;
    }
    return slot;
}

const PollEntry *poll_look_find(const PollLook *look, uint64_t path_hash)
{
    if (!look->slots) {
        return NULL;
    }
    uint32_t at = look->slots[slot_of(look, path_hash)];
    return at ? &look->entries[at - 1] : NULL;
}

static uint64_t signature_of(const struct stat *about)
{
    uint64_t parts[] = {(uint64_t)about->st_mtim.tv_sec, (uint64_t)about->st_mtim.tv_nsec,
                        (uint64_t)about->st_size, (uint64_t)about->st_ino, (uint64_t)about->st_dev};
    return hash_bytes(parts, sizeof(parts));
}

static void add_file(PollLook *look, const char *path, const struct stat *about)
{
    uint64_t path_hash = hash_bytes(path, strlen(path));
    uint32_t slot = slot_of(look, path_hash);
    size_t size_bytes = strlen(path) + 1;
    char *copy = NULL;
    if (look->slots[slot]) {
        return;
    }
    if (look->count < POLL_ENTRIES_MAX) {
        copy = arena_try_push(&look->memory, 1, 1, size_bytes);
    }
    if (!copy) {
        look->was_cut = true;
        return;
    }
    memcpy(copy, path, size_bytes);
    look->entries[look->count++] = (PollEntry){copy, path_hash, signature_of(about)};
    look->slots[slot] = look->count;
}

// A folder still to be read. They hang in a list in the look's arena, not on the stack: a tree may
// be as deep as a path is long.
typedef struct PollFolder {
    struct PollFolder *next;
    char *path;
    dev_t device;
    ino_t inode;
} PollFolder;

typedef struct PollWalk {
    PollLook *look;
    PollFolder *first, *last; // all folders met, read or not, in the order they are read
    PollFolder *links;        // folders behind symlinks: after all real ones, so that a folder is
                              // known by its own name and a loop ends
} PollWalk;

static PollFolder *folder_entry(PollWalk *walk, const char *path, const struct stat *about)
{
    size_t path_bytes = strlen(path) + 1;
    Arena *memory = &walk->look->memory;
    PollFolder *folder = arena_try_push(memory, sizeof(PollFolder), _Alignof(PollFolder), 1);
    char *copy = folder ? arena_try_push(memory, 1, 1, path_bytes) : NULL;
    if (!copy) {
        walk->look->was_cut = true;
        return NULL;
    }
    memcpy(copy, path, path_bytes);
    *folder = (PollFolder){NULL, copy, about->st_dev, about->st_ino};
    return folder;
}

static void append_folder(PollWalk *walk, PollFolder *folder)
{
    for (PollFolder *known = walk->first; known; known = known->next) {
        if (known->inode == folder->inode && known->device == folder->device) {
            return;
        }
    }
    folder->next = NULL;
    *(walk->last ? &walk->last->next : &walk->first) = folder;
    walk->last = folder;
}

static void look_at_name(PollWalk *walk, int fd, const char *folder, const char *name)
{
    char path[FILE_PATH_MAX];
    struct stat about, target;
    if (watch_ignores_name(name) || !file_join(path, folder, name)
        || fstatat(fd, name, &about, AT_SYMLINK_NOFOLLOW) != 0) {
        return;
    }
    bool is_link = S_ISLNK(about.st_mode);
    if (is_link && fstatat(fd, name, &target, 0) == 0) {
        about = target;
    }
    if (!S_ISDIR(about.st_mode)) {
        add_file(walk->look, path, &about);
        return;
    }
    PollFolder *found = folder_entry(walk, path, &about);
    if (found && is_link) {
        found->next = walk->links;
        walk->links = found;
    } else if (found) {
        append_folder(walk, found);
    }
}

static void read_folder(PollWalk *walk, const char *folder)
{
    DIR *dir = opendir(folder);
    if (!dir) {
        return;
    }
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        look_at_name(walk, dirfd(dir), folder, entry->d_name);
    }
    closedir(dir);
}

static void look_at_tree(PollLook *look, const char *path, const struct stat *about)
{
    PollWalk walk = {.look = look};
    PollFolder *at = folder_entry(&walk, path, about);
    if (!at) {
        return;
    }
    append_folder(&walk, at);
    while (at) {
        read_folder(&walk, at->path);
        while (!at->next && walk.links) {
            PollFolder *link = walk.links;
            walk.links = link->next;
            append_folder(&walk, link);
        }
        at = at->next;
    }
}

void poll_look_at(PollLook *look, const char *path, bool is_folder)
{
    struct stat about;
    if (stat(path, &about) != 0) {
        return;
    }
    if (is_folder && S_ISDIR(about.st_mode)) {
        look_at_tree(look, path, &about);
    } else if (!is_folder) {
        add_file(look, path, &about);
    }
}
