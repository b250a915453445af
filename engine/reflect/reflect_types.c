#include "reflect_types.h"
#include <dwarf.h>
#include <string.h>

// Types form circles, so nothing here calls itself: a reference makes a node that is filled later,
// in the order of the nodes.
//
// Contents: lists, nodes, base types, members, enumerators, arrays, functions, all of them.

enum {
    STRIP_STEPS_MAX = 64,
    DIMENSIONS_MAX = 16,
    NODES_MAX = 1 << 22,
    FIRST_ROOM = 1024,
    ENTRY_BYTES = 32, // with the text it has
    PADDED_FLOAT_BYTES = 16,
    ALIGN_MAX = 1 << 28 // what compilers take
};
#define TYPE_BYTES_MAX (UINT64_C(1) << 40)

// ---------------------------------------------------------------------------------------- lists

// A new node, or 0.
static uint32_t add_node(Types *types)
{
    TypeNode *nodes = reflect_grow(types->scratch, types->nodes, types->node_count,
                                   &types->node_room, sizeof *nodes);

    if (!nodes) {
        reflect_dies_break(types->dies, 0);
        return 0;
    }
    types->nodes = nodes;
    nodes[types->node_count] = (TypeNode){.type.name = ""};
    return types->node_count++;
}

static void add_member(Types *types, TypeNode *node, ReflectMember member)
{
    ReflectMember *members = reflect_grow(types->scratch, types->members, types->member_count,
                                          &types->member_room, sizeof *members);

    if (!members) {
        reflect_dies_break(types->dies, 0);
        return;
    }
    types->members = members;
    members[types->member_count++] = member;
    node->type.member_count++;
}

static void add_enumerator(Types *types, TypeNode *node, ReflectEnumerator enumerator)
{
    ReflectEnumerator *list =
        reflect_grow(types->scratch, types->enumerators, types->enumerator_count,
                     &types->enumerator_room, sizeof *list);

    if (!list) {
        reflect_dies_break(types->dies, 0);
        return;
    }
    types->enumerators = list;
    list[types->enumerator_count++] = enumerator;
    node->type.enumerator_count++;
}

// ---------------------------------------------------------------------------------------- nodes

static uint32_t slot_of(const Types *types, uint64_t at)
{
    uint32_t mask = types->slot_room - 1;
    uint32_t slot = reflect_place_of(at, mask);

    while (types->slots[slot].at && types->slots[slot].at != at + 1) {
        slot = (slot + 1) & mask;
    }
    return slot;
}

static void add_slot(Types *types, uint64_t at, uint32_t node, bool is_const)
{
    if (types->slot_count * 2 >= types->slot_room) {
        TypeSlot *old = types->slots;
        uint32_t old_room = types->slot_room, room = old_room ? old_room * 4 : FIRST_ROOM * 4;
        TypeSlot *slots = arena_try_push(types->scratch, sizeof *slots, _Alignof(TypeSlot), room);
        if (!slots) {
            reflect_dies_break(types->dies, at);
            return;
        }
        types->slots = slots;
        types->slot_room = room;
        for (uint32_t i = 0; i < old_room; i++) {
            if (old[i].at) {
                slots[slot_of(types, old[i].at - 1)] = old[i];
            }
        }
    }
    types->slot_count++;
    types->slots[slot_of(types, at)] = (TypeSlot){at + 1, node & INT32_MAX, is_const};
}

void reflect_types_open(Types *types, Dies *dies, Arena *scratch)
{
    uint64_t entries = (dies->info.bytes + dies->types.bytes) / ENTRY_BYTES;
    uint32_t room = (uint32_t)(entries < NODES_MAX / 8 ? entries : NODES_MAX / 8) + FIRST_ROOM;

    // Room for all in a usual file: memory that is not touched costs nothing, growing does.
    *types = (Types){.dies = dies, .scratch = scratch};
    types->nodes = arena_try_push(scratch, sizeof *types->nodes, 16, room);
    types->members = arena_try_push(scratch, sizeof *types->members, 16, room * 2);
    types->node_room = types->nodes ? room : 0;
    types->member_room = types->members ? room * 2 : 0;
    (void)add_node(types);
    types->done = 1;
}

