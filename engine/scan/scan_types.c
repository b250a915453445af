#include "scan_types.h"

// x86-64's calling convention: a struct of at most 16 bytes travels in registers, and each 8 bytes
// of it in an integer one or, when there are only floating numbers in them, in an SSE one. tcc
// decides once for the whole struct, and takes an array for a pointer. Source: System V ABI, AMD64,
// 3.2.3; tcc's behaviour is measured (scan_refuse_test.c).
enum { REGISTERS_BYTES = 16, NESTED_MAX = 32 };
enum { FLOATING = 1, INTEGER = 2 };

typedef struct Type {
    uint64_t bytes, align;
    uint8_t classes[REGISTERS_BYTES]; // of each byte: FLOATING, INTEGER or both
    bool is_known, is_struct, has_array, has_bits, has_padding;
    uint32_t tag; // a word: of a struct that is not defined so far
} Type;

struct ScanTypes {
    const ScanTokens *tokens;
    Arena *scratch;
    Type *types; // by index; 0 is none
    uint32_t count, capacity;
    uint32_t *typedefs, *tags; // by word
    uint8_t *functions;        // by word
    uint32_t nested;
    bool is_early; // a function was declared with a struct that was not defined yet
};

typedef struct Specifiers {
    Type type;
    bool is_typedef, is_static;
} Specifiers;

typedef struct Declarator {
    Type type;
    Type result;         // of a pointer to a function: what that gives
    uint32_t name;       // a token; 0: it has none
    uint32_t parameters; // the token of its `(`; 0: no function
    uint32_t behind;
    bool is_function_pointer, is_array, has_bits;
    uint64_t bits;
} Declarator;

static uint32_t take_specifiers(ScanTypes *types, uint32_t at, uint32_t end,
                                Specifiers *specifiers);
static Declarator read_declarator(ScanTypes *types, uint32_t at, uint32_t end, const Type *base);

static uint32_t word_at(const ScanTypes *types, uint32_t at)
{
    return scan_word(types->tokens, at);
}

static ScanKind kind_at(const ScanTypes *types, uint32_t at)
{
    return at < types->tokens->count ? scan_kind(types->tokens, at) : SCAN_MARK;
}

static uint64_t round_up(uint64_t value, uint64_t align)
{
    return align ? (value + align - 1) / align * align : value;
}

static Type scalar(uint64_t bytes, uint8_t class)
{
    Type type = {.bytes = bytes, .align = bytes, .is_known = bytes > 0};
    memset(type.classes, class, bytes < REGISTERS_BYTES ? bytes : REGISTERS_BYTES);
    return type;
}

// `typedef struct V V;` may stand before what V is.
static const Type *typedef_of(const ScanTypes *types, uint32_t word)
{
    const Type *type = &types->types[types->typedefs[word]];
    return types->tags[type->tag] ? &types->types[types->tags[type->tag]] : type;
}

static uint32_t add_type(ScanTypes *types, Type type)
{
    if (types->count == types->capacity) {
        types->capacity = types->capacity ? types->capacity * 2 : 256;
        Type *more = ARENA_NEW(types->scratch, Type, types->capacity);
        if (types->count > 0) {
            memcpy(more, types->types, types->count * sizeof(*more));
        }
        types->types = more;
        types->count += types->count == 0;
    }
    types->types[types->count] = type;
    return types->count++;
}

// --------------------------------------------------------------------------------------- structs

static void put_classes(Type *type, uint64_t at, const Type *part)
{
    for (uint64_t i = 0; i < part->bytes && i < REGISTERS_BYTES && at + i < REGISTERS_BYTES; i++) {
        type->classes[at + i] |= part->classes[i];
    }
}

typedef struct Layout {
    Type type;
    uint64_t bits;
    uint64_t filled_bytes; // of members, without what is between them
    bool is_union, is_packed;
} Layout;

static void add_bits(Layout *layout, const Declarator *member)
{
    uint64_t unit = member->type.bytes * 8;
    if (unit == 0 || layout->is_packed) {
        layout->type.is_known = false;
        return;
    }
    if (member->bits == 0 || layout->bits / unit != (layout->bits + member->bits - 1) / unit) {
        layout->bits = round_up(layout->bits, unit);
    }
    uint64_t first = layout->bits / 8;
    layout->bits += member->bits;
    for (uint64_t i = first; i * 8 < layout->bits && i < REGISTERS_BYTES; i++) {
        layout->type.classes[i] |= INTEGER;
    }
}

