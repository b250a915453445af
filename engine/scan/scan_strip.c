// A source without what its functions do. Sources have macros and conditions where preprocessed
// text has none, so this trusts nothing: a body with anything odd in it stays as it is, which only
// costs the compiler's time.
#include "scan_strip.h"

#include <string.h>

enum { BLOCKS_MAX = 128 };

static uint32_t word_at(const ScanStrip *strip, uint32_t at)
{
    return scan_word(&strip->tokens, at);
}

static ScanKind kind_at(const ScanStrip *strip, uint32_t at)
{
    return at < strip->tokens.count ? scan_kind(&strip->tokens, at) : SCAN_MARK;
}

static uint32_t partner_of(const ScanStrip *strip, uint32_t at)
{
    return strip->tokens.tokens[at].partner;
}

static bool is_plain_name(const ScanStrip *strip, uint32_t at)
{
    return kind_at(strip, at) == SCAN_NAME && !scan_is_keyword(word_at(strip, at));
}

static bool is_called(const ScanStrip *strip, uint32_t at, const char *name)
{
    return kind_at(strip, at) == SCAN_DIRECTIVE
           && scan_directive_is(&strip->tokens.words[word_at(strip, at)], name);
}

static void keep_range(ScanStrip *strip, uint32_t from, uint32_t to)
{
    memset(strip->keep + from, KEEP, to - from);
}

// ---------------------------------------------------------------------------- inside of a body

typedef struct Body {
    uint32_t statement; // its first token; 0: it goes on behind a type that is kept
    uint32_t depth;     // of parentheses and brackets
    uint32_t blocks[BLOCKS_MAX];
    uint32_t block_count;
} Body;

// Whether anything there may depend on what the body's other lines say, or on what a macro makes of
// it: sizeof and its kind, and whatever looks like a call.
static bool is_doubtful(const ScanStrip *strip, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        if (scan_looks_around(word_at(strip, i)) || kind_at(strip, i) == SCAN_DIRECTIVE
            || (is_plain_name(strip, i) && word_at(strip, i + 1) == '(')) {
            return true;
        }
        if (scan_takes_group(word_at(strip, i)) && word_at(strip, i + 1) == '(') {
            i = partner_of(strip, i + 1);
        }
    }
    return false;
}

static void keep_blocks(ScanStrip *strip, const Body *body)
{
    for (uint32_t i = 0; i < body->block_count; i++) {
        strip->keep[body->blocks[i]] = KEEP;
        strip->keep[partner_of(strip, body->blocks[i])] = KEEP;
    }
}

// A statement with static, typedef or extern in it. Its values are dropped where no array takes its
// size from them, since they may speak of what is dropped. Behind it; 0: not understood.
static uint32_t keep_storage(ScanStrip *strip, Body *body, uint32_t close)
{
    bool is_open = false;
    uint32_t at = body->statement;
    if (at == 0) {
        return 0;
    }
    while (at < close && word_at(strip, at) != ';') {
        uint32_t word = word_at(strip, at), behind = scan_behind(&strip->tokens, at);
        if (scan_is_aggregate(word) && scan_type_body(&strip->tokens, at)) {
            behind = partner_of(strip, scan_type_body(&strip->tokens, at)) + 1;
        } else if (word == '{' || (kind_at(strip, at) != SCAN_NAME && at == body->statement)) {
            return 0;
        } else if (word == '=') {
            for (behind = at + 1; behind < close && word_at(strip, behind) != ','
                                  && word_at(strip, behind) != ';';) {
                behind = scan_behind(&strip->tokens, behind);
            }
        }
        is_open |= (word == '[' || word == '(') && scan_has_open_array(&strip->tokens, at, behind);
        if (word != '=' || is_open) {
            if (is_doubtful(strip, at, behind)) {
                return 0;
            }
            keep_range(strip, at, behind);
        }
        at = behind;
    }
    if (at >= close) {
        return 0;
    }
    strip->keep[at] = KEEP;
    return at + 1;
}

// A type that is defined here, without the variables behind it. Behind it; 0: not understood.
static uint32_t keep_type(ScanStrip *strip, uint32_t at, uint32_t open)
{
    uint32_t end = partner_of(strip, open) + 1;
    uint32_t behind = scan_skip_attributes(&strip->tokens, end);
    bool is_macro = is_plain_name(strip, behind)
                    && (is_plain_name(strip, behind + 1) || word_at(strip, behind + 1) == '(');
    if (is_macro || is_doubtful(strip, at, end)) {
        return 0;
    }
    keep_range(strip, at, behind);
    strip->keep[behind - 1] = KEEP_AND_END;
    return behind;
}

