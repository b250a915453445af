// Random structs, random edits of them, random values: the oracle of migrate. A batch of rounds is
// written out as two C sources. The old one's code fills a state, field by field. The new one's
// code says what C makes of every field: it assigns the value that the old field was given, as the
// old type, to the new type, and compares; of pointers it takes the address of what they should
// point to. It also says which fields had something to lose. So what is right is decided by the
// compiler and nowhere in here.
//
//   rounds_make.c     structs and edits    rounds_write.c    the two sources
//   rounds_fields.c   values, leaf by leaf rounds_pointers.c pointers         rounds.c   running
#ifndef ROUNDS_H
#define ROUNDS_H
#include "arena.h"

enum { FIELDS_MAX = 14, ENUM_MAX = 6, OBJECTS_MAX = 3 };
// Of two rounds in each batch there are more objects than go through an operation at a time.
enum { CROWD_ARRAY = 1, CROWD_SINGLE = 2, OBJECTS_OF_CROWD = 80 };

typedef enum Kind {
    KIND_NUMBER,
    KIND_BITS,
    KIND_ENUM,
    KIND_STRUCT, // inside
    KIND_ARRAY,
    KIND_OBJECT, // a pointer to another round's struct
    KIND_VOID,   // the same as void *
    KIND_INSIDE, // a pointer to a number inside of one
    KIND_UNION
} Kind;

typedef struct Struct Struct;
typedef struct Type Type;

struct Type {
    Kind kind;
    uint32_t number; // index into NUMBERS; of bits, too; of KIND_INSIDE what it points to
    uint32_t width;  // of bits
    uint32_t count;  // of an array
    uint32_t object; // the round that is pointed to
    Type *of;
    Struct *members; // of a struct
};

typedef struct Field {
    uint32_t id; // the same in both builds, and unique
    Type *type;
    bool is_edited, has_new_name;
    uint32_t align; // 0: as it comes
} Field;

struct Struct {
    uint32_t id;
    bool is_tagged, is_packed;
    Field fields[FIELDS_MAX];
    uint32_t count;
};

typedef struct Enumerator {
    uint32_t id;
    int value;
} Enumerator;

typedef struct Enum {
    Enumerator list[ENUM_MAX];
    uint32_t count;
} Enum;

// How the objects of a round lie in memory.
typedef enum Place { PLACE_ARRAY, PLACE_SINGLE, PLACE_ROOT } Place;

typedef struct Round {
    Struct *before, *after;
    Enum enum_before, enum_after;
    Place place;
    uint32_t objects;
} Round;

typedef struct Batch {
    Arena *arena;
    Round *rounds;
    uint32_t round_count;
    uint32_t next_id;
    uint64_t random;
} Batch;

typedef struct Number {
    const char *name;
    uint32_t bits;
    bool is_signed, is_real, is_bool;
} Number;
extern const Number NUMBERS[];
enum { NUMBER_COUNT = 11, NUMBER_FLOAT = 8, NUMBER_DOUBLE, NUMBER_BOOL };

uint32_t batch_random(Batch *batch, uint32_t below);
void batch_make(Batch *batch, uint32_t round_count);
// The two sources into `folder` as v1.c and v2.c.
bool batch_write(Batch *batch, const char *folder, Fault *fault);

#endif
