// Which tokens of a unit declare something, and their hash.
#include "scan.h"
#include "scan_calls.h"

enum { NESTED_MAX = 16 }; // functions in functions; nobody writes more, and each takes stack

typedef struct Walk {
    const ScanTokens *tokens;
    ScanBodies *bodies;
    Arena *scratch;
    uint64_t hash;
    uint32_t capacity;
    uint32_t nested;       // functions that we are in
    bool is_sure;          // so far
    bool has_open_typedef; // `typedef int Row[];`: its variables' types come from initialisers
    bool looks_around;     // a declaration inside a body asked for the size of something
} Walk;

typedef struct Declaration {
    uint32_t name;       // what stands before the first group in parentheses
    bool has_parameters; // there was such a group
    bool is_old_style;   // declarations of parameters stand between head and body
    bool is_open;        // an array without a size
    bool is_typedef, is_auto_type;
} Declaration;

uint32_t scan_skip_attributes(const ScanTokens *tokens, uint32_t at)
{
    for (;;) {
        uint32_t word = scan_word(tokens, at);
        bool is_one = word == WORD_ATTRIBUTE || word == WORD_ATTRIBUTE_1 || word == WORD_ALIGNAS
                      || word == WORD_DECLSPEC;
        if (!is_one || scan_word(tokens, at + 1) != '(') {
            return at;
        }
        at = scan_behind(tokens, at + 1);
    }
}

uint32_t scan_type_body(const ScanTokens *tokens, uint32_t at)
{
    at = scan_skip_attributes(tokens, at + 1);
    if (at < tokens->count && scan_kind(tokens, at) == SCAN_NAME) {
        at = scan_skip_attributes(tokens, at + 1);
    }
    return scan_word(tokens, at) == '{' ? at : 0;
}

static uint32_t word_at(const Walk *walk, uint32_t at)
{
    return scan_word(walk->tokens, at);
}

static void mix(Walk *walk, uint64_t hash)
{
    walk->hash = (walk->hash ^ hash) * UINT64_C(0x9fb21c651e98df25);
    walk->hash ^= walk->hash >> 32;
}

static void mix_token(Walk *walk, uint32_t at)
{
    uint32_t word = walk->tokens->tokens[at].word;
    walk->looks_around |= scan_looks_around(word);
    mix(walk, walk->tokens->words[word].hash);
}

static void mix_range(Walk *walk, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        mix_token(walk, i);
    }
}

// -------------------------------------------------------------------------------- initialisers

static bool defines_type(const Walk *walk, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        if (scan_is_aggregate(word_at(walk, i)) && scan_type_body(walk->tokens, i)) {
            return true;
        }
    }
    return false;
}

// What of an initialiser decides how many elements an array has. Numbers do not, except for those
// that say an index; strings do where they are the array.
static void mix_shape(Walk *walk, uint32_t from, uint32_t to)
{
    bool is_string = true;
    for (uint32_t i = from; i < to; i++) {
        uint32_t word = word_at(walk, i);
        is_string &= word == '{' || word == '}' || word == '(' || word == ')'
                     || scan_kind(walk->tokens, i) == SCAN_STRING;
    }
    for (uint32_t i = from, index = 0; i < to; i++) {
        uint32_t word = word_at(walk, i);
        ScanKind kind = scan_kind(walk->tokens, i);
        index += word == '[';
        index -= word == ']' && index > 0;
        bool is_value =
            kind == SCAN_NUMBER || kind == SCAN_CHARACTER || (kind == SCAN_STRING && !is_string);
        if (word == ',' && word_at(walk, i + 1) == '}') {
            continue;
        }
        if (is_value && index == 0) {
            mix(walk, kind == SCAN_STRING ? 2 : 1);
        } else {
            mix_token(walk, i);
        }
    }
}

// At `=`; behind the initialiser. Its values are not part of what is declared.
static uint32_t take_initialiser(Walk *walk, uint32_t at, const Declaration *is)
{
    uint32_t from = at + 1, to = from;
    while (to < walk->tokens->count && word_at(walk, to) != ',' && word_at(walk, to) != ';') {
        to = scan_behind(walk->tokens, to);
    }
    if (is->is_auto_type || defines_type(walk, from, to)) {
        mix_range(walk, from, to);
    } else if (is->is_open || walk->has_open_typedef) {
        mix_shape(walk, from, to);
    }
    return to;
}

