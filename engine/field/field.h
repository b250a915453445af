// Places in the state by name and back: "hero.pos.x", "mobs[3].target->hp", "score",
// "update.calls". Reads and writes values as text, walks the tree of what there is. Read-only but
// for field_set.
//
// A path begins with a member of the state's struct, or with a variable's name (a static inside a
// function as FUNCTION.NAME, one of several as FILE:NAME); goes on with .MEMBER, ->MEMBER (the
// same, through a pointer), [INDEX]; an allocation is TYPE@ADDRESS or TYPE#N, the n-th of its type
// in address order.
#ifndef FIELD_H
#define FIELD_H
#include "heap.h"
#include "reflect_value.h"

// A memory to look into: the live one, or a moment of history elsewhere.
typedef struct FieldView {
    const ReflectTable *table;
    const Heap *heap;   // at its place, also when `read` reads from elsewhere; NULL: none
    uint32_t root_type; // 0: none
    uintptr_t root;
    // Copies bytes from the address that the game knows them by; false: not there. NULL: memory is
    // read as it is (only the heap and the table's variables are ever read).
    bool (*read)(void *with, uintptr_t address, void *out, size_t bytes);
    void *with;
} FieldView;

// Something with a type somewhere.
typedef struct Field {
    uint32_t type;
    uintptr_t address;
    uint32_t bit, bit_size; // of a bit-field
    bool is_const;
} Field;

// FAULT_USAGE: there is no such place; says how far the path was understood and what there is
// ("hero has no member poz; did you mean pos?").
bool field_find(const FieldView *view, const char *path, Field *field, Fault *fault);
// "hero.pos.x" for an address and, where it helps, its size: the innermost field that holds it.
// Allocations as "Mob[3].hp" ("Mob#2[3].hp" where there are several), variables by name. False: it
// is none; `out` says what it is then ("the runtime's own bookkeeping").
bool field_name(const FieldView *view, uintptr_t address, char *out, size_t out_bytes);
// One line: "12", "{x: 1, y: 2}", "\"text\"", "-> Mob#3", "NULL", "jump()".
void field_text(const FieldView *view, const Field *field, char *out, size_t out_bytes);
// Writes a scalar, a pointer (NULL only), an enum by name, a char array's text. FAULT_USAGE.
bool field_parse(const FieldView *view, const Field *field, const char *text, uint8_t *bytes,
                 size_t *size_bytes, Fault *fault);
// Members of a struct, elements of an array, the target of a pointer: the n-th, with its name
// ("pos", "[3]", "*"). False: no more.
bool field_child(const FieldView *view, const Field *field, uint64_t n, Field *child, char *name,
                 size_t name_bytes);
uint64_t field_child_count(const FieldView *view, const Field *field);

#endif
