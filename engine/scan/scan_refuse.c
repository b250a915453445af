// What tcc 0.9.27 (Debian's 0.9.27+git20200814) cannot take or takes wrongly. Every line of the
// tables has its proof in scan_refuse_test.c, which compiles with tcc and gcc.
#include "scan_refuse.h"

typedef struct Fact {
    const char *name, *why;
} Fact;

// No statement that is longer is looked at from its beginning.
enum { STACK_ALIGN = 16, STATEMENT_MAX = 4096 };

// Names that are refused wherever they are used.
static const Fact NAMES[] = {
    {"_Thread_local", TCC_HAS_NO},
    {"__thread", TCC_HAS_NO},
    {"_Atomic", TCC_HAS_NO},
    {"_Complex", TCC_HAS_NO},
    {"__complex__", TCC_HAS_NO},
    {"__int128", TCC_HAS_NO},
    {"__int128_t", TCC_HAS_NO},
    {"__uint128_t", TCC_HAS_NO},
    {"__float128", TCC_HAS_NO},
    {"_Float16", TCC_HAS_NO},
    {"_Decimal64", TCC_HAS_NO},
    {"__auto_type", TCC_HAS_NO},
    {"__PRETTY_FUNCTION__", TCC_HAS_NO},
};

// Attributes that change nothing that runs, or that tcc obeys as gcc does. Any other is refused:
// tcc ignores what it does not know.
static const char *const ATTRIBUTES[] = {
    "access",        "alias",         "aligned",     "alloc_align",
    "alloc_size",    "always_inline", "artificial",  "assume_aligned",
    "cleanup",       "cold",          "const",       "constructor",
    "deprecated",    "destructor",    "fallthrough", "flatten",
    "format",        "format_arg",    "hot",         "leaf",
    "malloc",        "may_alias",     "no_icf",      "no_instrument_function",
    "no_sanitize",   "noclone",       "noinline",    "noipa",
    "nonnull",       "nonstring",     "noreturn",    "nothrow",
    "packed",        "pure",          "retain",      "returns_nonnull",
    "returns_twice", "section",       "sentinel",    "unavailable",
    "unused",        "used",          "visibility",  "warn_unused_result",
    "weak",
};

// Of those that begin with __builtin_; all others are refused.
static const char *const BUILTINS[] = {
    "va_start",    "va_end",   "va_copy",       "va_arg",
    "va_list",     "expect",   "constant_p",    "types_compatible_p",
    "choose_expr", "offsetof", "frame_address", "return_address",
};

static uint32_t word_at(const ScanRefuse *refuse, uint32_t at)
{
    return scan_word(refuse->tokens, at);
}

static const ScanWord *spelling(const ScanRefuse *refuse, uint32_t at)
{
    return &refuse->tokens->words[word_at(refuse, at)];
}

void scan_refuse_add(ScanRefuse *refuse, uint32_t at, const char *what, const char *why)
{
    const ScanToken *token = &refuse->tokens->tokens[at];
    if (refuse->count > 0 && refuse->refusals[refuse->count - 1].place.line == (int)token->line
        && strcmp(refuse->refusals[refuse->count - 1].what, what) == 0) {
        return;
    }
    if (refuse->count == refuse->capacity) {
        refuse->capacity = refuse->capacity ? refuse->capacity * 2 : 16;
        ScanRefusal *more = ARENA_NEW(refuse->arena, ScanRefusal, refuse->capacity);
        if (refuse->count > 0) {
            memcpy(more, refuse->refusals, refuse->count * sizeof(*more));
        }
        refuse->refusals = more;
    }
    const char *file =
        token->file ? scan_word_text(refuse->tokens, token->file, refuse->arena) : "";
    refuse->refusals[refuse->count++] = (ScanRefusal){{file, (int)token->line}, what, why};
}

// ---------------------------------------------------------------------------------- attributes

