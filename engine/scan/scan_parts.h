// What the parts of scan ask of each other about tokens.
#ifndef SCAN_PARTS_H
#define SCAN_PARTS_H
#include "scan.h"
#include "scan_tokens.h"

static inline bool scan_is_aggregate(uint32_t word)
{
    return word == WORD_STRUCT || word == WORD_UNION || word == WORD_ENUM;
}
// Words that a group in parentheses belongs to, and that stand where a declarator may: attributes,
// asm names, typeof ...
static inline bool scan_takes_group(uint32_t word)
{
    return (word >= WORD_ATTRIBUTE && word <= WORD_TYPEOF_2) || word == WORD_ALIGNAS
           || word == WORD_PRAGMA || word == WORD_DECLSPEC || word == WORD_ATOMIC;
}
// Words whose operand may speak of automatic variables though the result is a type or a constant.
static inline bool scan_looks_around(uint32_t word)
{
    return (word >= WORD_TYPEOF && word <= WORD_ALIGNOF_2) || word == WORD_AUTO_TYPE
           || word == WORD_GENERIC || (word >= WORD_OFFSETOF && word <= WORD_CONSTANT_P);
}
// Words of the language that cannot be the name of a function.
static inline bool scan_is_keyword(uint32_t word)
{
    return word >= WORD_STATIC && word < WORD_KEYWORD_END;
}
static inline uint32_t scan_word(const ScanTokens *tokens, uint32_t at)
{
    return at < tokens->count ? tokens->tokens[at].word : 0;
}
// Behind the group that begins at `at`, or behind `at`.
static inline uint32_t scan_behind(const ScanTokens *tokens, uint32_t at)
{
    uint32_t word = scan_word(tokens, at);
    return word == '(' || word == '[' || word == '{' ? tokens->tokens[at].partner + 1 : at + 1;
}
// Whether an array without a size is declared there: `int (*steps[])(int)`.
static inline bool scan_has_open_array(const ScanTokens *tokens, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i + 1 < to; i++) {
        if (scan_word(tokens, i) == '[' && scan_word(tokens, i + 1) == ']') {
            return true;
        }
    }
    return false;
}
// Behind the attributes at `at`.
uint32_t scan_skip_attributes(const ScanTokens *tokens, uint32_t at);
// The `{` of a type defined by the struct, union or enum at `at`; 0: it defines none.
uint32_t scan_type_body(const ScanTokens *tokens, uint32_t at);

// A function's body: its braces.
typedef struct ScanBody {
    uint32_t name; // the token of the function's name
    uint32_t open, close;
    bool is_old_style; // int f(a) int a; { ... }
} ScanBody;
typedef struct ScanBodies {
    ScanBody *bodies;
    uint32_t count;
} ScanBodies;

// The hash of declarations and where functions are; tokens are paired. False: not understood.
bool scan_declarations(const ScanTokens *tokens, Arena *scratch, uint64_t *declarations,
                       ScanBodies *bodies);

#endif
