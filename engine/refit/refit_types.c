#include <dwarf.h>
#include <string.h>

#include "refit_info.h"

// Types as tcc's stabs write them (tccgen.c, tcc_get_debug_info):
//
//   12                a number that was defined before, or will be
//   12=T              the same as T, and its definition
//   *T                a pointer; of nothing that follows: to a type that has no number
//   ar1;0;LAST;T      an array of LAST + 1; -2 for one without a size
//   fT                a function
//   s8name:T,0,32;;   a struct of 8 bytes, with its members: name, type, first bit, bits;
//   u8...             a union. s-1: only declared
//   eNAME:1,OTHER:2,; an enumeration
//   r1;...            a number, of which the name says more
//
// Structs, unions, enumerations and numbers stand in stabs of their own ("name:T12=...").
//
// Contents: reading, the table, asking for types, writing.

enum { NUMBER_MAX = 1 << 22, NESTED_MAX = 64 };

typedef enum TypeKind {
    TYPE_VOID,
    TYPE_BASE,
    TYPE_POINTER,
    TYPE_ARRAY,
    TYPE_FUNCTION,
    TYPE_STRUCT,
    TYPE_UNION,
    TYPE_ENUM
} TypeKind;

struct InfoType {
    TypeKind kind;
    uint32_t of;
    int64_t number; // arrays: elements, -1: not known; structs: bytes; base: its row
    RefitName name;
    const char *text; // of members
    uint32_t pointer; // the type that points to this one
    uint64_t offset;  // in .debug_info; 0: not written
};

typedef struct Base {
    const char *name;
    uint8_t bytes, encoding;
} Base;

static const Base bases[] = {
    {"int", 4, DW_ATE_signed},
    {"char", 1, DW_ATE_signed_char},
    {"long int", 8, DW_ATE_signed},
    {"unsigned int", 4, DW_ATE_unsigned},
    {"long unsigned int", 8, DW_ATE_unsigned},
    {"__int128", 16, DW_ATE_signed},
    {"__int128 unsigned", 16, DW_ATE_unsigned},
    {"long long int", 8, DW_ATE_signed},
    {"long long unsigned int", 8, DW_ATE_unsigned},
    {"short int", 2, DW_ATE_signed},
    {"short unsigned int", 2, DW_ATE_unsigned},
    {"signed char", 1, DW_ATE_signed_char},
    {"unsigned char", 1, DW_ATE_unsigned_char},
    {"float", 4, DW_ATE_float},
    {"double", 8, DW_ATE_float},
    {"long double", 16, DW_ATE_float},
    {"bool", 1, DW_ATE_boolean},
};

// -------------------------------------------------------------------------------------- reading

