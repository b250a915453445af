// Where a source asks which compiler it is. What tcc -E writes does not show it: the other branch
// is gone, with the other structs that may be in it.
#include "scan_branches.h"
#include "scan_parts.h"

// What the compilers define differently, measured: beginnings of names, but for the whole ones that
// have a blank behind. The names of include guards are none of them.
static const char *const DIFFERENT[] = {
    "__GNUC",
    "__clang",
    "__TINYC",
    "__has_",
    "__GCC_",
    "__OPTIMIZE",
    "__SSE",
    "__AVX",
    "__FMA",
    "__MMX",
    "__FAST_M",
    "__FLT_",
    "__DBL_",
    "__LDBL_",
    "__INT8_",
    "__INT16_",
    "__INT32_",
    "__INT64_",
    "__UINT",
    "__INTPTR_",
    "__INTMAX_",
    "__WCHAR_",
    "__CHAR16_",
    "__CHAR32_",
    "__PIC",
    "__pic",
    "__ELF__",
    "__VERSION__",
    "__amd64",
    "__x86_64 ",
    "__BIGGEST",
    "__ATOMIC",
    "__gnu_lin",
    "__STDC_NO_",
    "__STDC_IEC",
    "__SIZEOF_SIZE_T__",
    "__SIZEOF_INT128__",
    "__SIZEOF_FLOAT",
    "linux ",
    "unix ",
};

static bool is_different(const char *name, size_t size_bytes)
{
    for (size_t i = 0; i < COUNT_OF(DIFFERENT); i++) {
        size_t size = strlen(DIFFERENT[i]);
        bool is_whole = DIFFERENT[i][size - 1] == ' ';
        size -= is_whole;
        if ((is_whole ? size_bytes == size : size_bytes >= size)
            && memcmp(name, DIFFERENT[i], size) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9');
}

// The first such name in a directive, copied; NULL: none.
static const char *find_name(const ScanWord *directive, Arena *arena)
{
    const char *at = directive->text, *end = at + directive->size_bytes;
    while (at < end) {
        if (*at == '/' && at + 1 < end && (at[1] == '/' || at[1] == '*')) {
            return NULL; // remarks stand at the end
        }
        const char *name = at;
        while (at < end && is_letter(*at)) {
            at++;
        }
        size_t size = (size_t)(at - name);
        if (size > 0 && is_different(name, size)) {
            char *copy = ARENA_NEW(arena, char, size + 1);
            memcpy(copy, name, size);
            return copy;
        }
        at += size == 0;
    }
    return NULL;
}

bool scan_asks(const char *source, size_t source_bytes, Arena *arena, ScanRefusal *refusal)
{
    ScanTokens tokens;
    *refusal = (ScanRefusal){0};
    if (!scan_tokens_open(&tokens, source, source_bytes, NULL)) {
        return false;
    }
    for (uint32_t i = 0; i < tokens.count && !refusal->what; i++) {
        const ScanWord *word = &tokens.words[tokens.tokens[i].word];
        bool is_condition =
            word->kind == SCAN_DIRECTIVE
            && (scan_directive_is(word, "if") || scan_directive_is(word, "ifdef")
                || scan_directive_is(word, "ifndef") || scan_directive_is(word, "elif"));
        const char *name = is_condition ? find_name(word, arena) : NULL;
        if (name) {
            *refusal = (ScanRefusal){
                {"", (int)tokens.tokens[i].line}, name, "what is compiled depends on the compiler"};
        }
    }
    scan_tokens_close(&tokens);
    return refusal->what != NULL;
}
