// What the files of build share about one Build and one run of it.
//   build.c          one run from plan to report; opening and closing
//   build_work.c     the work folder: its names, publishing, tidying, taking turns
//   build_plan.c     keys: what has to be compiled
//   build_compile.c  compiling, and what to say when compiler or linker fail
//   build_library.c  linking, and which library belongs to which objects
//   build_inputs.c   the files that a build read beside the game's own
//   build_fast.c     one run with the fast compiler
//   build_scans.c    what was read out of the sources themselves, kept from run to run
//   build_parts.c    what a unit says after an edit, from what was edited
//   build_types.c    where the types of a fast build come from
//   build_command.c  the other way: somebody else's build, run on a save
// These know nothing of a run: build_conf.c (a game's own settings), build_files.c, build_jobs.c,
// build_link.c (a finished library),
// build_names.c (a link against libc in 3 ms), build_parse.c (the report) and build_tools.c.
#ifndef BUILD_INTERNAL_H
#define BUILD_INTERNAL_H
#include "build_files.h"
#include "build_jobs.h"
#include "build_report.h"
#include "build_tools.h"
#include "scan.h"

// What a unit's text says. `stamp`: of the text and of everything that it may include.
typedef struct KeptScan {
    uint64_t path, stamp; // stamp 0: it was not understood, or could not be read
    Arena memory;         // of what follows
    Scan scan;
    bool is_asked;   // whether it is so:
    bool is_proven;  // that it declares the same without what its functions do ...
    uint64_t around; // ... with these headers and tools
    ScanParts parts;
    const char *stripped; // preprocessed, without what its functions do
    bool asks;            // which compiler it is, in itself or in a header: then `asked` says where
    ScanRefusal asked;
} KeptScan;

// A file whose fast code is not trusted until it changes.
typedef struct Distrusted {
    uint64_t path, content;
    char why[256];
} Distrusted;
enum { DISTRUSTED_MAX = 64 };

struct Build {
    Arena keep, probe, scratch, reading; // keep: as long as this; probe: of build_tools; the rest:
                                         // one run
    Arena inputs_memory;
    const char *given_folder; // as the caller named it
    const char *game_folder;  // absolute
    const char *work_folder, *objects_folder, *cwd;
    char **environment;
    BuildTools tools;
    BuildNames names;
    const char **inputs; // beyond .c and .h below the folder
    uint32_t input_count;
    uint64_t last_content; // 0: none yet
    char last_library[FILE_PATH_MAX];
    int niceness;
    uint64_t nonce; // makes temporary names ours
    uint32_t compiled_since_tidy;
    BuildTiers tiers;
    KeptScan *scans; // BUILD_FILES_MAX; only the first of them are in use
    uint32_t scan_count;
    Distrusted distrusted[DISTRUSTED_MAX];
    uint32_t distrusted_count;
    bool wants_rest; // there is something to prove
};

// A .c file on its way to an object.
typedef struct Unit {
    const char *source;
    uint64_t source_key; // compiler, flags, path and content
    uint64_t key;        // and everything included; 0: not known before it is compiled
    bool is_reused;
    const char *object;                        // the final path, once `key` is known
    const char *new_object, *new_dependencies; // while it is compiled
    const char *const *included;
    uint32_t included_count;
    const char *said; // the compiler's output
    size_t said_bytes;
    const char *fast_object; // of the fast compiler; NULL: none
    const char *types;       // the object that its types come from
    const KeptScan *scan;    // NULL: not read in this run
} Unit;

typedef struct Run {
    Build *build;
    BuildReport *report;
    BuildFiles files;
    Unit *units;
    uint32_t unit_count;
    uint64_t headers_key; // which headers there are at all
    uint64_t around;      // what is in them, and in what else was included last
    uint64_t sources;     // and in the units: see BuildReport
    bool is_hurried;      // somebody waits for it: as important as the game
    unsigned core;        // while it is: see BuildJobLimits
    const char *types;    // object that carries the types of a fast build; NULL: it is a full one
    BuildJob link;        // the linker that waits for its objects, if link.is_begun
    const char *link_fed; // what it was fed with; NULL: nothing yet
    uint64_t started_real_ns;
    int cancel_fd;
} Run;

typedef enum Outcome { OUTCOME_DONE, OUTCOME_CANCELLED, OUTCOME_AGAIN } Outcome;

// ---- build.c

// Sorts, reads the source lines, and calls files as they are called from `cwd`.
void build_report_finish(BuildReport *report, const char *cwd, Arena *reading);
// What the author called it: relative to where hotloop was started, if that is shorter.
void build_shorten(const char *cwd, char *path, size_t path_bytes);
// What comes before every run: settings, tools, the plan. False: *cancelled, or *report says why.
bool build_prepare(Run *run, bool *cancelled);
// For compilers: everything but the language, since the parser reads English, and `more` (NULL:
// nothing).
char **build_make_environment(Arena *keep, const char *more);

// ---- build_work.c