// -------------------------------------------------------------------------------- declarations

static uint32_t take_body(Walk *walk, const Declaration *is, uint32_t open);

// Anything of a declaration that goes on behind it.
static uint32_t take_part(Walk *walk, Declaration *is, uint32_t at)
{
    const ScanTokens *tokens = walk->tokens;
    uint32_t word = word_at(walk, at), behind = scan_behind(tokens, at);
    if (is->has_parameters && word_at(walk, at - 1) == ')' && scan_kind(tokens, at) == SCAN_NAME
        && !scan_takes_group(word) && word != WORD_EXTENSION) {
        is->is_old_style = true;
    }
    is->is_open |= (word == '(' || word == '[') && scan_has_open_array(tokens, at, behind);
    if (scan_is_aggregate(word)) {
        uint32_t body = scan_type_body(tokens, at);
        behind = body ? tokens->tokens[body].partner + 1 : at + 1;
    } else if (scan_takes_group(word) && word_at(walk, at + 1) == '(') {
        behind = scan_behind(tokens, at + 1);
    } else if (word == '(' && !is->has_parameters) {
        is->has_parameters = true;
        is->name = at ? at - 1 : 0;
    } else if (word == WORD_TYPEDEF) {
        is->is_typedef = true;
    } else if (word == WORD_AUTO_TYPE) {
        is->is_auto_type = true;
    }
    mix_range(walk, at, behind);
    return behind;
}

// From its first token to behind its `;` or body.
static uint32_t take_declaration(Walk *walk, uint32_t at)
{
    Declaration is = {0};
    while (at < walk->tokens->count && walk->is_sure) {
        uint32_t word = word_at(walk, at);
        if (word == ';') {
            mix_token(walk, at);
            walk->has_open_typedef |= is.is_typedef && is.is_open;
            if (!is.is_old_style) {
                return at + 1;
            }
            at++;
        } else if (word == '=') {
            at = take_initialiser(walk, at, &is);
        } else if (word == '{') {
            walk->is_sure &= is.has_parameters;
            return take_body(walk, &is, at);
        } else {
            at = take_part(walk, &is, at);
        }
    }
    walk->is_sure = false; // it has no end
    return at;
}

// ----------------------------------------------------------------------- what is inside of bodies

// Whether a `static` is one of a parameter, `int a[static 4]`.
static bool is_in_parameter(const Walk *walk, uint32_t at)
{
    while (at > 0
           && (word_at(walk, at) == WORD_STATIC
               || (word_at(walk, at) >= WORD_CONST && word_at(walk, at) <= WORD_RESTRICT_2))) {
        at--;
    }
    return word_at(walk, at) == '[';
}

static bool begins_storage(const Walk *walk, uint32_t at)
{
    uint32_t word = word_at(walk, at);
    return word == WORD_TYPEDEF || word == WORD_EXTERN || word == WORD_THREAD
           || word == WORD_THREAD_1 || (word == WORD_STATIC && !is_in_parameter(walk, at));
}

// The blocks around a declaration are part of it: two statics of one name are told apart by them.
static void open_blocks(Walk *walk, uint32_t *waiting, uint32_t *opened)
{
    for (; *waiting > 0; --*waiting, ++*opened) {
        mix(walk, '{');
    }
}

static void take_inside(Walk *walk, uint32_t open, uint32_t close)
{
    uint32_t statement = open + 1, waiting = 0, opened = 0;
    for (uint32_t i = open + 1; i < close && walk->is_sure;) {
        uint32_t word = word_at(walk, i);
        if (word == '{') {
            waiting++;
        } else if (word == '}' && waiting > 0) {
            waiting--;
        } else if (word == '}') {
            mix(walk, '}');
            opened--;
        } else if (begins_storage(walk, i)) {
            open_blocks(walk, &waiting, &opened);
            i = take_declaration(walk, statement);
            statement = i;
            continue;
        } else if (scan_is_aggregate(word)) {
            uint32_t body = scan_type_body(walk->tokens, i);
            if (body) {
                open_blocks(walk, &waiting, &opened);
                uint32_t behind = walk->tokens->tokens[body].partner + 1;
                mix_range(walk, i, behind);
                i = behind;
                continue;
            }
        } else if (scan_kind(walk->tokens, i) == SCAN_DIRECTIVE) {
            mix_token(walk, i); // #pragma pack
        }
        i++;
        if (word == '{' || word == '}' || word == ';') {
            statement = i;
        }
    }
}

