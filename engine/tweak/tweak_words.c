// A text of C as words, as far as that is needed to find a declaration in it. Whatever stands in
// the text, it ends: a quote that is left open ends with its line.
#include "tweak_parts.h"

#include <ctype.h>
#include <string.h>

enum { CONDITIONS_MAX = 64, WORDS_MAX = 4000000 };

// An #if that is open.
typedef struct Condition {
    uint32_t braces, brackets; // where it began
    bool is_dead;              // what stands here now is left out
    bool was_live;             // a branch of it was certainly taken: `#if 1`
} Condition;

typedef struct Scanner {
    const char *text;
    size_t bytes, at;
    uint32_t line;
    bool is_line_start; // only blanks and comments since the line began
    uint32_t braces, brackets;
    Condition conditions[CONDITIONS_MAX];
    uint32_t condition_count, deeper; // deeper: open ones that found no room
    uint32_t includes, wanted;        // of "name" so far, and which of them goes to:
    const char *include;
    size_t include_bytes;
} Scanner;

static char peek(const Scanner *s, size_t ahead)
{
    return s->at + ahead < s->bytes ? s->text[s->at + ahead] : '\0';
}

static void step(Scanner *s)
{
    if (s->text[s->at] == '\n') {
        s->line++;
        s->is_line_start = true;
    }
    s->at++;
}

// A backslash at a line's end; 0: it is none.
static size_t splice_bytes(const Scanner *s)
{
    if (peek(s, 0) != '\\') {
        return 0;
    }
    return peek(s, 1) == '\n' ? 2 : peek(s, 1) == '\r' && peek(s, 2) == '\n' ? 3 : 0;
}

// The line goes on behind it. False: there is none here.
static bool skip_splice(Scanner *s)
{
    size_t bytes = splice_bytes(s);
    bool was_start = s->is_line_start;
    for (size_t i = 0; i < bytes; i++) {
        step(s);
    }
    s->is_line_start = was_start;
    return bytes > 0;
}

static void skip_block_comment(Scanner *s)
{
    bool was_start = s->is_line_start;
    s->at += 2;
    while (s->at < s->bytes && !(peek(s, 0) == '*' && peek(s, 1) == '/')) {
        step(s);
    }
    s->at = s->at + 2 < s->bytes ? s->at + 2 : s->bytes;
    s->is_line_start = was_start;
}

static void skip_line_comment(Scanner *s)
{
    while (s->at < s->bytes && peek(s, 0) != '\n') {
        if (!skip_splice(s)) {
            s->at++;
        }
    }
}

static bool skip_comment(Scanner *s)
{
    if (peek(s, 0) != '/' || (peek(s, 1) != '/' && peek(s, 1) != '*')) {
        return false;
    }
    if (peek(s, 1) == '*') {
        skip_block_comment(s);
    } else {
        skip_line_comment(s);
    }
    return true;
}

static void skip_quoted(Scanner *s)
{
    char quote = peek(s, 0);
    s->at++;
    while (s->at < s->bytes && peek(s, 0) != quote && peek(s, 0) != '\n') {
        if (skip_splice(s)) {
            continue;
        }
        s->at += peek(s, 0) == '\\' && s->at + 1 < s->bytes ? 2 : 1;
    }
    s->at += s->at < s->bytes && peek(s, 0) == quote;
    s->at = s->at < s->bytes ? s->at : s->bytes;
}

static bool is_name_letter(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80u || c == '$';
}

static void skip_number(Scanner *s)
{
    while (s->at < s->bytes) {
        char c = peek(s, 0), next = peek(s, 1);
        bool is_exponent = c == 'e' || c == 'E' || c == 'p' || c == 'P';
        if (is_exponent && (next == '+' || next == '-')) {
            s->at += 2;
        } else if (is_name_letter(c) || c == '.') {
            s->at++;
        } else {
            break;
        }
    }
}

// ------------------------------------------------------------------------------------- directives

// From '#' to the end of its line, comments and all.
static size_t skip_directive(Scanner *s)
{
    size_t from = s->at;
    while (s->at < s->bytes && peek(s, 0) != '\n') {
        if (skip_splice(s) || skip_comment(s)) {
            continue;
        }
        if (peek(s, 0) == '"' || peek(s, 0) == '\'') {
            skip_quoted(s);
        } else {
            s->at++;
        }
    }
    return from;
}

static size_t blanks(const char *text, size_t at, size_t end)
{
    while (at < end && (text[at] == ' ' || text[at] == '\t')) {
        at++;
    }
    return at;
}

// "if 0" of "#  if 0": the word, and where what comes after it begins.
static size_t directive_word(const char *text, size_t from, size_t end, char word[16])
{
    size_t at = blanks(text, from + 1, end), length = 0;
    while (at < end && isalpha((unsigned char)text[at])) {
        if (length < 15) {
            word[length++] = text[at];
        }
        at++;
    }
    word[length] = '\0';
    return blanks(text, at, end);
}

static bool is_dead(const Scanner *s)
{
    for (uint32_t i = 0; i < s->condition_count; i++) {
        if (s->conditions[i].is_dead) {
            return true;
        }
    }
    return false;
}

// A condition that is nothing but this digit.
static bool is_digit_only(const char *text, size_t at, size_t end, char digit)
{
    if (at >= end || text[at] != digit) {
        return false;
    }
    at = blanks(text, at + 1, end);
    return at >= end || text[at] == '\r' || text[at] == '/';
}