// ----------------------------------------------------------------------------------- base types

// gcc and clang have names of their own for the same types; these are what people write.
static const char *plain_name(const char *name)
{
    static const char *const NAMES[][2] = {
        {"short int", "short"},
        {"long int", "long"},
        {"long long int", "long long"},
        {"short unsigned int", "unsigned short"},
        {"long unsigned int", "unsigned long"},
        {"long long unsigned int", "unsigned long long"},
        {"__int128 unsigned", "unsigned __int128"},
    };

    for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
        if (strcmp(name, NAMES[i][0]) == 0) {
            return NAMES[i][1];
        }
    }
    return name;
}

// A complex number is laid out as an array of two.
static void set_complex(Types *types, uint32_t at)
{
    uint32_t part = add_node(types);
    uint64_t bytes = types->nodes[at].type.bytes / 2;

    types->nodes[part].type = (ReflectType){
        .kind = REFLECT_FLOAT,
        .is_signed = true,
        .bytes = bytes,
        .name = bytes == 4   ? "float"
                : bytes == 8 ? "double"
                             : "long double",
    };
    types->nodes[at].type.kind = REFLECT_ARRAY;
    types->nodes[at].type.of = part;
    types->nodes[at].type.count = 2;
}

static void set_base(Types *types, uint32_t at, const Die *die)
{
    ReflectType *type = &types->nodes[at].type;

    type->name = plain_name(die->name ? die->name : "");
    switch (die->encoding) {
    case DW_ATE_boolean:
        type->kind = REFLECT_INTEGER;
        type->is_bool = true;
        break;
    case DW_ATE_signed:
    case DW_ATE_signed_char:
        type->is_signed = true;
        type->kind = REFLECT_INTEGER;
        type->is_char = strcmp(type->name, "char") == 0;
        break;
    case DW_ATE_unsigned:
    case DW_ATE_unsigned_char:
    case DW_ATE_UTF:
        type->kind = REFLECT_INTEGER;
        type->is_char = strcmp(type->name, "char") == 0;
        break;
    case DW_ATE_float:
        type->is_signed = true;
        type->kind = type->bytes <= PADDED_FLOAT_BYTES ? REFLECT_FLOAT : REFLECT_UNKNOWN;
        break;
    case DW_ATE_complex_float:
        set_complex(types, at);
        break;
    default: // decimal numbers, fixed points: their bytes are all that is known
        break;
    }
}

void reflect_raise_align(ReflectType *type, uint64_t align)
{
    // A packed struct's members are not where their types want to be, nor is it as long.
    if (align > type->align && align <= ALIGN_MAX && (align & (align - 1)) == 0 && type->bytes > 0
        && type->bytes % align == 0) {
        type->align = (uint32_t)align;
    }
}

// The node for the entry, which is neither typedef nor qualifier; what it refers to comes later.
static uint32_t make_node(Types *types, const Die *die)
{
    uint32_t at = add_node(types);
    TypeNode *node = &types->nodes[at];

    node->unit = die->unit;
    node->at = die->at;
    node->type.name = die->name ? die->name : "";
    node->type.bytes = die->bytes < TYPE_BYTES_MAX ? die->bytes : 0;
    node->children = die->has_children ? die->next : 0;
    node->target = die->type;
    node->is_declaration = die->is_declaration;
    node->is_pending = true;
    switch (die->tag) {
    case DW_TAG_base_type:
        node->is_pending = false;
        set_base(types, at, die);
        break;
    case DW_TAG_pointer_type:
    case DW_TAG_reference_type:
    case DW_TAG_rvalue_reference_type:
        node->type.kind = REFLECT_POINTER;
        node->type.bytes = sizeof(void *);
        break;
    case DW_TAG_structure_type:
    case DW_TAG_class_type:
        node->type.kind = REFLECT_STRUCT;
        reflect_raise_align(&node->type, die->align);
        break;
    case DW_TAG_union_type:
        node->type.kind = REFLECT_UNION;
        reflect_raise_align(&node->type, die->align);
        break;
    case DW_TAG_enumeration_type:
        node->type.kind = REFLECT_ENUM;
        break;
    case DW_TAG_array_type:
        node->type.kind = REFLECT_ARRAY;
        node->type.name = "";
        node->is_vector = die->is_vector;
        break;
    case DW_TAG_subroutine_type:
    case DW_TAG_subprogram:
        node->type.kind = REFLECT_FUNCTION;
        node->type.name = "";
        node->type.bytes = 0;
        break;
    default:
        node->is_pending = false;
        break;
    }
    return at;
}

