// Packed tables are read into nodes, as debug information is, so that sizes, shapes and the search
// for types that hold themselves are the same code for both. The bytes are described at the top of
// reflect_pack.c.
//
// Contents: bytes, types, sizes, the rest, the whole.
#include <string.h>

#include "reflect_packed.h"
#include "reflect_types.h"

#define SCRATCH_BYTES_MAX ((size_t)8 << 30)
#define TYPE_BYTES_MAX    (UINT64_C(1) << 40)
#define ALIGN_MAX         (UINT32_C(1) << 28)

enum {
    VARINT_BYTES_MAX = 10,
    POINTER_BYTES = 8,
    DEEP_MAX = 128,
    EMPTY_COUNT_MAX = 65536, // elements of no size
    LEAVES_MAX = 1 << 20     // of one type, the elements of an array counted once
};

typedef struct Unpacking {
    const uint8_t *at, *end;
    Arena scratch;
    Types types;
    Dies dies; // of which only `is_broken` is used
    const char **texts;
    uint32_t text_count; // with "", which is text 0
    bool is_sound, has_room;
} Unpacking;

// ---------------------------------------------------------------------------------------- bytes

static void refuse(Unpacking *from)
{
    from->is_sound = false;
    from->at = from->end;
}

static uint64_t take_number(Unpacking *from)
{
    uint64_t number = 0;
    for (unsigned shift = 0; from->at < from->end && shift < 7 * VARINT_BYTES_MAX; shift += 7) {
        uint8_t byte = *from->at++;
        number |= shift < 64 ? (uint64_t)(byte & 0x7f) << shift : 0;
        if (byte < 0x80) {
            return number;
        }
    }
    refuse(from);
    return 0;
}

static uint8_t take_byte(Unpacking *from)
{
    if (from->at == from->end) {
        refuse(from);
        return 0;
    }
    return *from->at++;
}

static uint64_t take_number_to(Unpacking *from, uint64_t highest)
{
    uint64_t number = take_number(from);
    if (number > highest) {
        refuse(from);
        return 0;
    }
    return number;
}

// How many of something come, each of at least `item_bytes`: never more than the bytes can hold.
static uint32_t take_count(Unpacking *from, size_t item_bytes)
{
    return (uint32_t)take_number_to(from, (size_t)(from->end - from->at) / item_bytes);
}

static void *room(Unpacking *from, Arena *arena, size_t item_bytes, size_t count)
{
    void *list = arena_try_push(arena, item_bytes, 16, count);
    if (!list) {
        from->has_room = false;
        refuse(from);
    }
    return list;
}

static const char *take_text(Unpacking *from)
{
    return from->texts[take_number_to(from, from->text_count - 1)];
}

// Made harmless, which never makes it longer.
static const char *take_new_text(Unpacking *from, Arena *arena)
{
    uint64_t length = take_number(from);
    if (length > (uint64_t)(from->end - from->at)) {
        refuse(from);
        return "";
    }
    char *raw = room(from, &from->scratch, 1, length + 1);
    char *text = raw ? room(from, arena, 1, length + 1) : NULL;
    if (!text) {
        return "";
    }
    memcpy(raw, from->at, length);
    text_clean(text, length + 1, raw, false);
    from->at += length;
    return text;
}

static void take_texts(Unpacking *from, Arena *arena)
{
    static const char *const EMPTY[] = {""};
    uint32_t count = take_count(from, 2);
    const char **texts = room(from, &from->scratch, sizeof(char *), (size_t)count + 1);
    if (!texts) {
        from->texts = (const char **)(uintptr_t)EMPTY;
        from->text_count = 1;
        return;
    }
    texts[0] = "";
    from->texts = texts;
    from->text_count = count + 1;
    for (uint32_t i = 1; i <= count; i++) {
        texts[i] = take_new_text(from, arena);
    }
}

// ---------------------------------------------------------------------------------------- types

static uint32_t take_type(Unpacking *from)
{
    return (uint32_t)take_number_to(from, from->types.node_count - 1);
}

static void take_members(Unpacking *from, ReflectType *type)
{
    Types *types = &from->types;
    type->member_count = take_count(from, 4);
    type->first_member = types->member_count;
    for (uint32_t i = 0; i < type->member_count && from->is_sound; i++) {
        ReflectMember member = {.name = take_text(from)};
        member.type = take_type(from);
        member.offset_bits = take_number_to(from, TYPE_BYTES_MAX * 8);
        member.bit_size = (uint32_t)take_number_to(from, 64);
        types->members[types->member_count++] = member;
    }
}

static void take_enumerators(Unpacking *from, ReflectType *type)
{
    Types *types = &from->types;
    type->enumerator_count = take_count(from, 2);
    type->first_enumerator = types->enumerator_count;
    for (uint32_t i = 0; i < type->enumerator_count && from->is_sound; i++) {
        const char *name = take_text(from);
        uint64_t value = take_number(from);
        int64_t number = (int64_t)(value >> 1 ^ (value & 1 ? UINT64_MAX : 0));
        types->enumerators[types->enumerator_count++] = (ReflectEnumerator){name, number};
    }
}

