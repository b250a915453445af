// What every module stands on: errors that carry their text, small string helpers, hashes, the
// monotonic clock and the terminal log. Keeps no state but the log's own lock.
#ifndef BASE_H
#define BASE_H
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define BASE_PRINTF(format_at, first_at) __attribute__((format(printf, format_at, first_at)))
#define COUNT_OF(array)                  (sizeof(array) / sizeof((array)[0]))
#define NS_PER_S                         UINT64_C(1000000000)
#define NS_PER_MS                        UINT64_C(1000000)

// Exit codes of every command.
enum {
    EXIT_OK = 0,
    EXIT_GAME = 1,     // the game or its build failed
    EXIT_USAGE = 2,    // the command line was wrong
    EXIT_DIVERGED = 3, // a replay came out differently
    EXIT_BUG = 70      // our own mistake
};

typedef enum FaultKind {
    FAULT_NONE,
    FAULT_USAGE,      // the command line
    FAULT_FILE,       // the file system refused
    FAULT_MEMORY,     // address space or memory
    FAULT_BUILD,      // the compiler or linker said no, or could not be run
    FAULT_LIBRARY,    // a game library that cannot be loaded
    FAULT_INCOMPLETE, // a game library that is still being written: wait for it
    FAULT_LAYOUT,     // the new build's state does not fit the live one
    FAULT_GAME,       // game code broke a promise (arena full, HL_ASSERT ...)
    FAULT_CRASH,      // game code crashed, hung, aborted or wanted to exit
    FAULT_FORMAT,     // a damaged or foreign file: replay, save, script, level
    FAULT_DEVICE      // display, sound, gamepad
} FaultKind;

// Why something did not happen. The text names the thing, what happened to it, what still works and
// what to do next: it ends up on screen as it is.
typedef struct Fault {
    FaultKind kind;
    int line;       // in `file`; 0: none
    char file[256]; // or "function()" when only that is known; "" when not even that
    char text[1536];
} Fault;

// Fills *fault (which may be NULL) and returns false, so that failing is one line.
bool fault_set(Fault *fault, FaultKind kind, const char *format, ...) BASE_PRINTF(3, 4);
// Where it happened, "file:line" or "function()"; "" when that is not known.
void fault_place(const Fault *fault, char *out, size_t out_bytes);
// A short word for `kind` as the events file and `ctl` write it: "library", "incomplete" ...
const char *fault_kind_name(FaultKind kind);

// A function by its name; in tables an entry without a name ends.
typedef struct NamedFunction {
    const char *name;
    void *function;
} NamedFunction;

// CLOCK_MONOTONIC. Source: clock_gettime(2).
uint64_t mono_ns(void);
// Sleeps until mono_ns() has reached `deadline_ns`; signals do not shorten it.
void mono_sleep_until(uint64_t deadline_ns);

// XXH3, 64 bits (libxxhash). The same bytes give the same number on every machine.
uint64_t hash_bytes(const void *bytes, size_t size_bytes);
uint64_t hash_combine(uint64_t hash, uint64_t more);

// Of `count` structs in ascending order of `member`, an unsigned number of 64 bits: how many have
// one that is at most (or below) `value`, which is the index of the first that has not.
#define SORTED_UP_TO(structs, count, member, value)                                                \
    sorted_count((structs), sizeof(*(structs)), offsetof(__typeof__(*(structs)), member), (count), \
                 (value), true)
#define SORTED_BELOW(structs, count, member, value)                                                \
    sorted_count((structs), sizeof(*(structs)), offsetof(__typeof__(*(structs)), member), (count), \
                 (value), false)
static inline size_t sorted_count(const void *structs, size_t stride, size_t offset, size_t count,
                                  uint64_t value, bool with_equal)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        uint64_t number;
        memcpy(&number, (const uint8_t *)structs + middle * stride + offset, sizeof(number));
        if (number < value || (with_equal && number == value)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

// Formats into `out`, always NUL-terminated; false when it had to be cut.
bool text_format(char *out, size_t out_bytes, const char *format, ...) BASE_PRINTF(3, 4);
// Copies and makes harmless: control characters (terminal escapes among them) and bytes that are
// not UTF-8 become '?'; '\t' and, where keep_newlines, '\n' stay. Always NUL-terminated.
void text_clean(char *out, size_t out_bytes, const char *text, bool keep_newlines);
// The code point at *text, which is moved behind it; U+FFFD for a byte that is not UTF-8. 0 at the
// end.
uint32_t text_next(const char **text);
// The nearest of `words` by edit distance, or NULL when none is near enough to be what was meant.
const char *text_nearest(const char *word, const char *const *words, size_t count);
// "64M", "1G", "4096", "512k" to bytes; false for anything else or on overflow.
bool text_to_bytes(const char *text, size_t *bytes);
// A whole decimal number lo..hi and nothing else.
bool text_to_u64(const char *text, uint64_t lo, uint64_t hi, uint64_t *value);

typedef enum LogLevel { LOG_INFO, LOG_WARNING, LOG_ERROR } LogLevel;
// One line to stderr, "hotloop: text", made harmless first. At most 200 lines a second come out;
// what was held back is counted in one line. Safe from any thread.
void log_line(LogLevel level, const char *format, ...) BASE_PRINTF(2, 3);

#endif
