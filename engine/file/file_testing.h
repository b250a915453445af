// A folder that a test case writes into: files in it by name, and its end.
#ifndef FILE_TESTING_H
#define FILE_TESTING_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "file.h"

// The path of `name` in it, until the eighth call after this one.
static inline const char *folder_path(const char *folder, const char *name)
{
    static char paths[8][FILE_PATH_MAX];
    static unsigned turn;
    char *path = paths[turn++ % 8];
    assert_true(file_join(path, folder, name));
    return path;
}

// In place, as some editors do: the old file is cut to nothing and written again.
static inline void folder_write(const char *path, const void *bytes, size_t count)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_true(file_put(fd, bytes, count));
    close(fd);
}

static inline int folder_remove_entry(const char *path, const struct stat *about, int kind,
                                      struct FTW *walk)
{
    (void)about, (void)kind, (void)walk;
    return remove(path);
}

// With all that is in it. 0: it is gone.
static inline int folder_remove(const char *folder)
{
    return nftw(folder, folder_remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
