// What tcc takes wrongly, as far as several tokens say it: members of structs, initialisers, casts,
// and what is passed on.
#include "scan_refuse.h"

// Uses of a variable are looked for in so many tokens.
enum { BITS_MAX = 31, USES_MAX = 4096 };

static uint32_t word_at(const ScanRefuse *refuse, uint32_t at)
{
    return scan_word(refuse->tokens, at);
}

static const ScanWord *spelling(const ScanRefuse *refuse, uint32_t at)
{
    return scan_spelling(refuse->tokens, at);
}

static bool is_kind(const ScanRefuse *refuse, uint32_t at, ScanKind kind)
{
    return at < refuse->tokens->count && scan_kind(refuse->tokens, at) == kind;
}

static uint32_t partner_of(const ScanRefuse *refuse, uint32_t at)
{
    return refuse->tokens->tokens[at].partner;
}

// A bit-field: `name : 33;` in a statement that asks nothing.
static void check_bits(ScanRefuse *refuse, uint32_t at)
{
    uint32_t behind = word_at(refuse, at + 2), bits = 0;
    const ScanWord *word = spelling(refuse, at + 1);
    for (uint32_t i = 0; i < word->size_bytes && word->text[i] >= '0' && word->text[i] <= '9';
         i++) {
        bits = bits < 1000 ? bits * 10 + (uint32_t)(word->text[i] - '0') : bits;
    }
    if (bits <= BITS_MAX || (behind != ';' && behind != ',')) {
        return;
    }
    for (uint32_t i = scan_refuse_statement(refuse, at); i < at; i++) {
        if (word_at(refuse, i) == '?' || word_at(refuse, i) == WORD_CASE) {
            return;
        }
    }
    if (bits > 32 || word_at(refuse, at - 1) != ')') {
        scan_refuse_add(refuse, at, "a bit-field of more than 31 bits",
                        "tcc computes with it as if it were signed");
    }
}

// `{.a.b = 1}`, `{.a[2] = 1}`
static void check_designator(ScanRefuse *refuse, uint32_t at)
{
    uint32_t before = at > 0 ? word_at(refuse, at - 1) : 0, behind = word_at(refuse, at + 2);
    if ((before == '{' || before == ',') && (behind == '.' || behind == '[')) {
        scan_refuse_add(refuse, at, "a designator of a designator",
                        "tcc keeps what gcc overwrites, or refuses");
    }
}

static void check_va_arg(ScanRefuse *refuse, uint32_t at)
{
    uint32_t close = refuse->types && word_at(refuse, at + 1) == '('
                         ? refuse->tokens->tokens[at + 1].partner
                         : 0;
    for (uint32_t i = at + 2; i < close && i < at + 64; i++) {
        bool is_struct = word_at(refuse, i) == WORD_STRUCT || word_at(refuse, i) == WORD_UNION
                         || scan_types_is_struct(refuse->types, word_at(refuse, i));
        if (is_struct && word_at(refuse, close - 1) != '*') {
            scan_refuse_add(refuse, i, "va_arg of a struct",
                            "tcc takes it from other registers than gcc");
        }
    }
}

// ------------------------------------------------------------------------------------ initialisers

typedef struct Elements { // of one pair of braces
    uint32_t next;        // the index of the next one
    bool is_known;        // no designator so far was anything but a number
    bool has_range;
} Elements;

static bool is_repeated(const ScanRefuse *refuse, uint32_t open, uint32_t at)
{
    uint32_t size = word_at(refuse, at) == '.' ? 2 : scan_behind(refuse->tokens, at) - at;
    for (uint32_t i = open + 1; i < at; i = scan_behind(refuse->tokens, i)) {
        bool is_first = word_at(refuse, i - 1) == '{' || word_at(refuse, i - 1) == ',';
        uint32_t same = 0;
        while (is_first && same < size && word_at(refuse, i + same) == word_at(refuse, at + same)) {
            same++;
        }
        if (same == size && size > 0) {
            return true;
        }
    }
    return false;
}

