#include "scan_effects.h"

// An expression longer than that is nobody's generator.
enum { CHANGES_MAX = 16, VALUE_MAX = 4096, NONE = UINT32_MAX };

static uint32_t word_at(const ScanScope *scope, uint32_t at)
{
    return scan_word(scope->tokens, at);
}

static bool is_name(const ScanScope *scope, uint32_t at)
{
    return at < scope->tokens->count && scan_kind(scope->tokens, at) == SCAN_NAME
           && !scan_is_keyword(word_at(scope, at));
}

static uint32_t partner_of(const ScanScope *scope, uint32_t at)
{
    return scope->tokens->tokens[at].partner;
}

uint32_t scan_skip_unevaluated(const ScanTokens *tokens, uint32_t at)
{
    uint32_t word = scan_word(tokens, at);
    bool is_one = scan_looks_around(word) || word == WORD_ATTRIBUTE || word == WORD_STATIC_ASSERT;
    return is_one && scan_word(tokens, at + 1) == '(' ? scan_behind(tokens, at + 1) : at;
}

// ---------------------------------------------------------------------------------------- its head

static void add_parameter(ScanScope *scope, uint32_t from, uint32_t to)
{
    uint32_t name = 0, type = 0;
    bool is_pointer = false;
    for (uint32_t i = from; i < to; i = scan_behind(scope->tokens, i)) {
        is_pointer |= word_at(scope, i) == '*' || word_at(scope, i) == '[';
        if (scan_kind(scope->tokens, i) == SCAN_NAME && word_at(scope, i) != WORD_CONST
            && word_at(scope, i) != WORD_RESTRICT && word_at(scope, i) != WORD_RESTRICT_1) {
            type = name ? name : type;
            name = word_at(scope, i);
        }
    }
    if (scope->parameter_count < PARAMETERS_MAX) {
        scope->parameters[scope->parameter_count++] =
            (struct ScanParameter){name, type, is_pointer};
    }
}

static void read_parameters(ScanScope *scope)
{
    uint32_t open = scope->body->name + 1;
    if (word_at(scope, open) != '(') {
        return;
    }
    uint32_t close = partner_of(scope, open);
    for (uint32_t from = open + 1, i = from; i <= close && close > open + 1;) {
        if (word_at(scope, i) == ',' || i == close) {
            add_parameter(scope, from, i);
            from = ++i;
        } else {
            i = scan_behind(scope->tokens, i);
        }
    }
}

// `void f(`: what stands before the name.
static bool gives_result(const ScanScope *scope)
{
    uint32_t name = scope->body->name;
    bool is_pointer = name > 0 && word_at(scope, name - 1) == '*';
    for (uint32_t i = name; i > 0; i--) {
        uint32_t word = word_at(scope, i - 1);
        if (word == ';' || word == '}') {
            break;
        }
        if (word == WORD_VOID && !is_pointer) {
            return false;
        }
    }
    return true;
}

// At `static`: the names that it declares.
static void read_statics(ScanScope *scope, uint32_t at)
{
    for (; at < scope->body->close && word_at(scope, at) != ';';
         at = scan_behind(scope->tokens, at)) {
        uint32_t next = word_at(scope, at + 1);
        if (is_name(scope, at) && (next == ';' || next == '=' || next == ',' || next == '[')
            && scope->static_count < LOCALS_MAX) {
            scope->statics[scope->static_count++] = word_at(scope, at);
        }
    }
}

void scan_scope_read(ScanScope *scope)
{
    read_parameters(scope);
    scope->has_result = gives_result(scope);
    for (uint32_t i = scope->body->name; i < scope->body->close; i++) {
        if (word_at(scope, i) == WORD_STATIC) {
            read_statics(scope, i);
        }
        bool is_pointer = word_at(scope, i) == '(' && word_at(scope, i + 1) == '*'
                          && word_at(scope, i + 3) == ')' && word_at(scope, i + 4) == '(';
        if (is_pointer && scope->pointer_count < LOCALS_MAX) {
            scope->pointers[scope->pointer_count++] = word_at(scope, i + 2);
        }
    }
}

