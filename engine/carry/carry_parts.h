// What the files of carry share: carry.c (opening, the globals, names), carry_sides.c (what a build
// consists of, and what is whose counterpart), carry_types.c (where in types there are words),
// carry_values.c (values, leaf by leaf), carry_words.c (pointers), carry_texts.c (string literals),
// carry_report.c (items and their texts), carry_pieces.c (variables that were taken apart),
// carry_graves.c (functions that are no more).
#ifndef CARRY_PARTS_H
#define CARRY_PARTS_H
#include <elf.h>

#include "carry.h"
#include "reflect_match.h"
#include "reflect_value.h"

#define CARRY_NONE UINT32_MAX

enum { CARRY_DEPTH_MAX = 48, CARRY_TEXT_MAX = 240, CARRY_NAME_MAX = 160 };

// ------------------------------------------------------------------------------- carry_sides.c

typedef enum CarryWay {
    CARRY_SKIP, // nothing of it is at stake
    CARRY_COPY, // same layout, same initialiser: the live bytes
    CARRY_WALK, // leaf by leaf
    CARRY_ALONE // it has no counterpart, or one that takes no room
} CarryWay;

// A variable or a function of one build.
typedef struct CarryObject {
    const char *name, *unit, *function;
    uint32_t block, type;
    uint32_t next; // of the same hash of names; CARRY_NONE: the last
    uint32_t twin; // its counterpart in the other build; CARRY_NONE: there is none
    uint32_t first_piece, piece_count; // of the side's table
    uintptr_t address;                 // 0: the optimiser dropped it, or took it to pieces
    uint64_t bytes;
    CarryWay way;
    bool is_external, is_const;
    bool is_symbol; // known by its symbol alone
    bool is_live;   // a variable that can change: among the library's globals
} CarryObject;

typedef struct CarryRoll {
    CarryObject *objects; // by address, those without one first
    uint32_t count;
    uint32_t *heads; // by hash of name
    uint32_t mask;
} CarryRoll;

typedef struct CarrySide {
    const GameLib *lib;
    const ReflectTable *table; // one of nothing where there is none
    uintptr_t code_first, code_end;
    CarryRoll variables, functions;
    uint8_t *traits; // by type, see carry_traits
} CarrySide;

void carry_side_open(CarrySide *side, Arena *arena, const CarryBuild *build, bool has_types);
// What the loader was told of the library: the nth segment, and where in memory it is.
bool carry_segment(const CarrySide *side, uint32_t index, Elf64_Phdr *segment);
uintptr_t carry_segment_place(const CarrySide *side, const Elf64_Phdr *segment);
void carry_pair(CarrySide *from, CarrySide *to);
// The last object that begins at or before `address`; NULL: none.
const CarryObject *carry_object_before(const CarryRoll *roll, uintptr_t address);
// The function called so in that unit, or the only one called so; NULL: none.
const CarryObject *carry_function(const CarrySide *side, const char *unit, const char *name);
bool carry_in_image(const CarrySide *side, uint64_t address);
bool carry_in_code(const CarrySide *side, uint64_t address);
// It is in memory, in one place or several.
bool carry_is_placed(const CarryObject *object);
// Where the object's bytes stand that it was loaded with.
const uint8_t *carry_initial(const CarrySide *side, const CarryObject *object);

// ------------------------------------------------------------------------------- carry_types.c

enum {
    CARRY_HAS_WORDS = 1,     // it has room for an address, 8 bytes from its start or a multiple
    CARRY_HAS_ODD_WORDS = 2, // or elsewhere (packed structs)
    CARRY_TRAITS_KNOWN = 4
};

uint32_t carry_traits(CarrySide *side, uint32_t type);
// What a pointer that is followed points to in each build; NULL or types 0: not known.
typedef struct CarryField {
    uint32_t from, to;
} CarryField;
// What a pointer to `want` means may stand there in a thing of that type.
bool carry_thing_at(const ReflectTable *table, uint32_t type, uint64_t offset, uint32_t want);
// Both are pointers to structs, or hold some, and some point to one of another name now.
bool carry_says_other(Carry *carry, uint32_t from, uint32_t to);
bool carry_is_text(const ReflectType *array, const ReflectType *element);

// ------------------------------------------------------------------------------- carry_words.c

typedef struct CarryTarget {
    uint64_t word;
    bool is_gone;
    const CarryObject *function; // that is gone; its grave is not dug yet
    bool is_open;                // the type of the pointer may decide otherwise
} CarryTarget;

