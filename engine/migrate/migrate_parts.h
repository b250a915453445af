// What the files of migrate share. A pair of types has a Program: a flat list of operations that
// makes an element of the new type out of one of the old. What lies in the heap has a Shape: how
// allocations of one tag and element size are made of elements of a type. A Map says where the old
// blocks went.
//
// migrate.c: the public functions. migrate_types.c: types by tag, what is in them.
// migrate_partner.c: types without their name. migrate_program.c, migrate_leaf.c, migrate_gaps.c:
// programs.
// migrate_shape.c: shapes. migrate_blocks.c: what blocks hold, and where they go; by pointers where
// their tags do not say it: migrate_reach.c, migrate_doubt.c, migrate_retarget.c. migrate_map.c:
// where addresses are now. migrate_lanes.c, migrate_run.c, migrate_words.c: carrying it out.
// migrate_report.c, migrate_text.c: what is said.
#ifndef MIGRATE_PARTS_H
#define MIGRATE_PARTS_H
#include "migrate.h"
#include "reflect_value.h"

enum {
    MIGRATE_DEPTH_MAX = 48,
    MIGRATE_WORD_BYTES = 8,
    MIGRATE_PATH_MAX = 160,
    MIGRATE_TEXT_MAX = 240
};

// ---------------------------------------------------------------------------------------- programs

typedef enum OpKind {
    OP_ZERO,    // `count` bytes that no other operation writes
    OP_COPY,    // `count` bytes, without an address in them
    OP_WORDS,   // `count` bytes, any 8 of which from the first on may be an address
    OP_BYTES,   // the same, but addresses stand at multiples of 8 in memory
    OP_BITS,    // `count` bits that mean the same in both
    OP_WHOLE,   // an integer into another, of any widths; bit-fields
    OP_WIDEN,   // a number into a type that holds every value of the old one
    OP_NUMBER,  // any other
    OP_ENUM,    // by enumerator, through a table
    OP_POINTER, // typed
    OP_LOOP,    // the next `body` operations, `count` times
    OP_CHECK,   // of what gets lost: named when it is not zero
    OP_TEXT,    // a text that is cut: named when its end is
    OP_UNION    // one whose members changed: goes on where all of them say the same
} OpKind;

typedef enum Scalar {
    SCALAR_I8,
    SCALAR_I16,
    SCALAR_I32,
    SCALAR_I64,
    SCALAR_U8,
    SCALAR_U16,
    SCALAR_U32,
    SCALAR_U64,
    SCALAR_F32,
    SCALAR_F64,
    SCALAR_OTHER
} Scalar;

typedef struct Op {
    uint8_t kind, load, store;       // OpKind, Scalar
    uint32_t site;                   // what is to be known to name it; 0: nothing
    uint32_t body;                   // of a loop
    uint64_t from, to;               // bytes from the element's start
    uint64_t count;                  // bytes; of a loop: times
    uint64_t from_stride, to_stride; // of a loop, and of a check: its elements, 0: it is one thing
} Op;

typedef struct Program Program;
typedef struct Note Note;

// What a pointer says that it points to, in each build; 0: not known.
typedef struct Want {
    uint32_t from, to;
    bool is_retyped; // it says something else now
    bool is_changed; // what it points to is laid out otherwise now
} Want;

// A row of equal elements that lay somewhere in the old heap, and where they are now; and a place
// inside of each, with where that is. What a pointer field led to last.
typedef struct Span {
    uint64_t first, bytes, stride, inverse; // bytes 0: none
    uint64_t to, new_stride;
    uint32_t from_type, to_type;
    uint64_t inside, out; // inside UINT64_MAX: no place is known
} Span;

// A field that can be named, or that needs more than its place.
typedef struct Site {
    MigrateFate fate; // of a check
    const char *why;  // "the new build has no such field"
    uint32_t from_type, to_type;
    uint32_t to_bits;     // of a bit-field in the new build
    ReflectLeaf from, to; // of numbers and bit-fields
    Want want;            // of pointers
    Span near;            // where it led to last in this run
    uint32_t missed;      // of the lanes before: how many led elsewhere
    int64_t low;          // of what fits into both integers
    uint64_t span;
    uint32_t union_type; // of a member of one: which, and its name
    const char *union_member;
    const char *to_name;        // of a guess
    const int64_t *enum_values; // by old number from enum_first on
    const uint8_t *enum_fits;   // ReflectFit
    int64_t enum_first;
    uint32_t enum_count;
    Program *const *members; // of a union
    uint32_t member_count;
    Note *notes[4]; // what was said of it in this run, by reason
} Site;