// ------------------------------------------------------------------------------------------- paths

const char *scan_scope_text(ScanScope *scope, uint32_t word)
{
    if (!scope->texts[word]) {
        scope->texts[word] = scan_word_text(scope->tokens, word, scope->arena);
    }
    return scope->texts[word];
}

static bool is_static(const ScanScope *scope, uint32_t word)
{
    for (uint32_t i = 0; i < scope->static_count; i++) {
        if (scope->statics[i] == word) {
            return true;
        }
    }
    return false;
}

static uint32_t parameter_of(const ScanScope *scope, uint32_t word)
{
    for (uint32_t i = 0; i < scope->parameter_count; i++) {
        if (scope->parameters[i].name == word) {
            return i;
        }
    }
    return NONE;
}

static void add_name(ScanPath *path, const char *name)
{
    if (path->count < PATH_NAMES_MAX) {
        path->names[path->count++] = name;
    }
}

static ScanPath root_path(ScanScope *scope, uint32_t word, bool is_object)
{
    uint32_t parameter = parameter_of(scope, word);
    uint32_t is = scan_types_function(scope->types, word);
    ScanPath path = {.is_object = is_object};
    if (is_static(scope, word)) {
        path.root = ROOT_VARIABLE;
        path.is_static = true;
    } else if (parameter != NONE && scope->parameters[parameter].is_pointer) {
        path.root = ROOT_PARAMETER;
        path.parameter = parameter;
        return path;
    } else if (parameter == NONE && (is & VARIABLE)) {
        path.root = ROOT_VARIABLE;
        path.is_static = (is & VARIABLE_STATIC) != 0;
    } else {
        path.root = ROOT_LOCAL;
    }
    add_name(&path, scan_scope_text(scope, word));
    return path;
}

ScanPath scan_scope_path(ScanScope *scope, uint32_t from, uint32_t to)
{
    bool has_address = false, has_star = false;
    while (to > from + 1 && word_at(scope, from) == '(' && partner_of(scope, from) == to - 1) {
        from++;
        to--;
    }
    for (; from < to && (word_at(scope, from) == '&' || word_at(scope, from) == '*'); from++) {
        has_address |= word_at(scope, from) == '&';
        has_star |= word_at(scope, from) == '*';
    }
    while (to > from + 1 && word_at(scope, from) == '(' && partner_of(scope, from) == to - 1) {
        from++;
        to--;
    }
    if (from >= to || !is_name(scope, from) || (has_star && has_address)) {
        return (ScanPath){0};
    }
    uint32_t next = from + 1;
    bool is_object = has_address && (next == to || word_at(scope, next) == '.');
    ScanPath path = root_path(scope, word_at(scope, from), is_object);
    for (bool is_open = true; next < to;) {
        uint32_t word = word_at(scope, next);
        if ((word == '.' || word == WORD_ARROW) && is_name(scope, next + 1)) {
            if (is_open) {
                add_name(&path, scan_scope_text(scope, word_at(scope, next + 1)));
            }
            next += 2;
        } else if (word == '[') {
            // `[0]`, `[i]`: as good as a name. Which element any other is, is not known.
            is_open &= partner_of(scope, next) == next + 2;
            if (is_open) {
                add_name(&path, scan_scope_text(scope, word_at(scope, next + 1)));
            }
            next = scan_behind(scope->tokens, next);
        } else {
            return (ScanPath){0};
        }
    }
    return path;
}

