// Entries (DIEs) of the debug information, read straight from its bytes. A table of everything in a
// library means visiting every entry once, half a million for 100,000 lines: libdw looks each one's
// shape up anew and walks siblings that clang does not link, which takes ten times as long. What
// libdw does stay for is the file: by the time it has opened it, its sections are unpacked.
//
// Nothing here trusts the bytes: a read outside of them, a form that is not known or more steps
// than a sound file can need set `is_broken`, and all that follows reads as nothing.
// Source: DWARF 4 and 5, sections 7.5 and 7.17.
#ifndef REFLECT_DIE_H
#define REFLECT_DIE_H
#include <string.h>

#include "reflect_lists.h"
#include "reflect_parts.h"

typedef struct Section {
    const uint8_t *data;
    uint64_t bytes;
} Section;

typedef struct Form {
    uint16_t name, form; // DW_AT_, DW_FORM_
    int16_t bytes;       // of the value; -1: they vary, -2: not known
    bool is_wanted;      // a Die has it
    int64_t constant;    // what it is if it takes no bytes
} Form;

// What an abbreviation says of all its entries.
typedef struct Shape {
    uint16_t tag; // 0: there is no such abbreviation
    bool has_children;
    bool has_list;     // its location is a list: it moves about
    bool has_block;    // its location is an expression
    bool has_constant; // DW_AT_const_value
    bool has_origin;   // the rest of it stands elsewhere
    bool is_type_late; // its type comes after its line
    int32_t bytes;     // of its attributes; -1: they vary
    uint32_t first, count;
} Shape;

typedef struct DieUnit {
    const uint8_t *start; // its header; the entry at offset `first`
    uint64_t first, dies, end;
    uint16_t version;
    uint8_t address_bytes, offset_bytes;
    uint64_t strings_base, addresses_base, ranges_base, low_pc;
    uint64_t signature, type; // of a unit that is one type
    const Shape *shapes;      // by code - 1
    const Form *forms;
    uint32_t shape_count;
    const char *name, *folder; // as they stand there; "" missing
    bool is_clang;
    const char *source; // absolute and plain; NULL: not asked for yet
} DieUnit;

typedef struct Block {
    const uint8_t *data;
    uint64_t bytes;
} Block;

// One entry, with what of it matters here. 0, NULL and false: is not there.
typedef struct Die {
    uint64_t at, next; // offset; behind its attributes, or behind the end of a list
    const DieUnit *unit;
    uint16_t tag; // 0: the end of a list of children
    bool has_children, is_declaration, is_external, is_abstract;
    bool has_constant, has_size, has_count, has_bound, has_bit_offset, has_data_bit_offset;
    bool has_low_pc, has_high_pc, is_high_an_address, has_ranges, is_vector;
    bool is_constant_fixed; // its constant is of a form without a sign, of so many bytes:
    uint8_t constant_bytes;
    uint8_t encoding;
    const char *name;
    uint64_t type, origin, whole; // offsets of entries; whole: what this one stands for
    uint64_t bytes, count, bound, member_at, bit_offset, data_bit_offset, bit_size;
    int64_t constant;
    uint64_t low_pc, high_pc, ranges;
    uint32_t file, line, align;
    Block location; // an expression; data NULL: none
} Die;

enum { SEGMENTS_MAX = 32 };

typedef struct Dies {
    Reflect *reflect;
    Arena *scratch;
    Section info, types, abbrev, str, line_str, str_offsets, addr, ranges, rnglists;
    Section was;    // what HL_WAS left
    DieUnit *units; // by offset
    uint32_t unit_count;
    uint64_t segments[SEGMENTS_MAX][2]; // what the file has in memory: first, end
    uint32_t segment_count;
    uint64_t steps_left;
    SortKey *signatures; // of units that are one type
    uint32_t signature_count;
    bool is_broken;
    bool is_split, is_packed; // it lies in .dwo files; it is packed in a way that is not known
    uint64_t broken_at;
} Dies;

