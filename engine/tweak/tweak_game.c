// Which variables of a build are numbers to play with, and what each began with.
#include "reflect_value.h"
#include "tweak.h"

#include <string.h>

static const hl_tweak *declared_at(const GameLib *lib, uintptr_t address)
{
    for (uint32_t i = 0; i < lib->tweak_count; i++) {
        if ((uintptr_t)lib->tweaks[i].value == address) {
            return &lib->tweaks[i];
        }
    }
    return NULL;
}

static bool kind_of(const ReflectType *type, TweakKind *kind)
{
    *kind = type->kind == REFLECT_FLOAT ? TWEAK_REAL : type->is_bool ? TWEAK_BOOL : TWEAK_WHOLE;
    return type->kind == REFLECT_FLOAT || (type->kind == REFLECT_INTEGER && !type->is_char);
}

bool tweak_of(const GameLib *lib, const ReflectTable *table, uintptr_t address, const char *path,
              TweakOf *of, Fault *fault)
{
    uint64_t offset = 0;
    TweakKind kind;
    const ReflectVariable *variable = reflect_variable_at(table, address, &offset);
    *of = (TweakOf){0};
    if (!variable || variable->is_const || variable->is_thread_local) {
        return fault_set(fault, FAULT_USAGE,
                         "%s is no variable of the game that begins with a number", path);
    }
    const ReflectType *type = &table->types[variable->type];
    uintptr_t first = lib->globals_first, end = lib->globals_end;
    bool is_there = lib->globals_initial && variable->address >= first
                    && variable->address + type->bytes <= end;
    if (offset != 0 || !kind_of(type, &kind)) {
        return fault_set(fault, FAULT_USAGE,
                         "%s is no single number: what a struct, a table or a text begins with is "
                         "changed by hand",
                         path);
    }
    if (!is_there
        || !tweak_value(kind, type->bytes, type->is_signed,
                        lib->globals_initial + (variable->address - first), &of->loaded)) {
        return fault_set(fault, FAULT_USAGE, "%s: what it began with is not known", path);
    }
    of->loaded.is_color = reflect_is_color(type);
    of->variable = variable;
    of->declared = declared_at(lib, variable->address);
    return true;
}

TweakValue tweak_now(const TweakOf *of)
{
    TweakValue now;
    (void)tweak_value(of->loaded.kind, of->loaded.bytes, of->loaded.is_signed,
                      (const void *)of->variable->address, &now);
    now.is_color = of->loaded.is_color;
    return now;
}
