// What an edit made of a source: which functions and variables are other ones now, and whether the
// preprocessor leaves them as they are.
#include "scan_strip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Whether what is a macro where the first of them begins is one at the end: none goes away.
static bool keeps_macros(const ScanStrip *strip)
{
    static const char *const TAKING[] = {"undef", "include", "include_next", "pragma"};
    uint32_t from = strip->plain_count > 0 ? strip->plain[0].head : strip->tokens.count;
    for (uint32_t i = from; i < strip->tokens.count; i++) {
        for (size_t k = 0; k < COUNT_OF(TAKING) && scan_kind(&strip->tokens, i) == SCAN_DIRECTIVE;
             k++) {
            if (scan_directive_is(&strip->tokens.words[scan_word(&strip->tokens, i)], TAKING[k])) {
                return false;
            }
        }
    }
    return true;
}

// Of the tokens that stay, but for values, and of their lines where these count.
static uint64_t hash_words(const ScanStrip *strip, bool with_lines)
{
    uint64_t hash = 1;
    for (uint32_t i = 0; i < strip->tokens.count; i++) {
        const ScanWord *word = &strip->tokens.words[scan_word(&strip->tokens, i)];
        if (strip->keep[i] != DROP && strip->keep[i] != KEEP_VALUE) {
            hash = hash_combine(hash, hash_bytes(word->text, word->size_bytes));
            hash = hash_combine(hash, strip->keep[i]);
            hash = with_lines ? hash_combine(hash, strip->tokens.tokens[i].line) : hash;
        }
    }
    return hash;
}

static void say_parts(const ScanStrip *strip, Arena *arena, ScanParts *parts)
{
    uint64_t *bodies = ARENA_NEW(arena, uint64_t, strip->plain_count);
    for (uint32_t i = 0; i < strip->plain_count; i++) {
        bodies[i] = strip->plain[i].text;
    }
    *parts = (ScanParts){.around = strip->around,
                         .bodies = bodies,
                         .body_count = strip->plain_count,
                         .stripped = hash_words(strip, true),
                         .stripped_words = hash_words(strip, false),
                         .keeps_macros = keeps_macros(strip)};
}