static void add_member(Layout *layout, const Declarator *member)
{
    const Type *type = &member->type;
    layout->type.is_known &= type->is_known;
    layout->type.has_array |= type->has_array;
    layout->type.has_bits |= type->has_bits || member->has_bits;
    layout->type.has_padding |= type->has_padding || type->has_bits || member->has_bits;
    layout->filled_bytes = type->bytes + (layout->is_union ? 0 : layout->filled_bytes);
    uint64_t align = layout->is_packed ? 1 : type->align;
    layout->bits = layout->is_union ? 0 : layout->bits;
    if (member->has_bits) {
        add_bits(layout, member);
    } else {
        uint64_t at = round_up((layout->bits + 7) / 8, align);
        put_classes(&layout->type, at, type);
        layout->bits = (at + type->bytes) * 8;
    }
    uint64_t bytes = (layout->bits + 7) / 8;
    layout->type.bytes = bytes > layout->type.bytes ? bytes : layout->type.bytes;
    layout->type.align = align > layout->type.align ? align : layout->type.align;
}

// The members of one declaration in a struct, up to behind its `;`.
static uint32_t add_members(ScanTypes *types, uint32_t at, uint32_t end, Layout *layout)
{
    Specifiers specifiers = {0};
    at = take_specifiers(types, at, end, &specifiers);
    if (word_at(types, at) == ';') { // a struct without a name, whose members are ours
        add_member(layout, &(Declarator){.type = specifiers.type});
        return at + 1;
    }
    while (at < end && word_at(types, at) != ';') {
        Declarator member = read_declarator(types, at, end, &specifiers.type);
        add_member(layout, &member);
        at = member.behind;
        while (at < end && word_at(types, at) != ',' && word_at(types, at) != ';') {
            layout->type.is_known = false; // attributes, or what we do not know
            at = scan_behind(types->tokens, at);
        }
        at += word_at(types, at) == ',';
    }
    return at + 1;
}

static bool has_name(const ScanTypes *types, uint32_t from, uint32_t to, const char *name)
{
    size_t size = strlen(name);
    for (uint32_t i = from; i < to; i++) {
        const ScanWord *word = &types->tokens->words[word_at(types, i)];
        bool is_bare = word->size_bytes == size && memcmp(word->text, name, size) == 0;
        if (is_bare || (word->size_bytes == size + 4 && memcmp(word->text + 2, name, size) == 0)) {
            return true;
        }
    }
    return false;
}

static Type read_struct(ScanTypes *types, uint32_t at, uint32_t open)
{
    uint32_t end = types->tokens->tokens[open].partner;
    uint32_t behind = scan_skip_attributes(types->tokens, end + 1);
    Layout layout = {.type = {.align = 1, .is_known = true, .is_struct = true}};
    layout.is_union = word_at(types, at) == WORD_UNION;
    layout.is_packed =
        has_name(types, at, open, "packed") || has_name(types, end, behind, "packed");
    if (types->nested == NESTED_MAX) {
        return (Type){.is_struct = true};
    }
    types->nested++;
    for (uint32_t i = open + 1; i < end;) {
        i = kind_at(types, i) == SCAN_DIRECTIVE || word_at(types, i) == ';'
                ? i + 1
                : add_members(types, i, end, &layout);
    }
    types->nested--;
    layout.type.bytes = round_up(layout.type.bytes, layout.type.align);
    layout.type.has_padding |= layout.type.is_known && layout.filled_bytes != layout.type.bytes;
    layout.type.is_known &= !has_name(types, at, open, "aligned")
                            && !has_name(types, end, behind, "aligned") && layout.type.bytes > 0;
    return layout.type;
}

// struct, union or enum at `at`; behind it.
static uint32_t take_aggregate(ScanTypes *types, uint32_t at, Type *type)
{
    uint32_t open = scan_type_body(types->tokens, at);
    uint32_t name = scan_skip_attributes(types->tokens, at + 1);
    bool has_tag =
        kind_at(types, name) == SCAN_NAME && word_at(types, name) < types->tokens->word_count;
    bool is_enum = word_at(types, at) == WORD_ENUM;
    if (is_enum) {
        // gcc makes a larger one for values that do not fit; those are not told apart here.
        *type = scalar(4, INTEGER);
    } else if (open) {
        *type = read_struct(types, at, open);
        if (has_tag) {
            types->tags[word_at(types, name)] = add_type(types, *type);
        }
    } else if (has_tag && types->tags[word_at(types, name)]) {
        *type = types->types[types->tags[word_at(types, name)]];
    } else {
        *type = (Type){.is_struct = true, .tag = has_tag ? word_at(types, name) : 0};
    }
    uint32_t behind = open ? types->tokens->tokens[open].partner + 1 : has_tag ? name + 1 : name;
    return scan_skip_attributes(types->tokens, behind);
}

