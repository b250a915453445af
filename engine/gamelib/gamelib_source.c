#include "gamelib_source.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define LIBRARY_BYTES_MAX (1ull << 30)

// -------------------------------------------------------------------------------------- reading

static bool judge_kind(const struct stat *info, const char *path, Fault *fault)
{
    const char *kind = S_ISDIR(info->st_mode)    ? "a directory"
                       : S_ISFIFO(info->st_mode) ? "a FIFO"
                       : S_ISREG(info->st_mode)  ? NULL
                                                 : "a device";

    if (kind) {
        return fault_set(fault, FAULT_LIBRARY, "%s: %s, not a library; previous code kept", path,
                         kind);
    }
    if ((uint64_t)info->st_size > LIBRARY_BYTES_MAX) {
        return fault_set(fault, FAULT_LIBRARY,
                         "%s: %" PRIu64 " MiB long, at most %" PRIu64
                         " MiB are loaded; previous code kept",
                         path, (uint64_t)info->st_size >> 20, (uint64_t)LIBRARY_BYTES_MAX >> 20);
    }
    return true;
}

static bool changed(const char *path, Fault *fault)
{
    return fault_set(
        fault, FAULT_INCOMPLETE,
        "%s: incomplete (it changed while it was read); waiting for the rest, previous "
        "code kept",
        path);
}

// Up to size_bytes; how many there were, or -1 with errno.
static ssize_t read_all(int fd, uint8_t *out, size_t size_bytes)
{
    size_t have = 0;

    while (have < size_bytes) {
        ssize_t got = pread(fd, out + have, size_bytes - have, (off_t)have);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return -1;
        }
        if (got == 0) {
            break;
        }
        have += (size_t)got;
    }
    return (ssize_t)have;
}

static bool read_file(int fd, Arena *memory, const char *path, FileBytes *bytes, Fault *fault)
{
    struct stat before, after;
    uint8_t *data;
    ssize_t got;

    if (fstat(fd, &before) != 0) {
        return fault_set(fault, FAULT_FILE, "%s: %s; previous code kept", path, strerror(errno));
    }
    if (!judge_kind(&before, path, fault)) {
        return false;
    }
    if (!arena_open(memory, 0, (size_t)before.st_size + PAGE_BYTES, fault)) {
        return false;
    }
    data = arena_try_push(memory, 1, 16, (size_t)before.st_size + 1);
    if (!data) {
        return fault_set(fault, FAULT_MEMORY, "%s: no memory to read it; previous code kept", path);
    }
    if (before.st_size >= PAGE_BYTES) { // a fault for each page takes longer than reading it
        (void)arena_advise(memory->base, (size_t)before.st_size / PAGE_BYTES * PAGE_BYTES,
                           ARENA_FILL);
    }
    got = read_all(fd, data, (size_t)before.st_size);
    if (got < 0) {
        return fault_set(fault, FAULT_FILE, "%s: %s; previous code kept", path, strerror(errno));
    }
    if (fstat(fd, &after) != 0 || after.st_size != before.st_size || got != before.st_size) {
        return changed(path, fault);
    }
    *bytes = (FileBytes){data, (size_t)got};
    return true;
}

static bool read_and_judge(GameSource *source, const char *path, Fault *fault)
{
    FileBytes bytes;

    if (!read_file(source->fd, &source->memory, path, &bytes, fault)) {
        return false;
    }
    if (file_is_being_written(source->fd)) {
        return fault_set(fault, FAULT_INCOMPLETE,
                         "%s: incomplete (somebody still has it open for writing); waiting, "
                         "previous code kept",
                         path);
    }
    source->content = hash_bytes(bytes.data, bytes.size_bytes);
    return gamelib_elf_open(&source->elf, bytes.data, bytes.size_bytes, path, fault);
}