// Paths in the folder of objects, in `scratch`; `end` is ".o" or the like. Temporary ones are this
// process's own.
const char *build_object_path(const Run *run, uint64_t key, const char *end);
const char *build_temporary_path(const Run *run, uint32_t number, const char *end);
// Whole or not at all, without the sync of file_write: after a power cut it is built again.
bool build_publish(const Run *run, const char *path, const void *data, size_t size_bytes);
void build_touch(const char *path);
// Removes old libraries and objects.
void build_tidy(Run *run);
// Waits for its turn among the instances on this game. Returns the lock's descriptor; -1: none
// could be had, which is no reason not to build, since everything is published by renames; -2:
// cancelled.
int build_take_turn(const Run *run);

// ---- build_plan.c

// The unit's key with the contents before the compilers ran, or `after`.
uint64_t build_key_of(Run *run, const Unit *unit, bool after);
// Decides whether the unit has to be compiled.
void build_plan_unit(Run *run, Unit *unit);
// Editors that truncate and then write leave a moment with an empty file. It is not built; but a
// file that stays empty is what its author wants. False when cancelled.
bool build_plan_once_filled(Run *run);
// False, and the report says why, when there is nothing to build.
bool build_has_sources(Run *run);

// ---- build_compile.c

// Compiles what the plan found wanting. OUTCOME_AGAIN: a source changed while it was read, so
// nobody can tell which content an object is made of.
Outcome build_compile(Run *run);
// No source and no header of the game's has changed since it was first looked at in this run.
bool build_was_stable(Run *run);
// Says again what the compiler said about the units that were not compiled now.
void build_reuse(Run *run);
// As many at once as there are cores for this process.
BuildJobLimits build_job_limits(const Run *run);
// What the compiler or linker (`what`) said when it failed over `about`, or how it ended.
void build_say_job_failed(BuildReport *report, const BuildJob *job, const char *what,
                          const char *about);

// ---- build_library.c

// What the library of these objects is made of; 0 while something has never been compiled.
uint64_t build_content_of(Run *run);
// Where the library of that content lies, in `scratch`.
const char *build_library_path(const Run *run, uint64_t content);
// Has the linker start and wait, so that it is ready when the objects are; build_link_drop ends one
// that nobody has fed.
void build_link_begin(Run *run);
// Lets it go on with the objects that are there, and the types that build_types_guess gives. When
// it is asked to link something else then, what it did is dropped.
void build_link_guess(Run *run);
void build_link_drop(Run *run);
// Links the objects to `library`.
Outcome build_link_library(Run *run, const char *library);

// ---- build_scans.c

// Where the unit's text and all that it may include is as it was when it was read: that. NULL: it
// has to be read.
const KeptScan *build_scan_known(Run *run, const Unit *unit);
// Reads the preprocessed text at `path`. NULL: it cannot be had.
const KeptScan *build_scan_read(Run *run, const Unit *unit, const char *path);
// Reads all units that were not read since they changed. False: cancelled.
bool build_scan_missing(Run *run);
// The unit's last one, of whatever text; NULL: none.
KeptScan *build_scan_find(const Build *build, const Unit *unit);
// Of the tools and of everything but units: see Run.around.
uint64_t build_scan_around(const Run *run);
// What was read is what the stamp stands for.
bool build_scan_is_unchanged(Run *run, const Unit *unit);
// Warns in *report of arguments whose order decides what the game does, in all units. Reads what
// was not read yet. False: cancelled.
bool build_scan_orders(Run *run);

// ---- build_parts.c

// A source without the functions that are what they were.
typedef struct BuildPart {
    const char *path; // to be preprocessed like any stripped one, and removed; NULL: need not be
    const char *text; // what is at `path`, or would be
    const char *functions; // where there is no path
    size_t text_bytes;
} BuildPart;
// NULL: it has to be read as a whole.
const BuildPart *build_part_begin(Run *run, const Unit *unit, uint32_t number);
// As build_part_read, for a part that has not to be preprocessed.
const KeptScan *build_part_scan(Run *run, const Unit *unit, const BuildPart *part);
// What the whole unit says but for its calls, from the part's preprocessed text at `path`; in
// `scratch`. NULL: it cannot be had.
const KeptScan *build_part_read(Run *run, const Unit *unit, const BuildPart *part,
                                const char *path);

// ---- build_types.c

// The unit's source without what its functions do, as a temporary file. NULL: bodies cannot be told
// apart, or it cannot be written.
const char *build_types_strip(Run *run, const Unit *unit, uint32_t number);
// A stripped text of the unit as such a file, behind a line that says whose it is.
const char *build_types_write_stripped(Run *run, const Unit *unit, const char *stripped,
                                       size_t stripped_bytes, uint32_t number);
// What was left out was the inside of functions and nothing else: the text at `path` declares what
// unit->scan does.
bool build_types_declare_the_same(Run *run, const Unit *unit, const char *path);
// Where a unit's types are kept, by what it declares.
const char *build_types_path(const Run *run, const Unit *unit);
// What was compiled in full has the types of all that declares the same.
void build_types_keep(Run *run);
// The types that are right if nothing is declared anew; NULL: there are none yet.
const char *build_types_guess(Run *run);
// Sets run->types. OUTCOME_DONE without: they cannot be had.
Outcome build_types_make(Run *run);

// ---- build_inputs.c

bool build_is_under(const char *path, const char *folder);
// For build_input and build_cares_about.
void build_remember_inputs(Run *run);

#endif