static bool is_storage(uint32_t word)
{
    return word == WORD_STATIC || word == WORD_TYPEDEF || word == WORD_EXTERN || word == WORD_THREAD
           || word == WORD_THREAD_1;
}

// Parentheses and blocks. False: too deep.
static bool follow_bracket(Body *body, uint32_t word, uint32_t at)
{
    if (word == '(' || word == '[') {
        body->depth++;
    } else if (word == ')' || word == ']') {
        body->depth -= body->depth > 0;
    } else if (word == '{') {
        if (body->block_count == BLOCKS_MAX) {
            return false;
        }
        body->blocks[body->block_count++] = at;
    } else if (word == '}') {
        body->block_count -= body->block_count > 0;
    }
    return true;
}

// Behind what is to be kept at `at`; `at` when there is nothing, 0 when it is not understood.
static uint32_t keep_item(ScanStrip *strip, Body *body, uint32_t at, uint32_t close)
{
    uint32_t word = word_at(strip, at), behind = at;
    uint32_t open = scan_is_aggregate(word) ? scan_type_body(&strip->tokens, at) : 0;
    if (is_storage(word)) {
        behind = body->depth > 0 ? 0 : keep_storage(strip, body, close);
    } else if (open) {
        behind = body->depth > 0 ? 0 : keep_type(strip, at, open);
    } else if (kind_at(strip, at) == SCAN_DIRECTIVE) {
        bool is_odd = scan_is_bad_branch(&strip->tokens, at) || is_called(strip, at, "include");
        strip->keep[at] = KEEP;
        return is_odd ? 0 : at;
    }
    if (behind > at) {
        keep_blocks(strip, body);
    }
    return behind;
}

static bool keep_items(ScanStrip *strip, uint32_t open, uint32_t close)
{
    Body body = {.statement = open + 1};
    for (uint32_t i = open + 1; i < close;) {
        uint32_t word = word_at(strip, i), behind = keep_item(strip, &body, i, close);
        if (behind == 0 || !follow_bracket(&body, behind > i ? 0 : word, i)) {
            return false;
        }
        bool is_end = word == '{' || word == '}' || word == ';' || word == ':';
        bool is_directive = kind_at(strip, i) == SCAN_DIRECTIVE;
        bool is_first = body.statement == i && is_directive, is_kept = behind > i;
        i = is_kept ? behind : is_directive ? scan_behind_dead(&strip->tokens, i) : i + 1;
        if (is_end || is_first || is_kept) {
            body.statement = !is_kept || is_storage(word) ? i : 0;
        }
    }
    return true;
}

// The text around ends before `from` and goes on at `to`, which are places in it.
static void cut_around(ScanStrip *strip, size_t from, size_t to)
{
    strip->around = hash_combine(
        strip->around, hash_bytes(strip->source + strip->around_end, from - strip->around_end));
    strip->around_end = to;
}

static void note_plain(ScanStrip *strip, uint32_t head, uint32_t open, uint32_t close)
{
    for (uint32_t i = head; i < close; i++) {
        if (kind_at(strip, i) == SCAN_DIRECTIVE) {
            return;
        }
    }
    size_t from = strip->tokens.tokens[open].at, to = strip->tokens.tokens[close].at;
    strip->plain[strip->plain_count++] =
        (ScanPlain){.head = head,
                    .open = open,
                    .close = close,
                    .text = hash_bytes(strip->source + from, to - from)};
    cut_around(strip, from, to);
}

static void strip_body(ScanStrip *strip, uint32_t head, uint32_t open, uint32_t close)
{
    note_plain(strip, head, open, close);
    memset(strip->keep + open + 1, DROP, close - open - 1);
    if (!keep_items(strip, open, close)) {
        keep_range(strip, open, close + 1);
    }
}

// ------------------------------------------------------------------------------- outside of bodies

typedef enum Brace { BRACE_TYPE, BRACE_BODY, BRACE_VALUE, BRACE_LINKAGE, BRACE_ODD } Brace;

typedef struct Head {   // of the declaration that we are in
    uint32_t first;     // its first token + 1; 0: none yet
    uint32_t aggregate; // its last struct, union or enum + 1; 0: none
    uint32_t value;     // its first `=`; 0: none
    bool has_value, has_group, is_typedef;
} Head;

// Whether something is declared behind the braces, as behind a type's.
static bool declares_behind(const ScanStrip *strip, uint32_t open)
{
    uint32_t behind = partner_of(strip, open) + 1, word = word_at(strip, behind);
    uint32_t next = word_at(strip, behind + 1);
    return word == ';' || word == ',' || word == '*' || word == '=' || word == '['
           || scan_takes_group(word)
           || (is_plain_name(strip, behind)
               && (next == ';' || next == ',' || next == '=' || next == '['));
}

