// The files of a game: which there are, and what is in them, each read once a build. Private to
// build.
#ifndef BUILD_FILES_H
#define BUILD_FILES_H
#include "file.h"

enum { BUILD_FILES_MAX = 8192, BUILD_FILE_BYTES_MAX = 64 << 20 };

// What a file held when it was first looked at in this build, and when looked at again after the
// compilers had read it. 0: not there, or unreadable.
typedef struct BuildFile {
    const char *path;
    uint64_t path_hash;
    uint64_t before, after;
    bool has_before, has_after;
    bool is_unfinished; // written less than a second ago, and there is no byte in it or somebody
                        // still has it open for writing: more is to come
} BuildFile;

typedef struct BuildFiles {
    Arena *scratch; // paths live here
    Arena *reading; // contents, one at a time
    BuildFile *files;
    uint32_t *slots;
    uint32_t count;
    const char **units, **headers; // absolute, sorted; .c and .h below the game's folder
    uint32_t unit_count, header_count;
    bool is_missing;  // the folder cannot be read
    bool is_too_many; // more than BUILD_FILES_MAX
} BuildFiles;

// Lists `folder` and all below it: no hidden names, no editor droppings, every real folder once,
// symlinked ones too.
void build_files_list(BuildFiles *files, const char *folder, Arena *scratch, Arena *reading);
// The content's hash before the compilers ran; 0 when it cannot be read.
uint64_t build_files_before(BuildFiles *files, const char *path);
// False when the content is another one than before. A file that nobody looked at before counts as
// changed when it was touched after `since_ns` (CLOCK_REALTIME).
bool build_files_is_same(BuildFiles *files, const char *path, uint64_t since_ns);
// As build_files_before, read again.
uint64_t build_files_after(BuildFiles *files, const char *path);
// ".c" or ".h" (with_dot), and no editor's dropping.
bool build_files_is_source(const char *path);
uint64_t build_files_real_ns(void); // CLOCK_REALTIME

#endif