static bool is_qualifier(unsigned tag)
{
    return tag == DW_TAG_typedef || tag == DW_TAG_const_type || tag == DW_TAG_volatile_type
           || tag == DW_TAG_restrict_type || tag == DW_TAG_atomic_type
           || tag == DW_TAG_immutable_type;
}

static void name_by_typedef(TypeNode *node, const char *name, uint32_t align)
{
    bool is_struct = node->type.kind == REFLECT_STRUCT || node->type.kind == REFLECT_UNION;

    if ((is_struct || node->type.kind == REFLECT_ENUM) && name && !node->type.name[0]) {
        node->type.name = name;
    }
    if (is_struct) { // "typedef struct Mob Mob __attribute__((aligned(64)))"
        reflect_raise_align(&node->type, align);
    }
}

static void add_alias(Types *types, const char *name, uint32_t node)
{
    FoundAlias *list = reflect_grow(types->scratch, types->aliases, types->alias_count,
                                    &types->alias_room, sizeof *list);

    if (!list) {
        reflect_dies_break(types->dies, 0);
        return;
    }
    types->aliases = list;
    list[types->alias_count++] = (FoundAlias){name, node};
}

// Colours are numbers to the compiler and something else to whoever looks at them: of all typedefs
// of numbers hl_color alone is a type of its own.
static uint32_t color_of(Types *types, uint32_t node)
{
    const ReflectType *type = &types->nodes[node].type;

    if (type->kind != REFLECT_INTEGER || type->bytes != 4 || type->is_signed) {
        return node;
    }
    if (!types->color) {
        ReflectType color = *type;
        types->color = add_node(types);
        color.name = REFLECT_COLOR;
        types->nodes[types->color].type = color;
    }
    return types->color;
}

uint32_t reflect_types_node(Types *types, const DieUnit *near, uint64_t at, bool *is_const)
{
    uint64_t first = at;
    const char *alias = NULL; // the typedef right before the type
    const char *first_alias = NULL;
    uint32_t align = 0;
    bool is_const_here = false, is_known = false, is_color = false;
    uint32_t node = 0;

    for (int i = 0; at && i < STRIP_STEPS_MAX && !types->dies->is_broken; i++) {
        const TypeSlot *slot = types->slot_room ? &types->slots[slot_of(types, at)] : NULL;
        Die die;
        if (slot && slot->at) {
            node = slot->node;
            is_const_here |= slot->is_const;
            is_known = at == first;
            break;
        }
        near = reflect_die_unit(types->dies, near, at);
        if (!near || !reflect_die_read(types->dies, near, at, &die)) {
            break;
        }
        if (die.whole) { // a type that is written down elsewhere, by its signature
            at = die.whole;
            continue;
        }
        if (!is_qualifier(die.tag)) {
            node = make_node(types, &die);
            if (at != first) {
                add_slot(types, at, node, false);
            }
            break;
        }
        alias = die.tag == DW_TAG_typedef ? die.name : NULL;
        first_alias = at == first ? alias : first_alias;
        is_color |= alias && strcmp(alias, REFLECT_COLOR) == 0;
        align = die.align > align ? die.align : align;
        is_const_here |= die.tag == DW_TAG_const_type;
        at = die.type;
    }
    node = is_color && !is_known ? color_of(types, node) : node;
    if (first && !is_known && !types->dies->is_broken) {
        name_by_typedef(&types->nodes[node], node ? alias : NULL, align);
        add_slot(types, first, node, is_const_here);
        if (node && first_alias) {
            add_alias(types, first_alias, node);
        }
    }
    if (is_const) {
        *is_const |= is_const_here;
    }
    return node;
}