// `name` or `__name__`.
static bool is_attribute(const ScanWord *word, const char *name)
{
    ScanWord bare = *word;
    if (bare.size_bytes > 4 && memcmp(bare.text, "__", 2) == 0
        && memcmp(bare.text + bare.size_bytes - 2, "__", 2) == 0) {
        bare.text += 2;
        bare.size_bytes -= 4;
    }
    return scan_is_text(&bare, name);
}

static bool is_known_attribute(const ScanWord *word)
{
    for (size_t i = 0; i < COUNT_OF(ATTRIBUTES); i++) {
        if (is_attribute(word, ATTRIBUTES[i])) {
            return true;
        }
    }
    return false;
}

// The first token of the statement or declaration that `at` is in.
uint32_t scan_refuse_statement(const ScanRefuse *refuse, uint32_t at)
{
    uint32_t end = at > STATEMENT_MAX ? at - STATEMENT_MAX : 0;
    while (at > end) {
        uint32_t word = word_at(refuse, at - 1);
        if (word == ';' || word == '{' || word == '}') {
            break;
        }
        at--;
    }
    return at;
}

static bool is_of_enum(const ScanRefuse *refuse, uint32_t at)
{
    uint32_t before = at > 0 ? at - 1 : 0;
    if (word_at(refuse, before) == '}' && refuse->types) {
        before = refuse->tokens->tokens[before].partner;
        before -= before > 0;
        before -= before > 0 && scan_kind(refuse->tokens, before) == SCAN_NAME
                  && word_at(refuse, before) != WORD_ENUM;
    }
    return word_at(refuse, before) == WORD_ENUM;
}

// Whether the declaration that `at` is in says const. A pointer to what is const is taken for one.
static bool is_of_const(const ScanRefuse *refuse, uint32_t at)
{
    for (uint32_t i = scan_refuse_statement(refuse, at); i < refuse->tokens->count; i++) {
        uint32_t word = word_at(refuse, i);
        if (word == WORD_CONST || word == ';' || word == '=' || word == '{') {
            return word == WORD_CONST;
        }
    }
    return false;
}

// The number in `(16)` at `at`; 0: there is none.
static uint32_t number_in(const ScanRefuse *refuse, uint32_t at)
{
    uint32_t value = 0;
    if (word_at(refuse, at) != '(' || word_at(refuse, at + 2) != ')') {
        return 0;
    }
    const ScanWord *word = spelling(refuse, at + 1);
    for (uint32_t i = 0; i < word->size_bytes && word->text[i] >= '0' && word->text[i] <= '9';
         i++) {
        value = value < 100000 ? value * 10 + (uint32_t)(word->text[i] - '0') : value;
    }
    return value;
}

// `attribute` begins __attribute__, and its number is at `group`.
static void check_aligned(ScanRefuse *refuse, uint32_t attribute, uint32_t group)
{
    uint32_t before = attribute > 0 ? word_at(refuse, attribute - 1) : 0;
    bool is_type = before == '}' || scan_is_aggregate(before);
    uint32_t number = number_in(refuse, group);
    if (number > STACK_ALIGN || (number == 0 && word_at(refuse, group) == '(')) {
        scan_refuse_add(refuse, attribute, "aligned",
                        "tcc's stack keeps 16 at most, and it says nothing");
    } else if (!is_type
               && word_at(refuse, scan_refuse_statement(refuse, attribute)) == WORD_TYPEDEF) {
        scan_refuse_add(refuse, attribute, "aligned",
                        "tcc ignores it behind a typedef's name, and says nothing");
    }
}

// `__attribute__((one, two(3)))`
static void check_attributes(ScanRefuse *refuse, uint32_t at)
{
    if (word_at(refuse, at + 1) != '(' || word_at(refuse, at + 2) != '(') {
        return;
    }
    uint32_t end = refuse->tokens->tokens[at + 2].partner;
    for (uint32_t i = at + 3; i < end; i = scan_behind(refuse->tokens, i)) {
        if (scan_kind(refuse->tokens, i) != SCAN_NAME) {
            continue;
        }
        if (is_attribute(spelling(refuse, i), "aligned")) {
            check_aligned(refuse, at, i + 1);
        } else if (is_attribute(spelling(refuse, i), "packed") && is_of_enum(refuse, at)) {
            scan_refuse_add(refuse, i, "packed", "tcc ignores it for an enum, and says nothing");
        } else if (is_attribute(spelling(refuse, i), "section") && !is_of_const(refuse, at)) {
            scan_refuse_add(refuse, i, "section",
                            "tcc makes a section of one's own read-only, and says nothing");
        } else if (!is_known_attribute(spelling(refuse, i))) {
            scan_refuse_add(refuse, i,
                            scan_word_text(refuse->tokens, word_at(refuse, i), refuse->arena),
                            "tcc ignores this attribute, or takes it wrongly");
        }
    }
}

