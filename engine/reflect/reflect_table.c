#include "reflect_table.h"

#include "reflect_join.h"

// Contents: reading, what lies where.

enum { SCRATCH_MIB = 1024, MANY_BYTES = 512 << 10 };

// -------------------------------------------------------------------------------------- reading

typedef struct Reading {
    FoundKind kind;
    Dies dies;
    Arena scratch, *arena;
    ReflectTable *table;
    ReflectKnown *known;       // FOUND_WIDE: what becomes known
    const ReflectTable *types; // with `known` the other library's; NULL: its own
    Fault *fault;
} Reading;

// What is left without the table.
static const char *what_works(const Reading *reading)
{
    return reading->kind == FOUND_TABLE ? "globals are known by their symbols only"
                                        : "it is not used, and the full build takes its place";
}

static bool say_why(const Reading *reading)
{
    const Dies *dies = &reading->dies;

    if (dies->is_packed) {
        return fault_set(reading->fault, FAULT_FORMAT,
                         "%s: its debug information is packed in a way that is not known; %s; "
                         "build it without -gz, or with -gz=zlib",
                         dies->reflect->path, what_works(reading));
    }
    if (dies->is_broken) {
        return fault_set(reading->fault, FAULT_FORMAT,
                         "%s: its debug information is damaged (at byte %llu of .debug_info); %s; "
                         "build it anew",
                         dies->reflect->path, (unsigned long long)dies->broken_at,
                         what_works(reading));
    }
    return fault_set(reading->fault, FAULT_MEMORY, "%s: its debug information finds no room; %s",
                     dies->reflect->path, what_works(reading));
}

// -g1 names functions and lines, and nothing that a variable could be read with.
static bool has_types(const ReflectTable *table)
{
    for (uint32_t i = 1; i < table->type_count; i++) {
        if (table->types[i].kind != REFLECT_FUNCTION && table->types[i].kind != REFLECT_UNKNOWN) {
            return true;
        }
    }
    return false;
}

// The table of the types is the other one's.
static void take_types(ReflectTable *table, const ReflectTable *from)
{
    table->types = from->types;
    table->members = from->members;
    table->enumerators = from->enumerators;
    table->aliases = from->aliases;
    table->type_count = from->type_count;
    table->member_count = from->member_count;
    table->enumerator_count = from->enumerator_count;
    table->alias_count = from->alias_count;
}

static bool write_types(Reading *reading, Types *types, Texts *texts)
{
    if (reading->types) {
        take_types(reading->table, reading->types);
        return true;
    }
    return reflect_types_write(types, texts, reading->table)
           && reflect_write_aliases(types, texts, reading->table);
}

static bool write_all(Reading *reading, Found *found, Types *types, Texts *texts)
{
    Arena *arena = reading->arena;
    ReflectTable *table = reading->table;

    return write_types(reading, types, texts)
           && reflect_write_renames(&reading->dies, texts, &reading->scratch, table)
           && reflect_write_variables(found, arena, table)
           && reflect_write_functions(found, arena, table)
           && (reading->kind != FOUND_WIDE || reflect_know(reading->known, found, arena));
}

// Places of several variables of one name in one function take a second look, which costs more;
// hardly a game has such ones.
static bool find_all(Reading *reading, Found *found, Types *types, Texts *texts)
{
    bool needs_numbers = false;

    if (!reflect_find_all(found, reading->kind, &reading->dies, types, texts)) {
        return say_why(reading);
    }
    if (!reading->types) {
        return true;
    }
    if (reflect_join(found, reading->known, reading->types, &needs_numbers, reading->fault)) {
        return true;
    }
    if (!needs_numbers) {
        return false;
    }
    return reflect_find_all(found, FOUND_NUMBERED, &reading->dies, types, texts)
               ? reflect_join(found, reading->known, reading->types, NULL, reading->fault)
               : say_why(reading);
}