static void take_type_node(Unpacking *from, TypeNode *node)
{
    ReflectType *type = &node->type;
    uint8_t first = take_byte(from);
    *type = (ReflectType){.kind = (ReflectKind)(first & PACKED_KIND_MASK),
                          .is_signed = (first & PACKED_SIGNED) != 0,
                          .is_bool = (first & PACKED_BOOL) != 0,
                          .is_char = (first & PACKED_CHAR) != 0};
    node->is_vector = (first & PACKED_VECTOR) != 0;
    if (type->kind > REFLECT_ARRAY || (node->is_vector && type->kind != REFLECT_ARRAY)) {
        type->kind = REFLECT_UNKNOWN;
        refuse(from);
    }
    type->name = take_text(from);
    type->align = (uint32_t)take_number_to(from, ALIGN_MAX);
    if (type->kind != REFLECT_ARRAY) {
        type->bytes = take_number_to(from, TYPE_BYTES_MAX);
    }
    if (packed_has_target(type->kind)) {
        type->of = take_type(from);
    }
    if (type->kind == REFLECT_ARRAY) {
        type->count = take_number_to(from, TYPE_BYTES_MAX);
    } else if (type->kind == REFLECT_ENUM) {
        take_enumerators(from, type);
    } else if (packed_has_members(type->kind)) {
        take_members(from, type);
    }
}

// Every member and enumerator takes some bytes, so there are never more than those.
static void take_types(Unpacking *from)
{
    uint32_t count = take_count(from, 4);
    size_t left = (size_t)(from->end - from->at);
    Types *types = &from->types;
    types->scratch = &from->scratch;
    types->dies = &from->dies;
    types->nodes = room(from, &from->scratch, sizeof(TypeNode), (size_t)count + 1);
    types->members = room(from, &from->scratch, sizeof(ReflectMember), left / 4 + 1);
    types->enumerators = room(from, &from->scratch, sizeof(ReflectEnumerator), left / 2 + 1);
    if (!from->is_sound) {
        return;
    }
    types->nodes[0].type.name = "";
    types->node_count = count + 1;
    for (uint32_t i = 1; i <= count && from->is_sound; i++) {
        take_type_node(from, &types->nodes[i]);
    }
}

// ---------------------------------------------------------------------------------------- sizes

// Leaves of every type so far, with those that it holds; 0: not counted yet. Whoever walks through
// a type walks through so many.
typedef struct Counting {
    const ReflectTable *table;
    uint32_t *leaves;
} Counting;

// Deeper than types nest only where two that hold each other have been taken for one.
static uint32_t count_leaves(Counting *counting, uint32_t at, int depth)
{
    const ReflectTable *table = counting->table;
    const ReflectType *type = &table->types[at];
    uint64_t leaves = 1;
    if (counting->leaves[at] || depth == DEEP_MAX) {
        return counting->leaves[at] ? counting->leaves[at] : LEAVES_MAX + 1;
    }
    if (type->kind == REFLECT_ARRAY) {
        leaves += count_leaves(counting, type->of, depth + 1);
    }
    for (uint32_t i = 0; packed_has_members(type->kind) && i < type->member_count; i++) {
        leaves += count_leaves(counting, table->members[type->first_member + i].type, depth + 1);
        leaves = leaves < LEAVES_MAX ? leaves : LEAVES_MAX + 1;
    }
    counting->leaves[at] = (uint32_t)leaves;
    return counting->leaves[at];
}

// A bit-field of a whole number, and inside of it.
static bool is_bit_field_sound(const ReflectMember *member, const ReflectType *of)
{
    return (of->kind == REFLECT_INTEGER || of->kind == REFLECT_ENUM) && of->bytes <= 8
           && member->bit_size <= of->bytes * 8;
}

static bool are_members_inside(const ReflectTable *table, const ReflectType *type)
{
    for (uint32_t i = 0; type->kind != REFLECT_FUNCTION && i < type->member_count; i++) {
        const ReflectMember *member = &table->members[type->first_member + i];
        const ReflectType *of = &table->types[member->type];
        uint64_t bits = member->bit_size ? member->bit_size : of->bytes * 8;
        bool is_sound =
            member->bit_size ? is_bit_field_sound(member, of) : member->offset_bits % 8 == 0;
        if (!is_sound || member->offset_bits + bits > type->bytes * 8) {
            return false;
        }
    }
    return true;
}

static bool is_type_sound(const ReflectTable *table, const ReflectType *type)
{
    const ReflectType *of = &table->types[type->of];
    if ((type->align & (type->align - 1)) != 0) {
        return false;
    }
    switch (type->kind) {
    case REFLECT_POINTER:
        return type->bytes == POINTER_BYTES;
    case REFLECT_ENUM:
        return type->of == 0 || (of->kind == REFLECT_INTEGER && of->bytes == type->bytes);
    case REFLECT_ARRAY:
        return of->bytes > 0 ? type->count <= TYPE_BYTES_MAX / of->bytes
                             : type->count <= EMPTY_COUNT_MAX;
    default:
        return are_members_inside(table, type);
    }
}