// A designator at `at`. True: it goes back to what is initialised already.
static bool goes_back(const ScanRefuse *refuse, Elements *elements, uint32_t at)
{
    uint32_t close = word_at(refuse, at) == '[' ? partner_of(refuse, at) : 0, index = 0;
    if (!close) {
        return false;
    }
    bool was_range = elements->has_range;
    for (uint32_t i = at + 1; i < close; i++) {
        elements->has_range |= word_at(refuse, i) == WORD_ELLIPSIS;
    }
    const ScanWord *word = spelling(refuse, at + 1);
    bool is_number = close == at + 2 && is_kind(refuse, at + 1, SCAN_NUMBER);
    for (uint32_t i = 0; is_number && i < word->size_bytes; i++) {
        is_number = word->text[i] >= '0' && word->text[i] <= '9' && index < 100000000;
        index = index * 10 + (uint32_t)(word->text[i] - '0');
    }
    bool is_back = was_range || (is_number && elements->is_known && index < elements->next);
    elements->is_known &= is_number;
    elements->next = index;
    return is_back;
}

// tcc writes a second value for the same place of static data over the first bit by bit: 3 | 9.
static void check_braces(ScanRefuse *refuse, uint32_t open)
{
    uint32_t close = partner_of(refuse, open), compared = 0;
    Elements elements = {.is_known = true};
    bool has_designator = false;
    for (uint32_t i = open + 1; i < close; i++) {
        bool is_one = word_at(refuse, i) == '['
                      || (word_at(refuse, i) == '.' && is_kind(refuse, i + 1, SCAN_NAME));
        if (is_one) {
            has_designator = true;
            bool is_back = goes_back(refuse, &elements, i);
            // Very long lists are machine-made, and compared only so far.
            if (is_back || (compared++ < 256 && is_repeated(refuse, open, i))) {
                scan_refuse_add(refuse, i, "an element that is initialised twice",
                                "tcc makes one value of both, and says nothing");
                return;
            }
        } else if (!has_designator && elements.next > 64 * 1024) {
            return;
        }
        while (i < close && word_at(refuse, i) != ',') {
            i = scan_behind(refuse->tokens, i);
        }
        elements.next++;
    }
}

// `struct Flags f = {0};` and `(struct Flags){.b = 1}` in a function, at the brace.
static void check_automatic(ScanRefuse *refuse, uint32_t open)
{
    uint32_t from, to = open - 1;
    if (word_at(refuse, to) == ')') {
        from = partner_of(refuse, to);
    } else {
        from = scan_refuse_statement(refuse, to);
    }
    bool has_bits = false;
    for (uint32_t i = from; i < to && i < from + 64; i++) {
        if (word_at(refuse, i) == WORD_STATIC) {
            return;
        }
        has_bits |=
            is_kind(refuse, i, SCAN_NAME) && scan_types_has_bits(refuse->types, word_at(refuse, i));
    }
    if (has_bits) {
        scan_refuse_add(
            refuse, open, "bit-fields that are initialised in a function",
            "tcc leaves those that are not named as they were on the stack, and says nothing");
    }
}

// ------------------------------------------------------------------------------ casts, VLAs, libm

// `(unsigned short)c`, where a signed char may be cast.
static void check_cast(ScanRefuse *refuse, uint32_t at)
{
    bool is_short = false;
    uint32_t end = at + 1;
    if (word_at(refuse, end) == WORD_UNSIGNED && word_at(refuse, end + 1) == WORD_SHORT) {
        is_short = true;
        end += word_at(refuse, end + 2) == WORD_INT ? 3 : 2;
    } else if (is_kind(refuse, end, SCAN_NAME)) {
        is_short = word_at(refuse, end) == WORD_UINT16;
        end++;
    }
    uint32_t behind = end + 1;
    bool is_value = word_at(refuse, behind) == '(' || is_kind(refuse, behind, SCAN_NAME)
                    || word_at(refuse, behind) == '*';
    if (is_short && word_at(refuse, end) == ')' && is_value && refuse->has_signed_char) {
        scan_refuse_add(refuse, at, "a cast to unsigned short",
                        "of a signed char tcc keeps the sign, and says nothing");
    }
}