static bool is_changed(const ScanStrip *strip, const ScanParts *before, uint32_t number)
{
    return strip->plain[number].text != before->bodies[number];
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

// Whether what a variable begins with has a say in what it is: how many elements there are, also of
// an array behind a typedef's name, which only a text gives a size; and types that are defined
// there.
static bool says_type(const ScanStrip *strip, const ScanPlain *plain)
{
    bool has_text = false, has_star = false;
    for (uint32_t i = plain->head; i < plain->close; i++) {
        uint32_t word = scan_word(&strip->tokens, i);
        if (scan_is_aggregate(word) && scan_type_body(&strip->tokens, i)) {
            return true;
        }
        has_text |= scan_kind(&strip->tokens, i) == SCAN_STRING;
        has_star |= i < plain->open && (word == '*' || word == '[');
    }
    return (has_text && !has_star)
           || scan_has_open_array(&strip->tokens, plain->head, plain->close);
}

// No name in it is a macro's: the preprocessor leaves it as it is. What begins as the language's
// own names do may be anything: __LINE__, _Pragma. And a text may be what gives a variable its
// size.
static bool is_as_written(const ScanStrip *strip, const ScanPlain *plain, const ScanParts *before)
{
    const ScanToken *from = &strip->tokens.tokens[plain->head];
    const ScanToken *to = &strip->tokens.tokens[plain->close];
    if (memchr(strip->source + from->at, '\\', to->at - from->at)
        || (plain->is_value && says_type(strip, plain))) {
        return false;
    }
    for (uint32_t i = plain->head; i < plain->close; i++) {
        const ScanWord *word = &strip->tokens.words[scan_word(&strip->tokens, i)];
        if (scan_kind(&strip->tokens, i) == SCAN_DIRECTIVE) {
            return false;
        }
        if (scan_kind(&strip->tokens, i) != SCAN_NAME) {
            continue;
        }
        uint64_t name = hash_bytes(word->text, word->size_bytes);
        bool is_reserved =
            word->text[0] == '_' && word->size_bytes > 1
            && (word->text[1] == '_' || (word->text[1] >= 'A' && word->text[1] <= 'Z'));
        if (is_reserved
            || bsearch(&name, before->macros, before->macro_count, sizeof(name), by_number)) {
            return false;
        }
    }
    return true;
}

// The functions and variables that changed, each behind a line that says where it is. NULL: they
// are not what the preprocessor makes of them, or not all that is another.
static const char *write_changed(const ScanStrip *strip, const char *path, const ScanParts *before,
                                 Arena *arena)
{
    size_t room = 1, path_bytes = strlen(path);
    bool is_same = before->macros && before->keeps_macros
                   && hash_words(strip, !before->moves)
                          == (before->moves ? before->stripped_words : before->stripped);
    for (uint32_t i = 0; i < strip->plain_count && is_same; i++) {
        const ScanPlain *plain = &strip->plain[i];
        if (is_changed(strip, before, i)) {
            is_same = is_as_written(strip, plain, before);
            room += strip->tokens.tokens[plain->close].at - strip->tokens.tokens[plain->head].at
                    + path_bytes + 32;
        }
    }
    if (!is_same) {
        return NULL;
    }
    char *text = arena_push(arena, room, 1, 1);
    size_t used = 0;
    for (uint32_t i = 0; i < strip->plain_count; i++) {
        const ScanToken *head = &strip->tokens.tokens[strip->plain[i].head];
        const ScanToken *close = &strip->tokens.tokens[strip->plain[i].close];
        if (is_changed(strip, before, i)) {
            used +=
                (size_t)snprintf(text + used, room - used, "\n# %u \"%s\"\n%.*s%s\n", head->line,
                                 path, (int)(close->at - head->at), strip->source + head->at,
                                 strip->plain[i].is_value ? ";" : "}");
        }
    }
    return text;
}

static void keep_changed(ScanStrip *strip, const ScanParts *before)
{
    for (uint32_t i = 0; i < strip->plain_count; i++) {
        if (is_changed(strip, before, i) && !strip->plain[i].is_value) {
            memset(strip->keep + strip->plain[i].open, KEEP,
                   strip->plain[i].close + 1 - strip->plain[i].open);
        }
    }
}

bool scan_parts(const char *source, size_t source_bytes, Arena *arena, ScanParts *parts)
{
    ScanStrip strip;
    *parts = (ScanParts){.around = 0};
    bool is_good = scan_strip_open(&strip, source, source_bytes);
    if (is_good) {
        say_parts(&strip, arena, parts);
    }
    scan_strip_close(&strip);
    return is_good;
}

bool scan_edit(const char *source, size_t source_bytes, const char *path, const ScanParts *before,
               Arena *arena, ScanEdit *edit)
{
    ScanStrip strip;
    *edit = (ScanEdit){.stripped = NULL};
    bool is_good = scan_strip_open(&strip, source, source_bytes) && before->around == strip.around
                   && before->body_count == strip.plain_count;
    if (is_good) {
        edit->functions = write_changed(&strip, path, before, arena);
        keep_changed(&strip, before);
        is_good = scan_strip_write(&strip, arena, &edit->stripped, &edit->stripped_bytes);
    }
    scan_strip_close(&strip);
    return is_good;
}

void scan_macros(const char *text, Arena *arena, ScanParts *parts)
{
    static const char DEFINE[] = "#define ";
    uint32_t count = 0;
    for (const char *at = text; (at = strstr(at, DEFINE)) != NULL; at++) {
        count++;
    }
    uint64_t *names = ARENA_NEW(arena, uint64_t, count + 1);
    count = 0;
    for (const char *at = text; *at; at += strcspn(at, "\n"), at += *at == '\n') {
        if (strncmp(at, DEFINE, sizeof(DEFINE) - 1) == 0) {
            const char *name = at + sizeof(DEFINE) - 1;
            names[count++] = hash_bytes(name, strcspn(name, " (\t\r\n"));
        }
    }
    qsort(names, count, sizeof(names[0]), by_number);
    parts->macros = names;
    parts->macro_count = count;
}
