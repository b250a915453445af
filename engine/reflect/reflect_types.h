// Types while they are being read: a node for each entry that is one, however often units repeat
// it, then one type for all nodes that are the same.
#ifndef REFLECT_TYPES_H
#define REFLECT_TYPES_H
#include "reflect_die.h"
#include "reflect_table.h"

typedef struct TypeNode {
    ReflectType type; // `of`: a node; members and enumerators: those of Types
    const DieUnit *unit;
    uint64_t at;         // its entry
    uint64_t children;   // where they begin; 0: there are none
    uint64_t end;        // behind them; 0: they have not been read
    uint64_t target;     // the entry that `of` is; 0: void
    uint32_t same;       // the node that stands for all of its kind
    uint32_t index;      // in the table
    uint8_t state;       // of what is worked out from other nodes: 0 not yet, 1 at it, 2 done
    uint8_t bytes_state; // the same
    bool is_declaration, is_vector, is_pending;
    bool is_const; // array: its elements are
} TypeNode;

// A typedef that was met.
typedef struct FoundAlias {
    const char *name;
    uint32_t node;
} FoundAlias;

typedef struct TypeSlot {
    uint64_t at; // of the entry, + 1; 0: free
    uint32_t node : 31, is_const : 1;
} TypeSlot;

typedef struct Types {
    Dies *dies;
    Arena *scratch;
    TypeNode *nodes; // [0]: unknown
    ReflectMember *members;
    ReflectEnumerator *enumerators;
    uint32_t node_count, node_room, member_count, member_room, enumerator_count, enumerator_room;
    FoundAlias *aliases;
    uint32_t alias_count, alias_room;
    uint32_t done;  // nodes before it have their children
    uint32_t color; // the node of hl_color; 0: none was met
    TypeSlot *slots;
    uint32_t slot_count, slot_room;
    uint64_t *hashes; // of the nodes, while those that are the same are searched
} Types;

// ---- reflect_types.c

void reflect_types_open(Types *types, Dies *dies, Arena *scratch);
// The node of the type at `at`, without typedefs and qualifiers; 0: void. *is_const (may be NULL)
// becomes true where it is.
uint32_t reflect_types_node(Types *types, const DieUnit *near, uint64_t at, bool *is_const);
// The same of a type that is visited itself: reads its children at once, and says where they end
// (0: not here).
uint64_t reflect_types_visit(Types *types, const DieUnit *unit, uint64_t at);
// Reads what the nodes there are consist of, and what that consists of.
void reflect_types_complete(Types *types);
// The type wants to begin at multiples of `align`, where it can.
void reflect_raise_align(ReflectType *type, uint64_t align);
bool reflect_types_const(const Types *types, uint32_t node);

// ---- reflect_shape.c

// Finds what is the same and writes the table's types; nodes know their index then.
bool reflect_types_write(Types *types, Texts *texts, ReflectTable *table);

// ---- reflect_names.c

// Typedefs, once the types are in the table; what HL_WAS left. False: no room.
bool reflect_write_aliases(Types *types, Texts *texts, ReflectTable *table);
bool reflect_write_renames(const Dies *dies, Texts *texts, Arena *scratch, ReflectTable *table);

#endif
