#include "build_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SLOTS = 2 * BUILD_FILES_MAX };

uint64_t build_files_real_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static uint64_t stamp_ns(const struct timespec *stamp)
{
    return (uint64_t)stamp->tv_sec * NS_PER_S + (uint64_t)stamp->tv_nsec;
}

// ----------------------------------------------------------------------------------------- listing

static bool has_end(const char *name, const char *end)
{
    size_t length = strlen(name), end_length = strlen(end);
    return length > end_length && strcmp(name + length - end_length, end) == 0;
}

bool build_files_is_source(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    return name[0] != '.' && name[0] != '#' && (has_end(name, ".c") || has_end(name, ".h"));
}

typedef struct Folder {
    struct Folder *next;
    const char *path;
    dev_t device;
    ino_t inode;
} Folder;

// Folders in the order they are read; those behind symlinks wait until all real ones are known, so
// that each is read once and under its own name.
typedef struct Listing {
    BuildFiles *files;
    Folder *first, *last, *links;
} Listing;

static Folder *new_folder(Arena *scratch, const char *path, const struct stat *about)
{
    Folder *folder = ARENA_NEW(scratch, Folder, 1);
    *folder = (Folder){NULL, arena_copy_text(scratch, path), about->st_dev, about->st_ino};
    return folder;
}

static void append_folder(Listing *listing, Folder *folder)
{
    for (Folder *known = listing->first; known; known = known->next) {
        if (known->inode == folder->inode && known->device == folder->device) {
            return;
        }
    }
    folder->next = NULL;
    *(listing->last ? &listing->last->next : &listing->first) = folder;
    listing->last = folder;
}

static void add_source(BuildFiles *files, const char *path)
{
    if (files->unit_count + files->header_count >= BUILD_FILES_MAX / 2) {
        files->is_too_many = true;
        return;
    }
    const char *copy = arena_copy_text(files->scratch, path);
    if (has_end(path, ".c")) {
        files->units[files->unit_count++] = copy;
    } else {
        files->headers[files->header_count++] = copy;
    }
}

static void list_name(Listing *listing, int fd, const char *folder, const struct dirent *entry)
{
    char path[FILE_PATH_MAX];
    struct stat about, target;
    const char *name = entry->d_name;
    bool is_source = build_files_is_source(name);
    // Most names are neither source nor folder: those cost nothing.
    if (name[0] == '.' || (entry->d_type == DT_REG && !is_source) || !file_join(path, folder, name)
        || fstatat(fd, name, &about, AT_SYMLINK_NOFOLLOW) != 0) {
        return;
    }
    bool is_link = S_ISLNK(about.st_mode);
    if (is_link && fstatat(fd, name, &target, 0) == 0) {
        about = target;
    }
    if (S_ISREG(about.st_mode) && is_source) {
        add_source(listing->files, path);
    } else if (S_ISDIR(about.st_mode)) {
        Folder *found = new_folder(listing->files->scratch, path, &about);
        if (is_link) {
            found->next = listing->links;
            listing->links = found;
        } else {
            append_folder(listing, found);
        }
    }
}

static bool list_folder(Listing *listing, const char *folder)
{
    DIR *dir = opendir(folder);
    if (!dir) {
        return false;
    }
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        list_name(listing, dirfd(dir), folder, entry);
    }
    closedir(dir);
    return true;
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void build_files_list(BuildFiles *files, const char *folder, Arena *scratch, Arena *reading)
{
    struct stat about;
    *files = (BuildFiles){.scratch = scratch, .reading = reading};
    files->files = ARENA_NEW(scratch, BuildFile, BUILD_FILES_MAX);
    files->slots = ARENA_NEW(scratch, uint32_t, SLOTS);
    files->units = ARENA_NEW(scratch, const char *, BUILD_FILES_MAX);
    files->headers = ARENA_NEW(scratch, const char *, BUILD_FILES_MAX);
    if (stat(folder, &about) != 0) {
        files->is_missing = true;
        return;
    }
    Listing listing = {.files = files};
    append_folder(&listing, new_folder(scratch, folder, &about));
    files->is_missing = !list_folder(&listing, folder);
    for (Folder *at = listing.first; at;) {
        while (!at->next && listing.links) {
            Folder *link = listing.links;
            listing.links = link->next;
            append_folder(&listing, link);
        }
        at = at->next;
        if (at) {
            (void)list_folder(&listing, at->path);
        }
    }
    qsort(files->units, files->unit_count, sizeof(files->units[0]), compare_paths);
    qsort(files->headers, files->header_count, sizeof(files->headers[0]), compare_paths);
}

