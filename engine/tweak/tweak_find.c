// The literal of a variable: its declaration is looked for, and what stands behind its "=".
#include "tweak_parts.h"

#include <string.h>

enum { SHOWN_MAX = 60 };

// What is looked for, and what was come upon.
typedef struct Search {
    const Words *words;
    const char *where, *name, *function;
    uint32_t bare_line;       // declared without an initialiser there; 0: nowhere
    uint32_t count;           // of declarations with one
    uint32_t first, end;      // words of the first one's initialiser
    uint32_t line, more_line; // of the first, and of another one
} Search;

static const Word *word_at(const Words *words, uint32_t at)
{
    return &words->words[at];
}

static bool is_mark(const Words *words, uint32_t at, char mark)
{
    return at < words->count && words->words[at].kind == WORD_MARK
           && words->text[words->words[at].at] == mark;
}

static bool is_same_level(const Word *a, const Word *b)
{
    return a->braces == b->braces && a->brackets == b->brackets;
}

// Of the bracket or brace that `at` closes; `at` itself when there is none.
static uint32_t opening_of(const Words *words, uint32_t at)
{
    for (uint32_t i = at; i-- > 0;) {
        if (is_same_level(word_at(words, i), word_at(words, at))
            && (is_mark(words, i, '(') || is_mark(words, i, '[') || is_mark(words, i, '{'))) {
            return i;
        }
    }
    return at;
}

// Behind the group that opens at `at`.
static uint32_t behind_group(const Words *words, uint32_t at)
{
    uint32_t i = at + 1;
    while (i < words->count && !is_same_level(word_at(words, i), word_at(words, at))) {
        i++;
    }
    return i < words->count ? i + 1 : i;
}

static bool is_attribute(const Words *words, uint32_t at)
{
    return tweak_is(words, at, "__attribute__") || tweak_is(words, at, "__attribute")
           || tweak_is(words, at, "HL_SECTION");
}

static uint32_t behind_attributes(const Words *words, uint32_t at)
{
    while (is_attribute(words, at) && is_mark(words, at + 1, '(')) {
        at = behind_group(words, at + 1);
    }
    return at;
}

// Of the function whose body opens at `brace`; words->count: it is none.
static uint32_t function_name(const Words *words, uint32_t brace)
{
    for (uint32_t at = brace; at > 0 && is_mark(words, at - 1, ')');) {
        uint32_t open = opening_of(words, at - 1);
        if (open == at - 1 || open == 0) {
            break;
        }
        if (!is_attribute(words, open - 1)) {
            return open - 1;
        }
        at = open - 1;
    }
    return words->count;
}

// Is it the function's body that `at` is in?
static bool is_in_function(const Words *words, uint32_t at, const char *function)
{
    if (word_at(words, at)->braces == 0) {
        return false;
    }
    for (uint32_t i = at; i-- > 0;) {
        if (word_at(words, i)->braces == 0 && is_mark(words, i, '{')) {
            return tweak_is(words, function_name(words, i), function);
        }
    }
    return false;
}

// Whether the statement that `at` is in says `static`. Braces of initialisers are passed by.
static bool is_static(const Words *words, uint32_t at)
{
    const Word *of = word_at(words, at);
    for (uint32_t i = at; i-- > 0;) {
        const Word *word = word_at(words, i);
        bool is_initialiser = is_mark(words, i, '}') && word->braces == of->braces;
        if (is_initialiser) {
            uint32_t open = opening_of(words, i);
            if (open == 0 || open == i || !is_mark(words, open - 1, '=')) {
                return false;
            }
            i = open;
            continue;
        }
        if (word->braces < of->braces || (word->braces == of->braces && is_mark(words, i, '{'))
            || (is_same_level(word, of) && is_mark(words, i, ';'))) {
            return false;
        }
        if (tweak_is(words, i, "static")) {
            return true;
        }
    }
    return false;
}

// A name at a place where a declaration of the variable would have it.
static bool is_declared_at(const Search *search, uint32_t at)
{
    const Words *words = search->words;
    const Word *word = word_at(words, at);
    if (word->brackets != 0
        || (at > 0 && (is_mark(words, at - 1, '.') || is_mark(words, at - 1, '>')))) {
        return false;
    }
    if (search->function[0] == '\0') {
        return word->braces == 0;
    }
    return is_in_function(words, at, search->function) && is_static(words, at);
}

static bool is_tweak_at(const Search *search, uint32_t at)
{
    const Words *words = search->words;
    return at >= 2 && is_mark(words, at - 1, '(') && tweak_is(words, at - 2, "HL_TWEAK")
           && is_mark(words, at + 1, ',')
           && (search->function[0] ? is_in_function(words, at, search->function)
                                   : word_at(words, at)->braces == 0);
}

static void take_initialiser(Search *search, uint32_t name, uint32_t first)
{
    const Words *words = search->words;
    const Word *level = word_at(words, name);
    if (search->count++ > 0) {
        search->more_line = level->line;
        return;
    }
    uint32_t end = first;
    while (end < words->count
           && !(is_same_level(word_at(words, end), level)
                && (is_mark(words, end, ',') || is_mark(words, end, ';')))
           && !(word_at(words, end)->brackets < level->brackets)) {
        end++;
    }
    search->first = first;
    search->end = end;
    search->line = level->line;
}

