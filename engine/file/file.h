// Whole files, read with limits and written so that a reader sees the old or the new one, never a
// half. Paths are bytes; no shell is ever involved.
#ifndef FILE_H
#define FILE_H
#include "arena.h"

#define FILE_PATH_MAX 4096

typedef struct FileBytes {
    const uint8_t *data; // followed by a 0 byte
    size_t size_bytes;
} FileBytes;

// Reads a regular file of at most `limit_bytes` into `arena`. Follows symlinks; never blocks on a
// FIFO. Fails (FAULT_FILE) with a message that names path and reason. *bytes is zeroed then.
bool file_read(Arena *arena, const char *path, size_t limit_bytes, FileBytes *bytes, Fault *fault);
// Writes a temporary file beside `path`, syncs it and renames it over. On failure the old file is
// untouched and the temporary one is gone.
bool file_write(const char *path, const void *data, size_t size_bytes, Fault *fault);
// All of it to a descriptor, in as many writes as it takes. False: errno says why.
bool file_put(int fd, const void *data, size_t size_bytes);
// mkdir -p with `mode` for each missing folder.
bool file_make_dirs(const char *path, unsigned mode, Fault *fault);
// "a/b" + "c" to "a/b/c"; an absolute `name` replaces the folder. False when it does not fit.
bool file_join(char out[FILE_PATH_MAX], const char *folder, const char *name);
// The last component of `path`, trailing slashes ignored; `out` receives at most out_bytes - 1.
void file_base_name(char *out, size_t out_bytes, const char *path);
// True for names that stay inside their folder: relative, no "..", no empty component, no control
// characters, at most 255 bytes.
bool file_name_is_inside(const char *name);
bool file_exists(const char *path); // anything at all
bool file_is_folder(const char *path);
// Somebody has it open for writing, or mapped so. False also where the file system cannot tell.
// `fd` is open for reading.
bool file_is_being_written(int fd);
// The folder `hotloop/<more>` under $XDG_STATE_HOME, $XDG_DATA_HOME or $XDG_RUNTIME_DIR, made with
// mode 0700 when it is missing; falls back to $HOME's defaults, then to a private folder under /tmp
// (which must belong to this user). Fails when none can be made.
typedef enum FileHome { FILE_HOME_STATE, FILE_HOME_DATA, FILE_HOME_RUNTIME } FileHome;
bool file_home(char out[FILE_PATH_MAX], FileHome home, const char *more, Fault *fault);

#endif