// False: damaged (is_broken), or there is nothing.
bool reflect_dies_open(Dies *dies, Reflect *reflect, Arena *scratch);
void reflect_dies_break(Dies *dies, uint64_t at);
// The unit that an entry lies in; `near` is tried first. NULL: none, and the file is broken.
const DieUnit *reflect_die_unit(Dies *dies, const DieUnit *near, uint64_t at);
// Reads the entry. False: the end of a list of children (tag 0), or broken.
bool reflect_die_read(Dies *dies, const DieUnit *unit, uint64_t at, Die *die);
// Behind the attributes; behind the entry with all its children.
uint64_t reflect_die_skip(Dies *dies, const DieUnit *unit, const Shape *shape, uint64_t body);
uint64_t reflect_die_end(Dies *dies, const Die *die);
// The location's expression alone.
Block reflect_die_location(Dies *dies, const DieUnit *unit, const Shape *shape, uint64_t body);
// Follows where it says that the rest of it stands, and takes from there what it has not got. The
// offset of the last one, which stands for the thing itself.
uint64_t reflect_die_complete(Dies *dies, Die *die);
// The code of a function: where it is entered and how much there is of it from there.
bool reflect_die_code(Dies *dies, const Die *die, uint64_t *first, uint64_t *bytes);
// Address number `index` of the unit's.
bool reflect_die_address(Dies *dies, const DieUnit *unit, uint64_t index, uint64_t *address);
// True when the bytes are in memory once the file is loaded.
bool reflect_dies_loaded(const Dies *dies, uint64_t address, uint64_t bytes);
// The unit's source file, absolute, without "." and "..", so that it reads the same in every build.
const char *reflect_die_source(Dies *dies, const DieUnit *unit, Texts *texts);
// From now on it is that one: for a unit that does not say.
void reflect_die_set_source(Dies *dies, const DieUnit *unit, const char *path, Texts *texts);

// Plain reading of numbers; *at is moved, and NULL once it would pass `end`. Here for speed: they
// are what most of the time goes into.
static inline uint64_t reflect_fixed(const uint8_t **at, const uint8_t *end, uint64_t bytes)
{
    uint64_t word = 0;

    if (!*at || (uint64_t)(end - *at) < bytes) {
        *at = NULL;
        return 0;
    }
    switch (bytes) { // of known size: one instruction
    case 1:
        word = **at;
        break;
    case 2:
        memcpy(&word, *at, 2);
        break;
    case 4:
        memcpy(&word, *at, 4);
        break;
    case 8:
        memcpy(&word, *at, 8);
        break;
    default: // more than 8: no number
        memcpy(&word, *at, bytes < sizeof word ? bytes : 0);
    }
    *at += bytes;
    return word;
}

// Counts work that no entry is read for, so that a small file cannot ask for very much of it.
static inline void reflect_dies_spend(Dies *dies, uint64_t steps)
{
    dies->steps_left -= steps < dies->steps_left ? steps : dies->steps_left;
}

uint64_t reflect_long_uleb(const uint8_t **at, const uint8_t *end);
static inline uint64_t reflect_uleb(const uint8_t **at, const uint8_t *end)
{
    // Most are of one byte.
    return *at && *at < end && **at < 0x80 ? *(*at)++ : reflect_long_uleb(at, end);
}

int64_t reflect_sleb(const uint8_t **at, const uint8_t *end);

static inline bool reflect_is_in(const DieUnit *unit, uint64_t at)
{
    return at >= unit->dies && at < unit->end;
}

// The shape of the entry at `at`; *body: where its attributes begin. NULL: the end of a list, or
// broken.
static inline const Shape *reflect_die_shape(Dies *dies, const DieUnit *unit, uint64_t at,
                                             uint64_t *body)
{
    const uint8_t *end = unit->start + (unit->end - unit->first), *byte;
    uint64_t code;

    if (dies->is_broken || dies->steps_left == 0 || !reflect_is_in(unit, at)) {
        reflect_dies_break(dies, at);
        return NULL;
    }
    dies->steps_left--;
    byte = unit->start + (at - unit->first);
    code = *byte < 0x80 ? *byte++ : reflect_uleb(&byte, end);
    if (!byte || code > unit->shape_count || (code > 0 && unit->shapes[code - 1].tag == 0)) {
        reflect_dies_break(dies, at);
        return NULL;
    }
    *body = unit->first + (uint64_t)(byte - unit->start);
    return code == 0 ? NULL : &unit->shapes[code - 1];
}

#endif