static void search_all(Search *search)
{
    const Words *words = search->words;
    for (uint32_t i = 0; i < words->count; i++) {
        if (word_at(words, i)->kind != WORD_NAME || !tweak_is(words, i, search->name)) {
            continue;
        }
        if (is_tweak_at(search, i)) {
            take_initialiser(search, i, i + 2);
        } else if (is_declared_at(search, i)) {
            uint32_t next = behind_attributes(words, i + 1);
            bool is_given =
                is_mark(words, next, '=')
                && !(is_mark(words, next + 1, '=') && word_at(words, next + 1)->is_glued);
            if (is_given) {
                take_initialiser(search, i, next + 1);
            } else if (is_mark(words, next, ';') || is_mark(words, next, ',')) {
                search->bare_line = word_at(words, i)->line;
            }
        }
    }
}

// ------------------------------------------------------------------------------------- what it is

static TweakFound refuse(const Search *search, Fault *fault)
{
    const Words *words = search->words;
    char shown[SHOWN_MAX + 8] = "";
    if (search->first < search->end) {
        const Word *first = word_at(words, search->first), *last = word_at(words, search->end - 1);
        size_t bytes = last->at + last->bytes - first->at;
        bool is_long = bytes > SHOWN_MAX;
        char raw[SHOWN_MAX + 8];
        (void)text_format(raw, sizeof(raw), "%.*s%s", (int)(is_long ? SHOWN_MAX : bytes),
                          words->text + first->at, is_long ? "..." : "");
        text_clean(shown, sizeof(shown), raw, false);
    }
    (void)fault_set(fault, FAULT_USAGE,
                    "%s begins as `%s`, which is no single number: change it by hand in %s, line "
                    "%u; nothing is written",
                    search->name, shown, search->where, search->line);
    return TWEAK_REFUSED;
}

// `(-3.5f)` as well as `-3.5f`.
static TweakFound take_literal(const Search *search, TweakPlace *place, Fault *fault)
{
    const Words *words = search->words;
    uint32_t first = search->first, end = search->end;
    while (first < end && is_mark(words, first, '(') && is_mark(words, end - 1, ')')
           && behind_group(words, first) == end) {
        first++;
        end--;
    }
    bool has_sign = first < end && (is_mark(words, first, '-') || is_mark(words, first, '+'));
    uint32_t number = first + has_sign;
    if (number + 1 != end || search->end == words->count) { // or the text breaks off
        return refuse(search, fault);
    }
    const Word *word = word_at(words, number);
    bool is_word = tweak_is(words, number, "true") || tweak_is(words, number, "false");
    if (word->kind != WORD_NUMBER && !(is_word && !has_sign)) {
        return refuse(search, fault);
    }
    *place = (TweakPlace){.at = word->at, .bytes = word->bytes, .line = word->line};
    if (has_sign) {
        place->has_sign = true;
        place->sign_at = word_at(words, first)->at;
        place->is_negative = is_mark(words, first, '-');
        place->is_apart = word->line != word_at(words, first)->line;
        for (size_t i = place->sign_at + 1; i < word->at; i++) {
            place->is_apart |= words->text[i] != ' ' && words->text[i] != '\t';
        }
    }
    return TWEAK_FOUND;
}

static TweakFound found(const Search *search, TweakPlace *place, Fault *fault)
{
    const char *name = search->name, *where = search->where;
    if (search->count > 1) {
        (void)fault_set(fault, FAULT_USAGE,
                        "%s is declared more than once in %s (lines %u and %u), and which of them "
                        "counts is not certain; nothing is written",
                        name, where, search->line, search->more_line);
        return TWEAK_REFUSED;
    }
    if (search->count == 1) {
        return take_literal(search, place, fault);
    }
    if (search->bare_line > 0) {
        (void)fault_set(fault, FAULT_USAGE,
                        "%s has no value in %s, line %u: write `= 0` there, and it can be kept; "
                        "nothing is written",
                        name, where, search->bare_line);
        return TWEAK_REFUSED;
    }
    (void)fault_set(fault, FAULT_USAGE,
                    "%s does not declare %s%s%s in plain sight (a macro may, or a file that it "
                    "includes); nothing is written",
                    where, name, search->function[0] ? " in " : "", search->function);
    return TWEAK_NOT_HERE;
}

TweakFound tweak_find_word(const Words *words, const char *where, const char *name,
                           const char *function, TweakPlace *place, Fault *fault)
{
    Search search = {.words = words, .where = where, .name = name, .function = function};
    *place = (TweakPlace){0};
    search_all(&search);
    return found(&search, place, fault);
}

TweakFound tweak_find(const char *text, size_t text_bytes, const char *where, const char *name,
                      const char *function, TweakPlace *place, Fault *fault)
{
    Arena arena;
    Words words;
    TweakFound what = TWEAK_REFUSED;
    *place = (TweakPlace){0};
    if (!arena_open(&arena, 0, 256u << 20, fault)) {
        return TWEAK_REFUSED;
    }
    if (tweak_words(text, text_bytes, &arena, &words)) {
        what = tweak_find_word(&words, where, name, function, place, fault);
    } else {
        (void)fault_set(fault, FAULT_USAGE, "%s is too large to look for %s in it", where, name);
    }
    arena_close(&arena);
    return what;
}
