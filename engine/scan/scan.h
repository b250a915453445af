// What a unit of C says, read from its tokens without being a compiler: whether only the insides of
// functions changed since it was last looked at, what in it the fast compiler cannot be trusted
// with, and where the order in which arguments are computed decides what the game does.
//
// It reads preprocessed text, as `tcc -E` and `gcc -E` write it, with lines `# 12 "file.c"`: macros
// are resolved then, so nothing hides in them. Pure: bytes in, plain data in the caller's arena
// out. Where it does not understand a text it says so (is_sure), and the caller goes the slow way.
#ifndef SCAN_H
#define SCAN_H
#include "arena.h"

// What tcc has to find as <sys/cdefs.h> before the system's (-I), for compiling as for -E: glibc's
// own defines __attribute__ away for compilers that are not gcc, and then `packed`, `section` and
// all others are gone behind the first #include, without a word - and out of the text that is
// scanned. Not by -include: a unit's own _GNU_SOURCE comes before its first header.
#define SCAN_PRELUDE_NAME "sys/cdefs.h"
#define SCAN_PRELUDE      "#include_next <sys/cdefs.h>\n#undef __attribute__\n"

typedef struct ScanPlace {
    const char *file; // as the line marker names it
    int line;         // from 1
} ScanPlace;

// Something that the fast compiler cannot take, or takes without a word and wrongly.
typedef struct ScanRefusal {
    ScanPlace place;
    const char *what; // "vector_size", "_Thread_local", "__builtin_clz", ...
    const char *why;  // a constant: "tcc gives it no vector type, and says nothing"
} ScanRefusal;

// What scan_orders needs to know about one unit. Private to scan.
typedef struct ScanCalls ScanCalls;

typedef struct Scan {
    // Its braces and parentheses were understood. Else `declarations` is 0, `calls` is NULL, and
    // `refusals` are those only that single words give.
    bool is_sure;
    // Of all tokens outside of functions' bodies, and of those inside them that declare what is not
    // automatic: static variables, types. Not of places: moving a line changes nothing; and not of
    // initial values, except where an array has as many elements as they are. Equal for two texts:
    // the second declares exactly what the first does.
    uint64_t declarations;
    const ScanRefusal *refusals; // by line; system headers' unused ones are not among them
    uint32_t refusal_count;
    const ScanCalls *calls;
} Scan;

// FAULT_MEMORY only. Texts live in `arena`; `text` may go.
bool scan_text(const char *text, size_t text_bytes, Arena *arena, Scan *scan, Fault *fault);

// Whether the source (not preprocessed; a unit or a header of the game's own) asks which compiler
// it is: `#ifdef __GNUC__`, __has_attribute, __OPTIMIZE__, __SSE2__. tcc takes another branch then,
// perhaps with other structs, and its preprocessed text does not show it. True: *refusal is the
// first such line, with "" for the file; its texts live in `arena`.
bool scan_asks(const char *source, size_t source_bytes, Arena *arena, ScanRefusal *refusal);

// Two calls in one argument list that both advance the game's random state: compilers compute
// arguments in different orders (gcc on x86-64 from the last, tcc and clang from the first), so
// each of them makes another game of it. The two sides of `+=` and its kind, and of `=` where more
// than one call stands on its right, are such a list, too. Measured to be alike with gcc and tcc,
// and no warning: operands (`roll() - roll()`), initialisers in the order of the members (in
// another order they differ, which is not looked for; nor is `x - f()` where f changes x). A state
// is hotloop.h's hl_rng, or one of the game's own: a static or global variable, or what a parameter
// points to, that a function changes from its old value and makes its result of. Calls through
// pointers are not followed.
typedef struct ScanOrder {
    ScanPlace place;            // of the argument list
    const char *call;           // the function that is called with them
    const char *first, *second; // the two that advance, as they are called there
    const char *state;          // what both advance: "hl_rand's", or the variable's name
} ScanOrder;
// Of all units of a game together, since what a function calls may be in another one; through any
// number of calls. By file and line, each place once.
bool scan_orders(const Scan *const *units, uint32_t unit_count, Arena *arena,
                 const ScanOrder **orders, uint32_t *order_count, Fault *fault);

// The source (not preprocessed) without what its functions do, for a compiler that is only asked
// for types: bodies are `{ }` but for the static variables and types that they declare, and for
// lines of the preprocessor; a body in which these depend on the rest (sizeof, calls of macros,
// #include, conditions that do not keep to blocks) stays whole. Every token that stays is on the
// line where it was. False: bodies cannot be told apart (braces that do not match under some
// condition, functions defined the old way).
bool scan_strip(const char *source, size_t source_bytes, Arena *arena, const char **stripped,
                size_t *stripped_bytes);

// What can be told about a source (not preprocessed) from its text alone, part by part.
typedef struct ScanParts {
    // Of all that is outside of functions' bodies, and of the bodies that have lines of the
    // preprocessor in them. Not of the numbers and texts that variables begin with.
    uint64_t around;
    const uint64_t *bodies; // of the others, and of what variables begin with, in their order
    uint32_t body_count;
    uint64_t stripped;       // of what scan_strip makes of it, but for those numbers and texts ...
    uint64_t stripped_words; // ... wherever its lines end
    bool moves;        // the caller's word: that on other lines it declares the same; else false
    bool keeps_macros; // what is a macro in any of its functions is one at its end
    const uint64_t *macros; // their names; NULL: not known
    uint32_t macro_count;
} ScanParts;
// Without macros, and not knowing whether it moves. False: as scan_strip.
bool scan_parts(const char *source, size_t source_bytes, Arena *arena, ScanParts *parts);
// Takes them from what `tcc -E -dM` writes.
void scan_macros(const char *text, Arena *arena, ScanParts *parts);

// What an edit made of a source, of which `before` is known, and with the same headers also:
// its text without what functions do, preprocessed; that scan_text says the same declarations of
// that as of the whole, and no refusals of the whole. Then what scan_text says of `stripped`,
// preprocessed, is true of all of the edited source, but for calls, and for refusals of one
// function that only another one, which is not in it, could give. Where there are `functions`, the
// declarations are what they were, and all that is refused now is what scan_text refuses in that
// preprocessed text with the functions behind it.
typedef struct ScanEdit {
    const char *stripped; // as scan_strip, but functions' bodies that are other ones stay
    size_t stripped_bytes;
    const char *functions; // these, and such variables, as the preprocessor leaves them; NULL: it
                           // would not
} ScanEdit;
// `path` for the lines before functions. False: `around` is not the same, or as scan_strip.
bool scan_edit(const char *source, size_t source_bytes, const char *path, const ScanParts *before,
               Arena *arena, ScanEdit *edit);

#endif
