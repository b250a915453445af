// The bytes
//
//     4  "HLTY"
//     1  version (REFLECT_PACK_VERSION)
//     texts      count, then of each its length and bytes; text 0 is "" and is not there
//     types      count, then of each
//                  1  kind in the low four bits, then is_signed, is_bool, is_char, and whether it
//                  is
//                     a vector that is longer than its elements (one of three)
//                  name, align
//                  all but arrays: bytes
//                  pointer, array, enum, function: of
//                  array: count
//                  enum: count, then of each its name and value
//                  struct, union, function: count, then of each its name, type, offset_bits and
//                  bit_size
//     aliases    count, then of each its name and type
//     variables  count, then of each its name, unit, function, block, type and bytes, then
//                  1  is_external, is_const, is_thread_local from the lowest bit on
//
// Numbers are varints: seven bits a byte, the lowest first, the top bit says that more follow. An
// enumerator's value has its sign in the lowest bit. Types are counted from 1; 0 is unknown. What
// follows from the rest - sizes of arrays, shapes - is left out, so that it cannot lie.
#include "reflect_packed.h"

#include <string.h>

#define SCRATCH_BYTES_MAX ((size_t)4 << 30)

typedef struct TextSlot {
    const char *text; // NULL: free
    uint32_t number;
} TextSlot;

typedef struct Packing {
    const ReflectTable *table;
    Arena scratch;
    Arena body, texts;   // bytes, one after the other
    uint32_t *numbers;   // of the table's types in the packed one; 0: not wanted (so far)
    uint32_t *order;     // the other way
    uint32_t type_count; // in `order`, which begins at 1
    TextSlot *slots;
    uint32_t slot_mask, text_count;
    bool is_full;
} Packing;

// ---------------------------------------------------------------------------------------- bytes

static void put(Packing *packing, Arena *to, const void *bytes, size_t size_bytes)
{
    uint8_t *at = to->used_bytes + size_bytes <= REFLECT_PACKED_MAX
                      ? arena_try_push(to, 1, 1, size_bytes)
                      : NULL;
    if (!at) {
        packing->is_full = true;
    } else if (size_bytes > 0) {
        memcpy(at, bytes, size_bytes);
    }
}

static void put_number(Packing *packing, Arena *to, uint64_t number)
{
    uint8_t bytes[10];
    size_t used = 0;
    for (; number >= 0x80; number >>= 7) {
        bytes[used++] = (uint8_t)(number | 0x80);
    }
    bytes[used++] = (uint8_t)number;
    put(packing, to, bytes, used);
}

static void put_byte(Packing *packing, uint8_t byte)
{
    put(packing, &packing->body, &byte, 1);
}

// The text's number; it is kept once.
static void put_text(Packing *packing, const char *text)
{
    size_t length = strlen(text);
    if (length == 0) {
        put_number(packing, &packing->body, 0);
        return;
    }
    uint32_t at = (uint32_t)hash_bytes(text, length) & packing->slot_mask;
    while (packing->slots[at].text && strcmp(packing->slots[at].text, text) != 0) {
        at = (at + 1) & packing->slot_mask;
    }
    TextSlot *slot = &packing->slots[at];
    if (!slot->text) {
        *slot = (TextSlot){text, ++packing->text_count};
        put_number(packing, &packing->texts, length);
        put(packing, &packing->texts, text, length);
    }
    put_number(packing, &packing->body, slot->number);
}

// --------------------------------------------------------------------------- what there is to say

static void want(Packing *packing, uint32_t type)
{
    if (type > 0 && type < packing->table->type_count && !packing->numbers[type]) {
        packing->numbers[type] = ++packing->type_count;
        packing->order[packing->type_count] = type;
    }
}

static void want_all(Packing *packing, const uint32_t *types, uint32_t type_count,
                     bool with_variables)
{
    const ReflectTable *table = packing->table;
    for (uint32_t i = 0; i < type_count; i++) {
        want(packing, types[i]);
    }
    for (uint32_t i = 0; with_variables && i < table->variable_count; i++) {
        want(packing, table->variables[i].type);
    }
    for (uint32_t i = 1; i <= packing->type_count; i++) { // which grows
        const ReflectType *type = &table->types[packing->order[i]];
        want(packing, type->of);
        for (uint32_t k = 0; k < type->member_count; k++) {
            want(packing, table->members[type->first_member + k].type);
        }
    }
}

static void put_members(Packing *packing, const ReflectType *type)
{
    put_number(packing, &packing->body, type->member_count);
    for (uint32_t i = 0; i < type->member_count; i++) {
        const ReflectMember *member = &packing->table->members[type->first_member + i];
        put_text(packing, member->name);
        put_number(packing, &packing->body, packing->numbers[member->type]);
        put_number(packing, &packing->body, member->offset_bits);
        put_number(packing, &packing->body, member->bit_size);
    }
}

static void put_enumerators(Packing *packing, const ReflectType *type)
{
    put_number(packing, &packing->body, type->enumerator_count);
    for (uint32_t i = 0; i < type->enumerator_count; i++) {
        const ReflectEnumerator *one = &packing->table->enumerators[type->first_enumerator + i];
        uint64_t value = (uint64_t)one->value;
        put_text(packing, one->name);
        put_number(packing, &packing->body, value << 1 ^ (one->value < 0 ? UINT64_MAX : 0));
    }
}

static bool is_long_vector(const Packing *packing, const ReflectType *type)
{
    return type->kind == REFLECT_ARRAY
           && type->bytes > type->count * packing->table->types[type->of].bytes;
}