// An array among the element's fields: so that a place inside of it is found by one division.
typedef struct Zone {
    uint64_t from_first, from_end, from_stride, inverse;
    uint64_t to_first, to_stride, to_count;
    uint32_t from_type, to_type; // of its elements
} Zone;

typedef struct Difference { // two structs or enums that are not the same
    uint32_t from, to;
} Difference;

struct Program {
    uint32_t from, to;
    uint64_t from_bytes, to_bytes, inverse;
    Op *ops, *pointers; // all; those that are left where the layout is the same
    uint32_t op_count, op_room, pointer_count;
    Site *sites; // from 1 on
    uint32_t site_count, site_room;
    Zone *zones; // by place
    uint32_t zone_count, zone_room;
    Difference *differences;
    uint32_t difference_count, difference_room;
    bool is_same; // but for its pointers an old element is a new one
    bool is_planned;
    Program *next;
};

// The program for a pair of types; made when it is first asked for. Type 0: unknown bytes.
Program *migrate_program(Migrate *migrate, uint32_t from, uint32_t to);

// A pair of places that a program is made for; bits from the start of what the ops count from.
typedef struct Part {
    uint32_t from, to;
    uint64_t at, at_new;
    uint32_t bit_size, bit_size_new;
} Part;

// A program in the making.
typedef struct Maker {
    Migrate *migrate;
    Program *program;
    uint32_t barrier; // ops before it belong to a loop that is closed, or around this one
    int loops, depth;
    uint64_t from_bytes, to_bytes; // of the element that ops count from
    int same;                      // inside of structs that are the same
    uint32_t same_first;           // the first op of the outermost of them
} Maker;

void migrate_make_part(Maker *maker, const Part *part);
void migrate_make_leaf(Maker *maker, const Part *part);
void migrate_make_union(Maker *maker, const Part *part);
// A union without a name: its members may be elsewhere.
void migrate_make_overlay(Maker *maker, const Part *part);
void migrate_make_check(Maker *maker, const Part *part, MigrateFate fate, const char *why);
Op *migrate_add_op(Maker *maker, OpKind kind, const Part *part, uint64_t count);
Site *migrate_add_site(Maker *maker, Op *op, const Part *part);
// Bits of both that mean the same.
void migrate_add_bits(Maker *maker, const Part *part);
void migrate_add_copy(Maker *maker, OpKind kind, const Part *part, uint64_t bytes);
// Zeroes for what no operation writes: they come first.
void migrate_add_zeros(Maker *maker);
void migrate_add_difference(Maker *maker, uint32_t from, uint32_t to);
uint64_t migrate_inverse(uint64_t divisor);

// ------------------------------------------------------------------------------------------- types

// Types that an allocation's tag may mean, all of one name; several where units differ.
enum { MIGRATE_NAMED_MAX = 16 };
typedef struct Named {
    uint32_t types[MIGRATE_NAMED_MAX];
    uint32_t count;
    bool is_plain; // a builtin type, whether the table has it or not: it needs no pointer's word
} Named;