// ------------------------------------------------------------------------------------ declarations

typedef struct Plain { // the words of a plain type
    uint32_t longs, shorts, chars, floats, doubles, bools, voids, others;
} Plain;

static bool take_plain(uint32_t word, Plain *plain)
{
    switch (word) {
    case WORD_LONG:
        plain->longs++;
        return true;
    case WORD_SHORT:
        plain->shorts++;
        return true;
    case WORD_CHAR:
        plain->chars++;
        return true;
    case WORD_FLOAT:
        plain->floats++;
        return true;
    case WORD_DOUBLE:
        plain->doubles++;
        return true;
    case WORD_BOOL:
        plain->bools++;
        return true;
    case WORD_VOID:
        plain->voids++;
        return true;
    case WORD_INT:
    case WORD_SIGNED:
    case WORD_UNSIGNED:
        plain->others++;
        return true;
    default:
        return false;
    }
}

static Type plain_type(const Plain *plain)
{
    if (plain->voids || (plain->doubles && plain->longs)) {
        return (Type){0};
    }
    return plain->floats                  ? scalar(4, FLOATING)
           : plain->doubles               ? scalar(8, FLOATING)
           : plain->chars || plain->bools ? scalar(1, INTEGER)
           : plain->shorts                ? scalar(2, INTEGER)
           : plain->longs                 ? scalar(8, INTEGER)
                                          : scalar(4, INTEGER);
}

// Behind the words that say the type, up to the first declarator.
static uint32_t take_specifiers(ScanTypes *types, uint32_t at, uint32_t end, Specifiers *specifiers)
{
    Plain plain = {0};
    bool has_type = false, is_plain = false;
    while (at < end) {
        uint32_t word = word_at(types, at);
        if (scan_is_aggregate(word)) {
            at = take_aggregate(types, at, &specifiers->type);
            has_type = true;
        } else if (take_plain(word, &plain)) {
            has_type = is_plain = true;
            at++;
        } else if (scan_takes_group(word) && word_at(types, at + 1) == '(') {
            has_type |= word >= WORD_TYPEOF && word <= WORD_TYPEOF_2; // and is not known
            at = scan_behind(types->tokens, at + 1);
        } else if (kind_at(types, at) == SCAN_NAME && scan_is_keyword(word)) {
            specifiers->is_typedef |= word == WORD_TYPEDEF;
            specifiers->is_static |= word == WORD_STATIC;
            at++;
        } else if (kind_at(types, at) == SCAN_NAME && !has_type) {
            specifiers->type = *typedef_of(types, word);
            has_type = true;
            at++;
        } else {
            break;
        }
    }
    if (is_plain) {
        specifiers->type = plain_type(&plain);
    }
    return at;
}

// A whole number, as dimensions are written once macros are resolved; false for anything else.
static bool read_number(const ScanTypes *types, uint32_t at, uint64_t *value)
{
    if (kind_at(types, at) != SCAN_NUMBER) {
        return false;
    }
    const ScanWord *word = &types->tokens->words[word_at(types, at)];
    *value = 0;
    for (uint32_t i = 0; i < word->size_bytes; i++) {
        char c = word->text[i];
        if (c < '0' || c > '9') {
            return i > 0 && (c == 'u' || c == 'U');
        }
        *value = *value < (1u << 30) ? *value * 10 + (uint64_t)(c - '0') : *value;
    }
    return word->size_bytes == 1 || word->text[0] != '0';
}

static void make_array(ScanTypes *types, uint32_t open, Type *type)
{
    uint64_t count = 0;
    bool is_number =
        types->tokens->tokens[open].partner == open + 2 && read_number(types, open + 1, &count);
    Type one = *type;
    count = is_number ? count : 1;
    *type = (Type){.bytes = one.bytes * count,
                   .align = one.align,
                   .is_known = one.is_known && is_number,
                   .has_array = true,
                   .has_bits = one.has_bits,
                   .has_padding = one.has_padding};
    for (uint64_t i = 0; i < count && one.bytes > 0 && i * one.bytes < REGISTERS_BYTES; i++) {
        put_classes(type, i * one.bytes, &one);
    }
}

