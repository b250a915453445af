// Types of one build beside types of another: which member is whose counterpart, whether bytes of
// the one are bytes of the other, where a place in the one is in the other. Knows tables only. The
// rules are the house's: members go by name, those of anonymous members as their parent's; a member
// that moved into one new sub-struct, or out of one that is gone, is found if it is the only one of
// its name and type; HL_WAS says what a member was called; where exactly one is gone and one is
// new, of the same type and at the same place, that is taken for a new name, and marked as a guess.
#ifndef REFLECT_MATCH_H
#define REFLECT_MATCH_H
#include "reflect_table.h"

typedef struct ReflectMatch ReflectMatch;

typedef enum ReflectHow {
    REFLECT_BY_NAME,
    REFLECT_BY_WAS,   // HL_WAS says so
    REFLECT_BY_MOVE,  // into a sub-struct, or out of one
    REFLECT_BY_GUESS, // a new name, probably
    REFLECT_GONE,     // there is no counterpart
    REFLECT_OVERLAY   // a union of which one of the two, or both, are anonymous: its bytes go as
                      // they are, where it has a counterpart at all: see `to_type`
} ReflectHow;

// A field of a struct pair. Those of anonymous structs are here as the struct's own; those of a
// struct that is gone are here as "pos.x" where some of them went on. An anonymous union of one
// member is that member.
typedef struct ReflectPair {
    ReflectHow how;
    const char *from_name, *to_name; // "hp", "pos.x"; "" an anonymous union, or what that one is
                                     // in; to_name NULL: it has no counterpart (GONE, or OVERLAY)
    uint32_t from_type, to_type;     // OVERLAY: the union in each; to 0: no counterpart
    uint64_t from_bits, to_bits;     // from the start of the struct
    uint32_t from_bit_size, to_bit_size; // of bit-fields; 0: none
} ReflectPair;

typedef struct ReflectPairing {
    const ReflectPair *pairs; // in the old struct's order
    uint32_t pair_count;
    const ReflectPair *added; // of the new struct's, those that are nobody's counterpart (to_...),
                              // members of anonymous unions too
    uint32_t added_count;
} ReflectPairing;

// In `arena`, which must outlive it; NULL never. Renames may be none (the new table's own count
// anyway: these are what was found out on the way here over builds in between); they and the tables
// are borrowed. One thread at a time.
ReflectMatch *reflect_match_open(Arena *arena, const ReflectTable *from, const ReflectTable *to,
                                 const ReflectRename *renames, uint32_t rename_count);
const ReflectTable *reflect_match_from(const ReflectMatch *match);
const ReflectTable *reflect_match_to(const ReflectMatch *match);
// How the members of two structs belong together. The same pair always gives the same pointer. Of
// two unions, which of their members are called alike.
const ReflectPairing *reflect_pairing(ReflectMatch *match, uint32_t from, uint32_t to);
// Bytes of the one are bytes of the other, with the same meaning: same members of the same names at
// the same places, same enumerators. Pointers count by whether they point to functions, and of
// which signature.
bool reflect_same_type(ReflectMatch *match, uint32_t from, uint32_t to);
// Whether the bytes of one union are those of the other, whatever it holds: members that both have
// are laid out alike, and there are some. Where the new one is smaller, what is cut has to be zero.
bool reflect_keeps_union(ReflectMatch *match, uint32_t from, uint32_t to);
// Two functions, of any two tables, that are called alike.
bool reflect_same_signature(const ReflectTable *a, uint32_t type_a, const ReflectTable *b,
                            uint32_t type_b);
// The pointer's type that stands at `offset` of a thing of that type; 0: there is none.
uint32_t reflect_pointer_at(const ReflectTable *table, uint32_t type, uint64_t offset);
// What that pointer points to; 0: there is none, or it is not known.
uint32_t reflect_pointee(const ReflectTable *table, uint32_t type, uint64_t offset);
// Whether a thing of that type is, or has at its first byte, what a pointer to `want` points to.
bool reflect_begins_with(const ReflectTable *table, uint32_t type, uint32_t want);
bool reflect_ends_with(const ReflectTable *table, uint32_t type, uint32_t want);
// Where the place `offset` of a thing of type `from` is in one of type `to`; false: nowhere. `want`
// (0: not known) is what the pointer to it points to, and chooses where several things begin at one
// address. offset == bytes is the place behind it.
bool reflect_place(ReflectMatch *match, uint32_t from, uint32_t to, uint64_t offset, uint32_t want,
                   uint64_t *out);
// A member by name, those of anonymous members too; its place from the start of `type`.
bool reflect_member_named(const ReflectTable *table, uint32_t type, const char *name,
                          ReflectMember *member);

#endif
