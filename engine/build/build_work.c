// The work folder, shared by every instance on this game (one at a time: the lock file):
//   objects/<key>.dep   which files a source of that content included, for that compiler and flags
//   objects/<key>.o     the object for one content of the source and of all of those
//   objects/<key>.txt   what the compiler said about it, so that warnings stay
//   <content>.so        the library of one set of objects
// Nothing in it is ever changed, only added under its final name by a rename, and removed when old.
#include "build_internal.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    LIBRARIES_KEPT = 16,
    OBJECT_FILES_KEPT = 3 * 512, // and those of the last build
    LOCK_LOOK_MS = 5
};

const char *build_object_path(const Run *run, uint64_t key, const char *end)
{
    return arena_format(&run->build->scratch, "%s/%016llx%s", run->build->objects_folder,
                        (unsigned long long)key, end);
}

const char *build_temporary_path(const Run *run, uint32_t number, const char *end)
{
    return arena_format(&run->build->scratch, "%s/tmp-%d-%llx-%u%s", run->build->objects_folder,
                        (int)getpid(), (unsigned long long)run->build->nonce, number, end);
}

bool build_publish(const Run *run, const char *path, const void *data, size_t size_bytes)
{
    const char *temporary = build_temporary_path(run, UINT32_MAX, ".part");
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) {
        return false;
    }
    bool ok = write(fd, data, size_bytes) == (ssize_t)size_bytes;
    ok = close(fd) == 0 && ok && rename(temporary, path) == 0;
    if (!ok) {
        unlink(temporary);
    }
    return ok;
}

void build_touch(const char *path)
{
    (void)utimensat(AT_FDCWD, path, NULL, 0); // what is in use is not old
}

typedef struct OldFile {
    struct timespec written;
    char name[256];
} OldFile;

static int newest_first(const void *a, const void *b)
{
    const struct timespec *x = &((const OldFile *)a)->written, *y = &((const OldFile *)b)->written;
    if (x->tv_sec != y->tv_sec) {
        return x->tv_sec > y->tv_sec ? -1 : 1;
    }
    return x->tv_nsec > y->tv_nsec ? -1 : x->tv_nsec < y->tv_nsec;
}

// Keeps the newest `kept` regular files whose name ends in `end`.
static void remove_old(Arena *scratch, const char *folder, const char *end, uint32_t kept)
{
    enum { LISTED_MAX = 8192 };
    DIR *dir = opendir(folder);
    if (!dir) {
        return;
    }
    size_t mark = scratch->used_bytes;
    OldFile *files = NULL;
    uint32_t count = 0;
    for (struct dirent *entry = readdir(dir); entry && count < LISTED_MAX; entry = readdir(dir)) {
        struct stat about;
        size_t length = strlen(entry->d_name);
        if (length < strlen(end) || strcmp(entry->d_name + length - strlen(end), end) != 0
            || fstatat(dirfd(dir), entry->d_name, &about, AT_SYMLINK_NOFOLLOW) != 0
            || !S_ISREG(about.st_mode)) {
            continue;
        }
        OldFile *file = ARENA_NEW(scratch, OldFile, 1); // one behind the other: an array
        files = files ? files : file;
        file->written = about.st_mtim;
        (void)text_format(file->name, sizeof(file->name), "%s", entry->d_name);
        count++;
    }
    if (count > kept) {
        qsort(files, count, sizeof(files[0]), newest_first);
    }
    for (uint32_t i = kept; i < count; i++) {
        (void)unlinkat(dirfd(dir), files[i].name, 0);
    }
    closedir(dir);
    arena_reset(scratch, mark);
}

void build_tidy(Run *run)
{
    Build *build = run->build;
    remove_old(&build->scratch, build->work_folder, ".so", LIBRARIES_KEPT);
    if (build->compiled_since_tidy >= 64) {
        build->compiled_since_tidy = 0;
        remove_old(&build->scratch, build->objects_folder, "",
                   OBJECT_FILES_KEPT + 3 * run->unit_count);
    }
}

int build_take_turn(const Run *run)
{
    char path[FILE_PATH_MAX];
    uint64_t give_up_ns = mono_ns() + 2ull * BUILD_TIMEOUT_MS * NS_PER_MS;
    if (!file_join(path, run->build->work_folder, "lock")) {
        return -1;
    }
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
        struct pollfd cancel = {.fd = run->cancel_fd, .events = POLLIN};
        if (poll(&cancel, 1, LOCK_LOOK_MS) > 0) {
            close(fd);
            return -2;
        }
        if (mono_ns() > give_up_ns) {
            break;
        }
    }
    return fd;
}
