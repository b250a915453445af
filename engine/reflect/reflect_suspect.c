#include <ctype.h>
#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "reflect_parts.h"

// Which pointer of a source line led to an address. The line is read as C as far as it consists of
// names, ->, ., [] and *: each chain of those is followed through types and memory, and each
// pointer that it goes through says which addresses it can lead to: its value, plus where in the
// target the chain goes on. The pointers are then judged by how well that fits, and the best one is
// named if it is alone.
//
// Contents: judging, reading a chain, a line, the function.

enum {
    NEAR_BYTES = 65536,    // below it nothing is ever mapped (vm.mmap_min_addr)
    FAR_BYTES = 64 << 20,  // of an array whose index is not known
    LINE_MAX_BYTES = 1000, // of a line that is looked at
    CHAIN_STEPS_MAX = 32,
};

// How well a pointer explains the address.
typedef enum Fit {
    FIT_NONE,
    FIT_GUESS,  // it is handed on by a function of whose registers nothing is known
    FIT_WEAK,   // it is NULL and handed on to somebody, or an index that we do not know led there
    FIT_OFFSET, // its value is not known, but a NULL would lead there
    FIT_NULL,   // it is NULL, and that is all
    FIT_EXACT   // it leads there
} Fit;

typedef struct Text {
    const char *first;
    size_t length;
} Text;

// A pointer that the chain goes through.
typedef struct Access {
    bool is_open;
    Text name;
    bool is_known;
    uint64_t pointer;       // its value; 0 while not known
    uint64_t offset, bytes; // of what is taken of its target
    bool any_index;
} Access;

typedef struct Look {
    Finder *finder;
    uint64_t address;
    Fit best;
    bool is_tie;
    Text name;
} Look;

typedef struct Chain {
    Look *look;
    const char *first, *at; // of its text
    Value value;
    Access access;
    int stars;       // before it, that hold for all of it
    int inner_stars; // "(*" before it, that hold up to the ")"
} Chain;

// --------------------------------------------------------------------------------------- judging

static void judge(Look *look, Text name, Fit fit)
{
    bool is_same = look->best != FIT_NONE && name.length == look->name.length
                   && strncmp(name.first, look->name.first, name.length) == 0;

    if (fit == FIT_NONE || fit < look->best || (fit == look->best && is_same)) {
        return;
    }
    look->is_tie = fit == look->best;
    look->best = fit;
    look->name = name;
}

static Fit fit_of(const Access *access, uint64_t address)
{
    bool is_inside = address - (access->pointer + access->offset) < access->bytes;

    if (!access->is_known) {
        return is_inside && address < NEAR_BYTES ? FIT_OFFSET : FIT_NONE;
    }
    if (is_inside && !access->any_index) {
        return FIT_EXACT;
    }
    if (access->pointer >= NEAR_BYTES) {
        return is_inside ? FIT_WEAK : FIT_NONE;
    }
    return is_inside || address - access->pointer < NEAR_BYTES ? FIT_NULL : FIT_NONE;
}

static void close_access(Chain *chain)
{
    Access *access = &chain->access;

    if (access->is_open) {
        judge(chain->look, access->name, fit_of(access, chain->look->address));
    }
    access->is_open = false;
}

// ------------------------------------------------------------------------------- reading a chain

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " \t");
}

static size_t name_length(const char *at)
{
    size_t length = 0;

    if (isalpha((unsigned char)*at) || *at == '_') {
        while (isalnum((unsigned char)at[length]) || at[length] == '_') {
            length++;
        }
    }
    return length;
}

// The text of the chain so far: no blanks at its end, no parenthesis around all of it.
static Text text_of(const Chain *chain, const char *end)
{
    Text text = {chain->first, 0};

    while (end > text.first && isspace((unsigned char)end[-1])) {
        end--;
    }
    if (end > text.first + 1 && *text.first == '(' && end[-1] == ')') {
        text.first++;
        end--;
    }
    text.length = (size_t)(end - text.first);
    return text;
}

// Through a pointer, or to the first element of an array. `end`: of the text that says which.
// False: it is neither.
static bool dereference(Chain *chain, const char *end)
{
    bool is_array = reflect_is(&chain->value, DW_TAG_array_type);
    Value target;
    uint64_t bytes;

    if (!reflect_target(&chain->value, &target)) {
        return false;
    }
    if (is_array) {
        target.kind = chain->value.kind;
        target.word = chain->value.word;
        chain->value = target;
        return true;
    }
    close_access(chain);
    bytes = reflect_type_bytes(&target);
    chain->access =
        (Access){.is_open = true, .name = text_of(chain, end), .bytes = bytes > 0 ? bytes : 1};
    chain->access.is_known =
        reflect_load(chain->look->finder, &chain->value, &chain->access.pointer);
    target.kind = chain->access.is_known ? VALUE_IN_MEMORY : VALUE_UNKNOWN;
    target.word = chain->access.pointer;
    chain->value = target;
    return true;
}

