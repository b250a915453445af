// A number in a source file, and another one in its place. Finds the literal that a variable of the
// game begins with - `static float SPEED = 90;`, HL_TWEAK(SPEED, 90, 0, 400) - and replaces exactly
// it, in its own manner: hexadecimal stays so, a suffix stays, `1.f` becomes `2.f`. Whatever cannot
// be done that way for certain is refused, with the reason, and nothing is written.
//
//   tweak.c         a value kept in a file       tweak_words.c  a text of C as words
//   tweak_find.c    the literal of a variable    tweak_number.c what it says, and how to say
//   another
#ifndef TWEAK_H
#define TWEAK_H
#include "file.h"
#include "gamelib.h"
#include "reflect_table.h"

typedef enum TweakKind { TWEAK_REAL, TWEAK_WHOLE, TWEAK_BOOL } TweakKind;

// A number as a variable holds it.
typedef struct TweakValue {
    TweakKind kind;
    uint32_t bytes; // of the variable: 1, 2, 4 or 8
    bool is_signed; // TWEAK_WHOLE
    bool is_color;  // TWEAK_WHOLE: as text it is 0xrrggbbaa
    double real;    // TWEAK_REAL
    uint64_t whole; // the others; as 64 bits, with the sign carried on
} TweakValue;

// What the bytes at `memory` are. False: no number of that kind has this size (long double).
bool tweak_value(TweakKind kind, uint64_t bytes, bool is_signed, const void *memory,
                 TweakValue *value);
bool tweak_is_equal(const TweakValue *a, const TweakValue *b);         // of one kind and size
void tweak_text(const TweakValue *value, char *out, size_t out_bytes); // for people: "0.1", "-3"

// ----------------------------------------------------------------------------- one text, no files

enum { TWEAK_LITERAL_MAX = 96 };

// A literal of a variable's initialiser in a text.
typedef struct TweakPlace {
    size_t at, bytes; // of the number or the word, without its sign
    size_t sign_at;   // has_sign: where that stands
    bool has_sign;    // '-' or '+'
    bool is_negative; // '-'
    bool is_apart;    // something else than blanks is between sign and number
    uint32_t line;    // from 1
} TweakPlace;

typedef enum TweakFound {
    TWEAK_FOUND,
    TWEAK_NOT_HERE, // the text does not declare it: somewhere else may
    TWEAK_REFUSED   // it does, but not with one literal, or more than once
} TweakFound;

// The literal that the variable `name` begins with: one outside of functions, or with `function`
// (not "") a static inside of that one. Comments, texts and what `#if 0` leaves out are passed by.
// `where` is how messages call the text. Whatever is not TWEAK_FOUND: *fault says why.
TweakFound tweak_find(const char *text, size_t text_bytes, const char *where, const char *name,
                      const char *function, TweakPlace *place, Fault *fault);
// What the literal gives a variable of the kind and size that *value begins with. False: it is no
// literal that could.
bool tweak_read(const char *literal, size_t literal_bytes, bool is_negative, TweakValue *value);
// `value` as one would write it who wrote that literal; the sign goes to *is_negative. False: no
// literal says it (an infinity, not a number).
bool tweak_write(const char *literal, size_t literal_bytes, const TweakValue *value,
                 char out[TWEAK_LITERAL_MAX], bool *is_negative);

// ------------------------------------------------------------------------------------------ files

typedef struct TweakKeep {
    const char *path;            // of the source that the variable is of; a header that it includes
                                 // by "name" is looked into, too
    const char *name, *function; // function "": outside of functions
    TweakValue loaded;           // that the build which runs began with
    TweakValue value;            // that it shall begin with
} TweakKeep;

typedef struct TweakKept {
    char path[FILE_PATH_MAX]; // of the file
    uint32_t line;
    char was[TWEAK_LITERAL_MAX], now[TWEAK_LITERAL_MAX]; // the literals, with their signs
    bool is_same;                                        // it said that already: nothing written
} TweakKept;

// Writes the value into the file in place of the literal. The file is replaced at once, with its
// mode and through a symlink, so that nobody reads half of it. FAULT_USAGE: it cannot be found, is
// no literal, or says something else than `loaded`; FAULT_FILE. The file is as it was then.
bool tweak_keep(const TweakKeep *keep, TweakKept *kept, Fault *fault);

// Which of `count` variables outside of functions the source, or a header that it includes,
// declares with one literal: *declared of each.
void tweak_declared(const char *path, const char *const *names, uint32_t count, bool *declared);

// -------------------------------------------------------------------------------- what a build has

// A variable that can be played with.
typedef struct TweakOf {
    const ReflectVariable *variable;
    const hl_tweak *declared; // by HL_TWEAK; NULL: a plain one
    TweakValue loaded;        // what the build began with
} TweakOf;

// Whether the variable that lies at `address` is one number, and one that can change. False: *fault
// says why not; its text begins with `path`.
bool tweak_of(const GameLib *lib, const ReflectTable *table, uintptr_t address, const char *path,
              TweakOf *of, Fault *fault);
// What it is now: its memory is read.
TweakValue tweak_now(const TweakOf *of);

#endif
