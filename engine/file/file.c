#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Of megabytes, faulting in the room for them takes longer than reading them.
static void fill(uint8_t *data, size_t size_bytes)
{
    enum { WORTH_BYTES = 64 << 10, HUGE_BYTES = 2 << 20 };
    uintptr_t first = ((uintptr_t)data + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    uintptr_t end = ((uintptr_t)data + size_bytes) / PAGE_BYTES * PAGE_BYTES;
    if (size_bytes >= HUGE_BYTES) {
        (void)arena_advise((void *)first, end - first, ARENA_HUGE_PAGES);
    }
    if (size_bytes >= WORTH_BYTES && first < end) {
        (void)arena_advise((void *)first, end - first, ARENA_FILL);
    }
}

static bool read_whole(Arena *arena, int fd, const char *path, size_t limit_bytes, FileBytes *bytes,
                       Fault *fault)
{
    struct stat about;
    if (fstat(fd, &about) != 0) {
        return fault_set(fault, FAULT_FILE, "%s: %s", path, strerror(errno));
    }
    if (!S_ISREG(about.st_mode)) {
        return fault_set(fault, FAULT_FILE, "%s: not a regular file", path);
    }
    if (about.st_size < 0 || (uint64_t)about.st_size > limit_bytes) {
        return fault_set(fault, FAULT_FILE, "%s: %lld bytes, more than the limit of %zu", path,
                         (long long)about.st_size, limit_bytes);
    }
    size_t size_bytes = (size_t)about.st_size, done = 0;
    uint8_t *data = arena_try_push(arena, 1, 16, size_bytes + 1);
    if (!data) {
        return fault_set(fault, FAULT_MEMORY, "%s: no room for its %zu bytes", path, size_bytes);
    }
    fill(data, size_bytes);
    while (done < size_bytes) {
        ssize_t got = read(fd, data + done, size_bytes - done);
        if (got < 0 && errno != EINTR) {
            return fault_set(fault, FAULT_FILE, "%s: %s", path, strerror(errno));
        }
        if (got == 0) {
            break; // it shrank while we read: what is there is what it is now
        }
        done += got > 0 ? (size_t)got : 0;
    }
    data[done] = 0;
    *bytes = (FileBytes){data, done};
    return true;
}

bool file_read(Arena *arena, const char *path, size_t limit_bytes, FileBytes *bytes, Fault *fault)
{
    *bytes = (FileBytes){0};
    // O_NONBLOCK: opening a FIFO must not wait for its writer. Source: open(2).
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        return fault_set(fault, FAULT_FILE, "%s: %s", path, strerror(errno));
    }
    bool ok = read_whole(arena, fd, path, limit_bytes, bytes, fault);
    close(fd);
    return ok;
}

bool file_put(int fd, const void *data, size_t size_bytes)
{
    const uint8_t *at = data;
    while (size_bytes > 0) {
        ssize_t put = write(fd, at, size_bytes);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            return false;
        }
        at += put;
        size_bytes -= (size_t)put;
    }
    return true;
}

bool file_write(const char *path, const void *data, size_t size_bytes, Fault *fault)
{
    char temporary[FILE_PATH_MAX];
    if (!text_format(temporary, sizeof(temporary), "%s.%d-%llx.tmp", path, (int)getpid(),
                     (unsigned long long)mono_ns())) {
        return fault_set(fault, FAULT_FILE, "%s: the path is too long", path);
    }
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0) {
        return fault_set(fault, FAULT_FILE, "%s: cannot write beside it: %s", path,
                         strerror(errno));
    }
    bool ok = file_put(fd, data, size_bytes) && fsync(fd) == 0;
    int why = errno;
    if (close(fd) != 0 && ok) {
        ok = false;
        why = errno;
    }
    if (ok && rename(temporary, path) != 0) {
        ok = false;
        why = errno;
    }
    if (!ok) {
        unlink(temporary);
        return fault_set(fault, FAULT_FILE, "%s: not written: %s; the old one is untouched", path,
                         strerror(why));
    }
    return true;
}

bool file_make_dirs(const char *path, unsigned mode, Fault *fault)
{
    char part[FILE_PATH_MAX];
    if (!text_format(part, sizeof(part), "%s", path)) {
        return fault_set(fault, FAULT_FILE, "%s: the path is too long", path);
    }
    for (char *at = part + 1;; at++) {
        if (*at != '/' && *at != '\0') {
            continue;
        }
        char kept = *at;
        *at = '\0';
        if (mkdir(part, mode) != 0 && errno != EEXIST) {
            return fault_set(fault, FAULT_FILE, "%s: cannot make the folder: %s", part,
                             strerror(errno));
        }
        *at = kept;
        if (kept == '\0') {
            break;
        }
    }
    if (!file_is_folder(path)) {
        return fault_set(fault, FAULT_FILE, "%s: is in the way and is not a folder", path);
    }
    return true;
}