static bool take_member(Chain *chain, const char *name, size_t length)
{
    Value member;
    uint64_t offset, bytes;

    if (length == 0
        || !reflect_member(chain->look->finder, &chain->value, name, length, &member, &offset)) {
        return false;
    }
    bytes = reflect_type_bytes(&member);
    chain->value = member;
    chain->access.offset += offset;
    chain->access.bytes = reflect_is(&member, DW_TAG_pointer_type) ? 8 : bytes > 0 ? bytes : 1;
    return true;
}

// The "]" of the "[" at `at`; NULL: not on this line.
static const char *closing(const char *at)
{
    int depth = 0;

    for (; *at; at++) {
        depth += (*at == '[') - (*at == ']');
        if (depth == 0) {
            return at;
        }
    }
    return NULL;
}

// A number, or a variable with one.
static bool read_index(const Chain *chain, const char *at, const char *end, int64_t *index)
{
    char *behind;
    size_t length;
    Value value;
    uint64_t word;

    at = skip_blanks(at);
    length = name_length(at);
    if (length == 0) {
        *index = strtoll(at, &behind, 0);
        return behind != at && skip_blanks(behind) == end;
    }
    if (skip_blanks(at + length) != end
        || !reflect_variable(chain->look->finder, at, length, &value)
        || !reflect_load(chain->look->finder, &value, &word)) {
        return false;
    }
    *index = (int64_t)word;
    return true;
}

static bool take_element(Chain *chain)
{
    const char *open = chain->at, *close = closing(open);
    bool is_array = reflect_is(&chain->value, DW_TAG_array_type);
    uint64_t stride, whole = is_array ? reflect_type_bytes(&chain->value) : FAR_BYTES;
    int64_t index;

    if (!close || !dereference(chain, open)) {
        return false;
    }
    stride = reflect_is(&chain->value, DW_TAG_pointer_type) ? 8 : reflect_type_bytes(&chain->value);
    chain->at = close + 1;
    if (read_index(chain, open + 1, close, &index) && stride > 0) {
        uint64_t more = (uint64_t)index * stride;
        chain->value.word += more;
        chain->access.offset += more;
        chain->access.bytes = stride;
    } else {
        chain->value.kind = VALUE_UNKNOWN;
        chain->access.any_index = !is_array;
        chain->access.bytes = whole;
    }
    return true;
}

// A call through a pointer: the address is then that of the instruction that is not there.
static bool take_call(Chain *chain)
{
    Value target;

    if (reflect_is(&chain->value, DW_TAG_pointer_type) && reflect_target(&chain->value, &target)
        && reflect_is(&target, DW_TAG_subroutine_type)) {
        (void)dereference(chain, chain->at);
        chain->access.bytes = 1;
    }
    return false;
}

static void widen_text(Chain *chain, char to)
{
    do {
        chain->first--;
    } while (*chain->first != to);
}

static bool take_stars(Chain *chain, int *stars)
{
    for (; *stars > 0; --*stars) {
        if (!dereference(chain, chain->at)) {
            return false;
        }
        widen_text(chain, '*');
    }
    return true;
}

// "(*p)": on with what stands behind it.
static bool close_parenthesis(Chain *chain)
{
    if (chain->inner_stars == 0 || !take_stars(chain, &chain->inner_stars)) {
        return false;
    }
    widen_text(chain, '(');
    chain->at++;
    return true;
}

// One step along the chain; false at its end.
static bool take_step(Chain *chain)
{
    const char *at = chain->at = skip_blanks(chain->at);
    bool is_arrow = at[0] == '-' && at[1] == '>';

    if (is_arrow || (at[0] == '.' && !isdigit((unsigned char)at[1]))) {
        const char *name = skip_blanks(at + (is_arrow ? 2 : 1));
        size_t length = name_length(name);
        if (is_arrow && !dereference(chain, at)) {
            return false;
        }
        chain->at = name + length;
        return take_member(chain, name, length);
    }
    switch (*at) {
    case '[':
        return take_element(chain);
    case '(':
        return take_call(chain);
    case ')':
        return close_parenthesis(chain);
    default:
        return false;
    }
}

// hl_tick *, hl_canvas *: the runtime hands them in, and never NULL.
static bool is_handle(const Value *pointer)
{
    Value target;
    const char *name;

    if (!reflect_target(pointer, &target) || !target.has_type) {
        return false;
    }
    name = dwarf_diename(&target.type);
    return name && strncmp(name, "hl_", 3) == 0;
}

// A pointer that is not followed here may be followed by who gets it.
static void judge_argument(Chain *chain, const char *end)
{
    const Finder *finder = chain->look->finder;
    uint64_t pointer, address = chain->look->address;

    if (!reflect_is(&chain->value, DW_TAG_pointer_type)) {
        return;
    }
    if (!reflect_load(finder, &chain->value, &pointer)) {
        bool may_be =
            !finder->machine->registers && address < NEAR_BYTES && !is_handle(&chain->value);
        judge(chain->look, text_of(chain, end), may_be ? FIT_GUESS : FIT_NONE);
    } else if (pointer == address || (pointer < NEAR_BYTES && address - pointer < NEAR_BYTES)) {
        judge(chain->look, text_of(chain, end), FIT_WEAK);
    }
}