static bool read_all(Reading *reading)
{
    Dies *dies = &reading->dies;
    bool is_wide = reading->kind == FOUND_WIDE;
    Types types;
    Found found;
    Texts texts = {.arena = reading->arena,
                   .scratch = is_wide ? NULL : &reading->scratch, // texts are looked up later
                   .above = reading->types ? &reading->known->texts : NULL};

    if (dies->is_split) {
        return fault_set(reading->fault, FAULT_FORMAT,
                         "%s: its debug information lies in .dwo files, which are not read; %s; "
                         "build it without -gsplit-dwarf",
                         dies->reflect->path, what_works(reading));
    }
    if (is_wide) {
        reflect_name_sources(dies, &texts);
    }
    reflect_types_open(&types, dies, &reading->scratch);
    if (!find_all(reading, &found, &types, &texts)) {
        return false;
    }
    return write_all(reading, &found, &types, &texts) || say_why(reading);
}

// There is nothing to read: no more than that is wrong with a library that is alone.
static bool read_nothing(const Reading *reading)
{
    if (reading->dies.is_broken) {
        return say_why(reading);
    }
    return reading->kind == FOUND_TABLE
           || fault_set(reading->fault, FAULT_FORMAT, "%s: there is no debug information; %s",
                        reading->dies.reflect->path, what_works(reading));
}

static bool read_table(Reading *reading, Reflect *reflect)
{
    static const ReflectType UNKNOWN = {.name = ""};
    const ReflectTable empty = {.types = &UNKNOWN, .type_count = 1, .is_empty = true};
    size_t used = reading->arena->used_bytes;
    bool is_read;

    *reading->table = empty;
    if (!reflect) {
        return true;
    }
    if (!arena_open(&reading->scratch, 0, (size_t)SCRATCH_MIB << 20, reading->fault)) {
        return false;
    }
    if (reflect_dies_open(&reading->dies, reflect, &reading->scratch)) {
        if (reading->dies.info.bytes > MANY_BYTES) { // a third of the time goes into page faults
            (void)arena_advise(reading->scratch.base, reading->scratch.reserve_bytes,
                               ARENA_HUGE_PAGES);
        }
        *reading->table = (ReflectTable){0};
        is_read = read_all(reading);
    } else {
        is_read = read_nothing(reading);
    }
    if (!is_read || !has_types(reading->table)) {
        *reading->table = empty;
        arena_reset(reading->arena, used);
    }
    arena_close(&reading->scratch);
    return is_read;
}

bool reflect_table(Reflect *reflect, Arena *arena, ReflectTable *table, Fault *fault)
{
    Reading reading = {.kind = FOUND_TABLE, .arena = arena, .table = table, .fault = fault};

    return read_table(&reading, reflect);
}

bool reflect_table_wide(Reflect *reflect, Arena *arena, ReflectTable *table, ReflectKnown *known,
                        Fault *fault)
{
    Reading reading = {
        .kind = FOUND_WIDE, .arena = arena, .table = table, .known = known, .fault = fault};

    if (!read_table(&reading, reflect)) {
        return false;
    }
    return !table->is_empty
           || fault_set(fault, FAULT_FORMAT, "%s: there are no types; %s", reflect->path,
                        what_works(&reading));
}

bool reflect_table_joined(Reflect *reflect, const ReflectTable *types, ReflectKnown *known,
                          Arena *arena, ReflectTable *table, Fault *fault)
{
    Reading reading = {.kind = FOUND_PLACES,
                       .arena = arena,
                       .table = table,
                       .known = known,
                       .types = types,
                       .fault = fault};

    return read_table(&reading, reflect);
}

// ------------------------------------------------------------------------------- what lies where

const ReflectVariable *reflect_variable_at(const ReflectTable *table, uintptr_t address,
                                           uint64_t *offset)
{
    size_t low = SORTED_UP_TO(table->variables, table->variable_count, address, address);

    // Several may begin at one address: an alias, and things of no size.
    for (uintptr_t first = low ? table->variables[low - 1].address : 0;
         low > 0 && first && table->variables[low - 1].address == first; low--) {
        const ReflectVariable *variable = &table->variables[low - 1];
        if (address - first < variable->bytes) {
            if (offset) {
                *offset = address - first;
            }
            return variable;
        }
    }
    return NULL;
}

const ReflectFunction *reflect_function_at(const ReflectTable *table, uintptr_t address)
{
    size_t low = SORTED_UP_TO(table->functions, table->function_count, address, address);

    if (low > 0) {
        const ReflectFunction *function = &table->functions[low - 1];
        if (address - function->address < function->bytes || address == function->address) {
            return function;
        }
    }
    return NULL;
}
