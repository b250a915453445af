// A text of C as words. Only tweak*.c include it.
#ifndef TWEAK_PARTS_H
#define TWEAK_PARTS_H
#include "tweak.h"

typedef enum WordKind {
    WORD_NAME,
    WORD_NUMBER, // as the preprocessor sees it: digits, letters, dots, signs of exponents
    WORD_QUOTED, // "text" or 'letter'
    WORD_MARK,   // one sign; "==" is two, and told by `is_glued`
} WordKind;

typedef struct Word {
    WordKind kind;
    bool is_glued; // nothing is between it and the word before it
    uint32_t line; // from 1
    size_t at, bytes;
    uint32_t braces, brackets; // that are open around it; its own, if it is one, does not count
} Word;

typedef struct Words {
    const char *text;
    const Word *words;
    uint32_t count;
} Words;

// Without comments, directives and what `#if 0` leaves out. Braces and brackets are counted anew
// with each branch of an #if, so that a pair which begins in both is one. Memory of `arena`, about
// 40 bytes a word. False: it is too large.
bool tweak_words(const char *text, size_t text_bytes, Arena *arena, Words *words);
bool tweak_is(const Words *words, uint32_t at, const char *what); // false beyond the end, too

// tweak_find in a text that is words already.
TweakFound tweak_find_word(const Words *words, const char *where, const char *name,
                           const char *function, TweakPlace *place, Fault *fault);

// The name in the nth `#include "name"` of a text, without the quotes; false: there are not so
// many.
bool tweak_include(const char *text, size_t text_bytes, uint32_t nth, char *out, size_t out_bytes);

#endif