static bool are_types_sound(Unpacking *from, const ReflectTable *table)
{
    Counting counting = {table,
                         room(from, &from->scratch, sizeof(uint32_t), (size_t)table->type_count)};
    for (uint32_t i = 1; from->is_sound && i < table->type_count; i++) {
        if (!is_type_sound(table, &table->types[i]) || count_leaves(&counting, i, 0) > LEAVES_MAX) {
            refuse(from);
        }
    }
    return from->is_sound;
}

// --------------------------------------------------------------------------------------- the rest

// Types that are the same are one in the table.
static uint32_t take_table_type(Unpacking *from)
{
    return from->types.nodes[take_type(from)].index;
}

static void take_aliases(Unpacking *from, Arena *arena, ReflectTable *table)
{
    uint32_t count = take_count(from, 2);
    ReflectAlias *aliases = room(from, arena, sizeof(ReflectAlias), count);
    for (uint32_t i = 0; aliases && i < count; i++) {
        aliases[i] = (ReflectAlias){.name = take_text(from)};
        aliases[i].type = take_table_type(from);
    }
    table->aliases = aliases;
    table->alias_count = count;
}

static void take_variable(Unpacking *from, ReflectVariable *variable, const ReflectTable *table)
{
    *variable = (ReflectVariable){.name = take_text(from)};
    variable->unit = take_text(from);
    variable->function = take_text(from);
    variable->block = (uint32_t)take_number_to(from, UINT32_MAX);
    variable->type = take_table_type(from);
    variable->bytes = take_number_to(from, TYPE_BYTES_MAX);
    uint8_t flags = take_byte(from);
    variable->is_external = (flags & PACKED_EXTERNAL) != 0;
    variable->is_const = (flags & PACKED_CONST) != 0;
    variable->is_thread_local = (flags & PACKED_THREAD_LOCAL) != 0;
    if (flags > (PACKED_EXTERNAL | PACKED_CONST | PACKED_THREAD_LOCAL)
        || variable->bytes < table->types[variable->type].bytes) {
        refuse(from);
    }
}

static void take_variables(Unpacking *from, Arena *arena, ReflectTable *table)
{
    uint32_t count = take_count(from, 7);
    ReflectVariable *variables = room(from, arena, sizeof(ReflectVariable), count);
    for (uint32_t i = 0; variables && i < count; i++) {
        take_variable(from, &variables[i], table);
    }
    table->variables = variables;
    table->variable_count = count;
}

// -------------------------------------------------------------------------------------- the whole

static bool take_head(Unpacking *from)
{
    bool is_ours = from->end - from->at >= PACKED_HEAD_BYTES
                   && memcmp(from->at, REFLECT_PACK_MAGIC, 4) == 0
                   && from->at[4] == REFLECT_PACK_VERSION;
    from->at += is_ours ? PACKED_HEAD_BYTES : 0;
    return is_ours;
}

static bool take_all(Unpacking *from, Arena *arena, ReflectTable *table)
{
    Texts texts = {.arena = arena};
    take_texts(from, arena);
    if (from->is_sound) {
        take_types(from);
    }
    if (!from->is_sound) {
        return false;
    }
    if (!reflect_types_write(&from->types, &texts, table)) {
        from->has_room = from->dies.is_broken; // else it is for want of room
        return false;
    }
    if (are_types_sound(from, table)) {
        take_aliases(from, arena, table);
    }
    if (from->is_sound) {
        take_variables(from, arena, table);
    }
    table->is_empty = table->type_count == 1;
    return from->is_sound && from->at == from->end;
}

bool reflect_unpack(const uint8_t *bytes, size_t size_bytes, Arena *arena, ReflectTable *table,
                    Fault *fault)
{
    static const ReflectType UNKNOWN = {.name = ""};
    size_t used = arena->used_bytes;
    Unpacking from = {.at = bytes, .end = bytes + size_bytes, .is_sound = true, .has_room = true};
    *table = (ReflectTable){0};
    bool ok = size_bytes <= REFLECT_PACKED_MAX && take_head(&from);
    if (ok && !arena_open(&from.scratch, 0, SCRATCH_BYTES_MAX, fault)) {
        ok = from.has_room = false;
    } else if (ok) {
        ok = take_all(&from, arena, table);
    }
    arena_close(&from.scratch);
    if (!ok) {
        *table = (ReflectTable){.types = &UNKNOWN, .type_count = 1, .is_empty = true};
        arena_reset(arena, used);
        return from.has_room
                   ? fault_set(fault, FAULT_FORMAT, "the list of types in it is damaged")
                   : fault_set(fault, FAULT_MEMORY, "the list of types in it finds no room");
    }
    return true;
}
