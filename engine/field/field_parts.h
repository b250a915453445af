// What the files of field share. Inside this module only.
#ifndef FIELD_PARTS_H
#define FIELD_PARTS_H
#include "field.h"

static inline const ReflectType *type_of(const FieldView *view, uint32_t type)
{
    return &view->table->types[type];
}

static inline bool is_aggregate(const ReflectType *type)
{
    return type->kind == REFLECT_STRUCT || type->kind == REFLECT_UNION;
}

// ---- field.c

// The n-th member by name, those of anonymous structs and unions as the struct's own; its
// offset_bits are from the start of `type`. False: there are fewer.
bool field_member(const ReflectTable *table, uint32_t type, uint64_t n, ReflectMember *member);
Field field_of_member(const Field *field, const ReflectMember *member);
// What a pointer holds; false: it is none, or its memory is not there.
bool field_pointer(const FieldView *view, const Field *field, uint64_t *value);
// What lies at `value` for a pointer to `want` (0: void). False: nothing that is known.
bool field_target(const FieldView *view, uint64_t value, uint32_t want, Field *target);
bool field_is_text(const FieldView *view, const Field *field); // a char array
Field field_of_block(const FieldBlock *block);
Field field_of_variable(const ReflectVariable *variable);

// ---- field_name.c

// The name of a variable that field_find finds it by.
void field_variable_name(const FieldView *view, const ReflectVariable *variable, char *out,
                         size_t out_bytes);
// What a pointer to `want` (0: not known) means by `address`: the outermost thing of that type, or
// that begins there. False: it is no place of the game's.
bool field_target_name(const FieldView *view, uintptr_t address, uint32_t want, char *out,
                       size_t out_bytes);

// "src/hero.c" ends "/home/me/src/hero.c": whole parts of a path.
bool field_ends_path(const char *path, const char *end, size_t length);

#endif