const ReflectTable *migrate_from(const Migrate *migrate);
const ReflectTable *migrate_to(const Migrate *migrate);
Named migrate_types_named(const ReflectTable *table, const char *tag);
// Whether 8 bytes of it, or more, may be an address.
bool migrate_has_words(Migrate *migrate, uint32_t type);
bool migrate_is_byte(const ReflectType *type);
uint64_t migrate_natural_align(const ReflectTable *table, uint32_t type);
// Whether a thing of type `want` begins at `offset` of one of that type; of a union's members any.
bool migrate_thing_at(const ReflectTable *table, uint32_t type, uint64_t offset, uint32_t want);
// Whether `offset` lies among bytes of which nothing is known: char arrays, unknown types.
bool migrate_is_raw_at(const ReflectTable *table, uint32_t type, uint64_t offset);
// Whether nothing begins at `offset`: it lies in the middle of a number or pointer.
bool migrate_is_in_leaf(const ReflectTable *table, uint32_t type, uint64_t offset);
// What the flexible array at the end of a struct begins with and consists of; false: it has none.
bool migrate_tail(const ReflectTable *table, uint32_t type, uint64_t *offset, uint32_t *element);
// The new variable of that unit, function and name; NULL: none.
const ReflectVariable *migrate_twin(Migrate *migrate, uint32_t variable);
// Structs that belong together because of the fields that hold them; 0: none.
uint32_t migrate_partner(Migrate *migrate, uint32_t from);
// What becomes of things of that type when only the type is known.
uint32_t migrate_counterpart(Migrate *migrate, uint32_t from);
// The pointer field's type says in the new build that it points to something else.
bool migrate_is_retyped(Migrate *migrate, uint32_t want_from, uint32_t want_to);

typedef struct Lanes Lanes;
// ------------------------------------------------------------------------------------------ shapes

// How allocations are made of elements. Unknown ones are `is_raw`: words, some of them addresses.
typedef struct Shape {
    char tag[HEAP_TYPE_NAME_MAX], new_tag[HEAP_TYPE_NAME_MAX];
    uint64_t tag_hash;
    uint64_t element_bytes, new_element_bytes; // as the heap counts
    uint32_t from, to;                         // 0: not known
    Program *program;                          // NULL: is_raw
    uint64_t per;                              // elements of the type in one of the heap's
    uint64_t stride, new_stride, inverse;
    // A flexible array behind the struct.
    uint64_t tail_at, tail_at_new, tail_count, tail_skip; // skip: elements that the struct has
    Program *tail;
    size_t align;
    uint32_t reached, forced; // as it was asked for
    uint32_t number;          // what its tag is called by, if that is a number; in the old table
    bool is_same;             // every element, and of no other size
    bool is_raw, is_root;
    bool is_retyped;     // the heap has to say something else of it now
    bool is_open;        // its tag does not tell: a pointer has to
    bool is_doubtful;    // the new build has several types of that tag
    bool is_unsure;      // and nothing but a pointer can tell which
    const char *trouble; // it cannot be followed, and why
    uint64_t blocks;     // of this run
    Lanes *lanes;        // elements that wait to be carried out
} Shape;

// The shape of allocations of that tag and size. `reached`: what a pointer to them points to, where
// their tag alone does not say it; 0: not known. Indices stay, the array may move.
uint32_t migrate_shape(Migrate *migrate, const char *tag, uint64_t element_bytes, uint32_t reached);
uint32_t migrate_open_shape(Migrate *migrate, uint32_t shape, uint32_t reached); // of an open one
// The same allocations when pointers say that they are of that type in the new build.
uint32_t migrate_shape_into(Migrate *migrate, uint32_t shape, uint32_t to);
uint32_t migrate_root_shape(Migrate *migrate, const char *tag, uint64_t element_bytes);

// ------------------------------------------------------------------------------------ the old heap

typedef struct Block {
    uint64_t from, to; // its payload's address in the old heap and in the new one
    uint64_t count;    // elements, as the heap counts
    uint32_t shape : 30, is_fixed : 1, is_moved : 1; // is_fixed: same layout, same place
    uint32_t slack;                                  // bytes behind it that are nobody's
} Block;

// Of 32 bytes at most one block's payload begins in each; of more for heaps of large blocks.
enum { MAP_GRAIN_SHIFT_MIN = 5, MAP_GRAIN_SHIFT_MAX = 12 };

typedef struct Placed { // where memory was given out anew
    uint64_t first, end;
} Placed;

typedef struct MapKnown { // a place that was looked up before
    const Program *program;
    uint64_t offset, result;
    uint32_t want_from, want_to;
    uint32_t verdict;
} MapKnown;
enum { MAP_KNOWN_COUNT = 2048 };

// What most pointers need to know of a block, in as few bytes as can be: they come in any order,
// and each is a wait for memory. Places are counted as the heap does, from its first byte on.
typedef struct Spot {
    uint32_t from, to, shape;
    uint32_t count; // UINT32_MAX: too many to be said here
} Spot;
enum { SPOT_UNIT_SHIFT = 4 };

