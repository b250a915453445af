// What the files of crash share.
//   crash.c         the order of things            crash_frames.c  addresses to calls
//   crash_source.c  lines of source files          crash_code.c    what an instruction wanted
//   crash_words.c   title and hint                 crash_address.c what an address looks like
//   crash_signal.c  what a signal means            crash_text.c    all of it as text
#ifndef CRASH_PARTS_H
#define CRASH_PARTS_H
#include "crash.h"
#include "reflect.h"

enum { SOURCE_FILES_MAX = 8, NO_FRAME = -1 };

typedef struct SourceFile {
    char path[FILE_PATH_MAX];
    const char *text; // NULL: not there, or not what was built
} SourceFile;

// One explanation being made.
typedef struct Teller {
    Crash *crash;
    const GuardReport *report;
    const CrashContext *context;
    Arena scratch;
    char folder[FILE_PATH_MAX]; // the game's, resolved; "": none
    Reflect **reflects;         // of each image, NULL: none
    bool *reflect_tried;
    ReflectPlace *places; // REFLECT_INLINE_MAX
    SourceFile *files;
    size_t file_count;
    uint32_t raw_of[CRASH_FRAMES_MAX]; // which of the report's frames each frame is from
    bool jumped_nowhere;               // the report's first frame lies in no code
    int place;                         // the frame that the title names, or NO_FRAME
    char suspect[64];                  // the pointer that led there; "" not known
} Teller;

// ---- crash_frames.c

// The image that holds the address; -1: none.
int crash_image_at(const Teller *teller, uintptr_t address);
// The instruction of the report's frame: of a return address the call before it.
uintptr_t crash_pc(const GuardReport *report, uint32_t raw);
void crash_find_frames(Teller *teller);
Reflect *crash_reflect(Teller *teller, size_t image);

// ---- crash_source.c

void crash_open_folder(Teller *teller);
// `path` as it is shown.
void crash_show_path(const Teller *teller, const char *path, char *out, size_t out_bytes);
// The line with its indentation, tabs as blanks; false: not to be had.
bool crash_source_line(Teller *teller, const GameLib *lib, const char *path, int line, char *out,
                       size_t out_bytes);
void crash_find_source(Teller *teller); // around the title's line

// ---- crash_code.c

// What the instruction at the report's pc does, as far as it is of interest here.
typedef struct CrashCode {
    bool is_known;
    bool is_trap, is_breakpoint; // ud2, ud1; int3
    int check;                   // of -fsanitize-trap: its number; -1: none
    bool is_division, has_divisor;
    int64_t divisor;
    bool is_jump, is_return; // to `address`
    bool has_address;        // of its operand in memory
    bool is_write, is_read;
    bool wants_alignment;
    uint64_t address;
} CrashCode;

CrashCode crash_read_code(const GuardReport *report);
// Copies memory of the process; the report's copy of the stack comes first. `with`: a GuardReport
// or NULL.
bool crash_read_memory(void *with, uintptr_t address, void *out, size_t bytes);
// The same without memory that may have been put back to what it was since: only the stack.
bool crash_read_stack(void *with, uintptr_t address, void *out, size_t bytes);
// The name of the library function that was called right before `return_address`.
bool crash_called_name(const GameLib *lib, uintptr_t return_address, char *name, size_t name_bytes);

// ---- crash_address.c

typedef struct CrashWant {
    GuardAccess access;
    bool has_address;
    uintptr_t address;
} CrashWant;

bool crash_is_null(uintptr_t address);
bool crash_is_canonical(uintptr_t address);
// What is to be said about an address that nobody may use, after "read address 0x8: ".
void crash_tell_address(const Teller *teller, const CrashWant *want, char *out, size_t out_bytes);
// What that mostly means.
void crash_hint_address(const Teller *teller, const CrashWant *want, char *out, size_t out_bytes);

// ---- crash_words.c

void crash_find_words(Teller *teller);
const CrashFrame *crash_place(const Teller *teller); // that the title names; NULL: none
// The library function that the game was in, right inside of that place; NULL: none.
const CrashFrame *crash_inside(const Teller *teller);
void crash_hint(Teller *teller, const char *text);
// A title with the place in front and who did it behind: "game.c:12 WHAT in step(): WHY".
void crash_title(Teller *teller, const char *what, const char *why);

// ---- crash_signal.c

void crash_tell_signal(Teller *teller);

#endif
