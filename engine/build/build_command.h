// Games with a build of their own, a Makefile or CMake: a command that is run on a save, and what
// it has to say. Which files are sources, and what was in them when it began, tells a save from
// what the command writes itself.
#ifndef BUILD_COMMAND_H
#define BUILD_COMMAND_H
#include "build.h"

typedef struct BuildCommandConfig {
    const char *command;    // for /bin/sh -c: the user's own words
    const char *folder;     // of the sources
    const char *library;    // that it makes
    const char *api_folder; // HOTLOOP_API in its environment
    int niceness;
} BuildCommandConfig;

typedef struct BuildCommand BuildCommand;

// Copies what it needs.
BuildCommand *build_command_open(const BuildCommandConfig *config, Fault *fault);
void build_command_close(BuildCommand *command); // NULL is fine
// Runs it in a process group of its own, 30 s at most. `cancel_fd` (-1: none) becoming readable
// stops the group and returns false. True: *report says how it went; ok: it ended well and the
// library is there. library_path and content stay empty.
bool build_command_run(BuildCommand *command, int cancel_fd, BuildReport *report);

typedef enum BuildPathKind {
    BUILD_PATH_CODE,  // by its name a source, or something that says how to build
    BUILD_PATH_OTHER, // a picture, a level, who knows
    BUILD_PATH_MADE   // an object, a dropping of an editor, something below the library's folder
} BuildPathKind;
BuildPathKind build_path_kind(const char *path, const char *folder, const char *library);

enum { BUILD_SOURCES_MAX = 8192 };

// Path to content of all code in a folder.
typedef struct BuildSources {
    uint64_t paths[2 * BUILD_SOURCES_MAX], contents[2 * BUILD_SOURCES_MAX]; // 0: free
    uint32_t count;
} BuildSources;

void build_sources_list(BuildSources *sources, const char *folder, const char *library);
// False when it is not listed.
bool build_sources_find(const BuildSources *sources, const char *path, uint64_t *content);
uint64_t build_source_content(const char *path); // 0: cannot be read

#endif