bool gamelib_source_open(GameSource *source, const char *path, Fault *fault)
{
    *source = (GameSource){.fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
    if (source->fd < 0) {
        return fault_set(fault, FAULT_FILE, "%s: %s; previous code kept", path, strerror(errno));
    }
    if (!read_and_judge(source, path, fault)) {
        gamelib_source_close(source);
        return false;
    }
    return true;
}

void gamelib_source_close(GameSource *source)
{
    if (source->fd >= 0) {
        close(source->fd);
    }
    arena_close(&source->memory);
    *source = (GameSource){.fd = -1};
}

// Whether it still holds what was read, piece by piece: another five megabytes of memory would take
// longer to get than to read.
static bool holds(int fd, const uint8_t *bytes, size_t size_bytes)
{
    uint8_t piece[32 << 10];
    struct stat now;

    for (size_t at = 0; at < size_bytes;) {
        size_t left = size_bytes - at;
        ssize_t got = pread(fd, piece, left < sizeof(piece) ? left : sizeof(piece), (off_t)at);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0 || memcmp(bytes + at, piece, (size_t)got) != 0) {
            return false;
        }
        at += (size_t)got;
    }
    return fstat(fd, &now) == 0 && (uint64_t)now.st_size == size_bytes;
}

bool gamelib_source_same(const GameSource *source, const char *path, Fault *fault)
{
    bool same = !file_is_being_written(source->fd)
                && holds(source->fd, source->elf.bytes, source->elf.size_bytes);
    return same || changed(path, fault);
}

// -------------------------------------------------------------------------------------- copying

// Code cannot be mapped from a noexec mount (mount(8)); dlopen would only say so later.
static bool may_execute(int fd)
{
    struct statvfs info;

    if (fstatvfs(fd, &info) == 0 && (info.f_flag & ST_NOEXEC) != 0) {
        errno = EPERM;
        return false;
    }
    return true;
}

// The name must be one that this process never loaded before: dlopen knows images by their name
// and would hand out the old one. The clock never shows the same nanosecond to two callers that
// find each other's file, and an unlinked name is in the past.
static int create_new(char copy[FILE_PATH_MAX], const char *folder, uint64_t content)
{
    int fd;

    do {
        if (!text_format(copy, FILE_PATH_MAX, "%s/%ld-%" PRIu64 "-%016" PRIx64 ".so", folder,
                         (long)getpid(), mono_ns(), content)) {
            errno = ENAMETOOLONG;
            return -1;
        }
        fd = open(copy, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0700);
    } while (fd < 0 && errno == EEXIST);
    return fd;
}

static bool copy_to_folder(char copy[FILE_PATH_MAX], const char *folder, const GameSource *source)
{
    int fd = create_new(copy, folder, source->content);
    bool written;
    int error;

    if (fd < 0) {
        copy[0] = 0;
        return false;
    }
    written = may_execute(fd) && file_put(fd, source->elf.bytes, source->elf.size_bytes);
    error = errno;
    if (close(fd) != 0 && written) { // some file systems report a full disk only here
        error = errno;
        written = false;
    }
    if (!written) {
        unlink(copy);
        copy[0] = 0;
        errno = error;
    }
    return written;
}

// The descriptor stays open until gamelib_copy_remove: the name leads through it. It is spelt with
// our process id and not "self" so that the trial child and gdb find it, too.
static bool copy_to_memory(char copy[FILE_PATH_MAX], const GameSource *source)
{
    int fd = memfd_create("hotloop-game", MFD_CLOEXEC);

    if (fd < 0) {
        return false;
    }
    if (!file_put(fd, source->elf.bytes, source->elf.size_bytes)) {
        close(fd);
        return false;
    }
    text_format(copy, FILE_PATH_MAX, "/proc/%ld/fd/%d", (long)getpid(), fd);
    return true;
}

bool gamelib_copy_make(char copy[FILE_PATH_MAX], const char *folder, const GameSource *source,
                       const char *path, Fault *fault)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    const char *others[] = {runtime && runtime[0] == '/' ? runtime : "/tmp", "/tmp", "/var/tmp"};
    int error;

    if (copy_to_folder(copy, folder, source)) {
        return true;
    }
    error = errno;
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        if (copy_to_folder(copy, others[i], source)) {
            return true;
        }
    }
    if (copy_to_memory(copy, source)) {
        return true;
    }
    copy[0] = 0;
    return fault_set(fault, FAULT_FILE,
                     "%s: no place for a private copy (%s: %s; /tmp, /var/tmp and memory refuse, "
                     "too); previous code kept",
                     path, folder, strerror(error));
}

void gamelib_copy_remove(const char *copy, bool unmapped)
{
    long pid;
    int fd;

    if (sscanf(copy, "/proc/%ld/fd/%d", &pid, &fd) != 2) {
        unlink(copy);
    } else if (unmapped
               && pid == (long)getpid()) { // a copy in memory that we took over is not ours
        close(fd); // else its number must stay taken: the same name would mean the old image
    }
}