static void put_type(Packing *packing, const ReflectType *type)
{
    put_byte(packing,
             (uint8_t)((uint8_t)type->kind | (type->is_signed ? PACKED_SIGNED : 0)
                       | (type->is_bool ? PACKED_BOOL : 0) | (type->is_char ? PACKED_CHAR : 0)
                       | (is_long_vector(packing, type) ? PACKED_VECTOR : 0)));
    put_text(packing, type->name);
    put_number(packing, &packing->body, type->align);
    if (type->kind != REFLECT_ARRAY) {
        put_number(packing, &packing->body, type->bytes);
    }
    if (packed_has_target(type->kind)) {
        put_number(packing, &packing->body, packing->numbers[type->of]);
    }
    if (type->kind == REFLECT_ARRAY) {
        put_number(packing, &packing->body, type->count);
    } else if (type->kind == REFLECT_ENUM) {
        put_enumerators(packing, type);
    } else if (packed_has_members(type->kind)) {
        put_members(packing, type);
    }
}

static void put_aliases(Packing *packing)
{
    const ReflectTable *table = packing->table;
    uint32_t count = 0;
    for (uint32_t i = 0; i < table->alias_count; i++) {
        count += packing->numbers[table->aliases[i].type] != 0;
    }
    put_number(packing, &packing->body, count);
    for (uint32_t i = 0; i < table->alias_count; i++) {
        const ReflectAlias *alias = &table->aliases[i];
        if (packing->numbers[alias->type]) {
            put_text(packing, alias->name);
            put_number(packing, &packing->body, packing->numbers[alias->type]);
        }
    }
}

static void put_variables(Packing *packing, bool with_variables)
{
    uint32_t count = with_variables ? packing->table->variable_count : 0;
    put_number(packing, &packing->body, count);
    for (uint32_t i = 0; i < count; i++) {
        const ReflectVariable *variable = &packing->table->variables[i];
        put_text(packing, variable->name);
        put_text(packing, variable->unit);
        put_text(packing, variable->function);
        put_number(packing, &packing->body, variable->block);
        put_number(packing, &packing->body, packing->numbers[variable->type]);
        put_number(packing, &packing->body, variable->bytes);
        put_byte(packing, (uint8_t)((variable->is_external ? PACKED_EXTERNAL : 0)
                                    | (variable->is_const ? PACKED_CONST : 0)
                                    | (variable->is_thread_local ? PACKED_THREAD_LOCAL : 0)));
    }
}

// ---------------------------------------------------------------------------------------- the
// whole

static bool open_packing(Packing *packing, const ReflectTable *table)
{
    uint64_t texts = (uint64_t)table->type_count + table->member_count + table->enumerator_count
                     + table->alias_count + 3ull * table->variable_count;
    uint32_t slots = 64;
    *packing = (Packing){.table = table};
    while (slots < texts * 2 && slots < UINT32_C(1) << 31) {
        slots *= 2;
    }
    if (!arena_open(&packing->scratch, 0, SCRATCH_BYTES_MAX, NULL)
        || !arena_open(&packing->body, 0, REFLECT_PACKED_MAX, NULL)
        || !arena_open(&packing->texts, 0, REFLECT_PACKED_MAX, NULL)) {
        return false;
    }
    size_t types = (size_t)table->type_count + 1;
    packing->numbers = arena_try_push(&packing->scratch, sizeof(uint32_t), 8, types);
    packing->order = arena_try_push(&packing->scratch, sizeof(uint32_t), 8, types);
    packing->slots = arena_try_push(&packing->scratch, sizeof(TextSlot), 8, slots);
    packing->slot_mask = slots - 1;
    return packing->numbers && packing->order && packing->slots;
}

static ReflectPacked join(Packing *packing, Arena *arena)
{
    uint8_t head[PACKED_HEAD_BYTES];
    Arena all = {0};
    ReflectPacked packed = {0};
    memcpy(head, REFLECT_PACK_MAGIC, 4);
    head[4] = REFLECT_PACK_VERSION;
    if (arena_open(&all, 0, REFLECT_PACKED_MAX, NULL)) {
        put(packing, &all, head, sizeof(head));
        put_number(packing, &all, packing->text_count);
        put(packing, &all, packing->texts.base, packing->texts.used_bytes);
        put(packing, &all, packing->body.base, packing->body.used_bytes);
        uint8_t *bytes = packing->is_full ? NULL : arena_try_push(arena, 1, 16, all.used_bytes);
        if (bytes) {
            memcpy(bytes, all.base, all.used_bytes);
            packed = (ReflectPacked){bytes, all.used_bytes};
        }
    }
    arena_close(&all);
    return packed;
}

ReflectPacked reflect_pack(const ReflectTable *table, const uint32_t *types, uint32_t type_count,
                           bool with_variables, Arena *arena)
{
    Packing packing;
    ReflectPacked packed = {0};
    if (open_packing(&packing, table)) {
        want_all(&packing, types, type_count, with_variables);
        put_number(&packing, &packing.body, packing.type_count);
        for (uint32_t i = 1; i <= packing.type_count; i++) {
            put_type(&packing, &table->types[packing.order[i]]);
        }
        put_aliases(&packing);
        put_variables(&packing, with_variables);
        packed = join(&packing, arena);
    }
    arena_close(&packing.texts);
    arena_close(&packing.body);
    arena_close(&packing.scratch);
    return packed;
}