// Whether nothing is done between the braces: `LONG(x) { int a; } END(x)` may be a struct.
static bool is_idle(const ScanStrip *strip, uint32_t open)
{
    for (uint32_t i = open + 1; i < partner_of(strip, open); i++) {
        uint32_t word = word_at(strip, i);
        if (word == '=' || word == '(' || word == WORD_INCREMENT || word == WORD_DECREMENT
            || (word >= WORD_ASSIGN_FIRST && word <= WORD_ASSIGN_LAST)
            || (word >= WORD_IF && word <= WORD_CONTINUE)) {
            return false;
        }
    }
    return true;
}

// `struct P(1) name {`, `struct name ALIGNED(16) {` and `LONG(name) {` define types, and
// `struct name f(int a) {` is a function. What could be either is taken for a type: it stays.
static bool is_surely_body(const ScanStrip *strip, const Head *head, uint32_t open)
{
    uint32_t names = 0, at = scan_skip_attributes(&strip->tokens, head->aggregate);
    for (; at < open && word_at(strip, at) != '('; at++) {
        names += is_plain_name(strip, at);
    }
    bool has_name = head->aggregate ? names >= 2 : !is_idle(strip, open);
    return has_name && !declares_behind(strip, open) && !head->is_typedef;
}

static Brace brace_of(const ScanStrip *strip, const Head *head, uint32_t at)
{
    if (head->has_value) {
        return BRACE_VALUE;
    }
    if (head->aggregate && scan_type_body(&strip->tokens, head->aggregate - 1) == at) {
        return BRACE_TYPE;
    }
    if (at > 1 && word_at(strip, at - 2) == WORD_EXTERN && kind_at(strip, at - 1) == SCAN_STRING) {
        return BRACE_LINKAGE;
    }
    if (!head->has_group) {
        // `struct PACKED name {`
        return head->aggregate ? BRACE_TYPE : BRACE_ODD;
    }
    return is_surely_body(strip, head, at) ? BRACE_BODY : BRACE_TYPE;
}

static void note_head(ScanStrip *strip, Head *head, uint32_t at)
{
    uint32_t word = word_at(strip, at);
    head->first = head->first ? head->first : at + 1;
    head->has_group |= word == '(';
    if (word == '=' && !head->has_value) {
        head->has_value = true;
        head->value = at;
    }
    head->is_typedef |= word == WORD_TYPEDEF;
    if (scan_is_aggregate(word)) {
        head->aggregate = at + 1;
    }
}

static void cut_value(ScanStrip *strip, uint32_t at)
{
    ScanKind kind = kind_at(strip, at);
    if (kind == SCAN_NUMBER || kind == SCAN_STRING) {
        size_t from = strip->tokens.tokens[at].at;
        cut_around(strip, from, from + strip->tokens.words[word_at(strip, at)].size_bytes);
        strip->keep[at] = KEEP_VALUE;
    }
}

// A number or a text that a variable begins with is not what any function's meaning hangs on; but
// sizes are, and what macros get, who may make anything of it.
static void note_value(ScanStrip *strip, const Head *head, uint32_t end)
{
    for (uint32_t i = head->value; i < end;) {
        bool is_call = is_plain_name(strip, i) && word_at(strip, i + 1) == '(';
        cut_value(strip, i);
        i = is_call                    ? scan_behind(&strip->tokens, i + 1)
            : word_at(strip, i) == '[' ? scan_behind(&strip->tokens, i)
                                       : i + 1;
    }
    const ScanToken *tokens = strip->tokens.tokens;
    size_t from = tokens[head->value].at, to = tokens[end].at;
    strip->plain[strip->plain_count++] = (ScanPlain){
        head->first - 1, head->value, end, hash_bytes(strip->source + from, to - from), true};
}

// Behind a `{`. 0: not understood.
static uint32_t take_brace(ScanStrip *strip, Head *head, uint32_t at)
{
    uint32_t close = partner_of(strip, at);
    switch (brace_of(strip, head, at)) {
    case BRACE_BODY:
        strip_body(strip, head->first - 1, at, close); // it has a name at least
        *head = (Head){0};
        return close + 1;
    case BRACE_LINKAGE:
        *head = (Head){0};
        return at + 1;
    case BRACE_TYPE:
        // Behind a function that stays as it is the next declaration begins.
        *head = declares_behind(strip, at) ? (Head){.is_typedef = head->is_typedef} : (Head){0};
        return close + 1;
    case BRACE_VALUE:
        return close + 1;
    case BRACE_ODD:
        break;
    }
    return 0;
}

