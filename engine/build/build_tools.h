// The compiler and linker of one game: found along PATH, asked once what they accept, and turned
// into ready command lines. Private to build.
//
// One `cc -###` tells everything about linking: the driver prints the linker's command line instead
// of running it. It is kept as a template, so that a link costs one process (3-5 ms) instead of
// three (driver, collect2, ld: about 15). Where that cannot be used the driver links.
#ifndef BUILD_TOOLS_H
#define BUILD_TOOLS_H
#include "build_conf.h"
#include "build_jobs.h"
#include "build_names.h"
#include "build_report.h"

typedef struct BuildTools {
    Arena *keep;
    const char *given, *fallback; // compilers: of the command line, NULL: none; $CC or cc
    const char *user_flags;
    BuildConf conf;
    const char *wanted;                               // which of them it is, as given
    const char *api_folder, *game_folder, *stub_path; // absolute; stub_path may be NULL
    char *const *environment;
    int niceness;

    char compiler[FILE_PATH_MAX]; // "" until found
    uint64_t compiler_stamp;      // of the file: another compiler under the same name is asked anew
    bool ready;
    uint64_t identity; // of compiler, version, flags and search paths: part of every key
    uint64_t link_identity;
    char **unit_command; // compiler and flags, NULL-terminated; source and output are added
    uint32_t unit_words;
    char **link_command; // template, NULL-terminated
    uint32_t link_words;
    bool links_directly; // ld without the driver
    size_t keep_base;    // keep->used_bytes of the settings alone
    char command_text[4096];
    // The fast compiler, tcc.
    const char *prelude_folder; // holds SCAN_PRELUDE, which is the caller's to write
    char **fast_command; // compiler and flags; NULL: it cannot be used, fast_why_not says why
    uint32_t fast_words;
    uint64_t fast_identity; // of all that
    char fast_why_not[256];
    bool links_by_script;             // the linker takes names of objects from its standard input
    char fast_library[FILE_PATH_MAX]; // functions that its code calls, to be linked; "" none
} BuildTools;

// Words of the templates that stand for something.
#define BUILD_OUTPUT_WORD  "/hotloop.out" // replaced by the library
#define BUILD_OBJECTS_WORD "/dev/null"    // replaced by all objects

// Takes these settings from the next prepare on.
void build_tools_configure(BuildTools *tools, const BuildConf *conf);
// Finds and asks the compiler unless that has been done and it is still the same file. On failure
// *report says what to do. *cancelled: cancel_fd became readable.
bool build_tools_prepare(BuildTools *tools, BuildReport *report, Arena *scratch, int cancel_fd,
                         bool *cancelled);
// A NULL-terminated command for one unit.
char *const *build_tools_unit(const BuildTools *tools, const char *source, const char *object,
                              const char *dependencies, Arena *scratch);
// The same with the fast compiler, which says nothing about what it included.
char *const *build_tools_fast(const BuildTools *tools, const char *source, const char *object,
                              Arena *scratch);
// The source to `text` with all macros resolved: by the fast compiler, or by the full one where
// there is none.
char *const *build_tools_preprocess(const BuildTools *tools, const char *source, const char *text,
                                    Arena *scratch);
// `stripped`, which is `source` without what its functions do; or only the macros that there are at
// its end.
char *const *build_tools_preprocess_stripped(const BuildTools *tools, const char *source,
                                             const char *stripped, bool only_macros,
                                             const char *text, Arena *scratch);
// The same to an object that is good for its debug information.
char *const *build_tools_types(const BuildTools *tools, const char *source, const char *stripped,
                               const char *object, Arena *scratch);
// Objects to a library that nobody runs, with nothing but what is in them.
char *const *build_tools_link_types(const BuildTools *tools, const char *const *objects,
                                    uint32_t count, const char *library, Arena *scratch);
// A linker that is ready before its objects are: it reads the names of all of them, as
// build_tools_link_script writes them, from its standard input. `build_id` is the library's: a hash
// of all that is in it would take a tenth of the time. Only where links_by_script.
char *const *build_tools_link_waiting(const BuildTools *tools, const BuildNames *names,
                                      uint64_t build_id, const char *library, Arena *scratch);
// NULL: one of these names cannot be written in a script.
const char *build_tools_link_script(const char *const *objects, uint32_t count, Arena *scratch);
// With `names` against these instead of libc and libm; only where links_directly.
char *const *build_tools_link(const BuildTools *tools, const BuildNames *names,
                              const char *const *objects, uint32_t count, const char *library,
                              Arena *scratch);

#endif
