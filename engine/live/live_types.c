// What the structs of a build are, as bytes in a replay: its packed table, and which of its
// variables each symbol is - keyframes know variables by symbol, and a compiler may call one
// "calls.4" in one build and "calls.7" in the next.
//
//     4  size of the table, the packed table
//     then for each symbol: its name and a 0 byte, varint nth (of those of that name), varint which
//     of the table's variables it is
//
// Sources are known by their base names only: a recording is no place for somebody's folders, and
// comes from another one on another machine.
#include "live_types.h"

#include "live_internal.h"

#include <stdlib.h>
#include <string.h>

#define PACK_BYTES_MAX   ((size_t)256 << 20)
#define UNPACK_BYTES_MAX ((size_t)4 << 30)

enum { SIZE_BYTES = 4, VARINT_BYTES = 10, NAME_BYTES_MAX = 4096, NAMED_MAX = 16 };

bool live_types_known(const GameLib *lib)
{
    const ReflectTable *table = lib->about;
    return table && !table->is_empty;
}

// ---------------------------------------------------------------------------------------- packing

static uint8_t *put_number(uint8_t *at, uint64_t number)
{
    for (; number >= 0x80; number >>= 7) {
        *at++ = (uint8_t)(number | 0x80);
    }
    *at++ = (uint8_t)number;
    return at;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static ReflectPacked pack_table(const ReflectTable *table, Arena *arena)
{
    ReflectTable copy = *table;
    ReflectVariable *variables =
        arena_push(arena, sizeof(ReflectVariable), 8, (size_t)table->variable_count + 1);
    uint32_t *types = arena_push(arena, sizeof(uint32_t), 8, table->type_count);
    for (uint32_t i = 0; i < table->variable_count; i++) {
        variables[i] = table->variables[i];
        variables[i].unit = base_name(variables[i].unit);
    }
    for (uint32_t i = 1; i < table->type_count; i++) {
        types[i - 1] = i;
    }
    copy.variables = variables;
    return reflect_pack(&copy, types, table->type_count - 1, true, arena);
}

static void put_symbols(const GameLib *lib, Arena *out)
{
    const ReflectTable *table = lib->about;
    const GameLibSymbol *symbol;
    const char *name;
    uint32_t cursor = 0, nth;
    while (gamelib_next_global(lib, &cursor, &symbol, &name, &nth)) {
        uint64_t offset;
        const ReflectVariable *variable = reflect_variable_at(table, symbol->address, &offset);
        size_t name_bytes = strlen(name) + 1;
        if (!variable || offset != 0 || name_bytes > NAME_BYTES_MAX) {
            continue;
        }
        uint8_t numbers[2 * VARINT_BYTES];
        uint8_t *end =
            put_number(put_number(numbers, nth), (uint64_t)(variable - table->variables));
        size_t numbers_bytes = (size_t)(end - numbers);
        uint8_t *at = arena_push(out, 1, 1, name_bytes + numbers_bytes);
        memcpy(at, name, name_bytes);
        memcpy(at + name_bytes, numbers, numbers_bytes);
    }
}

const uint8_t *live_types_pack(const GameLib *lib, Arena *arena, size_t *size_bytes)
{
    Arena scratch, out;
    uint8_t *made = NULL;
    *size_bytes = 0;
    if (!live_types_known(lib) || !arena_open(&scratch, 0, PACK_BYTES_MAX, NULL)) {
        return NULL;
    }
    if (arena_open(&out, 0, PACK_BYTES_MAX, NULL)) {
        ReflectPacked packed = pack_table(lib->about, &scratch);
        uint8_t *at = arena_push(&out, 1, 1, SIZE_BYTES + packed.size_bytes);
        for (int i = 0; i < SIZE_BYTES; i++) {
            at[i] = (uint8_t)(packed.size_bytes >> (8 * i));
        }
        if (packed.bytes) {
            memcpy(at + SIZE_BYTES, packed.bytes, packed.size_bytes);
            put_symbols(lib, &out);
            made = arena_try_push(arena, 1, 16, out.used_bytes);
        }
        if (made) {
            memcpy(made, out.base, out.used_bytes);
            *size_bytes = out.used_bytes;
        }
        arena_close(&out);
    }
    arena_close(&scratch);
    return made;
}

// -------------------------------------------------------------------------------------- unpacking

static bool take_number(const uint8_t **at, const uint8_t *end, uint64_t highest, uint32_t *number)
{
    uint64_t taken = 0;
    for (unsigned shift = 0; *at < end && shift < 35; shift += 7) {
        uint8_t byte = *(*at)++;
        taken |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *number = (uint32_t)taken;
            return taken <= highest;
        }
    }
    return false;
}

static int by_name(const void *left, const void *right)
{
    const LiveSymbol *a = left, *b = right;
    int order = strcmp(a->name, b->name);
    return order ? order : (a->nth > b->nth) - (a->nth < b->nth);
}