// --------------------------------------------------------------------------------- names, numbers

static bool begins(const ScanWord *word, const char *prefix)
{
    size_t size = strlen(prefix);
    return word->size_bytes >= size && memcmp(word->text, prefix, size) == 0;
}

static bool is_known_builtin(const ScanWord *word)
{
    ScanWord rest = {.text = word->text + 10, .size_bytes = word->size_bytes - 10};
    for (size_t i = 0; i < COUNT_OF(BUILTINS); i++) {
        if (scan_is_text(&rest, BUILTINS[i])) {
            return true;
        }
    }
    return false;
}

static void check_reserved_name(ScanRefuse *refuse, uint32_t at)
{
    const ScanWord *word = spelling(refuse, at);
    for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
        if (scan_is_text(word, NAMES[i].name)) {
            scan_refuse_add(refuse, at, NAMES[i].name, NAMES[i].why);
            return;
        }
    }
    if ((begins(word, "__builtin_") && !is_known_builtin(word)) || begins(word, "__sync_")
        || begins(word, "__atomic_")) {
        scan_refuse_add(refuse, at,
                        scan_word_text(refuse->tokens, word_at(refuse, at), refuse->arena),
                        "tcc takes it for a function that is nowhere");
    }
}

static bool is_decimal_with(const ScanWord *word, const char *letters)
{
    for (uint32_t i = 0; i < word->size_bytes; i++) {
        if (memchr(letters, word->text[i], strlen(letters))) {
            return true;
        }
    }
    return false;
}

bool scan_refuse_is_floating(const ScanWord *word)
{
    bool is_hex = word->size_bytes > 1 && (word->text[1] | 0x20) == 'x';
    return is_decimal_with(word, is_hex ? ".pP" : ".eE");
}

static const char LONG_DOUBLE[] =
    "tcc leaves x87 registers in disorder, so that later ones are NaN, and says nothing";

static void check_number(ScanRefuse *refuse, uint32_t at)
{
    const ScanWord *word = spelling(refuse, at);
    char last = word->text[word->size_bytes - 1];
    if ((last == 'l' || last == 'L') && scan_refuse_is_floating(word)) {
        scan_refuse_add(refuse, at, "long double", LONG_DOUBLE);
    } else if (scan_refuse_is_floating(word) && (last == 'i' || last == 'j')) {
        scan_refuse_add(refuse, at, "_Complex", TCC_HAS_NO);
    }
}

static void check_text(ScanRefuse *refuse, uint32_t at)
{
    if (word_at(refuse, at + 1) == '[') {
        scan_refuse_add(refuse, at, "a literal's element",
                        "tcc reads more bytes of it in an initialiser, and says nothing");
    }
    const ScanWord *word = spelling(refuse, at);
    if (word->text[0] == 'u' || word->text[0] == 'U') {
        scan_refuse_add(refuse, at, "a u, U or u8 literal", TCC_HAS_NO);
        return;
    }
    for (uint32_t i = 0; i + 1 < word->size_bytes; i++) {
        if (word->text[i] == '\\') {
            i++;
            if (word->text[i] == 'u' || word->text[i] == 'U') {
                scan_refuse_add(refuse, at, "\\u in a literal",
                                "tcc writes other bytes, and says nothing");
                return;
            }
        }
    }
}

// ------------------------------------------------------------------------------------- phrases

