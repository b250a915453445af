// A folder of .c files to a shared library, with the settings of its hotloop.conf (build_conf.h).
// Calls compiler and linker directly with posix_spawn (no
// shell, no build tool), as many at once as there are cores, compiles only what changed - headers
// as the compiler's own -MMD names them, by content, not by time stamp - and parses what they say.
// One Build is one game; all calls come from one thread.
#ifndef BUILD_H
#define BUILD_H
#include "file.h"

typedef enum BuildSeverity { BUILD_NOTE, BUILD_WARNING, BUILD_ERROR } BuildSeverity;

typedef struct BuildDiagnostic {
    BuildSeverity severity;
    char file[512];   // as the game's author knows it; "" when there is none
    int line, column; // from 1, columns in bytes; 0: none
    char text[512];
    char source_line[256]; // the line itself, "" when it cannot be read
} BuildDiagnostic;

enum {
    BUILD_DIAGNOSTICS_MAX = 50, // more are counted only
    BUILD_OUTPUT_MAX = 1 << 20, // bytes of compiler output read; the rest is thrown away
    BUILD_TIMEOUT_MS = 30000    // a compiler that takes longer is stopped with its group
};

// Which compilers build. The fast one is tcc, whose code runs within milliseconds of a save; the
// full one is what the game is set up with, and makes what plays in the end.
typedef enum BuildTiers { BUILD_TIERS_FULL, BUILD_TIERS_BOTH, BUILD_TIERS_FAST } BuildTiers;

enum { BUILD_FAST_MAX = 16 };

// What became of the units that a fast build had to compile.
typedef struct BuildFast {
    uint32_t fast, slow; // by tcc; by the full compiler, since tcc cannot be trusted with them
    uint32_t parts;      // of which only the functions that are other ones now were read ...
    uint32_t as_written; // ... without the preprocessor: there is no macro in them
    struct BuildFastFile {
        char file[512]; // as the game's author knows it
        bool is_slow;
        char why[256];       // when it is: "line 12: vector_size: tcc gives it no vector type ..."
    } files[BUILD_FAST_MAX]; // the first of them
    char why_not[256];       // there is no fast build at all: tcc is not installed, -fsanitize ...
} BuildFast;

typedef struct BuildReport {
    bool ok;
    bool nothing_changed;             // the library of the last good build is still right
    char library_path[FILE_PATH_MAX]; // when ok: a complete new file, unique to this build
    uint64_t content; // hash of sources, flags and compiler: what this build is made of
    uint64_t sources; // the same for the fast and the full build of the same sources; 0: not known
    bool is_fast;     // `fast` says how
    BuildFast fast;
    BuildDiagnostic diagnostics[BUILD_DIAGNOSTICS_MAX];
    uint32_t diagnostic_count, error_count, warning_count; // counts of all, also of those cut
    uint64_t started_ns, finished_ns;                      // mono_ns
    uint32_t units_compiled, units;
} BuildReport;

typedef struct BuildConfig {
    const char *game_folder; // holds the .c files, sub-folders included
    const char *api_folder;  // holds hotloop.h
    const char *stub_path;   // library of the hl_ names to link against; NULL: none
    const char *work_folder; // objects and libraries go here, by content; may be shared by several
                             // instances on one game: build_run takes turns (flock), and the one
                             // that comes second finds everything built
    const char *compiler;    // NULL: the game's hotloop.conf, $CC, cc. Found along PATH once
    const char *flags;       // added after the defaults, split at white space; NULL: none
    int niceness;            // of compilers and linker: 10 where a game must not drop a frame
    BuildTiers tiers;        // BUILD_TIERS_FULL: build_run_fast always says no
} BuildConfig;

typedef struct Build Build;

// Copies what it needs. Does not fail for a missing compiler: build_run says that each time, so
// that installing one is enough.
Build *build_open(const BuildConfig *config, Fault *fault);
void build_close(Build *build); // stops what still runs; removes nothing but its own objects
// True when `path` can matter to this game: a .c or .h under the folder, its hotloop.conf, or a
// header that the last build included from anywhere else.
bool build_cares_about(const Build *build, const char *path);
// The index-th file that the last build read beside the .c and .h files below the folder: headers
// from elsewhere, included tables, targets of symlinks that lead out. For watching. NULL behind the
// last; valid until the next build_run.
const char *build_input(const Build *build, uint32_t index);
// Compiles and links what changed. `cancel_fd` (-1: none) becoming readable stops the compilers'
// process groups and returns false; *report then says nothing. True: *report says how it went.
bool build_run(Build *build, int cancel_fd, BuildReport *report);
// The same sources with the fast compiler, at once: only what build_run would compile is compiled,
// and it is linked with the objects that are there. False: cancelled. With report->ok there is a
// library, whose debug information has the types of the full compiler's (refit.h, reflect.h).
// Without: report->fast.why_not says why there is none, and nothing else does - what is wrong with
// the sources is build_run's to tell. Call build_run for the same sources behind it.
bool build_run_fast(Build *build, int cancel_fd, BuildReport *report);
// What is best done when nobody waits, so that the next build_run_fast is quicker: reads what the
// fast compiler will be asked about. Costs nothing when there is nothing to do. False: cancelled.
bool build_rest(Build *build, int cancel_fd);
// From now on that file (as in BuildFast) goes to the full compiler alone, until it changes: the
// two disagreed about it.
void build_distrust(Build *build, const char *file, const char *why);
// "/usr/bin/gcc -O1 -g ...": what a unit is compiled with. Before the first build_run found the
// compiler: its name only.
const char *build_command_text(const Build *build);

// What builds with this config are made with, for files: "gcc -O0". Compiler and flags beyond the
// defaults as they are given and in hotloop.conf; nothing is looked up.
void build_compiler_text(const BuildConfig *config, char *out, size_t out_bytes);

// "file:line:column", without the parts that are not known.
void build_diagnostic_place(const BuildDiagnostic *diagnostic, char *out, size_t out_bytes);
// One diagnostic stream to entries: gcc's -fdiagnostics-format=json where it is JSON, else lines of
// "file:line:column: severity: text" (clang, ld). For build_run, and for its tests and fuzzing:
// `output` may be anything. Appends to *report.
void build_parse(BuildReport *report, const char *output, size_t output_bytes);

#endif
