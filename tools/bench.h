// What the parts of tools/bench share: samples and their medians, and the rows of the one table.
//
//   bench.c          the command line, the machine, the table
//   bench_games.c    the games that are measured, made out of text
//   bench_inside.c   figures of the modules, linked into this program: swap, sprites, the bare loop
//   bench_many.c     and more of them: with data of their own, of many files
//   bench_carry.c    what a swap costs a game with data of its own, and one of 100,000 lines
//   bench_migrate.c  what it costs to put the state into structs that were edited
//   bench_edited.c   and what a running session feels of it
//   bench_save.c     from a save to the first call, beside the compiler; the frames around it
//   bench_history.c  what it costs to remember every tick
//   bench_guard.c    what it costs to contain the game, and to go on after a crash
//   bench_panel.c    what it costs to see everything
//   bench_tier.c     from a save to the fast compiler's code, and whether it is the same game
//   bench_running.c  figures of the running executable, by its events
#ifndef BENCH_H
#define BENCH_H
#include "build.h"
#include "file.h"

enum { BENCH_SAMPLES_MAX = 10000, BENCH_ROWS_MAX = 128 };

typedef struct Samples {
    double values[BENCH_SAMPLES_MAX];
    uint32_t count; // more are thrown away
} Samples;

void samples_add(Samples *samples, double value);
// The value that `part` (0..1) of them do not exceed; 0 when there are none.
double samples_at(Samples *samples, double part);
double samples_median(Samples *samples);

typedef struct BenchRow {
    const char *what, *median, *most, *beside, *budget; // "" where there is none
    int met;                                            // 1 yes, 0 no, -1 has no budget
} BenchRow;

typedef struct Bench {
    Arena keep; // texts, samples
    bool quick;
    const char *only; // NULL: everything
    char folder[FILE_PATH_MAX], hotloop[FILE_PATH_MAX], stub[FILE_PATH_MAX];
    BenchRow rows[BENCH_ROWS_MAX];
    uint32_t row_count;
    uint32_t failed; // measurements that could not be taken
} Bench;

// Samples in ns against a budget in ns (0: none); `beside`: what it is compared with, "" for none.
// The budget is held against the median.
void bench_row_ns(Bench *bench, const char *what, Samples *samples, double budget_ns,
                  const char *beside);
// Any other figure; `met` as in BenchRow.
void bench_row(Bench *bench, const char *what, const char *measured, const char *beside,
               const char *budget, int met);
void bench_heading(Bench *bench, const char *text);
// A measurement that could not be taken: a row that says so.
void bench_failed(Bench *bench, const char *what, const Fault *fault);
const char *bench_ns_text(Bench *bench, double ns);
Samples *bench_samples(Bench *bench);
// A few when --quick.
int bench_rounds(const Bench *bench, int all, int quick);

// --- bench_games.c: sources. `edit` is a number that makes one text differ from the next.
typedef enum BenchGame {
    GAME_EMPTY,    // three empty functions
    GAME_METER,    // logs processor time between updates: "frame NS", and "swap NS" over it
    GAME_METER64,  // the same with 64 MiB of state
    GAME_SMALL,    // Pong's size
    GAME_LARGE,    // about 2,500 lines in one file
    GAME_HUGE,     // about 100,000
    GAME_PACED,    // the same; logs "at" and mono_ns() and its thread's processor time
    GAME_CRASH,    // 64 MiB of state; does what a BenchDeed asks for
    GAME_SPRITES1, // draws 2,000 sprites of one sheet
    GAME_SPRITES4  // of four, mixed
} BenchGame;
// What GAME_CRASH finds as mouse.x of its input. Its source has the same list.
typedef enum BenchDeed {
    DEED_NONE,
    DEED_SEGV, // r12: mono_ns() just before
    DEED_FPE,
    DEED_ILL,
    DEED_ABORT,
    DEED_EXIT,
    DEED_DEEP, // recursion without an end
    DEED_ASSERT,
    DEED_HEAP, // a crash after a global was written and state memory taken
    DEED_COUNT
} BenchDeed;
// A game with data of its own, in one text for each of these; two edits of one have their functions
// at other places.
typedef struct BenchData {
    uint64_t memory_bytes;
    unsigned pointers; // to functions, in as many structs of 32 bytes; to one of 100
    unsigned globals;  // variables, all with values of their own; every tenth in a function
} BenchData;
const char *bench_data_text(Arena *arena, const BenchData *data, unsigned edit);
// `files` sources (file_0.c ...) of so many functions, 25 lines each, with 25 variables each, and
// one that calls them. The edit is in the first of them.
enum { BENCH_FUNCTIONS = 100 }; // 2,500 lines
const char *bench_many_folder(Bench *bench, const char *name, unsigned files, unsigned functions,
                              unsigned edit);
// The text of one of them.
const char *bench_many_text(Arena *arena, unsigned file, unsigned functions, unsigned edit);
const char *bench_game_text(Arena *arena, BenchGame game, unsigned edit);
// Writes it as the only source of a fresh folder below bench->folder; that folder's path.
const char *bench_game_folder(Bench *bench, const char *name, BenchGame game, unsigned edit);
// Builds a folder of sources with the runtime's own flags; the library stays until the Build is
// closed. NULL: *fault says why.
const char *bench_build(Bench *bench, const char *game_folder, Build **build, Fault *fault);
// With a compiler of its own (NULL: the usual one).
const char *bench_build_by(Bench *bench, const char *game_folder, const char *compiler,
                           Build **build, Fault *fault);
// Opens a Build of that folder for both tiers and builds it once in full.
bool bench_build_both(Bench *bench, const char *game_folder, Build **build, Fault *fault);

// --- the measurements, each adds rows
void bench_frame(Bench *bench);
void bench_swap(Bench *bench);
void bench_so(Bench *bench);
void bench_save(Bench *bench);
void bench_pace(Bench *bench);
void bench_carry(Bench *bench);
void bench_large(Bench *bench);
void bench_migrate(Bench *bench);
void bench_fast(Bench *bench);
void bench_sprites(Bench *bench);
void bench_capture(Bench *bench);
void bench_seek(Bench *bench);
void bench_undo(Bench *bench);
void bench_guard(Bench *bench);
void bench_panel(Bench *bench);
void bench_tier(Bench *bench);
// Parts of them that run in this process; see bench_inside.c.
void bench_inside_frame(Bench *bench);
void bench_inside_swap(Bench *bench);

// The bare loop: the game's update() called in a row, with nothing of the runtime around it but
// what its hl_ calls do. `enter_tick`: ENTER is tapped then (0: never). Opens the library at
// `path`, runs `ticks` of them three ways and says how long each took.
typedef struct BenchLoop {
    uint64_t bare_ns, live_ns; // game->update alone; live_tick around it
    uint64_t bare_hash;        // of the state after the bare loop
} BenchLoop;
bool bench_inside_loop(Bench *bench, const char *library, uint64_t ticks, uint64_t enter_tick,
                       BenchLoop *loop, Fault *fault);

#endif