// The first token of the path that ends before `end`: `rng->state` of `rng->state =`.
static uint32_t path_before(const ScanScope *scope, uint32_t end)
{
    uint32_t at = end;
    while (at > scope->body->open + 1) {
        uint32_t word = word_at(scope, at - 1);
        if (word == ']' || word == ')') {
            at = partner_of(scope, at - 1);
            if (word == ')') {
                break;
            }
            continue;
        }
        if (!is_name(scope, at - 1)) {
            return end;
        }
        at--;
        if (word_at(scope, at - 1) != '.' && word_at(scope, at - 1) != WORD_ARROW) {
            break;
        }
        at--;
    }
    while (at > 0 && word_at(scope, at - 1) == '*'
           && (word_at(scope, at - 2) == ';' || word_at(scope, at - 2) == '{'
               || word_at(scope, at - 2) == '}' || word_at(scope, at - 2) == WORD_RETURN
               || word_at(scope, at - 2) == ')')) {
        at--;
    }
    return at;
}

static uint32_t path_behind(const ScanScope *scope, uint32_t at)
{
    while (word_at(scope, at) == '*' || word_at(scope, at) == '(') {
        at = word_at(scope, at) == '(' ? scan_behind(scope->tokens, at) : at + 1;
    }
    at += is_name(scope, at);
    for (;;) {
        uint32_t word = word_at(scope, at);
        if (word == '.' || word == WORD_ARROW) {
            at += 2;
        } else if (word == '[') {
            at = scan_behind(scope->tokens, at);
        } else {
            return at;
        }
    }
}

// ----------------------------------------------------------------------------------------- changes

typedef struct Change {
    ScanPath path;
    uint32_t key; // a word: what a parameter points to; 0: a variable
    bool is_from_old, gives_result;
    uint32_t tainted[LOCALS_MAX]; // local variables that were made of it
    uint32_t tainted_count;
} Change;

typedef struct Changes {
    ScanScope *scope;
    Change changes[CHANGES_MAX];
    uint32_t count;
} Changes;

static bool is_outliving(const ScanPath *path)
{
    return path->root == ROOT_PARAMETER || path->root == ROOT_VARIABLE;
}

static bool is_tainted(const Change *change, uint32_t word)
{
    for (uint32_t i = 0; i < change->tainted_count; i++) {
        if (change->tainted[i] == word) {
            return true;
        }
    }
    return false;
}

// Whether what the tokens say is made of what changes.
static bool speaks_of(Changes *changes, const Change *change, uint32_t from, uint32_t to)
{
    ScanScope *scope = changes->scope;
    to = to - from > VALUE_MAX ? from + VALUE_MAX : to;
    for (uint32_t i = from; i < to;) {
        uint32_t skipped = scan_skip_unevaluated(scope->tokens, i);
        bool is_member =
            i > 0 && (word_at(scope, i - 1) == '.' || word_at(scope, i - 1) == WORD_ARROW);
        if (skipped > i) {
            i = skipped;
        } else if (!is_name(scope, i) || is_member) {
            i++;
        } else {
            uint32_t behind = path_behind(scope, i);
            bool is_deref = behind > i + 1 || (i > 0 && word_at(scope, i - 1) == '*');
            ScanPath path = scan_scope_path(scope, i, behind);
            bool is_it = path.root == change->path.root && (is_deref || path.root == ROOT_VARIABLE)
                         && scan_paths_meet(&path, &change->path);
            if (is_it || is_tainted(change, word_at(scope, i))) {
                return true;
            }
            i++; // what is in its brackets is asked, too
        }
    }
    return false;
}

static uint32_t end_of_value(const ScanScope *scope, uint32_t at)
{
    uint32_t most = at + VALUE_MAX;
    while (at < most && at < scope->body->close && word_at(scope, at) != ';'
           && word_at(scope, at) != ',' && word_at(scope, at) != ')' && word_at(scope, at) != ']'
           && word_at(scope, at) != '}') {
        at = scan_behind(scope->tokens, at);
    }
    return at;
}

static Change *find_change(Changes *changes, const ScanPath *path)
{
    for (uint32_t i = 0; i < changes->count; i++) {
        Change *change = &changes->changes[i];
        if (change->path.root == path->root && change->path.parameter == path->parameter
            && scan_paths_meet(&change->path, path)) {
            return change;
        }
    }
    if (changes->count == CHANGES_MAX) {
        return NULL;
    }
    Change *change = &changes->changes[changes->count++];
    *change = (Change){.path = *path};
    if (path->root == ROOT_PARAMETER) {
        change->key = changes->scope->parameters[path->parameter].type;
    }
    return change;
}