// ---------------------------------------------------------------------------------------- contents

static BuildFile *entry_of(BuildFiles *files, const char *path)
{
    uint64_t path_hash = hash_bytes(path, strlen(path));
    uint32_t slot = (uint32_t)(path_hash % SLOTS);
    for (; files->slots[slot]; slot = (slot + 1) % SLOTS) {
        BuildFile *file = &files->files[files->slots[slot] - 1];
        if (file->path_hash == path_hash) {
            return file;
        }
    }
    if (files->count == BUILD_FILES_MAX) {
        return NULL;
    }
    BuildFile *file = &files->files[files->count++];
    *file = (BuildFile){.path = arena_copy_text(files->scratch, path), .path_hash = path_hash};
    files->slots[slot] = files->count;
    return file;
}

static uint64_t content_of(const BuildFiles *files, const char *path, bool *is_empty)
{
    FileBytes bytes;
    uint64_t content = 0;
    *is_empty = false;
    arena_reset(files->reading, 0);
    if (file_read(files->reading, path, BUILD_FILE_BYTES_MAX, &bytes, NULL)) {
        content = hash_bytes(bytes.data, bytes.size_bytes);
        *is_empty = bytes.size_bytes == 0;
    }
    return content;
}

static bool was_written_now(const char *path)
{
    struct stat about;
    if (stat(path, &about) != 0) {
        return false;
    }
    uint64_t now_ns = build_files_real_ns(), written_ns = stamp_ns(&about.st_mtim);
    return written_ns <= now_ns && now_ns - written_ns < NS_PER_S;
}

static bool has_writer(const char *path)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    bool has = fd >= 0 && file_is_being_written(fd);
    if (fd >= 0) {
        close(fd);
    }
    return has;
}

uint64_t build_files_before(BuildFiles *files, const char *path)
{
    BuildFile *file = entry_of(files, path);
    bool is_empty;
    if (!file) {
        return content_of(files, path, &is_empty);
    }
    if (!file->has_before) {
        file->before = content_of(files, path, &is_empty);
        file->has_before = true;
        file->is_unfinished = was_written_now(path) && (is_empty || has_writer(path));
    }
    return file->before;
}

uint64_t build_files_after(BuildFiles *files, const char *path)
{
    BuildFile *file = entry_of(files, path);
    bool is_empty;
    if (!file) {
        return content_of(files, path, &is_empty);
    }
    if (!file->has_after) {
        file->after = content_of(files, path, &is_empty);
        file->has_after = true;
    }
    return file->after;
}

bool build_files_is_same(BuildFiles *files, const char *path, uint64_t since_ns)
{
    BuildFile *file = entry_of(files, path);
    struct stat about;
    if (file && file->has_before) {
        return build_files_after(files, path) == file->before;
    }
    if (stat(path, &about) != 0) {
        return false;
    }
    // The change time cannot be set by hand. Its clock ticks every 1 to 10 ms; one that is far
    // ahead is another machine's and says nothing.
    uint64_t changed_ns = stamp_ns(&about.st_ctim);
    return changed_ns + 20 * NS_PER_MS < since_ns || changed_ns > since_ns + 60 * NS_PER_S;
}