// `signed char c`, `int8_t c`, `char c`: a variable or member, no pointer.
static void note_signed_char(ScanRefuse *refuse, uint32_t at)
{
    bool is_char = (word_at(refuse, at) == WORD_CHAR && word_at(refuse, at - 1) != WORD_UNSIGNED)
                   || word_at(refuse, at) == WORD_INT8;
    refuse->has_signed_char |=
        is_char && is_kind(refuse, at + 1, SCAN_NAME) && word_at(refuse, at + 2) != '[';
}

// `int (*row)[n]` in a function.
static void check_row_pointer(ScanRefuse *refuse, uint32_t at)
{
    uint32_t open = at + 4;
    if (word_at(refuse, at + 1) != '*' || word_at(refuse, at + 3) != ')'
        || word_at(refuse, open) != '[') {
        return;
    }
    for (uint32_t i = open + 1; i < partner_of(refuse, open); i++) {
        if (is_kind(refuse, i, SCAN_NAME) && !scan_is_keyword(word_at(refuse, i))) {
            scan_refuse_add(refuse, at, "a pointer to an array of variable size",
                            "tcc reads other elements, and says nothing");
            return;
        }
    }
}

static bool is_inexact(const ScanWord *word)
{
    static const char *const NAMES[] = {
        "sin",   "cos",   "tan",   "asin", "acos", "atan",   "atan2",  "sinh",  "cosh",   "tanh",
        "asinh", "acosh", "atanh", "exp",  "exp2", "expm1",  "log",    "log2",  "log10",  "log1p",
        "pow",   "cbrt",  "hypot", "erf",  "erfc", "tgamma", "lgamma", "exp10", "sincos",
    };
    ScanWord bare = *word;
    bare.size_bytes -= bare.size_bytes > 1 && bare.text[bare.size_bytes - 1] == 'f';
    for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
        if (scan_is_text(word, NAMES[i]) || scan_is_text(&bare, NAMES[i])) {
            return true;
        }
    }
    return false;
}

// `pow(2, 1 / 12.0)`: the full compiler computes it, and more exactly than libm does.
static void check_constant_call(ScanRefuse *refuse, uint32_t at)
{
    uint32_t close = partner_of(refuse, at + 1);
    for (uint32_t i = at + 2; i < close; i++) {
        if (!is_kind(refuse, i, SCAN_NUMBER) && !is_kind(refuse, i, SCAN_MARK)) {
            return;
        }
    }
    if (close > at + 2 && is_inexact(spelling(refuse, at))) {
        scan_refuse_add(refuse, at, "a function of libm's of constants",
                        "gcc computes it itself, and in the last bit otherwise than libm");
    }
}

// ------------------------------------------------------------------------------------------
// padding

// Whether the next that is done with the variable `name` is to fill all of it.
static bool is_filled_next(const ScanRefuse *refuse, uint32_t name, uint32_t behind)
{
    uint32_t word = word_at(refuse, name);
    if (word_at(refuse, behind) != ';') {
        return false;
    }
    bool is_assigned = word_at(refuse, behind + 1) == word && word_at(refuse, behind + 2) == '=';
    bool is_cleared =
        is_kind(refuse, behind + 1, SCAN_NAME)
        && scan_is_text(spelling(refuse, behind + 1), "memset")
        && (word_at(refuse, behind + 3) == word || word_at(refuse, behind + 4) == word);
    return is_assigned || is_cleared;
}