static uint32_t add_type(Info *info, const InfoType *type)
{
    if (info->type_count == info->type_room) {
        uint32_t room = info->type_room * 2 + 1024;
        InfoType *types = ARENA_NEW(info->object->arena, InfoType, room);
        if (info->type_count > 0) {
            memcpy(types, info->types, info->type_count * sizeof *types);
        }
        info->types = types;
        info->type_room = room;
    }
    info->types[info->type_count] = *type;
    return info->type_count++;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

// As far as it fits; what is larger is damaged, and wrong in any case.
static int64_t read_number(const char **at)
{
    bool is_negative = **at == '-';
    uint64_t number = 0;

    *at += is_negative;
    for (; is_digit(**at); ++*at) {
        number = number * 10 + (uint64_t)(**at - '0');
    }
    number &= INT64_MAX;
    return is_negative ? -(int64_t)number : (int64_t)number;
}

static uint32_t pointer_to(Info *info, uint32_t type)
{
    if (info->types[type].pointer == 0) {
        uint32_t pointer = add_type(info, &(InfoType){.kind = TYPE_POINTER, .of = type});
        info->types[type].pointer = pointer;
    }
    return info->types[type].pointer;
}

static bool read_type(Info *info, const char **at, int depth, uint32_t *type);

static bool read_array(Info *info, const char **at, int depth, uint32_t *type)
{
    uint32_t of;
    int64_t last;

    if (strncmp(*at, "ar1;0;", 6) != 0) {
        return false;
    }
    *at += 6;
    last = read_number(at);
    if (**at != ';') {
        return false;
    }
    ++*at;
    if (!read_type(info, at, depth + 1, &of) || of == 0) {
        return false;
    }
    *type = add_type(
        info, &(InfoType){.kind = TYPE_ARRAY, .of = of, .number = last >= -1 ? last + 1 : -1});
    return true;
}

// Of a number that no stab defines: none.
static bool read_numbered(Info *info, const char **at, int depth, uint32_t *type)
{
    int64_t number = read_number(at);

    if (**at == '=') {
        ++*at;
        return read_type(info, at, depth + 1, type);
    }
    if (number < 0 || number >= info->number_count || info->numbers[number] == 0) {
        return false;
    }
    *type = info->numbers[number] - 1;
    return true;
}

static bool read_type(Info *info, const char **at, int depth, uint32_t *type)
{
    uint32_t of = 0;

    if (depth > NESTED_MAX) {
        return false;
    }
    if (is_digit(**at)) {
        return read_numbered(info, at, depth, type);
    }
    switch (**at) {
    case '*':
        ++*at;
        if (!read_type(info, at, depth + 1, &of)) {
            return false;
        }
        *type = pointer_to(info, of);
        return true;
    case 'f':
        ++*at;
        if (!read_type(info, at, depth + 1, &of)) {
            return false;
        }
        *type = add_type(info, &(InfoType){.kind = TYPE_FUNCTION, .of = of});
        return true;
    case 'a':
        return read_array(info, at, depth, type);
    default:
        return false;
    }
}

// ------------------------------------------------------------------------------------ the table

static bool read_base(RefitName name, InfoType *type)
{
    for (size_t i = 0; i < COUNT_OF(bases); i++) {
        if (strlen(bases[i].name) == name.bytes
            && memcmp(bases[i].name, name.text, name.bytes) == 0) {
            type->kind = TYPE_BASE;
            type->number = (int64_t)i;
            return true;
        }
    }
    return false;
}

// "name:T12=...": false: of a kind that is not written.
static bool define(const char *text, InfoType *type, int64_t *number)
{
    const char *at = text + strcspn(text, ":");

    *type = (InfoType){.name = {text, (size_t)(at - text)}};
    at += 2; // ":T": a stab of another form is not among them
    *number = read_number(&at);
    if (strcmp(at, "=27") == 0 && *number == 27) {
        return true; // void
    }
    if (*at++ != '=') {
        return false;
    }
    switch (*at++) {
    case 'r':
        return read_base(type->name, type);
    case 'e':
        type->kind = TYPE_ENUM;
        type->number = 4;
        break;
    case 's':
    case 'u':
        type->kind = at[-1] == 's' ? TYPE_STRUCT : TYPE_UNION;
        type->number = read_number(&at);
        break;
    default:
        return false;
    }
    type->text = at;
    return true;
}

void refit_open_types(Info *info)
{
    const RefitStabs *stabs = info->stabs;
    Arena *arena = info->object->arena;
    InfoType type;
    int64_t number, most = 0;

    (void)add_type(info, &(InfoType){.kind = TYPE_VOID});
    for (uint32_t i = 0; i < stabs->type_count; i++) {
        (void)define(stabs->types[i], &type, &number);
        most = number > most && number < NUMBER_MAX ? number : most;
    }
    info->number_count = (uint32_t)most + 1;
    info->numbers = ARENA_NEW(arena, uint32_t, info->number_count);
    for (uint32_t i = 0; i < stabs->type_count; i++) {
        if (define(stabs->types[i], &type, &number) && number >= 0 && number < info->number_count) {
            info->numbers[number] = 1 + (type.kind == TYPE_VOID ? 0 : add_type(info, &type));
        }
    }
    info->blocks = ARENA_NEW(arena, uint64_t, stabs->event_count + 1u);
}

// ----------------------------------------------------------------------------- asking for types

bool refit_find_type(Info *info, const char *text, uint32_t *type)
{
    return read_type(info, &text, 0, type) && *type != 0;
}

void refit_put_type(Info *info, uint32_t type)
{
    RefitObject *object = info->object;

    if (info->reference_count == info->reference_room) {
        uint32_t room = info->reference_room * 2 + 4096;
        InfoReference *references = ARENA_NEW(object->arena, InfoReference, room);
        if (info->reference_count > 0) {
            memcpy(references, info->references, info->reference_count * sizeof *references);
        }
        info->references = references;
        info->reference_room = room;
    }
    info->references[info->reference_count++] =
        (InfoReference){object->parts[info->part].bytes, type};
    refit_put(object, info->part, 0, 4);
}

// -------------------------------------------------------------------------------------- writing

static void put_name(Info *info, RefitName name)
{
    if (name.bytes > 0) {
        refit_put_text(info->object, info->part, name.text, name.bytes);
    }
}

// ",first bit,bits;"
static bool read_place(const char **at, int64_t *first, int64_t *bits)
{
    *at += strcspn(*at, ",;");
    if (**at != ',') {
        return false;
    }
    ++*at;
    *first = read_number(at);
    if (**at != ',') {
        return false;
    }
    ++*at;
    *bits = read_number(at);
    if (**at != ';' || *first < 0) {
        return false;
    }
    ++*at;
    return true;
}

// Only numbers have bit-fields; a whole one is none.
static bool is_bit_field(const InfoType *type, int64_t bits)
{
    int64_t whole = type->kind == TYPE_BASE ? bases[type->number].bytes * 8 : 32;

    return (type->kind == TYPE_BASE || type->kind == TYPE_ENUM) && bits > 0 && bits < whole;
}

// *at comes to stand behind it. False: it was the last one, or cannot be read.
static bool write_member(Info *info, const char **at)
{
    RefitObject *object = info->object;
    RefitName name = {*at, strcspn(*at, ":;")};
    int64_t first, bits;
    uint32_t type;
    bool has_type;

    *at += name.bytes;
    if (**at != ':') {
        return false;
    }
    ++*at;
    has_type = read_type(info, at, 0, &type) && type != 0;
    if (!read_place(at, &first, &bits)) {
        return false;
    }
    if (has_type && name.bytes > 0 && is_bit_field(&info->types[type], bits)) {
        refit_put_uleb(object, info->part, ABBREV_BITS);
        refit_put_type(info, type);
        refit_put_uleb(object, info->part, (uint64_t)first);
        refit_put_uleb(object, info->part, (uint64_t)bits);
        put_name(info, name);
    } else if (has_type) {
        refit_put_uleb(object, info->part, name.bytes > 0 ? ABBREV_MEMBER : ABBREV_MEMBER + 1);
        refit_put_type(info, type);
        refit_put_uleb(object, info->part, (uint64_t)first / 8);
        put_name(info, name);
    }
    return true;
}

// "NAME:1,"
static bool write_enumerator(Info *info, const char **at)
{
    RefitName name = {*at, strcspn(*at, ":;")};
    int64_t value;

    *at += name.bytes;
    if (**at != ':' || name.bytes == 0) {
        return false;
    }
    ++*at;
    value = read_number(at);
    if (**at != ',') {
        return false;
    }
    ++*at;
    refit_put_uleb(info->object, info->part, ABBREV_ENUMERATOR);
    refit_put_sleb(info->object, info->part, value);
    put_name(info, name);
    return true;
}

static void write_struct(Info *info, InfoType type)
{
    uint32_t abbrev = type.kind == TYPE_ENUM     ? ABBREV_ENUM
                      : type.kind == TYPE_STRUCT ? ABBREV_STRUCT
                                                 : ABBREV_UNION;
    const char *at = type.text;

    if (type.number < 0) {
        refit_put_uleb(info->object, info->part, ABBREV_DECLARED);
        refit_put_text(info->object, info->part, type.name.text, type.name.bytes);
        return;
    }
    refit_put_uleb(info->object, info->part, abbrev + (type.name.bytes > 0 ? 0 : 1));
    refit_put_uleb(info->object, info->part, (uint64_t)type.number);
    put_name(info, type.name);
    while (type.kind == TYPE_ENUM ? write_enumerator(info, &at) : write_member(info, &at)) {
    }
    refit_put(info->object, info->part, 0, 1);
}

static void write_array(Info *info, InfoType type)
{
    refit_put_uleb(info->object, info->part, ABBREV_ARRAY);
    refit_put_type(info, type.of);
    refit_put_uleb(info->object, info->part, type.number < 0 ? ABBREV_RANGE_OPEN : ABBREV_RANGE);
    if (type.number >= 0) {
        refit_put_uleb(info->object, info->part, (uint64_t)type.number);
    }
    refit_put(info->object, info->part, 0, 1);
}

static void write_reference(Info *info, InfoType type)
{
    bool is_pointer = type.kind == TYPE_POINTER;

    refit_put_uleb(info->object, info->part,
                   (is_pointer ? ABBREV_POINTER : ABBREV_CALLED) + (type.of ? 0u : 1u));
    if (is_pointer) {
        refit_put_uleb(info->object, info->part, 8);
    }
    if (type.of) {
        refit_put_type(info, type.of);
    }
}

static void write_type(Info *info, InfoType type)
{
    switch (type.kind) {
    case TYPE_VOID:
        break;
    case TYPE_BASE:
        refit_put_uleb(info->object, info->part, ABBREV_BASE);
        refit_put_text(info->object, info->part, type.name.text, type.name.bytes);
        refit_put_uleb(info->object, info->part, bases[type.number].bytes);
        refit_put(info->object, info->part, bases[type.number].encoding, 1);
        break;
    case TYPE_POINTER:
    case TYPE_FUNCTION:
        write_reference(info, type);
        break;
    case TYPE_ARRAY:
        write_array(info, type);
        break;
    case TYPE_STRUCT:
    case TYPE_UNION:
    case TYPE_ENUM:
        write_struct(info, type);
        break;
    }
}

// Writing one may ask for others, which come behind.
void refit_write_types(Info *info)
{
    const RefitPart *part = &info->object->parts[info->part];

    for (uint32_t i = 0; i < info->reference_count; i++) {
        uint32_t type = info->references[i].type;
        if (info->types[type].offset == 0) {
            info->types[type].offset = part->bytes;
            write_type(info, info->types[type]);
        }
    }
    for (uint32_t i = 0; i < info->reference_count; i++) {
        const InfoReference *reference = &info->references[i];
        uint32_t offset = (uint32_t)info->types[reference->type].offset;
        memcpy(part->data + reference->offset, &offset, 4);
    }
}
