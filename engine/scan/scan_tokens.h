// Text to tokens, for the rest of scan: what is compared later is a number for each spelling, so
// that no text is looked at twice. White space, comments and line markers make no tokens; a line
// of the preprocessor that is no marker (`#pragma`, and in sources all of them) is one token.
#ifndef SCAN_TOKENS_H
#define SCAN_TOKENS_H
#include "arena.h"

// Spellings with a number of their own. A single character's is its code.
enum {
    WORD_FIRST = 128,
    WORD_ARROW = WORD_FIRST,
    WORD_INCREMENT,
    WORD_DECREMENT,
    WORD_AND,
    WORD_OR,
    WORD_EQUAL,
    WORD_NOT_EQUAL,
    WORD_AT_MOST,
    WORD_AT_LEAST,
    WORD_ELLIPSIS,
    WORD_LEFT,
    WORD_RIGHT,
    WORD_ASSIGN_FIRST, // += and its kind, up to
    WORD_ASSIGN_LAST = WORD_ASSIGN_FIRST + 9,
    WORD_STATIC,
    WORD_EXTERN,
    WORD_TYPEDEF,
    WORD_INLINE,
    WORD_INLINE_1,
    WORD_INLINE_2,
    WORD_STRUCT,
    WORD_UNION,
    WORD_ENUM,
    WORD_CONST,
    WORD_VOLATILE,
    WORD_RESTRICT,
    WORD_RESTRICT_1,
    WORD_RESTRICT_2,
    WORD_REGISTER,
    WORD_AUTO,
    WORD_AUTO_TYPE,
    WORD_ATTRIBUTE,
    WORD_ATTRIBUTE_1,
    WORD_ASM,
    WORD_ASM_1,
    WORD_ASM_2,
    WORD_TYPEOF,
    WORD_TYPEOF_1,
    WORD_TYPEOF_2,
    WORD_SIZEOF,
    WORD_ALIGNOF,
    WORD_ALIGNOF_1,
    WORD_ALIGNOF_2,
    WORD_ALIGNAS,
    WORD_GENERIC,
    WORD_STATIC_ASSERT,
    WORD_EXTENSION,
    WORD_PRAGMA,
    WORD_DECLSPEC,
    WORD_ATOMIC,
    WORD_THREAD,
    WORD_THREAD_1,
    WORD_OFFSETOF,
    WORD_TYPES_COMPATIBLE,
    WORD_CHOOSE,
    WORD_CONSTANT_P,
    WORD_IF,
    WORD_ELSE,
    WORD_FOR,
    WORD_WHILE,
    WORD_DO,
    WORD_SWITCH,
    WORD_CASE,
    WORD_DEFAULT,
    WORD_RETURN,
    WORD_GOTO,
    WORD_BREAK,
    WORD_CONTINUE,
    WORD_VOID,
    WORD_CHAR,
    WORD_SHORT,
    WORD_INT,
    WORD_LONG,
    WORD_SIGNED,
    WORD_UNSIGNED,
    WORD_FLOAT,
    WORD_DOUBLE,
    WORD_BOOL,
    WORD_KEYWORD_END, // what follows are names
    WORD_INT8 = WORD_KEYWORD_END,
    WORD_UINT16,
    WORD_VA_ARG,
    WORD_COUNT
};

typedef enum ScanKind {
    SCAN_MARK, // punctuation
    SCAN_NAME, // keywords among them
    SCAN_NUMBER,
    SCAN_CHARACTER, // 'x', with its prefix
    SCAN_STRING,
    SCAN_DIRECTIVE // a whole line of the preprocessor, with those that continue it
} ScanKind;

typedef struct ScanWord {
    const char *text; // in what was read, not ended by a 0
    uint64_t hash;
    uint32_t size_bytes;
    ScanKind kind;
} ScanWord;

typedef struct ScanToken {
    uint32_t word;
    uint32_t line;          // as the last line marker counts
    uint32_t at;            // its first byte in what was read
    uint32_t partner;       // of a bracket: the token that closes or opens it
    uint32_t file : 31;     // a word; 0: no marker yet
    uint32_t is_system : 1; // from a file of the system's, /usr/include or /usr/lib
} ScanToken;

typedef struct ScanTokens {
    ScanToken *tokens;
    ScanWord *words;
    uint32_t count, word_count;
    Arena token_memory, word_memory, slot_memory; // private
    uint32_t token_capacity, word_capacity, slot_count;
    uint32_t *slots;
} ScanTokens;

// Reads all of `text`, which has to stay. FAULT_MEMORY, and *tokens is closed then. Anything can be
// read: what is no C gives tokens, too.
bool scan_tokens_open(ScanTokens *tokens, const char *text, size_t text_bytes, Fault *fault);
void scan_tokens_close(ScanTokens *tokens); // accepts a zeroed struct

// Fills in `partner`. False: they do not match.
bool scan_tokens_pair(ScanTokens *tokens);

static inline ScanKind scan_kind(const ScanTokens *tokens, uint32_t at)
{
    return tokens->words[tokens->tokens[at].word].kind;
}
// The text of a word, ended by a 0.
char *scan_word_text(const ScanTokens *tokens, uint32_t word, Arena *arena);

#endif
