// What a game takes from libc and libm, as two tiny libraries of just these names and versions to
// link against. ld spends two thirds of its time (8 of 12 ms) on reading the thousands of names of
// the real ones to find the fifty that it needs; they were learned from the last library that was
// linked against the real ones. When a new name is missing, that link fails and is done again with
// everything. Private to build.
#ifndef BUILD_NAMES_H
#define BUILD_NAMES_H
#include "file.h"

enum { BUILD_NAMES_MAX = 2048, BUILD_NAMES_LIBRARIES = 2 };

// A name that somebody else has to define.
typedef struct BuildName {
    const char *symbol, *version;
    uint8_t type; // STT_
} BuildName;

typedef struct BuildNamesLibrary {
    char soname[64]; // "" until one is known
    char path[FILE_PATH_MAX];
    BuildName *names;
    uint32_t count;
    uint16_t machine; // EM_
} BuildNamesLibrary;

typedef struct BuildNames {
    Arena memory;
    BuildNamesLibrary libraries[BUILD_NAMES_LIBRARIES]; // libc, libm
    uint64_t of;   // link command that they were learned with; 0: none
    bool is_ready; // both files are there
    bool is_off;   // they do not help with this game
} BuildNames;

// The library's stand-in that takes the place of an option ("-lc"); "": it is left out of the link.
// NULL: the option stays.
const char *build_names_instead_of(const BuildNames *names, const char *option);
// Adds what `library` takes from libc and libm. True when that was more than was known.
bool build_names_learn(BuildNames *names, const char *library);
// Writes both libraries to PREFIX-libc.so and so on. False: errno says why; nothing is ready.
bool build_names_write(BuildNames *names, const char *prefix);
// Removes the files and gives the memory back.
void build_names_close(BuildNames *names);

#endif
