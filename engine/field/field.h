// Places in the state by name and back: "hero.pos.x", "mobs[3].target->hp", "score",
// "update.calls". Reads values as text, makes bytes of a value's text, walks the tree of what there
// is. Writes nothing: whoever owns the memory puts the bytes there.
//
// A path begins with a member of the state's struct, or with a variable's name (a static inside a
// function as FUNCTION.NAME, one of several as FILE:NAME or FILE:FUNCTION.NAME); goes on with
// .MEMBER, ->MEMBER (the same, through a pointer), [INDEX]; an allocation is TYPE@ADDRESS or
// TYPE#N, the n-th of its type in address order, from 0; TYPE where there is only one.
//
//   field.c       memory, allocations, members     field_find.c  a name to a place
//   field_name.c  an address to a name             field_text.c  a place to a text
//   field_parse.c a text to bytes                  field_walk.c  all leaves, differences
//   field_moved.c a path in the next build
#ifndef FIELD_H
#define FIELD_H
#include "heap.h"
#include "reflect_match.h"
#include "reflect_value.h"

enum { FIELD_NAME_MAX = 320 }; // room for a path

// A live allocation.
typedef struct FieldBlock {
    uintptr_t address;
    uint64_t count, element_bytes;
    const char *tag; // in the heap: "Mob"
    uint32_t type;   // 0: the build has no such type of that size
    uint32_t nth;    // of its tag, from 0
    bool is_only;    // of its tag
} FieldBlock;

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
    // From field_index; NULL: the heap is walked each time that an allocation is looked for.
    const FieldBlock *blocks;
    size_t block_count;
} FieldView;

// Something with a type somewhere.
typedef struct Field {
    uint32_t type;
    uintptr_t address;
    uint32_t bit, bit_size; // of a bit-field
    uint64_t count;         // of an allocation as a whole: elements of that type; 0: just one thing
    bool is_const;
} Field;

// Finds all allocations once, for views that are asked many times; they must stay as they are then.
// Without room in `arena` the view stays as it was.
void field_index(FieldView *view, Arena *arena);
// The type that an allocation has by its tag ("Mob", "struct Mob", "Mob *") and the size of its
// elements; 0: there is none.
uint32_t field_tag_type(const ReflectTable *table, const char *tag, uint64_t element_bytes);
// Copies bytes of the view's memory; false: they are not there.
bool field_read(const FieldView *view, uintptr_t address, void *out, size_t bytes);
// The allocation that `address` lies in.
bool field_block_at(const FieldView *view, uintptr_t address, FieldBlock *block);
// *cursor begins as 0; false at the end.
bool field_next_block(const FieldView *view, size_t *cursor, FieldBlock *block);
// The bytes that it takes, those of a bit-field with the bits beside it.
uint64_t field_bytes(const FieldView *view, const Field *field);

// FAULT_USAGE: there is no such place; says how far the path was understood and what there is
// ("hero has no member poz; did you mean pos?").
bool field_find(const FieldView *view, const char *path, Field *field, Fault *fault);
// "hero.pos.x" for an address: the innermost field that holds it, which goes to *field (may be
// NULL), too; of a text the whole char array. Allocations as "Mob[3].hp" ("Mob#2[3].hp" where there
// are several), variables by name; field_find finds all of these again. False: it is none; `out`
// says what it is then ("the runtime's own bookkeeping").
bool field_name(const FieldView *view, uintptr_t address, Field *field, char *out,
                size_t out_bytes);
// The same as reports of changes name it, by types: "Game.hero.pos.x", "Mob[3].hp" of whichever.
bool field_name_by_type(const FieldView *view, uintptr_t address, char *out, size_t out_bytes);
// What it is in the innermost struct that has a name: "Body.pos[1]", "Mob.hp". False: it lies in
// none; `out` is "" then.
bool field_member_name(const FieldView *view, uintptr_t address, char *out, size_t out_bytes);
// One line: "12", "{x: 1, y: 2}", "\"text\"", "-> Mob#3", "NULL", "jump()". Numbers with as many
// digits as it takes to read them back exactly.
void field_text(const FieldView *view, const Field *field, char *out, size_t out_bytes);
// "Mob", "float [3][4]", "unsigned int : 3"
void field_type_text(const FieldView *view, const Field *field, char *out, size_t out_bytes);
// A number, an enum by name, a pointer (NULL only), a char array's text, as the bytes from
// field->address on; those of a bit-field with the bits beside it. *size_bytes: room in `bytes`,
// then how many they are. FAULT_USAGE.
bool field_parse(const FieldView *view, const Field *field, const char *text, uint8_t *bytes,
                 size_t *size_bytes, Fault *fault);
// Members of a struct, elements of an array, the target of a pointer: the n-th, with its name
// ("pos", "[3]", "*"). False: no more.
bool field_child(const FieldView *view, const Field *field, uint64_t n, Field *child, char *name,
                 size_t name_bytes);
uint64_t field_child_count(const FieldView *view, const Field *field);
// True for what has no parts: numbers, pointers, texts.
bool field_is_leaf(const FieldView *view, const Field *field);
// The path of a child: "hero" and "pos" give "hero.pos", "mobs" and "[3]" give "mobs[3]". What a
// pointer points to is its [0].
void field_join(const char *path, const char *name, char *out, size_t out_bytes);

// What a path of the old build is called in the new one; the roots are the types of the states.
// False: it leads to what is gone, or through what has no names (allocations, anonymous unions).
bool field_path_moved(ReflectMatch *match, uint32_t from_root, uint32_t to_root, const char *path,
                      char *out, size_t out_bytes);

// The roots of the tree: the state's struct, then each variable that is not const and has a place,
// by name, then each allocation but that of the state. *cursor begins as 0; false at the end.
typedef enum FieldRoot { FIELD_STATE, FIELD_VARIABLE, FIELD_ALLOCATION } FieldRoot;
bool field_next_root(const FieldView *view, uint64_t *cursor, FieldRoot *kind, Field *field,
                     char *name, size_t name_bytes);

// ------------------------------------------------------------------------------------ all leaves

// Goes through everything that has a value: numbers, pointers and texts of the state, then of the
// variables, then of the allocations. Pointers are not followed.
enum { FIELD_WALK_DEEP = 32 };
typedef struct FieldWalk {
    const FieldView *view; // set it; the rest begins as zero
    uint64_t cursor;
    int depth; // of `levels` in use
    struct {
        Field field;
        uint64_t next, count;
        size_t path_bytes; // of its own name
    } levels[FIELD_WALK_DEEP];
    char path[2 * FIELD_NAME_MAX]; // of the leaf
} FieldWalk;
bool field_walk_next(FieldWalk *walk, Field *leaf); // false at the end

// What differs between two views of the same addresses (and the same table).
typedef struct FieldDifference {
    char path[2 * FIELD_NAME_MAX];
    char a[200], b[200]; // values as texts
} FieldDifference;
// The next leaf of `walk`, which goes through `a`, that is another one in `b`.
bool field_next_difference(FieldWalk *walk, const FieldView *b, FieldDifference *difference);
// Whether the leaf differs; if so as texts, which say it also where they look alike.
bool field_differs(const FieldView *a, const FieldView *b, const Field *leaf, char *text_a,
                   char *text_b, size_t text_bytes);

#endif