// `(*name)(int)`, `(*name[3])(int)`, `(name)(int)`: at the first parenthesis.
static uint32_t take_nested(ScanTypes *types, uint32_t at, Declarator *declarator)
{
    uint32_t close = types->tokens->tokens[at].partner;
    bool is_pointer = false;
    declarator->result = declarator->type;
    for (uint32_t i = at + 1; i < close; i++) {
        is_pointer |= word_at(types, i) == '*';
        declarator->type.is_known &= word_at(types, i) != '[';
        if (!declarator->name && kind_at(types, i) == SCAN_NAME
            && !scan_is_keyword(word_at(types, i))) {
            declarator->name = i;
        }
    }
    declarator->is_function_pointer = is_pointer && word_at(types, close + 1) == '(';
    if (is_pointer) {
        bool is_known = declarator->type.is_known || declarator->is_function_pointer;
        declarator->type = scalar(8, INTEGER);
        declarator->type.is_known = is_known;
    }
    return close + 1;
}

static Declarator read_declarator(ScanTypes *types, uint32_t at, uint32_t end, const Type *base)
{
    Declarator declarator = {.type = *base};
    uint32_t word = word_at(types, at);
    for (; at < end && (word == '*' || scan_is_keyword(word)); word = word_at(types, at)) {
        if (word == '*') {
            declarator.type = scalar(8, INTEGER);
        }
        at = scan_takes_group(word) && word_at(types, at + 1) == '('
                 ? scan_behind(types->tokens, at + 1)
                 : at + 1;
    }
    if (kind_at(types, at) == SCAN_NAME) {
        declarator.name = at++;
    } else if (word == '(') {
        at = take_nested(types, at, &declarator);
    }
    for (uint32_t from = at; at < end; at = scan_behind(types->tokens, at)) {
        if (word_at(types, at) == '(' && at == from) {
            declarator.parameters = at;
        } else if (word_at(types, at) == '[') {
            make_array(types, at, &declarator.type);
            declarator.is_array = true;
        } else {
            break;
        }
    }
    if (word_at(types, at) == ':') {
        declarator.has_bits = true;
        declarator.type.is_known &= read_number(types, at + 1, &declarator.bits);
        at += 2;
    }
    declarator.behind = at;
    return declarator;
}

// -------------------------------------------------------------------------------------- functions

static bool is_odd(const Type *type)
{
    bool is_even = type->bytes == 1 || type->bytes == 2 || type->bytes == 4 || type->bytes == 8
                   || type->bytes >= REGISTERS_BYTES;
    // One of unknown size has at least what is known of it.
    return type->is_struct && (type->is_known ? !is_even : type->bytes <= REGISTERS_BYTES);
}

// Whether tcc and gcc carry it in different registers.
static bool is_mixed(const Type *type)
{
    if (!type->is_struct || type->bytes > REGISTERS_BYTES) {
        return false;
    }
    uint8_t halves[2] = {0, 0};
    for (uint32_t i = 0; i < REGISTERS_BYTES; i++) {
        halves[i / 8] |= type->classes[i];
    }
    uint8_t whole = (halves[0] | halves[1]) == FLOATING && !type->has_array ? FLOATING : INTEGER;
    bool is_same = (halves[0] == FLOATING) == (whole == FLOATING)
                   && (halves[1] == 0 || (halves[1] == FLOATING) == (whole == FLOATING));
    return !type->is_known || !is_same;
}

static bool has_mixed_parameter(ScanTypes *types, uint32_t open)
{
    uint32_t end = types->tokens->tokens[open].partner;
    for (uint32_t at = open + 1; at < end;) {
        Specifiers specifiers = {0};
        at = take_specifiers(types, at, end, &specifiers);
        Declarator parameter = read_declarator(types, at, end, &specifiers.type);
        bool is_value = !parameter.parameters && !parameter.is_array && parameter.type.is_struct;
        types->is_early |= is_value && parameter.type.tag;
        if (is_value && is_mixed(&parameter.type)) {
            return true;
        }
        at = parameter.behind;
        while (at < end && word_at(types, at) != ',') {
            at = scan_behind(types->tokens, at);
        }
        at += at < end;
    }
    return false;
}