// `g = m`, `return m`, `f(m)`, `mobs[i]`: all of it goes somewhere, at the variable's name.
static bool is_whole(const ScanRefuse *refuse, uint32_t at)
{
    uint32_t before = word_at(refuse, at - 1), behind = at + 1;
    if (word_at(refuse, behind) == '[') {
        behind = scan_behind(refuse->tokens, behind);
    }
    uint32_t word = word_at(refuse, behind);
    bool is_end = word == ';' || word == ',' || word == ')' || word == '}' || word == ':';
    bool is_value = before == '=' || before == WORD_RETURN || before == ',' || before == '{'
                    || before == '?' || before == ':' || before == ')'
                    || (before == '(' && word_at(refuse, at - 2) != WORD_SIZEOF);
    return is_end && is_value;
}

// `memcpy(to, &m, sizeof m)`, at the variable's name.
static bool is_copied(const ScanRefuse *refuse, uint32_t at)
{
    uint32_t end = at > 16 ? at - 16 : 0;
    for (uint32_t i = at; i > end && word_at(refuse, i) != ';'; i--) {
        const ScanWord *word = spelling(refuse, i);
        if (scan_is_text(word, "memcpy") || scan_is_text(word, "memmove")) {
            return true;
        }
    }
    return false;
}

static bool is_used_whole(const ScanRefuse *refuse, uint32_t name)
{
    for (uint32_t i = name + 1; i < refuse->body_close && i < name + USES_MAX; i++) {
        if (word_at(refuse, i) == word_at(refuse, name)
            && (is_whole(refuse, i) || is_copied(refuse, i))) {
            return true;
        }
    }
    return false;
}

// `struct Mob m;` in a function. What is between its members comes into the game's state when it is
// copied there; gcc is told to begin with zeroes (-ftrivial-auto-var-init).
static void check_padding(ScanRefuse *refuse, uint32_t at)
{
    bool is_tag = scan_is_aggregate(word_at(refuse, at)) && is_kind(refuse, at + 1, SCAN_NAME);
    uint32_t type = at + is_tag, name = type + 1, before = word_at(refuse, at - 1);
    uint32_t behind = name + 1;
    if ((before != ';' && before != '{' && before != '}' && before != ':' && before != '(')
        || !is_kind(refuse, type, SCAN_NAME) || !is_kind(refuse, name, SCAN_NAME)
        || !scan_types_has_padding(refuse->types, word_at(refuse, type), is_tag)) {
        return;
    }
    while (word_at(refuse, behind) == '[') {
        behind = scan_behind(refuse->tokens, behind);
    }
    uint32_t word = word_at(refuse, behind);
    if ((word == ';' || word == ',') && !is_filled_next(refuse, name, behind)
        && is_used_whole(refuse, name)) {
        scan_refuse_add(refuse, name, "a struct that is not initialised",
                        "tcc leaves what was on the stack between its members; gcc puts zeroes");
    }
}

// --------------------------------------------------------------------------------------- all of it

void scan_refuse_mark(ScanRefuse *refuse, uint32_t at)
{
    uint32_t word = word_at(refuse, at);
    if (word == '.') {
        check_designator(refuse, at);
    } else if (word == ':' && is_kind(refuse, at + 1, SCAN_NUMBER)) {
        check_bits(refuse, at);
    } else if (refuse->types && word == '{' && at > 0) {
        uint32_t before = word_at(refuse, at - 1);
        if (before == '=' || before == ',' || before == '{' || before == ')' || before == '(') {
            check_braces(refuse, at);
        }
        if (refuse->body_close > at && (before == '=' || before == ')')) {
            check_automatic(refuse, at);
        }
    } else if (refuse->types && word == '(' && refuse->body_close > at) {
        check_cast(refuse, at);
        check_row_pointer(refuse, at);
    }
}

void scan_refuse_phrase(ScanRefuse *refuse, uint32_t at)
{
    if (refuse->types && refuse->body_close > at) {
        check_padding(refuse, at);
    }
    if (at > 0) {
        note_signed_char(refuse, at);
    }
    if (refuse->types && word_at(refuse, at + 1) == '(') {
        if (word_at(refuse, at) == WORD_VA_ARG) {
            check_va_arg(refuse, at);
        } else {
            check_constant_call(refuse, at);
        }
    }
}
