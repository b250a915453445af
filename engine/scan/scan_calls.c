#include "scan_calls.h"
#include "scan_effects.h"

// Generators are given what they advance among their first arguments.
enum { ARGUMENTS_MAX = 4 };

typedef struct Reader {
    ScanScope scope;
    ScanCalls *calls;
    Arena *scratch, *arena;
    uint32_t *call_at;   // by call: its token
    uint32_t first_call; // of the function that is read
    uint8_t *is_defined; // by word: a function of this unit's
    uint32_t call_capacity, list_capacity;
} Reader;

static uint32_t word_at(const Reader *reader, uint32_t at)
{
    return scan_word(reader->scope.tokens, at);
}

static uint32_t partner_of(const Reader *reader, uint32_t at)
{
    return reader->scope.tokens->tokens[at].partner;
}

static bool is_name(const Reader *reader, uint32_t at)
{
    return scan_kind(reader->scope.tokens, at) == SCAN_NAME
           && !scan_is_keyword(word_at(reader, at));
}

static void *grow(Arena *arena, const void *from, size_t size_bytes, uint32_t count)
{
    void *more = arena_push(arena, size_bytes, _Alignof(max_align_t), count);
    if (count > 64) {
        memcpy(more, from, size_bytes * count / 2);
    }
    return more;
}

bool scan_paths_meet(const ScanPath *one, const ScanPath *other)
{
    if (one->root == ROOT_UNKNOWN || one->root != other->root || one->is_static != other->is_static
        || one->parameter != other->parameter) {
        return false;
    }
    uint32_t count = one->count < other->count ? one->count : other->count;
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(one->names[i], other->names[i]) != 0) {
            return false;
        }
    }
    return true;
}

// ------------------------------------------------------------------------------------------- calls

// A parameter, or a pointer that is declared here: what it calls is not known.
static bool is_local_pointer(const Reader *reader, uint32_t word)
{
    const ScanScope *scope = &reader->scope;
    for (uint32_t i = 0; i < scope->parameter_count; i++) {
        if (scope->parameters[i].name == word) {
            return true;
        }
    }
    for (uint32_t i = 0; i < scope->pointer_count; i++) {
        if (scope->pointers[i] == word) {
            return true;
        }
    }
    return false;
}

// The runtime's functions, which advance nothing: hotloop.h's inline ones are defined in the unit.
static bool is_runtime(const Reader *reader, uint32_t word)
{
    const ScanWord *name = &reader->scope.tokens->words[word];
    return name->size_bytes > 3 && memcmp(name->text, "hl_", 3) == 0 && !reader->is_defined[word];
}

static bool is_call(const Reader *reader, uint32_t at)
{
    if (word_at(reader, at + 1) != '(' || !is_name(reader, at)) {
        return false;
    }
    uint32_t before = word_at(reader, at - 1), word = word_at(reader, at);
    uint32_t is = scan_types_function(reader->scope.types, word);
    return before != '.' && before != WORD_ARROW
           && (is & (FUNCTION_SYSTEM | FUNCTION_POINTER | VARIABLE)) == 0
           && !is_runtime(reader, word) && !is_local_pointer(reader, word);
}

// Behind the argument that begins at `at`, at its comma or the closing parenthesis.
static uint32_t end_of_argument(const Reader *reader, uint32_t at, uint32_t close)
{
    while (at < close && word_at(reader, at) != ',') {
        at = scan_behind(reader->scope.tokens, at);
    }
    return at;
}

static void add_call(Reader *reader, uint32_t at)
{
    ScanCalls *calls = reader->calls;
    if (calls->call_count == reader->call_capacity) {
        reader->call_capacity = reader->call_capacity ? reader->call_capacity * 2 : 64;
        calls->calls = grow(reader->arena, calls->calls, sizeof(ScanCall), reader->call_capacity);
        reader->call_at =
            grow(reader->scratch, reader->call_at, sizeof(uint32_t), reader->call_capacity);
    }
    ScanCall *call = &calls->calls[calls->call_count];
    reader->call_at[calls->call_count++] = at;
    *call = (ScanCall){.name = scan_scope_text(&reader->scope, word_at(reader, at))};
    ScanPath paths[ARGUMENTS_MAX];
    uint32_t close = partner_of(reader, at + 1), known = 0;
    for (uint32_t i = at + 2; i < close && call->argument_count < ARGUMENTS_MAX; i++) {
        uint32_t end = end_of_argument(reader, i, close);
        paths[call->argument_count++] = scan_scope_path(&reader->scope, i, end);
        known = paths[call->argument_count - 1].root != ROOT_UNKNOWN ? call->argument_count : known;
        i = end;
    }
    call->argument_count = known;
    if (known > 0) {
        call->arguments = ARENA_NEW(reader->arena, ScanPath, known);
        memcpy(call->arguments, paths, known * sizeof(*paths));
    }
}

// ------------------------------------------------------------------------------------------- lists