// Blocks of one element each that were allocated one after the other lie in a row before and
// after: like an array's elements, but for what is between them.
typedef struct Row {
    Span span;
    uint32_t shape;
} Row;
enum { ROW_BLOCKS_MIN = 16, ROWS_MAX = 4096 };

typedef struct Map {
    uint64_t first, span; // of the old heap
    Block *blocks;        // by old address
    uint32_t block_count, block_room;
    uint32_t *grains; // for each so many bytes the last block that begins before their end
    uint64_t grain_room;
    int grain_shift;
    Spot *spots; // of the blocks
    uint32_t spot_room;
    Row *rows; // by old address
    uint32_t row_count;
    Placed *placed; // by address; NULL: not asked for yet
    uint32_t placed_count, moved_count;
    MapKnown *known;
    bool is_open;
} Map;

typedef enum Verdict {
    WORD_OTHER, // it points to no block
    WORD_FOUND,
    WORD_CUT,     // what it points to is no more
    WORD_RETYPED, // it would point to something of another type than it says
    WORD_HIT,     // it pointed to nothing, and there is something now
    WORD_RAW,     // into bytes that hold a struct which is laid out otherwise now
    WORD_VAGUE    // into what has changed, and nothing says what is meant
} Verdict;

typedef struct Found {
    uint64_t word;
    Verdict verdict;
    const Block *block; // NULL: none
    Span span;          // bytes 0: not known
} Found;

// A typed pointer's word; a plain one's with site NULL and what it points to.
Found migrate_find_pointer(Migrate *migrate, uint64_t word, const Want *want);
// A word of which it is not known whether it is an address.
Found migrate_find_word(Migrate *migrate, uint64_t word);
// The last block that begins at or before the address; NULL: none.
static inline const Block *migrate_block_at(const Map *map, uint64_t word)
{
    uint64_t offset = word - map->first;

    if (offset >= map->span || map->block_count == 0) {
        return NULL;
    }
    const Block *block = &map->blocks[map->grains[offset >> map->grain_shift]];
    while (block->from > word && block > map->blocks) {
        block--;
    }
    return block->from <= word ? block : NULL;
}
void migrate_map_index(Migrate *migrate);
// When all blocks have their new places.
void migrate_map_rows(Migrate *migrate);
const Row *migrate_row_at(const Map *map, uint64_t word);
uint64_t migrate_block_bytes(const Migrate *migrate, const Block *block);

// ----------------------------------------------------------------------------------- the whole run

struct Migrate {
    Arena *arena;
    ReflectMatch *match;
    const char *root_from, *root_to;
    Program *programs[256]; // by hash
    Shape *shapes;
    uint32_t shape_count, shape_room;
    struct Notes *notes;
    uint8_t *traits;    // by old type
    uint32_t *partners; // by old type; NULL: not asked for yet
    bool variables_are_same;
    bool has_number_pointers; // to numbers of another type now
    uint32_t *twins;          // of the old variables the new ones, + 1; NULL: not asked for yet
    Map map;
    HeapKind *kinds; // by shape
    HeapOrder *orders;
    uint32_t kind_room, order_room;
    uint8_t *buffer; // elements for blocks that are written where they stand
    uint64_t buffer_bytes;
};

// Elements side by side, so that each operation is carried out for many at a time: what has to be
// decided for one is decided once.
enum { LANES_MAX = 64 };
struct Lanes {
    uint32_t count;
    const uint8_t *from[LANES_MAX];
    uint8_t *to[LANES_MAX];
    uint8_t *place[LANES_MAX]; // where `to` will be copied to; only of buffered ones
    bool is_buffered;
};

typedef struct Run {
    Migrate *migrate;
    const MigrateOutside *outside;
    const uint8_t *old;     // the old heap's first byte, or the single object
    const Program *program; // of a single object
    const char *name;       // of a single object; NULL
    const Lanes *buffered;  // what the elements in the buffer belong to
    uint64_t buffer_stride;
    bool in_place;   // only what changes is written
    bool is_alone;   // a single object: pointers lead nowhere
    bool is_decided; // see MigrateMemory
    uint32_t quiet;  // try only; what is found is counted
    uint32_t found;
    struct Notes *notes;
} Run;