static bool take_symbols(LiveTypes *types, const uint8_t *at, const uint8_t *end)
{
    size_t room = (size_t)(end - at) / 3; // each takes that at least
    char *names = arena_try_push(&types->memory, 1, 1, (size_t)(end - at) + 1);
    LiveSymbol *symbols = arena_try_push(&types->memory, sizeof(LiveSymbol), 8, room + 1);
    if (!names || !symbols) {
        return false;
    }
    types->symbols = symbols;
    while (at < end) {
        LiveSymbol *symbol = &symbols[types->symbol_count];
        const uint8_t *zero = memchr(at, 0, (size_t)(end - at));
        if (!zero || types->symbol_count == room) {
            return false;
        }
        size_t name_bytes = (size_t)(zero - at) + 1;
        memcpy(names, at, name_bytes);
        symbol->name = names;
        names += name_bytes;
        at = zero + 1;
        if (!take_number(&at, end, UINT32_MAX, &symbol->nth)
            || !take_number(&at, end, UINT32_MAX, &symbol->variable)
            || symbol->variable >= types->table.variable_count) {
            return false;
        }
        types->symbol_count++;
    }
    if (types->symbol_count > 1) {
        qsort(symbols, types->symbol_count, sizeof(*symbols), by_name);
    }
    return true;
}

bool live_types_open(LiveTypes *types, const uint8_t *bytes, size_t size_bytes, Fault *fault)
{
    *types = (LiveTypes){0};
    size_t table_bytes = 0;
    if (!arena_open(&types->memory, 0, UNPACK_BYTES_MAX, fault)) {
        return false;
    }
    for (int i = 0; size_bytes >= SIZE_BYTES && i < SIZE_BYTES; i++) {
        table_bytes |= (size_t)bytes[i] << (8 * i);
    }
    bool ok = size_bytes >= SIZE_BYTES && table_bytes <= size_bytes - SIZE_BYTES;
    ok = ok || fault_set(fault, FAULT_FORMAT, "the list of types in it is damaged");
    ok =
        ok && reflect_unpack(bytes + SIZE_BYTES, table_bytes, &types->memory, &types->table, fault);
    if (ok && !take_symbols(types, bytes + SIZE_BYTES + table_bytes, bytes + size_bytes)) {
        ok = fault_set(fault, FAULT_FORMAT, "the list of variables in it is damaged");
    }
    if (!ok) {
        live_types_close(types);
    }
    return ok;
}

void live_types_close(LiveTypes *types)
{
    arena_close(&types->memory);
    *types = (LiveTypes){0};
}

// ---------------------------------------------------------------------------------------- finding

const ReflectVariable *live_types_variable(const LiveTypes *types, const char *symbol, uint32_t nth)
{
    LiveSymbol wanted = {.name = symbol, .nth = nth};
    const LiveSymbol *found =
        types->symbol_count > 0
            ? bsearch(&wanted, types->symbols, types->symbol_count, sizeof(wanted), by_name)
            : NULL;
    return found ? &types->table.variables[found->variable] : NULL;
}

const ReflectVariable *live_types_counterpart(const ReflectTable *table, const ReflectVariable *was)
{
    const ReflectVariable *found = NULL, *anywhere = NULL;
    uint32_t count = 0, elsewhere = 0;
    for (uint32_t i = 0; i < table->variable_count; i++) {
        const ReflectVariable *is = &table->variables[i];
        if (is->block != was->block || strcmp(is->name, was->name) != 0
            || strcmp(is->function, was->function) != 0) {
            continue;
        }
        bool is_here =
            strcmp(base_name(is->unit), was->unit) == 0 || (is->is_external && was->is_external);
        found = is_here ? is : found;
        count += is_here;
        anywhere = is;
        elsewhere++;
    }
    // The only one of its name may have moved to another source.
    return count == 1 ? found : count == 0 && elsewhere == 1 ? anywhere : NULL;
}

static const char *without_tag(const char *name)
{
    static const char *const TAGS[] = {"struct ", "union ", "enum "};
    for (size_t i = 0; i < COUNT_OF(TAGS); i++) {
        size_t length = strlen(TAGS[i]);
        if (strncmp(name, TAGS[i], length) == 0) {
            return name + length;
        }
    }
    return name;
}

// Of several of that name and size they must be the same, or it is not known which is meant.
static bool take_named(const ReflectTable *table, uint32_t type, uint64_t size_bytes,
                       uint32_t *found)
{
    bool fits = type > 0 && table->types[type].bytes == size_bytes;
    if (fits && *found && table->types[*found].shape != table->types[type].shape) {
        return false;
    }
    *found = fits && !*found ? type : *found;
    return true;
}

uint32_t live_types_named(const ReflectTable *table, const char *name, uint64_t size_bytes)
{
    uint32_t found = 0;
    name = without_tag(name);
    for (uint32_t i = 1; i < table->type_count; i++) {
        if (strcmp(table->types[i].name, name) == 0 && !take_named(table, i, size_bytes, &found)) {
            return 0;
        }
    }
    for (uint32_t i = 0; i < table->alias_count; i++) {
        if (strcmp(table->aliases[i].name, name) == 0
            && !take_named(table, table->aliases[i].type, size_bytes, &found)) {
            return 0;
        }
    }
    return found;
}