// The name that a declaration around `at` gives to something, in a system header.
static void mark_declared(ScanRefuse *refuse, uint32_t at)
{
    uint32_t from = at, end = at + STATEMENT_MAX;
    while (from > 0 && at - from < STATEMENT_MAX && word_at(refuse, from - 1) != ';'
           && word_at(refuse, from - 1) != '}') {
        from--;
    }
    for (uint32_t i = from; i < end && i < refuse->tokens->count && word_at(refuse, i) != ';';
         i++) {
        uint32_t next = word_at(refuse, i + 1);
        if (scan_kind(refuse->tokens, i) == SCAN_NAME && !scan_is_keyword(word_at(refuse, i))
            && (next == '(' || next == ';')) {
            refuse->is_bad[word_at(refuse, i)] = 1;
            return;
        }
    }
}

static bool is_long_double(const ScanRefuse *refuse, uint32_t at)
{
    uint32_t word = word_at(refuse, at), next = word_at(refuse, at + 1);
    return (word == WORD_LONG && next == WORD_DOUBLE) || (word == WORD_DOUBLE && next == WORD_LONG);
}

static bool is_zero(const ScanWord *word)
{
    for (uint32_t i = 0; i < word->size_bytes; i++) {
        if (word->text[i] >= '1' && word->text[i] <= '9') {
            return false;
        }
    }
    return scan_refuse_is_floating(word);
}

// `0.0f / 0.0f`, which is NAN under tcc.
static bool is_nan(const ScanRefuse *refuse, uint32_t at)
{
    return word_at(refuse, at + 1) == '/' && at + 2 < refuse->tokens->count
           && scan_kind(refuse->tokens, at + 2) == SCAN_NUMBER && is_zero(spelling(refuse, at))
           && is_zero(spelling(refuse, at + 2));
}

// --------------------------------------------------------------- structs that travel by value

static const char ODD[] =
    "tcc's caller of a function that returns a struct of 3, 5, 6, 7 or 9..15 bytes "
    "writes over its own variables, and says nothing";
static const char MIXED[] = "tcc passes a struct of floats, or of floats and others, in other "
                            "registers than gcc, and says nothing";

// A name before a parenthesis, in a function's body: a call.
static void check_call(ScanRefuse *refuse, uint32_t at)
{
    uint32_t is = scan_types_function(refuse->types, word_at(refuse, at));
    if (is & FUNCTION_ODD_RESULT) {
        scan_refuse_add(refuse, at, "a small struct as a result", ODD);
    } else if ((is & FUNCTION_MIXED) && !(is & FUNCTION_STATIC)) {
        scan_refuse_add(refuse, at, "a struct by value", MIXED);
    }
}

// `Vec3 (*f)(float)`, anywhere.
static bool is_odd_pointer(const ScanRefuse *refuse, uint32_t at)
{
    return word_at(refuse, at + 1) == '(' && word_at(refuse, at + 2) == '*'
           && scan_types_is_odd(refuse->types, word_at(refuse, at));
}

static void check_heads(ScanRefuse *refuse)
{
    for (uint32_t i = 0; i < refuse->bodies->count; i++) {
        const ScanBody *body = &refuse->bodies->bodies[i];
        uint32_t is = scan_types_function(refuse->types, word_at(refuse, body->name));
        if (refuse->tokens->tokens[body->name].is_system) {
            continue;
        }
        if ((is & FUNCTION_MIXED) && !(is & FUNCTION_STATIC)) {
            scan_refuse_add(refuse, body->name, "a struct by value", MIXED);
        }
        if (is & FUNCTION_VARIADIC) {
            scan_refuse_add(refuse, body->name, "a struct as a result beside ...",
                            "tcc takes the arguments at ... from elsewhere, and says nothing");
        }
        if (body->is_old_style) {
            scan_refuse_add(refuse, body->name, "a function defined the old way",
                            "tcc takes its float and short parameters from where they are not");
        }
    }
}