static void read_chain(Look *look, const char *name, size_t length, int stars, bool in_parenthesis)
{
    Chain chain = {.look = look, .first = name, .at = name + length};

    if (!reflect_variable(look->finder, name, length, &chain.value)) {
        return;
    }
    *(in_parenthesis ? &chain.inner_stars : &chain.stars) = stars;
    for (int i = 0; i < CHAIN_STEPS_MAX && take_step(&chain); i++) {
    }
    (void)take_stars(&chain, &chain.inner_stars);
    (void)take_stars(&chain, &chain.stars);
    close_access(&chain);
    judge_argument(&chain, chain.at);
}

// ---------------------------------------------------------------------------------------- a line

// Behind a string, a character or a comment that begins at `at`; `at` itself where none does.
static const char *skip_text(const char *at)
{
    const char *end;

    if (*at == '"' || *at == '\'') {
        for (end = at + 1; *end && *end != *at; end++) {
            end += *end == '\\' && end[1];
        }
        return *end ? end + 1 : end;
    }
    if (at[0] == '/' && at[1] == '/') {
        return at + strlen(at);
    }
    if (at[0] == '/' && at[1] == '*') {
        end = strstr(at + 2, "*/");
        return end ? end + 2 : at + strlen(at);
    }
    return at;
}

// "Mob *m" declares and "n * i" multiplies; "return *m" follows the pointer.
static bool is_word_before(const char *line, const char *at)
{
    static const char *const COMMANDS[] = {"return", "else", "do", "case", "sizeof"};
    const char *end;

    while (at > line && at[-1] == ' ') {
        at--;
    }
    for (end = at; at > line && (isalnum((unsigned char)at[-1]) || at[-1] == '_'); at--) {
    }
    for (size_t i = 0; i < COUNT_OF(COMMANDS); i++) {
        if (strlen(COMMANDS[i]) == (size_t)(end - at)
            && strncmp(at, COMMANDS[i], strlen(COMMANDS[i])) == 0) {
            return false;
        }
    }
    return end > at || (at > line && at[-1] == ']');
}

// The stars right before a name, and whether they stand in a parenthesis of their own.
static int stars_before(const char *line, const char *name, bool *in_parenthesis)
{
    int stars = 0;
    const char *at = name;

    while (at > line && (at[-1] == '*' || at[-1] == ' ')) {
        at--;
        stars += *at == '*';
    }
    *in_parenthesis = stars > 0 && at > line && at[-1] == '(';
    return is_word_before(line, at) ? 0 : stars;
}

static bool is_member_name(const char *line, const char *name)
{
    while (name > line && name[-1] == ' ') {
        name--;
    }
    return (name > line && name[-1] == '.')
           || (name > line + 1 && name[-1] == '>' && name[-2] == '-');
}

static void read_line(Look *look, const char *line)
{
    const char *at = line;

    while (*at) {
        const char *behind = skip_text(at);
        size_t length = name_length(at);
        bool in_parenthesis;
        if (behind != at) {
            at = behind;
        } else if (length > 0) {
            int stars = stars_before(line, at, &in_parenthesis);
            if (!is_member_name(line, at)) {
                read_chain(look, at, length, stars, in_parenthesis);
            }
            at += length;
        } else if (isdigit((unsigned char)*at)) { // 0x1f and 1e5 are no names
            at += strspn(at, "0123456789abcdefABCDEFxXuUlL.");
        } else {
            at++;
        }
    }
}

// ---------------------------------------------------------------------------------- the function

// The line may be of the innermost inlined function or of one that it is inlined into: the first
// of them in which the line makes sense is meant.
static bool next_level(Finder *finder)
{
    if (finder->level_first == 0 && finder->level_end > 0) {
        return false;
    }
    finder->level_end = finder->level_end == 0 ? finder->scopes.count : finder->level_first;
    finder->level_first = finder->level_end - 1;
    while (finder->level_first > 0
           && dwarf_tag(&finder->scopes.die[finder->level_first]) != DW_TAG_inlined_subroutine) {
        finder->level_first--;
    }
    return true;
}

bool reflect_suspect(Reflect *reflect, const ReflectMachine *machine, const char *source_line,
                     uintptr_t address, char *name, size_t name_bytes)
{
    Finder finder;
    char line[LINE_MAX_BYTES], text[LINE_MAX_BYTES];

    if (name_bytes > 0) {
        name[0] = 0;
    }
    if (!reflect_finder(&finder, reflect, machine)) {
        return false;
    }
    text_clean(line, sizeof line, source_line, false);
    while (next_level(&finder)) {
        Look look = {.finder = &finder, .address = address};
        read_line(&look, line);
        if (look.best != FIT_NONE) {
            (void)text_format(text, sizeof text, "%.*s", (int)look.name.length, look.name.first);
            return !look.is_tie && text_format(name, name_bytes, "%s", text);
        }
    }
    return false;
}