// `from`, `to`: added to where each lane stands.
void migrate_run_ops(Run *run, const Program *program, const Op *ops, uint32_t count,
                     const Lanes *lanes, uint64_t from, uint64_t to);
void migrate_run_blocks(Run *run, const MigrateMemory *memory);
uint64_t migrate_run_word(Run *run, uint64_t word, const uint8_t *field); // one of those below
void migrate_run_pointers(Run *run, Site *site, const Lanes *lanes, uint64_t from, uint64_t to);
// `count` bytes; addresses at multiples of 8 from the first byte on, or of the old memory.
void migrate_run_words(Run *run, bool is_aligned, uint64_t count, const Lanes *lanes, uint64_t from,
                       uint64_t to);

// What every block holds. Variables are looked at when tags do not tell all.
// False: the heap's bookkeeping was written over.
bool migrate_read_blocks(Migrate *migrate, const MigrateMemory *memory, bool *some_are_open);
void migrate_reach(Migrate *migrate, const MigrateMemory *memory);
// What typed pointers say of the blocks that they point to.
typedef struct Ear {
    void (*hear)(void *with, uint64_t word, const Want *want);
    void *with;
} Ear;
void migrate_hear_block(Migrate *migrate, const Ear *ear, const uint8_t *old, const Block *block);
void migrate_hear_variables(Migrate *migrate, const Ear *ear, const MigrateMemory *memory);
// Of a tag that several types of the new build have: what the pointers to it say; or refused.
void migrate_settle_doubts(Migrate *migrate, const MigrateMemory *memory);
// Arrays of numbers become what all the pointers to them say now.
void migrate_retarget(Migrate *migrate, const MigrateMemory *memory);
bool migrate_place_blocks(Migrate *migrate, MigrateMemory *memory, Fault *fault);
void *migrate_grow(Arena *arena, void *list, uint32_t count, uint32_t *room, size_t item_bytes);

// ------------------------------------------------------------------------------------------ report

struct Note {
    MigrateFate fate;
    const char *reason;
    char name[MIGRATE_PATH_MAX], text[MIGRATE_TEXT_MAX];
    uint64_t count;
};

typedef struct Notes {
    Note notes[MIGRATE_ITEMS_MAX];
    uint32_t count;
    uint64_t lost, gone, refused, objects;
} Notes;

// Something about the field at `field` of the old bytes. `slot`: of the site's notes.
void migrate_note(Run *run, Site *site, int slot, MigrateFate fate, const uint8_t *field,
                  const char *text);
// The name of what is there, "Mob.hp", and its path, "Mob[17].hp".
// `site` may be NULL.
void migrate_name(const Run *run, const uint8_t *field, const Site *site, char *name, char *path);
bool migrate_counts(Run *run, Site *site, int slot);
void migrate_note_named(Notes *notes, MigrateFate fate, const char *name, const char *text);
void migrate_report_close(Migrate *migrate, Notes *notes, MigrateReport *report, Fault *fault);
void migrate_summary(Migrate *migrate, const Notes *notes, char *out, size_t out_bytes);

// A value as text: "12", "\"text\"", "a pointer"; of structs the first that is not zero, with its
// path. False: all of it is zero.
bool migrate_value_text(const ReflectTable *table, uint32_t type, const ReflectLeaf *bits,
                        const uint8_t *bytes, char *path, char *value, size_t value_bytes);
// ".hp", ".pos.x" and the innermost struct's name with the field, "Vec.x"; `bit` from the type's
// start on. It ends at what is of type `last`; 0: at the innermost. True: that is an anonymous
// union, which is named by its first member.
bool migrate_path_text(const ReflectTable *table, uint32_t type, uint64_t bit, uint32_t last,
                       char *path, char *owner_field);
// What an address was in the old heap: "Mob[3].hp".
uint64_t migrate_count_before(const Migrate *migrate, const Block *block);
void migrate_address_text(const Migrate *migrate, uint64_t word, char *out, size_t out_bytes);

#endif