static void note_function(ScanTypes *types, const Specifiers *specifiers,
                          const Declarator *declarator)
{
    const Type *result = declarator->is_function_pointer ? &declarator->result : &declarator->type;
    uint32_t open = declarator->is_function_pointer ? declarator->behind : declarator->parameters;
    uint32_t close = types->tokens->tokens[open].partner, is = 0;
    types->is_early |= result->tag != 0;
    is |= is_odd(result) ? FUNCTION_ODD_RESULT : 0;
    is |= is_mixed(result) || has_mixed_parameter(types, open) ? FUNCTION_MIXED : 0;
    is |= result->is_struct && word_at(types, close - 1) == WORD_ELLIPSIS ? FUNCTION_VARIADIC : 0;
    is |= specifiers->is_static ? FUNCTION_STATIC : 0;
    is |= declarator->is_function_pointer ? FUNCTION_POINTER : 0;
    is |= types->tokens->tokens[declarator->name].is_system ? FUNCTION_SYSTEM : 0;
    types->functions[word_at(types, declarator->name)] |= (uint8_t)is;
}

static void note_declarator(ScanTypes *types, const Specifiers *specifiers, Declarator *declarator)
{
    uint32_t name = declarator->name;
    if (!name) {
        return;
    }
    bool is_function = declarator->parameters != 0;
    if (specifiers->is_typedef) {
        Type type = is_function ? (Type){0} : declarator->type;
        types->typedefs[word_at(types, name)] = add_type(types, type);
    } else if (is_function) {
        note_function(types, specifiers, declarator);
    } else if (declarator->is_function_pointer && word_at(types, declarator->behind) == '(') {
        note_function(types, specifiers, declarator);
    } else {
        uint32_t is = VARIABLE | (specifiers->is_static ? VARIABLE_STATIC : 0);
        types->functions[word_at(types, name)] |= (uint8_t)is;
    }
}

// From the first token of a declaration to behind its end.
static uint32_t take_declaration(ScanTypes *types, uint32_t at)
{
    uint32_t end = types->tokens->count;
    Specifiers specifiers = {0};
    uint32_t from = at;
    at = take_specifiers(types, at, end, &specifiers);
    while (at < end && word_at(types, at) != ';') {
        Declarator declarator = read_declarator(types, at, end, &specifiers.type);
        note_declarator(types, &specifiers, &declarator);
        at = declarator.behind;
        while (at < end && word_at(types, at) != ',' && word_at(types, at) != ';') {
            bool is_body = word_at(types, at) == '{' && word_at(types, at - 1) != '=';
            at = scan_behind(types->tokens, at);
            if (is_body) {
                return at;
            }
        }
        at += word_at(types, at) == ',';
    }
    return at > from && word_at(types, at) != ';' ? at : at + 1;
}

static void read_all(ScanTypes *types)
{
    types->is_early = false;
    for (uint32_t at = 0; at < types->tokens->count;) {
        bool is_directive = scan_kind(types->tokens, at) == SCAN_DIRECTIVE;
        at = is_directive ? at + 1 : take_declaration(types, at);
    }
}

const ScanTypes *scan_types_read(const ScanTokens *tokens, Arena *scratch)
{
    ScanTypes *types = ARENA_NEW(scratch, ScanTypes, 1);
    *types = (ScanTypes){.tokens = tokens, .scratch = scratch};
    types->typedefs = ARENA_NEW(scratch, uint32_t, tokens->word_count);
    types->tags = ARENA_NEW(scratch, uint32_t, tokens->word_count);
    types->functions = ARENA_NEW(scratch, uint8_t, tokens->word_count);
    (void)add_type(types, (Type){0});
    read_all(types);
    if (types->is_early) {
        // A prototype spoke of a struct that was not defined before it; now all are.
        memset(types->functions, 0, tokens->word_count);
        read_all(types);
    }
    return types;
}

uint32_t scan_types_function(const ScanTypes *types, uint32_t word)
{
    return types->functions[word];
}

bool scan_types_is_odd(const ScanTypes *types, uint32_t word)
{
    return (types->typedefs[word] && is_odd(typedef_of(types, word)))
           || (types->tags[word] && is_odd(&types->types[types->tags[word]]));
}

bool scan_types_has_bits(const ScanTypes *types, uint32_t word)
{
    return typedef_of(types, word)->has_bits || types->types[types->tags[word]].has_bits;
}

bool scan_types_has_padding(const ScanTypes *types, uint32_t word, bool is_tag)
{
    const Type *type = is_tag ? &types->types[types->tags[word]] : typedef_of(types, word);
    return type->has_padding;
}

bool scan_types_is_struct(const ScanTypes *types, uint32_t word)
{
    return types->typedefs[word] && typedef_of(types, word)->is_struct;
}