bool file_join(char out[FILE_PATH_MAX], const char *folder, const char *name)
{
    if (name[0] == '/' || folder[0] == '\0') {
        return text_format(out, FILE_PATH_MAX, "%s", name);
    }
    size_t length = strlen(folder);
    return text_format(out, FILE_PATH_MAX, "%s%s%s", folder, folder[length - 1] == '/' ? "" : "/",
                       name);
}

void file_base_name(char *out, size_t out_bytes, const char *path)
{
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/') {
        end--;
    }
    size_t start = end;
    while (start > 0 && path[start - 1] != '/') {
        start--;
    }
    (void)text_format(out, out_bytes, "%.*s", (int)(end - start), path + start);
}

bool file_name_is_inside(const char *name)
{
    size_t length = strlen(name);
    if (length == 0 || length > 255 || name[0] == '/') {
        return false;
    }
    for (const char *part = name;;) {
        size_t part_length = strcspn(part, "/");
        bool dots = strncmp(part, "..", part_length) == 0 && part_length <= 2;
        if (part_length == 0 || dots) {
            return false; // empty, "." or ".."
        }
        for (size_t i = 0; i < part_length; i++) {
            if ((unsigned char)part[i] < 0x20 || part[i] == 0x7F) {
                return false;
            }
        }
        if (part[part_length] == '\0') {
            return true;
        }
        part += part_length + 1;
    }
}

// A read lease is refused with EAGAIN while anybody has the file open for writing, or mapped so
// (fcntl(2), F_SETLEASE). It is given back at once. Should a writer come in between, the kernel
// would send SIGIO, which ends a program that does not expect it; SIGURG is ignored by default
// (signal(7)). Any other answer means that this file system cannot tell.
bool file_is_being_written(int fd)
{
    if (fcntl(fd, F_SETSIG, SIGURG) != 0) {
        return false;
    }
    bool refused = fcntl(fd, F_SETLEASE, F_RDLCK) != 0;
    if (refused) {
        return errno == EAGAIN;
    }
    (void)fcntl(fd, F_SETLEASE, F_UNLCK);
    return false;
}

bool file_exists(const char *path)
{
    struct stat about;
    return lstat(path, &about) == 0;
}

bool file_is_folder(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

// The folder that holds ours, by the XDG base directory specification 0.8; "" when there is none.
static void home_root(char out[FILE_PATH_MAX], FileHome home)
{
    static const char *const VARIABLE[] = {"XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"};
    static const char *const UNDER_HOME[] = {".local/state", ".local/share", NULL};
    const char *set = getenv(VARIABLE[home]);
    const char *user = getenv("HOME");
    out[0] = '\0';
    if (set && set[0] == '/') {
        (void)text_format(out, FILE_PATH_MAX, "%s", set);
    } else if (UNDER_HOME[home] && user && user[0] == '/') {
        (void)file_join(out, user, UNDER_HOME[home]);
    }
}

// A folder under /tmp may have been made by somebody else with this name, to read or feed us.
static bool is_private(const char *path)
{
    struct stat about;
    return lstat(path, &about) == 0 && S_ISDIR(about.st_mode) && about.st_uid == geteuid()
           && (about.st_mode & 077) == 0;
}

bool file_home(char out[FILE_PATH_MAX], FileHome home, const char *more, Fault *fault)
{
    char root[FILE_PATH_MAX], ours[FILE_PATH_MAX];
    home_root(root, home);
    if (root[0] && file_join(ours, root, "hotloop") && file_join(out, ours, more)
        && file_make_dirs(out, 0700, NULL) && access(out, W_OK | X_OK) == 0) {
        return true;
    }
    (void)text_format(ours, sizeof(ours), "/tmp/hotloop-%u", (unsigned)geteuid());
    if (mkdir(ours, 0700) != 0 && !is_private(ours)) {
        return fault_set(fault, FAULT_FILE,
                         "%s: not a private folder of this user; set XDG_RUNTIME_DIR to one", ours);
    }
    static const char *const KIND[] = {"state", "data", "run"};
    char kind[FILE_PATH_MAX];
    if (!file_join(kind, ours, KIND[home]) || !file_join(out, kind, more)) {
        return fault_set(fault, FAULT_FILE, "%s: the path is too long", more);
    }
    return file_make_dirs(out, 0700, fault);
}