bool reflect_types_const(const Types *types, uint32_t node)
{
    for (int i = 0; i < STRIP_STEPS_MAX && types->nodes[node].type.kind == REFLECT_ARRAY; i++) {
        if (types->nodes[node].is_const) {
            return true;
        }
        node = types->nodes[node].type.of;
    }
    return false;
}

// -------------------------------------------------------------------------------------- members

// gcc writes parameters before everything else, so that the body need not be visited for more.
static bool is_body(const Die *die)
{
    return !die->unit->is_clang
           && (die->tag == DW_TAG_lexical_block || die->tag == DW_TAG_inlined_subroutine
               || die->tag == DW_TAG_call_site || die->tag == DW_TAG_GNU_call_site);
}

// Walks the children that a type has: *at is the next one's offset.
static bool next_child(Types *types, const DieUnit *unit, uint64_t *at, Die *child)
{
    if (!*at || types->dies->is_broken) {
        return false;
    }
    if (!reflect_die_read(types->dies, unit, *at, child)) {
        *at = child->next;
        return false;
    }
    if (is_body(child)) {
        return false;
    }
    *at = child->has_children ? reflect_die_end(types->dies, child) : child->next;
    return true;
}

// DWARF 4 counts a bit-field's bits from the most significant end of its storage.
static uint64_t member_bits(const Types *types, const Die *die, uint32_t type)
{
    uint64_t bits = die->member_at * 8;

    if (die->has_data_bit_offset) {
        return die->data_bit_offset;
    }
    if (die->has_bit_offset && die->bit_size) {
        uint64_t storage = die->has_size ? die->bytes : types->nodes[type].type.bytes;
        return bits + storage * 8 - die->bit_offset - die->bit_size;
    }
    return bits;
}

static void read_members(Types *types, uint32_t at)
{
    TypeNode node = types->nodes[at]; // nodes move as they grow in number
    uint64_t next = node.children;
    Die die;

    node.type.first_member = types->member_count;
    while (next_child(types, node.unit, &next, &die)) {
        ReflectMember member = {.name = die.name ? die.name : ""};
        if (die.tag != DW_TAG_member || die.is_external) {
            continue;
        }
        member.type = reflect_types_node(types, node.unit, die.type, NULL);
        reflect_raise_align(&types->nodes[at].type, die.align);
        member.offset_bits = member_bits(types, &die, member.type);
        member.bit_size = die.bit_size <= 64 ? (uint32_t)die.bit_size : 0;
        if (member.bit_size == types->nodes[member.type].type.bytes * 8
            && member.offset_bits % 8 == 0) {
            member.bit_size = 0; // it is as good as none, and to clang it is none
        }
        add_member(types, &node, member);
    }
    types->nodes[at].end = next;
    types->nodes[at].type.first_member = node.type.first_member;
    types->nodes[at].type.member_count = node.type.member_count;
}

// ---------------------------------------------------------------------------------- enumerators

static uint32_t add_integer(Types *types, uint64_t bytes, bool is_signed)
{
    uint32_t at = add_node(types);

    types->nodes[at].type = (ReflectType){
        .kind = REFLECT_INTEGER,
        .is_signed = is_signed,
        .bytes = bytes,
        .name = bytes == 4 ? is_signed ? "int" : "unsigned int" : "",
    };
    return at;
}

// A form of fixed size says nothing about the sign.
static int64_t constant_of(const Die *die, const ReflectType *integer)
{
    if (die->is_constant_fixed && integer->is_signed && integer->bytes == die->constant_bytes) {
        unsigned unused = 64 - 8u * die->constant_bytes;
        return (int64_t)((uint64_t)die->constant << unused) >> unused;
    }
    return die->constant;
}

static void read_enumerators(Types *types, uint32_t at)
{
    TypeNode node = types->nodes[at];
    uint64_t next = node.children;
    bool has_negative = false;
    uint32_t of = reflect_types_node(types, node.unit, node.target, NULL);
    Die die;

    node.type.first_enumerator = types->enumerator_count;
    while (next_child(types, node.unit, &next, &die)) {
        if (die.tag == DW_TAG_enumerator) {
            int64_t value = constant_of(&die, &types->nodes[of].type);
            add_enumerator(types, &node, (ReflectEnumerator){die.name ? die.name : "", value});
            has_negative |= value < 0;
        }
    }
    types->nodes[at].end = next;
    of = of ? of : add_integer(types, node.type.bytes, has_negative);
    types->nodes[at].type.of = of;
    types->nodes[at].type.is_signed = types->nodes[of].type.is_signed;
    types->nodes[at].type.first_enumerator = node.type.first_enumerator;
    types->nodes[at].type.enumerator_count = node.type.enumerator_count;
}

