// What the files of reflect_match share: reflect_match.c (opening, sameness, signatures, members),
// reflect_match_fields.c (the fields of a struct as a tree), reflect_match_pair.c (what belongs
// together), reflect_match_moved.c (moves and guesses), reflect_match_place.c (places).
#ifndef REFLECT_MATCH_PARTS_H
#define REFLECT_MATCH_PARTS_H
#include "reflect_match.h"
#include "reflect_value.h"

enum { MATCH_DEPTH_MAX = 48, MATCH_SAME_COUNT = 1024, MATCH_HEAD_COUNT = 1024 };

typedef struct MatchKnown { // a pairing that was made
    uint32_t from, to;
    ReflectPairing pairing;
    struct MatchKnown *next;
} MatchKnown;

struct ReflectMatch {
    Arena *arena;
    const ReflectTable *from, *to;
    const ReflectRename *renames;
    uint32_t rename_count;
    uint64_t same[MATCH_SAME_COUNT]; // of pairs of types, by hash: reflect_same_type
    MatchKnown *known[MATCH_HEAD_COUNT];
};

// ----------------------------------------------------------------------------- reflect_match.c

const ReflectMember *match_members(const ReflectTable *table, const ReflectType *type);
// The programmer's word for the one is that for the other: the same number type, structs of one
// name, pointers to things of one name. What is inside of structs may differ.
bool match_is_alike(ReflectMatch *match, uint32_t from, uint32_t to);

// ---------------------------------------------------------------------- reflect_match_fields.c

// A field of a struct, with those of it below, which are listed when they are asked for. Members of
// anonymous structs stand among the struct's own; those of an anonymous union below a field without
// a name.
typedef struct Field {
    const char *name, *path; // "x", "pos.x"
    uint32_t type;
    uint64_t bits; // from the struct's start
    uint32_t bit_size;
    bool is_overlay;  // an anonymous union
    bool is_expanded; // `fields` is there
    bool is_taken;    // it is somebody's counterpart, or an overlay one of whose members is
    ReflectHow how;
    struct Field *up, *twin; // NULL: the top; gone
    struct Field *fields;
    uint32_t field_count;
} Field;

Field *match_top(ReflectMatch *match, const ReflectTable *table, uint32_t type);
// Only structs and overlays have any.
void match_expand(ReflectMatch *match, const ReflectTable *table, Field *field);
// Among what is directly below, and in overlays there; NULL: none.
Field *match_find(Field *above, const char *name);
// It or one below it has a counterpart.
bool match_went_on(const Field *field);
void match_take(Field *old, Field *new_, ReflectHow how);

// ----------------------------------------------------------------------- reflect_match_moved.c

// Rule 7: fields that moved together into a new sub-struct, or out of one that is gone.
void match_moves(ReflectMatch *match, Field *from, Field *to);
void match_guess(ReflectMatch *match, Field *from, Field *to);

// ------------------------------------------------------------------------ reflect_match_pair.c

// Whether the union `new_` keeps the bytes of `old`, each with a name or without.
bool match_keeps_union(ReflectMatch *match, Field *old, Field *new_);
void match_take_union(ReflectMatch *match, Field *old, Field *new_);

#endif