static bool strip_bodies(ScanStrip *strip)
{
    Head head = {0};
    for (uint32_t at = 0; at < strip->tokens.count;) {
        uint32_t word = word_at(strip, at);
        if (kind_at(strip, at) == SCAN_DIRECTIVE) {
            if (scan_is_bad_branch(&strip->tokens, at)) {
                return false;
            }
            at = scan_behind_dead(&strip->tokens, at);
        } else if (word == '{') {
            at = take_brace(strip, &head, at);
            if (at == 0) {
                return false;
            }
        } else if (word == ';' || word == '}') {
            if (word == ';' && head.has_value) {
                note_value(strip, &head, at);
            }
            head = (Head){0};
            at++;
        } else if (scan_takes_group(word) && word_at(strip, at + 1) == '(') {
            at = scan_behind(&strip->tokens, at + 1);
        } else {
            note_head(strip, &head, at);
            at = scan_behind(&strip->tokens, at);
        }
    }
    return true;
}

// ----------------------------------------------------------------------------------------- output

typedef struct Output {
    char *text;
    size_t size_bytes;
} Output;

static void put(Output *output, const char *text, size_t size_bytes)
{
    memcpy(output->text + output->size_bytes, text, size_bytes);
    output->size_bytes += size_bytes;
}

static void put_newlines(Output *output, const char *from, const char *to)
{
    for (; from < to; from++) {
        if (*from == '\n') {
            put(output, "\n", 1);
        }
    }
    put(output, " ", 1);
}

static size_t token_bytes(const ScanStrip *strip, uint32_t at)
{
    const ScanToken *token = &strip->tokens.tokens[at];
    const ScanWord *word = &strip->tokens.words[token->word];
    // Digraphs have the word of what they stand for.
    return word->size_bytes == 1 && word->text[0] != strip->source[token->at] ? 2
                                                                              : word->size_bytes;
}

static void write_kept(const ScanStrip *strip, Output *output)
{
    const char *source = strip->source;
    size_t cursor = 0;
    bool was_kept = true;
    for (uint32_t i = 0; i < strip->tokens.count; i++) {
        if (strip->keep[i] == DROP) {
            was_kept = false;
            continue;
        }
        size_t at = strip->tokens.tokens[i].at, end = at + token_bytes(strip, i);
        if (was_kept) {
            put(output, source + cursor, at - cursor);
        } else {
            put_newlines(output, source + cursor, source + at);
        }
        put(output, source + at, end - at);
        was_kept = strip->keep[i] != KEEP_AND_END;
        if (!was_kept) {
            put(output, ";", 1);
        }
        cursor = end;
    }
    put(output, source + cursor, strip->source_bytes - cursor);
}

bool scan_strip_write(const ScanStrip *strip, Arena *arena, const char **stripped,
                      size_t *stripped_bytes)
{
    // A blank or `;` more for a token at most.
    size_t room_bytes = strip->source_bytes + strip->tokens.count * 2u + 1;
    Output output = {arena_try_push(arena, 1, 1, room_bytes), 0};
    if (!output.text) {
        return false;
    }
    write_kept(strip, &output);
    output.text[output.size_bytes] = 0;
    arena_reset(arena, arena->used_bytes - (room_bytes - output.size_bytes - 1));
    *stripped = output.text;
    *stripped_bytes = output.size_bytes;
    return true;
}

static bool strip_source(ScanStrip *strip)
{
    size_t count = strip->tokens.count;
    strip->keep = ARENA_NEW(&strip->scratch, uint8_t, count + 1);
    strip->plain = ARENA_NEW(&strip->scratch, ScanPlain, count / 2 + 1);
    memset(strip->keep, KEEP, count);
    if (!scan_pair_branches(&strip->tokens) || !strip_bodies(strip)) {
        return false;
    }
    cut_around(strip, strip->source_bytes, strip->source_bytes);
    return true;
}

bool scan_strip_open(ScanStrip *strip, const char *source, size_t source_bytes)
{
    *strip = (ScanStrip){.source = source, .source_bytes = source_bytes};
    return scan_tokens_open(&strip->tokens, source, source_bytes, NULL)
           && arena_open(&strip->scratch, 0,
                         strip->tokens.count * (1 + sizeof(ScanPlain)) + 2 * PAGE_BYTES, NULL)
           && strip_source(strip);
}

void scan_strip_close(ScanStrip *strip)
{
    arena_close(&strip->scratch);
    scan_tokens_close(&strip->tokens);
}

bool scan_strip(const char *source, size_t source_bytes, Arena *arena, const char **stripped,
                size_t *stripped_bytes)
{
    ScanStrip strip;
    *stripped = NULL;
    *stripped_bytes = 0;
    bool is_good = scan_strip_open(&strip, source, source_bytes)
                   && scan_strip_write(&strip, arena, stripped, stripped_bytes);
    scan_strip_close(&strip);
    return is_good;
}