// Counterpart of a word that points into from's image. `field` may be NULL.
CarryTarget carry_target(Carry *carry, uint64_t word, const CarryField *field);
// carry_word for a pointer of known type.
uint64_t carry_pointer(Carry *carry, uint64_t word, const CarryField *field, bool *gone);
// What a word that is none of ours is after the state moved: see CarryForward.
uint64_t carry_forwarded(const Carry *carry, uint64_t word, const CarryField *field, bool *gone);
// Whether carry_word of it goes by an address where two things meet, which a type tells apart.
bool carry_is_open(Carry *carry, uint64_t word);
// It points into from's image, or to a grave.
bool carry_is_ours(const Carry *carry, uint64_t word);
// A place of the read-only data in which no variable lies.
bool carry_is_literal(const CarrySide *side, uint64_t address);
// The variable that the place belongs to, its end too, and how far in; NULL: none.
const CarryObject *carry_variable_at(const CarrySide *side, uint64_t address, uint32_t want,
                                     uint64_t *offset);
// Whether two words that were there at first mean the same thing.
bool carry_same_target(Carry *carry, uint64_t old, uint64_t new_, const CarryField *field);
bool carry_same_bytes(Carry *carry, const uint8_t *old, const uint8_t *new_, uint64_t bytes,
                      bool has_words);

// ------------------------------------------------------------------------------- carry_texts.c

typedef struct CarryTexts CarryTexts;

// The place in the new build's read-only data with the same text; 0: none.
uint64_t carry_text(Carry *carry, uint64_t word);
bool carry_same_text(const CarrySide *a, uint64_t text_a, const CarrySide *b, uint64_t text_b);
// Copies what stands there, as far as it is text; false: it is none.
bool carry_read_text(const CarrySide *side, uint64_t address, char *out, size_t out_bytes);

// ------------------------------------------------------------------------------ carry_report.c

typedef struct CarryItems CarryItems;

CarryItems *carry_items_open(Arena *arena);
Arena *carry_items_arena(const CarryItems *items);
bool carry_items_full(const CarryItems *items, CarryFate fate);
void carry_item(CarryItems *items, CarryFate fate, const char *name, const char *text);
bool carry_has_item(const CarryItems *items, CarryFate fate, const char *name);
void carry_items_close(CarryItems *items, CarryReport *report, Arena *arena);
void carry_label(const CarryObject *object, char *out, size_t out_bytes);
// "12", "IDLE", "\"text\"", "jump()" ... of a leaf; of anything else the first bytes.
void carry_value_text(const Carry *carry, const CarrySide *side, uint32_t type,
                      const uint8_t *bytes, uint64_t size_bytes, char *out, size_t out_bytes);
// "it was 12", "speed[3] was 12, and 4 more values": what of `live` is not as in `initial`. False
// when nothing is.
bool carry_loss_text(Carry *carry, CarrySide *side, const CarryObject *object, const uint8_t *live,
                     const uint8_t *initial, char *out, size_t out_bytes);

// ------------------------------------------------------------------------------ carry_pieces.c

// The whole variable, as it is or as it was loaded with.
uint8_t *carry_assemble(const CarrySide *side, const CarryObject *object, bool is_initial,
                        Arena *arena);
// How many of those bytes of it are in memory: all, where it is whole.
uint64_t carry_covered(const CarrySide *side, const CarryObject *object, uint64_t offset,
                       uint64_t bytes);
// Writes what differs from `fresh` to where the pieces are; `fresh` becomes what is there.
void carry_disassemble(const CarrySide *side, CarryItems *items, const CarryObject *object,
                       const uint8_t *bytes, uint8_t *fresh);

// ----------------------------------------------------------------------------- carry_threads.c

// Thread-local variables, if the calling thread has changed any.
void carry_tell_threads(const CarrySide *side, CarryItems *items);

// ------------------------------------------------------------------------------ carry_values.c

// What became of a variable.
typedef struct CarryOutcome {
    uint32_t carried, other; // leaves, or runs of them
} CarryOutcome;

// Leaf by leaf. Where the new one is a constant nothing can be carried. Memory for what is in
// pieces comes from `arena`.
CarryOutcome carry_walk(Carry *carry, CarryItems *items, const CarryObject *from,
                        const CarryObject *to, Arena *arena);
// All of it, of the same layout and the same initialiser.
CarryOutcome carry_copy(Carry *carry, CarryItems *items, const CarryObject *from,
                        const CarryObject *to);

// ------------------------------------------------------------------------------------- carry.c

typedef struct CarryMemo {
    uint64_t word;
    CarryTarget target;
} CarryMemo;

enum { CARRY_MEMO_COUNT = 4096 };

struct Carry {
    CarrySide from, to;
    ReflectMatch *match; // of the two sides' tables
    Arena *arena;
    CarryForward forward; // NULL: words that point elsewhere stay as they are
    void *forward_with;
    CarryMemo *memo;    // of words, by hash
    CarryTexts *texts;  // NULL until the first is looked for
    int64_t text_delta; // how far the last one had moved
    bool has_odd_words; // the old build has packed structs with pointers
    bool is_retyped;    // some variable's pointer points to another struct now
    bool is_same;       // both are made of the same sources, by two compilers
};

#endif