// --------------------------------------------------------------------------------------- arrays

static size_t read_dimensions(Types *types, const TypeNode *node, uint64_t *counts)
{
    uint64_t next = node->children;
    size_t count = 0;
    Die die;

    while (next_child(types, node->unit, &next, &die)) {
        if (die.tag == DW_TAG_subrange_type && count < DIMENSIONS_MAX) {
            uint64_t elements = die.has_count ? die.count : die.has_bound ? die.bound + 1 : 0;
            counts[count++] = elements < TYPE_BYTES_MAX ? elements : 0;
        }
    }
    return count;
}

static void read_array(Types *types, uint32_t at)
{
    TypeNode node = types->nodes[at];
    uint64_t counts[DIMENSIONS_MAX];
    size_t count = read_dimensions(types, &node, counts);
    bool is_const = false;
    uint32_t of = reflect_types_node(types, node.unit, node.target, &is_const);

    for (size_t i = count; i-- > 1;) {
        uint32_t inner = add_node(types);
        types->nodes[inner].type.kind = REFLECT_ARRAY;
        types->nodes[inner].type.of = of;
        types->nodes[inner].type.count = counts[i];
        types->nodes[inner].is_const = is_const;
        of = inner;
    }
    types->nodes[at].type.of = of;
    types->nodes[at].type.count = count ? counts[0] : 0;
    types->nodes[at].is_const = is_const;
}

// ------------------------------------------------------------------------------------ functions

// Parameters are of types alone: what they are called does not change what the function is.
static void read_function(Types *types, uint32_t at)
{
    TypeNode node = types->nodes[at];
    uint64_t next = node.children;
    Die die;

    node.type.of = reflect_types_node(types, node.unit, node.target, NULL);
    node.type.first_member = types->member_count;
    while (next_child(types, node.unit, &next, &die)) {
        if (die.tag == DW_TAG_formal_parameter) {
            (void)reflect_die_complete(types->dies, &die);
            uint32_t type = reflect_types_node(types, node.unit, die.type, NULL);
            add_member(types, &node, (ReflectMember){.name = "", .type = type});
        } else if (die.tag == DW_TAG_unspecified_parameters) {
            add_member(types, &node, (ReflectMember){.name = "..."});
        }
    }
    types->nodes[at].type.of = node.type.of;
    types->nodes[at].type.first_member = node.type.first_member;
    types->nodes[at].type.member_count = node.type.member_count;
}

// ---------------------------------------------------------------------------------- all of them

static void complete_node(Types *types, uint32_t at)
{
    TypeNode *node = &types->nodes[at];
    uint32_t of;

    if (!node->is_pending) {
        return;
    }
    node->is_pending = false;
    switch (node->type.kind) {
    case REFLECT_STRUCT:
    case REFLECT_UNION:
        read_members(types, at);
        break;
    case REFLECT_ENUM:
        read_enumerators(types, at);
        break;
    case REFLECT_ARRAY:
        read_array(types, at);
        break;
    case REFLECT_FUNCTION:
        read_function(types, at);
        break;
    case REFLECT_POINTER:
        of = reflect_types_node(types, node->unit, node->target, NULL);
        types->nodes[at].type.of = of;
        break;
    default:
        break;
    }
}

uint64_t reflect_types_visit(Types *types, const DieUnit *unit, uint64_t at)
{
    uint32_t node = reflect_types_node(types, unit, at, NULL);
    const TypeNode *found;

    if (types->dies->is_broken) {
        return 0;
    }
    complete_node(types, node);
    found = &types->nodes[node];
    return found->unit == unit && found->children > at && found->at == at ? found->end : 0;
}

void reflect_types_complete(Types *types)
{
    for (; types->done < types->node_count && !types->dies->is_broken; types->done++) {
        complete_node(types, types->done);
    }
}