static void begin_condition(Scanner *s, bool is_never, bool is_always)
{
    if (s->condition_count == CONDITIONS_MAX) {
        s->deeper++;
        return;
    }
    s->conditions[s->condition_count++] = (Condition){
        .braces = s->braces, .brackets = s->brackets, .is_dead = is_never, .was_live = is_always};
}

static void end_condition(Scanner *s)
{
    if (s->deeper > 0) {
        s->deeper--;
    } else if (s->condition_count > 0) {
        s->condition_count--;
    }
}

static void next_branch(Scanner *s, bool is_never)
{
    if (s->deeper > 0 || s->condition_count == 0) {
        return;
    }
    Condition *condition = &s->conditions[s->condition_count - 1];
    s->braces = condition->braces;
    s->brackets = condition->brackets;
    condition->is_dead = condition->was_live || is_never;
}

static void take_include(Scanner *s, size_t at)
{
    const char *end = at < s->at && s->text[at] == '"' && !is_dead(s)
                          ? memchr(s->text + at + 1, '"', s->at - at - 1)
                          : NULL;
    if (end && s->includes++ == s->wanted) {
        s->include = s->text + at + 1;
        s->include_bytes = (size_t)(end - s->include);
    }
}

static void take_directive(Scanner *s)
{
    char word[16];
    size_t from = skip_directive(s);
    size_t rest = directive_word(s->text, from, s->at, word);
    bool is_never = is_digit_only(s->text, rest, s->at, '0');
    bool is_always = is_digit_only(s->text, rest, s->at, '1');
    if (strcmp(word, "if") == 0) {
        begin_condition(s, is_never, is_always);
    } else if (strcmp(word, "ifdef") == 0 || strcmp(word, "ifndef") == 0) {
        begin_condition(s, false, false);
    } else if (strcmp(word, "elif") == 0) {
        next_branch(s, is_never);
    } else if (strcmp(word, "else") == 0) {
        next_branch(s, false);
    } else if (strcmp(word, "endif") == 0) {
        end_condition(s);
    } else if (strcmp(word, "include") == 0) {
        take_include(s, rest);
    }
}

// ------------------------------------------------------------------------------------------- words

// False: the text has ended. Blanks, comments and directives are behind it then.
static bool to_next_word(Scanner *s, bool *is_glued)
{
    *is_glued = true;
    while (s->at < s->bytes) {
        char c = peek(s, 0);
        if (skip_splice(s) || skip_comment(s)) {
            *is_glued = false;
        } else if (isspace((unsigned char)c) || c == '\0') {
            step(s);
            *is_glued = false;
        } else if (c == '#' && s->is_line_start) {
            take_directive(s);
            *is_glued = false;
        } else {
            return true;
        }
    }
    return false;
}

static void count_mark(Scanner *s, char mark, Word *word)
{
    s->braces -= mark == '}' && s->braces > 0;
    s->brackets -= (mark == ')' || mark == ']') && s->brackets > 0;
    word->braces = s->braces;
    word->brackets = s->brackets;
    s->braces += mark == '{';
    s->brackets += mark == '(' || mark == '[';
}

static Word take_word(Scanner *s)
{
    char c = peek(s, 0);
    Word word = {.line = s->line, .at = s->at, .braces = s->braces, .brackets = s->brackets};
    s->is_line_start = false;
    if (isdigit((unsigned char)c) || (c == '.' && isdigit((unsigned char)peek(s, 1)))) {
        word.kind = WORD_NUMBER;
        skip_number(s);
    } else if (is_name_letter(c)) {
        word.kind = WORD_NAME;
        while (s->at < s->bytes && is_name_letter(peek(s, 0))) {
            s->at++;
        }
    } else if (c == '"' || c == '\'') {
        word.kind = WORD_QUOTED;
        skip_quoted(s);
    } else {
        word.kind = WORD_MARK;
        s->at++;
    }
    word.bytes = s->at - word.at;
    return word;
}

static Scanner scanner_of(const char *text, size_t text_bytes)
{
    bool has_mark = text_bytes >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0; // of UTF-8
    return (Scanner){.text = text,
                     .bytes = text_bytes,
                     .at = has_mark ? 3 : 0,
                     .line = 1,
                     .is_line_start = true};
}

bool tweak_words(const char *text, size_t text_bytes, Arena *arena, Words *words)
{
    Scanner scanner = scanner_of(text, text_bytes);
    Word *list = arena_push(arena, sizeof(Word), _Alignof(Word), 0);
    bool is_glued;
    *words = (Words){.text = text, .words = list};
    while (to_next_word(&scanner, &is_glued)) {
        Word word = take_word(&scanner);
        if (is_dead(&scanner)) {
            continue;
        }
        if (words->count == WORDS_MAX) {
            return false;
        }
        word.is_glued = is_glued && words->count > 0;
        if (word.kind == WORD_MARK) {
            count_mark(&scanner, text[word.at], &word);
        }
        *(Word *)arena_push(arena, sizeof(Word), _Alignof(Word), 1) = word;
        words->count++;
    }
    return true;
}

bool tweak_is(const Words *words, uint32_t at, const char *what)
{
    return at < words->count && words->words[at].bytes == strlen(what)
           && memcmp(words->text + words->words[at].at, what, words->words[at].bytes) == 0;
}

bool tweak_include(const char *text, size_t text_bytes, uint32_t nth, char *out, size_t out_bytes)
{
    Scanner scanner = scanner_of(text, text_bytes);
    bool is_glued;
    scanner.wanted = nth;
    while (!scanner.include && to_next_word(&scanner, &is_glued)) {
        (void)take_word(&scanner);
    }
    return scanner.include
           && text_format(out, out_bytes, "%.*s", (int)scanner.include_bytes, scanner.include);
}
