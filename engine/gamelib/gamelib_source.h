// The linker's file, read once and whole, and private copies of it. Inside the module only.
#ifndef GAMELIB_SOURCE_H
#define GAMELIB_SOURCE_H
#include "gamelib.h"
#include "gamelib_elf.h"

typedef struct GameSource {
    int fd; // read-only; -1: closed
    GameElf elf;
    uint64_t content; // hash of the bytes
    Arena memory;     // holds them
} GameSource;

// Reads and judges the file as gamelib_check promises. *source is closed on failure.
bool gamelib_source_open(GameSource *source, const char *path, Fault *fault);
void gamelib_source_close(GameSource *source);
// Reads the file again: false (FAULT_INCOMPLETE) when somebody wrote to it since it was opened.
bool gamelib_source_same(const GameSource *source, const char *path, Fault *fault);

// Writes the bytes to a new file that only we know: in `folder`, or where that is missing, full or
// noexec in $XDG_RUNTIME_DIR, /tmp, /var/tmp or memory. Nothing is left behind on failure.
bool gamelib_copy_make(char copy[FILE_PATH_MAX], const char *folder, const GameSource *source,
                       const char *path, Fault *fault);
// `unmapped`: nothing is loaded from it any more.
void gamelib_copy_remove(const char *copy, bool unmapped);

#endif