static void add_body(Walk *walk, ScanBody body)
{
    ScanBodies *bodies = walk->bodies;
    if (bodies->count == walk->capacity) {
        walk->capacity = walk->capacity ? walk->capacity * 2 : 256;
        ScanBody *more = ARENA_NEW(walk->scratch, ScanBody, walk->capacity);
        if (bodies->count > 0) {
            memcpy(more, bodies->bodies, bodies->count * sizeof(*more));
        }
        bodies->bodies = more;
    }
    bodies->bodies[bodies->count++] = body;
}

// `int (*name(void))(int)`: the name is inside of the first parentheses.
static uint32_t name_of(const Walk *walk, uint32_t at)
{
    if (scan_kind(walk->tokens, at) == SCAN_NAME && !scan_is_keyword(word_at(walk, at))) {
        return at;
    }
    uint32_t open = at + 1,
             close = word_at(walk, open) == '(' ? walk->tokens->tokens[open].partner : 0;
    for (uint32_t i = open; i < close; i++) {
        if (scan_kind(walk->tokens, i) == SCAN_NAME && !scan_is_keyword(word_at(walk, i))) {
            return i;
        }
    }
    return at;
}

// The braces of a function; behind them.
static uint32_t take_body(Walk *walk, const Declaration *is, uint32_t open)
{
    uint32_t close = walk->tokens->tokens[open].partner;
    if (walk->nested == NESTED_MAX) {
        walk->is_sure = false;
        return close + 1;
    }
    if (walk->nested == 0) {
        add_body(walk, (ScanBody){name_of(walk, is->name), open, close, is->is_old_style});
        walk->looks_around = false;
    }
    walk->nested++;
    mix(walk, '{');
    take_inside(walk, open, close);
    mix(walk, '}');
    walk->nested--;
    if (walk->nested == 0 && walk->looks_around) {
        // `int n[4]; static char copy[sizeof n];`: anything in the body can have a say.
        mix_range(walk, open, close);
    }
    return close + 1;
}

bool scan_declarations(const ScanTokens *tokens, Arena *scratch, uint64_t *declarations,
                       ScanBodies *bodies)
{
    *bodies = (ScanBodies){0};
    Walk walk = {.tokens = tokens, .bodies = bodies, .scratch = scratch, .is_sure = true};
    for (uint32_t at = 0; at < tokens->count && walk.is_sure;) {
        if (scan_kind(tokens, at) == SCAN_DIRECTIVE || word_at(&walk, at) == ';') {
            mix_token(&walk, at++);
        } else {
            at = take_declaration(&walk, at);
        }
    }
    *declarations = walk.is_sure ? walk.hash | 1u : 0;
    return walk.is_sure;
}

// -------------------------------------------------------------------------------------- all of it

bool scan_text(const char *text, size_t text_bytes, Arena *arena, Scan *scan, Fault *fault)
{
    *scan = (Scan){0};
    ScanTokens tokens;
    Arena scratch = {0};
    if (!scan_tokens_open(&tokens, text, text_bytes, fault)) {
        return false;
    }
    if (!arena_open(&scratch, 0, (size_t)(tokens.count + tokens.word_count + (1 << 14)) * 128,
                    fault)) {
        scan_tokens_close(&tokens);
        return false;
    }
    ScanBodies bodies = {0};
    scan->is_sure = scan_tokens_pair(&tokens)
                    && scan_declarations(&tokens, &scratch, &scan->declarations, &bodies);
    const ScanTypes *types = scan->is_sure ? scan_types_read(&tokens, &scratch) : NULL;
    scan_refusals(&tokens, &bodies, types, &scratch, arena, scan);
    scan->calls = types ? scan_calls_read(&tokens, &bodies, types, &scratch, arena) : NULL;
    arena_close(&scratch);
    scan_tokens_close(&tokens);
    return true;
}