// The first call of this function at or behind a token.
static uint32_t call_from(const Reader *reader, uint32_t at)
{
    uint32_t low = reader->first_call, high = reader->calls->call_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (reader->call_at[middle] < at) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

// Whether the parenthesis at `at` begins the arguments of a call: of a name, or of `(*f)(...)`,
// `table[i](...)`, `_Generic(...)(...)`.
static bool begins_arguments(const Reader *reader, uint32_t at)
{
    uint32_t before = word_at(reader, at - 1);
    if (before == ']') {
        return true;
    }
    if (before == ')') {
        uint32_t open = partner_of(reader, at - 1);
        return word_at(reader, open + 1) == '*' || word_at(reader, open - 1) == WORD_GENERIC;
    }
    return is_name(reader, at - 1);
}

static void add_list(Reader *reader, uint32_t open, const uint32_t *firsts, uint32_t count)
{
    ScanCalls *calls = reader->calls;
    if (calls->list_count == reader->list_capacity) {
        reader->list_capacity = reader->list_capacity ? reader->list_capacity * 2 : 64;
        calls->lists = grow(reader->arena, calls->lists, sizeof(ScanList), reader->list_capacity);
    }
    const ScanToken *token = &reader->scope.tokens->tokens[open - 1];
    bool has_name = token->word != ')' && token->word != ']';
    const char *call = has_name ? scan_scope_text(&reader->scope, token->word) : "a function";
    ScanList *list = &calls->lists[calls->list_count++];
    *list = (ScanList){.place = {token->file ? scan_scope_text(&reader->scope, token->file) : "",
                                 (int)token->line},
                       .call = call,
                       .function = calls->function_count - 1,
                       .argument_count = count,
                       .calls = ARENA_NEW(reader->arena, uint32_t, count + 1)};
    memcpy(list->calls, firsts, (count + 1) * sizeof(*firsts));
}

static void read_list(Reader *reader, uint32_t open)
{
    enum { LIST_MAX = 64 };
    uint32_t firsts[LIST_MAX + 1], count = 0, with_calls = 0, close = partner_of(reader, open);
    if (call_from(reader, close) < call_from(reader, open) + 2) {
        return;
    }
    for (uint32_t i = open + 1; i < close && count < LIST_MAX; i++) {
        uint32_t end = end_of_argument(reader, i, close);
        firsts[count++] = call_from(reader, i);
        firsts[count] = call_from(reader, end);
        with_calls += firsts[count] > firsts[count - 1];
        i = end;
    }
    if (with_calls >= 2) {
        add_list(reader, open, firsts, count);
    }
}

// `cells[roll()] += roll()`: two of a list, too. At the operator. Of `cells[roll()] = roll()`, with
// nothing more on its right side, gcc and tcc make the same.
static void read_assignment(Reader *reader, uint32_t at)
{
    uint32_t from = at, end = at + 1;
    for (uint32_t word = word_at(reader, from - 1);
         word != ';' && word != '{' && word != '}' && word != '(' && word != ',' && word != '=';
         word = word_at(reader, from - 1)) {
        from = word == ')' || word == ']' ? partner_of(reader, from - 1) : from - 1;
    }
    while (end < reader->scope.body->close && word_at(reader, end) != ';'
           && word_at(reader, end) != ')' && word_at(reader, end) != ',') {
        end = scan_behind(reader->scope.tokens, end);
    }
    uint32_t firsts[3] = {call_from(reader, from), call_from(reader, at), call_from(reader, end)};
    bool is_single = word_at(reader, at) == '=' && is_call(reader, at + 1)
                     && scan_behind(reader->scope.tokens, at + 2) == end;
    if (firsts[1] > firsts[0] && firsts[2] > firsts[1] && !is_single) {
        add_list(reader, at + 1, firsts, 2);
    }
}

// -------------------------------------------------------------------------------------------- unit

static void read_function(Reader *reader, ScanFunction *function)
{
    const ScanBody *body = reader->scope.body;
    ScanEffect effects[EFFECTS_MAX];
    function->effect_count = scan_scope_effects(&reader->scope, effects);
    if (function->effect_count > 0) {
        ScanEffect *kept = ARENA_NEW(reader->arena, ScanEffect, function->effect_count);
        memcpy(kept, effects, function->effect_count * sizeof(*effects));
        function->effects = kept;
    }
    reader->first_call = function->first_call = reader->calls->call_count;
    for (uint32_t i = body->open + 1; i < body->close; i++) {
        i = scan_skip_unevaluated(reader->scope.tokens, i);
        if (is_call(reader, i)) {
            add_call(reader, i);
        }
    }
    function->call_count = reader->calls->call_count - function->first_call;
    if (function->call_count < 2 || reader->scope.tokens->tokens[body->name].is_system) {
        return;
    }
    for (uint32_t i = body->open + 1; i < body->close; i++) {
        uint32_t word = word_at(reader, i);
        if (word == '(' && begins_arguments(reader, i)) {
            read_list(reader, i);
        } else if (word == '=' || (word >= WORD_ASSIGN_FIRST && word <= WORD_ASSIGN_LAST)) {
            read_assignment(reader, i);
        }
    }
}

const ScanCalls *scan_calls_read(const ScanTokens *tokens, const ScanBodies *bodies,
                                 const ScanTypes *types, Arena *scratch, Arena *arena)
{
    const char **texts = ARENA_NEW(scratch, const char *, tokens->word_count);
    ScanCalls *calls = ARENA_NEW(arena, ScanCalls, 1);
    Reader reader = {.calls = calls, .scratch = scratch, .arena = arena};
    calls->functions = ARENA_NEW(arena, ScanFunction, bodies->count + 1);
    reader.is_defined = ARENA_NEW(scratch, uint8_t, tokens->word_count);
    for (uint32_t i = 0; i < bodies->count; i++) {
        reader.is_defined[tokens->tokens[bodies->bodies[i].name].word] = 1;
    }
    for (uint32_t i = 0; i < bodies->count; i++) {
        uint32_t name = tokens->tokens[bodies->bodies[i].name].word;
        reader.scope = (ScanScope){.tokens = tokens,
                                   .types = types,
                                   .body = &bodies->bodies[i],
                                   .texts = texts,
                                   .arena = arena};
        scan_scope_read(&reader.scope);
        ScanFunction *function = &calls->functions[calls->function_count++];
        *function = (ScanFunction){.name = scan_scope_text(&reader.scope, name)};
        function->is_static = (scan_types_function(types, name) & FUNCTION_STATIC) != 0;
        read_function(&reader, function);
    }
    return calls;
}
