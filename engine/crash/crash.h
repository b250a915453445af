// Why the game was stopped, for people: a report of guard in plain words, the calls that led there
// with file, line and the line itself, and what one can do now. The same text goes to the screen,
// the terminal, the events file and the clipboard.
#ifndef CRASH_H
#define CRASH_H
#include "gamelib.h"
#include "guard.h"

enum { CRASH_FRAMES_MAX = 48, CRASH_SOURCE_LINES = 5 };

typedef struct CrashFrame {
    char function[128]; // "?" unknown
    char file[256];     // as shown: relative to the game's folder where it lies in it; "" unknown
    char path[FILE_PATH_MAX]; // to open in an editor; "" unknown
    int line, column;         // 0 unknown
    char source[200]; // that line of the file, without indentation; "" unknown or the file has
                      // changed since the build
    char library[64]; // "": the game
    bool is_inlined;  // into the next frame
    uint32_t repeats; // so many more of the same follow (a recursion)
} CrashFrame;

typedef struct Crash {
    bool is_set;
    GuardEnd end;
    char call[16]; // "init", "update", "draw", "constructor"
    uint64_t tick, generation;
    char title[640];  // one line: "platformer.c:214 read address 0x8 in step(): a null pointer,
                      // likely `m`"
    char hint[640];   // what that mostly means and what to look at; "" nothing to say
    char undone[256]; // what became of the tick: "tick 1234 was undone; the state is that of 1233";
                      // the caller fills it in, who alone knows
    uint32_t frame_count;
    CrashFrame frames[CRASH_FRAMES_MAX];
    bool frames_cut;
    // Around the line of the first frame that is the game's: source_first, and which of them it is.
    int source_first, source_at;
    uint32_t source_count;
    char source[CRASH_SOURCE_LINES][200];
} Crash;

typedef struct CrashContext {
    const GameLib *const *images; // [0]: the one that plays; borrowed
    size_t image_count;
    const char *game_folder; // sources are shown relative to it; NULL: none
    const char *call;
    uint64_t tick, generation;
    // Which allocation of the state an address lies in or behind, "Mob[12] of 64, byte 8"; may be
    // NULL.
    void (*explain)(void *with, uintptr_t address, char *out, size_t out_bytes);
    // Which function that is no more an address stands for, "jump() of hero.c"; may be NULL.
    void (*gone)(void *with, uintptr_t address, char *out, size_t out_bytes);
    void *with;
} CrashContext;

// Costs well below a millisecond for a small game, some for a large one: its debug information is
// read. What variables held is read from memory: best called before the tick is undone, and before
// the next call into the game takes the stack. Of a report with `doubt` only what needs no malloc
// is told, whose lock may be held: functions, but no lines. Clear it in a new process to hear all.
void crash_explain(Crash *crash, const GuardReport *report, const CrashContext *context);
// A fault of the runtime's own (HL_ASSERT, a full arena ...), with the calls that led there.
void crash_explain_fault(Crash *crash, const Fault *fault, const GuardReport *report,
                         const CrashContext *context);
// All of it as lines of text, 100 columns; returns its length. Keys are not in it.
size_t crash_text(const Crash *crash, char *out, size_t out_bytes);
// What a call changed about the process (GUARD_ bits), as one sentence: "update() set the rounding
// mode (fesetround); it was put back". "" for 0.
void crash_changes(unsigned changes, const char *by, const char *call, char *out, size_t out_bytes);

#endif
