#include "reflect_table.h"

#include "reflect_variables.h"

// Contents: reading, what lies where.

enum { SCRATCH_MIB = 1024, MANY_BYTES = 512 << 10 };

// -------------------------------------------------------------------------------------- reading

static bool say_why(const Dies *dies, Fault *fault)
{
    if (dies->is_packed) {
        return fault_set(fault, FAULT_FORMAT,
                         "%s: its debug information is packed in a way that is not known; globals "
                         "are known by their symbols only; build it without -gz, or with -gz=zlib",
                         dies->reflect->path);
    }
    if (dies->is_broken) {
        return fault_set(fault, FAULT_FORMAT,
                         "%s: its debug information is damaged (at byte %llu of .debug_info); "
                         "globals are known by their symbols only; build it anew",
                         dies->reflect->path, (unsigned long long)dies->broken_at);
    }
    return fault_set(fault, FAULT_MEMORY,
                     "%s: its debug information finds no room; globals are known by their symbols "
                     "only",
                     dies->reflect->path);
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

static bool read_all(Dies *dies, Arena *scratch, Arena *arena, ReflectTable *table, Fault *fault)
{
    Types types;
    Found found;
    Texts texts = {.arena = arena, .scratch = scratch};

    if (dies->is_split) {
        return fault_set(fault, FAULT_FORMAT,
                         "%s: its debug information lies in .dwo files, which are not read; "
                         "globals are known by their symbols only; build it without -gsplit-dwarf",
                         dies->reflect->path);
    }
    reflect_types_open(&types, dies, scratch);
    if (!reflect_find_all(&found, dies, &types, &texts)
        || !reflect_types_write(&types, &texts, table)
        || !reflect_write_aliases(&types, &texts, table)
        || !reflect_write_renames(dies, &texts, scratch, table)
        || !reflect_write_variables(&found, arena, table)
        || !reflect_write_functions(&found, arena, table)) {
        return say_why(dies, fault);
    }
    return true;
}

bool reflect_table(Reflect *reflect, Arena *arena, ReflectTable *table, Fault *fault)
{
    static const ReflectType UNKNOWN = {.name = ""};
    const ReflectTable empty = {.types = &UNKNOWN, .type_count = 1, .is_empty = true};
    size_t used = arena->used_bytes;
    Arena scratch;
    Dies dies;
    bool is_read = true;

    *table = empty;
    if (!reflect) {
        return true;
    }
    if (!arena_open(&scratch, 0, (size_t)SCRATCH_MIB << 20, fault)) {
        return false;
    }
    if (reflect_dies_open(&dies, reflect, &scratch)) {
        if (dies.info.bytes > MANY_BYTES) { // a third of the time goes into page faults
            (void)arena_advise(scratch.base, scratch.reserve_bytes, ARENA_HUGE_PAGES);
        }
        *table = (ReflectTable){0};
        is_read = read_all(&dies, &scratch, arena, table, fault);
    } else if (dies.is_broken) {
        is_read = say_why(&dies, fault);
    }
    if (!is_read || !has_types(table)) {
        *table = empty;
        arena_reset(arena, used);
    }
    arena_close(&scratch);
    return is_read;
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
