// What looks for refusals shares: one walk over all tokens, which asks each subject in turn.
#ifndef SCAN_REFUSE_H
#define SCAN_REFUSE_H
#include "scan_types.h"

#define TCC_HAS_NO "tcc does not know it"

typedef struct ScanRefuse {
    const ScanTokens *tokens;
    Arena *arena;
    ScanRefusal *refusals;
    uint32_t count, capacity;
    const ScanBodies *bodies;
    const ScanTypes *types; // NULL: brackets do not match
    uint32_t body_close;    // of the function that we are in; 0: in none
    bool has_signed_char;   // there is a variable of that type
    uint8_t *is_bad;        // by word: a function of the system's that takes or gives long double
} ScanRefuse;

// `what` and `why` are constants, or live in the arena.
void scan_refuse_add(ScanRefuse *refuse, uint32_t at, const char *what, const char *why);
// The first token of the statement or declaration that `at` is in.
uint32_t scan_refuse_statement(const ScanRefuse *refuse, uint32_t at);
bool scan_refuse_is_floating(const ScanWord *number);

// Of what several tokens say: at a mark, at a name or keyword.
void scan_refuse_mark(ScanRefuse *refuse, uint32_t at);
void scan_refuse_phrase(ScanRefuse *refuse, uint32_t at);
// At a floating number: a constant expression around it that tcc computes otherwise.
void scan_refuse_constants(ScanRefuse *refuse, uint32_t at);

static inline const ScanWord *scan_spelling(const ScanTokens *tokens, uint32_t at)
{
    return &tokens->words[scan_word(tokens, at)];
}
static inline bool scan_is_text(const ScanWord *word, const char *text)
{
    size_t size = strlen(text);
    return word->size_bytes == size && memcmp(word->text, text, size) == 0;
}

#endif