// A path that is assigned to; `value`: what, or 0 where it is changed in place.
static void note_change(Changes *changes, uint32_t from, uint32_t to, uint32_t value)
{
    ScanScope *scope = changes->scope;
    bool is_pointer_itself = to == from + 1 && parameter_of(scope, word_at(scope, from)) != NONE
                             && !is_static(scope, word_at(scope, from));
    ScanPath path = scan_scope_path(scope, from, to);
    if (!is_outliving(&path) || is_pointer_itself) {
        return;
    }
    Change *change = find_change(changes, &path);
    if (change) {
        change->is_from_old |=
            value == 0 || speaks_of(changes, change, value, end_of_value(scope, value));
    }
}

// `local = ...`: of what it is made.
static void note_local(Changes *changes, uint32_t at, uint32_t value)
{
    for (uint32_t i = 0; i < changes->count; i++) {
        Change *change = &changes->changes[i];
        uint32_t word = word_at(changes->scope, at);
        if (change->tainted_count < LOCALS_MAX && !is_tainted(change, word)
            && speaks_of(changes, change, value, end_of_value(changes->scope, value))) {
            change->tainted[change->tainted_count++] = word;
        }
    }
}

static void note_assignment(Changes *changes, uint32_t at)
{
    ScanScope *scope = changes->scope;
    uint32_t word = word_at(scope, at);
    if (word == WORD_INCREMENT || word == WORD_DECREMENT) {
        uint32_t from = path_before(scope, at);
        if (from < at) {
            note_change(changes, from, at, 0);
        } else {
            note_change(changes, at + 1, path_behind(scope, at + 1), 0);
        }
        return;
    }
    uint32_t from = path_before(scope, at);
    bool is_plain = word == '=';
    note_change(changes, from, at, is_plain ? at + 1 : 0);
    if (from + 1 == at && is_name(scope, from) && !is_static(scope, word_at(scope, from))) {
        note_local(changes, from, at + 1);
    }
}

static void note_return(Changes *changes, uint32_t at)
{
    uint32_t end = at;
    while (end < changes->scope->body->close && end < at + VALUE_MAX
           && word_at(changes->scope, end) != ';') {
        end = scan_behind(changes->scope->tokens, end);
    }
    for (uint32_t i = 0; i < changes->count; i++) {
        Change *change = &changes->changes[i];
        change->gives_result |= speaks_of(changes, change, at + 1, end);
    }
}

static bool changes_something(const ScanScope *scope, uint32_t at)
{
    uint32_t word = word_at(scope, at);
    return word == '=' || word == WORD_INCREMENT || word == WORD_DECREMENT
           || (word >= WORD_ASSIGN_FIRST && word <= WORD_ASSIGN_LAST);
}

uint32_t scan_scope_effects(ScanScope *scope, ScanEffect *effects)
{
    Changes changes = {.scope = scope};
    uint32_t count = 0;
    if (!scope->has_result) {
        return 0;
    }
    // Three times: a value may come from what is assigned further down, in a loop.
    for (uint32_t round = 0; round < 3; round++) {
        for (uint32_t i = scope->body->open + 1; i < scope->body->close; i++) {
            i = scan_skip_unevaluated(scope->tokens, i);
            if (changes_something(scope, i)) {
                note_assignment(&changes, i);
            } else if (word_at(scope, i) == WORD_RETURN) {
                note_return(&changes, i);
            }
        }
        if (changes.count == 0) {
            return 0;
        }
    }
    for (uint32_t i = 0; i < changes.count && count < EFFECTS_MAX; i++) {
        const Change *change = &changes.changes[i];
        if (change->is_from_old && change->gives_result) {
            const char *key = change->key ? scan_scope_text(scope, change->key) : NULL;
            effects[count++] = (ScanEffect){key, change->path};
        }
    }
    return count;
}