static void check_keyword(ScanRefuse *refuse, uint32_t at)
{
    uint32_t word = word_at(refuse, at);
    if (word == WORD_ATTRIBUTE || word == WORD_ATTRIBUTE_1) {
        check_attributes(refuse, at);
    } else if (is_long_double(refuse, at)) {
        scan_refuse_add(refuse, at, "long double", LONG_DOUBLE);
    } else if (word == WORD_PRAGMA) {
        scan_refuse_add(refuse, at, "_Pragma", TCC_HAS_NO);
    } else if (word == WORD_ALIGNAS && number_in(refuse, at + 1) > STACK_ALIGN) {
        scan_refuse_add(refuse, at, "_Alignas",
                        "tcc's stack keeps 16 at most, and it says nothing");
    } else if (word >= WORD_ASM && word <= WORD_ASM_2
               && (at == 0 || word_at(refuse, at - 1) != ')')) {
        scan_refuse_add(refuse, at, "asm", "tcc has an assembler of its own, which knows less");
    } else if (word == WORD_THREAD || word == WORD_THREAD_1 || word == WORD_ATOMIC
               || word == WORD_AUTO_TYPE) {
        check_reserved_name(refuse, at);
    }
}

static void check_token(ScanRefuse *refuse, uint32_t at)
{
    uint32_t word = word_at(refuse, at);
    switch (scan_kind(refuse->tokens, at)) {
    case SCAN_NAME:
        scan_refuse_phrase(refuse, at);
        if (scan_is_keyword(word)) {
            check_keyword(refuse, at);
        } else if (spelling(refuse, at)->text[0] == '_') {
            check_reserved_name(refuse, at);
        } else if (refuse->is_bad[word] && word_at(refuse, at + 1) == '(') {
            scan_refuse_add(refuse, at, "long double", LONG_DOUBLE);
        } else if (refuse->types && is_odd_pointer(refuse, at)) {
            scan_refuse_add(refuse, at, "a small struct as a result", ODD);
        } else if (refuse->types && at < refuse->body_close && word_at(refuse, at + 1) == '(') {
            check_call(refuse, at);
        }
        break;
    case SCAN_NUMBER:
        check_number(refuse, at);
        scan_refuse_constants(refuse, at);
        if (is_nan(refuse, at)) {
            scan_refuse_add(refuse, at, "NAN", "tcc's has its sign bit set, and says nothing");
        }
        break;
    case SCAN_STRING:
    case SCAN_CHARACTER:
        check_text(refuse, at);
        break;
    case SCAN_MARK:
        if (word == '.' || word == ':' || word == '{' || word == '(') {
            scan_refuse_mark(refuse, at);
        }
        break;
    case SCAN_DIRECTIVE:
        break;
    }
}

// They come by line within a file; heads were found before the rest.
static void sort_refusals(ScanRefusal *refusals, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        for (uint32_t k = i; k > 0 && refusals[k].place.line < refusals[k - 1].place.line
                             && strcmp(refusals[k].place.file, refusals[k - 1].place.file) == 0;
             k--) {
            ScanRefusal moved = refusals[k];
            refusals[k] = refusals[k - 1];
            refusals[k - 1] = moved;
        }
    }
}

void scan_refusals(const ScanTokens *tokens, const ScanBodies *bodies, const ScanTypes *types,
                   Arena *scratch, Arena *arena, Scan *scan)
{
    ScanRefuse refuse = {.tokens = tokens, .arena = arena, .bodies = bodies};
    refuse.is_bad = ARENA_NEW(scratch, uint8_t, tokens->word_count);
    refuse.types = types;
    if (types) {
        check_heads(&refuse);
    }
    uint32_t next = 0;
    for (uint32_t i = 0; i < tokens->count; i++) {
        if (types && next < bodies->count && i == bodies->bodies[next].open) {
            refuse.body_close = bodies->bodies[next++].close;
        }
        if (!tokens->tokens[i].is_system) {
            check_token(&refuse, i);
        } else if (tokens->tokens[i].word == WORD_LONG && is_long_double(&refuse, i)) {
            mark_declared(&refuse, i);
        }
    }
    sort_refusals(refuse.refusals, refuse.count);
    scan->refusals = refuse.refusals;
    scan->refusal_count = refuse.count;
}
