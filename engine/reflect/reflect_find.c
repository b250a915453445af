#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "reflect_parts.h"

// Names to variables, variables to values. Only what the debug information says surely becomes a
// value: optimised code moves variables about, and an old value would blame the wrong one.
// The operations are those of DWARF 5, section 2.5; what compilers do not write for plain C
// pointers (pieces, conversions, values at entry) counts as not known.
//
// Contents: types, the machine, expressions, variables, members.

enum { TYPE_STEPS_MAX = 32, STACK_MAX = 32, OPERATIONS_MAX = 256, BLOCKS_DEEP = 16 };

// ---------------------------------------------------------------------------------------- types

// The type of `die` without typedefs and qualifiers. False: void, or damaged.
static bool strip_type(Dwarf_Die *die, Dwarf_Die *type)
{
    Dwarf_Attribute attribute;
    Dwarf_Die at = *die;

    for (int i = 0; i < TYPE_STEPS_MAX; i++) {
        if (!dwarf_formref_die(dwarf_attr_integrate(&at, DW_AT_type, &attribute), type)) {
            return false;
        }
        switch (dwarf_tag(type)) {
        case DW_TAG_typedef:
        case DW_TAG_const_type:
        case DW_TAG_volatile_type:
        case DW_TAG_restrict_type:
        case DW_TAG_atomic_type:
            at = *type;
            continue;
        default:
            return true;
        }
    }
    return false;
}

static void set_type(Value *value, Dwarf_Die *die)
{
    value->has_type = strip_type(die, &value->type);
}

bool reflect_is(const Value *value, unsigned tag)
{
    Dwarf_Die type = value->type;

    return value->has_type && dwarf_tag(&type) == (int)tag;
}

uint64_t reflect_type_bytes(const Value *value)
{
    Dwarf_Die type = value->type;
    Dwarf_Word bytes;

    return value->has_type && dwarf_aggregate_size(&type, &bytes) == 0 ? bytes : 0;
}

bool reflect_target(const Value *of, Value *target)
{
    Dwarf_Die type = of->type;

    if (!reflect_is(of, DW_TAG_pointer_type) && !reflect_is(of, DW_TAG_array_type)) {
        return false;
    }
    *target = (Value){0};
    set_type(target, &type);
    return true;
}

// ----------------------------------------------------------------------------------- the machine

static bool read_memory(const Finder *finder, uint64_t address, void *out, size_t bytes)
{
    return finder->machine->read
           && finder->machine->read(finder->machine->with, address, out, bytes);
}

static bool get_register(const Finder *finder, uint64_t number, uint64_t *word)
{
    if (number >= COUNT_OF(finder->registers) || !(finder->known & (1u << number))) {
        return false;
    }
    *word = finder->registers[number];
    return true;
}

// The rule for the frame's address at this instruction: a register plus a number nearly always. It
// gives the address when the registers are known, and the register when the address is.
static void use_frame_rule(Finder *finder, uint64_t address)
{
    Reflect *reflect = finder->reflect;
    Dwarf_Frame *frame = NULL;
    Dwarf_Op *ops;
    size_t count;
    uint64_t number, base;

    if (!reflect->has_cfi) {
        reflect->has_cfi = true;
        reflect->cfi = dwarf_getcfi_elf(reflect->elf);
    }
    if (!reflect->cfi || dwarf_cfi_addrframe(reflect->cfi, address, &frame) != 0) {
        return;
    }
    if (dwarf_frame_cfa(frame, &ops, &count) == 0 && count == 1
        && (ops[0].atom == DW_OP_bregx
            || (ops[0].atom >= DW_OP_breg0 && ops[0].atom <= DW_OP_breg31))) {
        bool is_extended = ops[0].atom == DW_OP_bregx;
        number = is_extended ? ops[0].number : (uint64_t)ops[0].atom - DW_OP_breg0;
        uint64_t more = is_extended ? ops[0].number2 : ops[0].number;
        if (finder->cfa == 0 && get_register(finder, number, &base)) {
            finder->cfa = base + more;
        } else if (finder->cfa != 0 && number < COUNT_OF(finder->registers)) {
            finder->registers[number] = finder->cfa - more;
            finder->known |= 1u << number;
        }
    }
    free(frame);
}

bool reflect_finder(Finder *finder, Reflect *reflect, const ReflectMachine *machine)
{
    uint64_t address = machine->pc - reflect->bias;

    *finder = (Finder){.reflect = reflect, .machine = machine, .cfa = machine->cfa};
    if (machine->registers) {
        memcpy(finder->registers, machine->registers, sizeof finder->registers);
        finder->known = (1u << COUNT_OF(finder->registers)) - 1;
    }
    if (!reflect_find_scopes(reflect, address, &finder->scopes)) {
        return false;
    }
    use_frame_rule(finder, address);
    return true;
}

// ----------------------------------------------------------------------------------- expressions

typedef struct Stack {
    uint64_t words[STACK_MAX];
    size_t count;
} Stack;

static bool push(Stack *stack, uint64_t word)
{
    if (stack->count == STACK_MAX) {
        return false;
    }
    stack->words[stack->count++] = word;
    return true;
}

static bool pop(Stack *stack, uint64_t *word)
{
    if (stack->count == 0) {
        return false;
    }
    *word = stack->words[--stack->count];
    return true;
}

static bool evaluate(Finder *finder, Dwarf_Attribute *attribute, bool is_frame_base, Value *value);

static bool push_frame_base(Finder *finder, Stack *stack, uint64_t more)
{
    Dwarf_Attribute attribute;
    Value base = {0};

    return dwarf_attr_integrate(&finder->scopes.die[0], DW_AT_frame_base, &attribute)
           && evaluate(finder, &attribute, true, &base) && base.kind != VALUE_UNKNOWN
           && push(stack, base.word + more);
}

static bool push_register(Finder *finder, Stack *stack, uint64_t number, uint64_t more)
{
    uint64_t word;

    return get_register(finder, number, &word) && push(stack, word + more);
}

// An address that stands elsewhere: DW_OP_addrx is all that clang writes for globals.
static bool push_indirect(Finder *finder, Stack *stack, Dwarf_Attribute *attribute,
                          const Dwarf_Op *op)
{
    Dwarf_Attribute result;
    Dwarf_Addr address;

    return dwarf_getlocation_attr(attribute, op, &result) == 0
           && dwarf_formaddr(&result, &address) == 0
           && push(stack, address + finder->reflect->bias);
}

static bool load_stack(Finder *finder, Stack *stack, size_t bytes)
{
    uint64_t address, word = 0;

    return bytes <= sizeof word && pop(stack, &address)
           && read_memory(finder, address, &word, bytes) && push(stack, word);
}

static bool calculate(Stack *stack, uint8_t atom)
{
    uint64_t b, a;

    if (!pop(stack, &b) || !pop(stack, &a)) {
        return false;
    }
    switch (atom) {
    case DW_OP_plus:
        return push(stack, a + b);
    case DW_OP_minus:
        return push(stack, a - b);
    case DW_OP_mul:
        return push(stack, a * b);
    case DW_OP_and:
        return push(stack, a & b);
    case DW_OP_or:
        return push(stack, a | b);
    case DW_OP_xor:
        return push(stack, a ^ b);
    case DW_OP_shl:
        return push(stack, b < 64 ? a << b : 0);
    case DW_OP_shr:
        return push(stack, b < 64 ? a >> b : 0);
    case DW_OP_swap:
        return push(stack, b) && push(stack, a);
    default:
        return false;
    }
}

// One operation that leaves something on the stack.
static bool step(Finder *finder, Stack *stack, Dwarf_Attribute *attribute, const Dwarf_Op *op,
                 bool is_frame_base)
{
    uint64_t word;

    if (op->atom >= DW_OP_lit0 && op->atom <= DW_OP_lit31) {
        return push(stack, (uint64_t)op->atom - DW_OP_lit0);
    }
    if (op->atom >= DW_OP_breg0 && op->atom <= DW_OP_breg31) {
        return push_register(finder, stack, (uint64_t)op->atom - DW_OP_breg0, op->number);
    }
    switch (op->atom) {
    case DW_OP_addr:
        return push(stack, op->number + finder->reflect->bias);
    case DW_OP_addrx:
    case DW_OP_GNU_addr_index:
        return push_indirect(finder, stack, attribute, op);
    case DW_OP_fbreg: // of itself: a damaged file
        return !is_frame_base && push_frame_base(finder, stack, op->number);
    case DW_OP_bregx:
        return push_register(finder, stack, op->number, op->number2);
    case DW_OP_call_frame_cfa:
        return finder->cfa != 0 && push(stack, finder->cfa);
    case DW_OP_const1u:
    case DW_OP_const1s:
    case DW_OP_const2u:
    case DW_OP_const2s:
    case DW_OP_const4u:
    case DW_OP_const4s:
    case DW_OP_const8u:
    case DW_OP_const8s:
    case DW_OP_constu:
    case DW_OP_consts:
        return push(stack, op->number);
    case DW_OP_plus_uconst:
        return pop(stack, &word) && push(stack, word + op->number);
    case DW_OP_deref:
        return load_stack(finder, stack, 8);
    case DW_OP_deref_size:
        return load_stack(finder, stack, op->number);
    case DW_OP_dup:
        return pop(stack, &word) && push(stack, word) && push(stack, word);
    case DW_OP_drop:
        return pop(stack, &word);
    case DW_OP_neg:
        return pop(stack, &word) && push(stack, -word);
    case DW_OP_not:
        return pop(stack, &word) && push(stack, ~word);
    case DW_OP_nop:
        return true;
    default:
        return calculate(stack, op->atom);
    }
}

// DW_OP_reg*: the value is in a register, which stands alone.
static bool evaluate_register(Finder *finder, const Dwarf_Op *op, size_t count, Value *value)
{
    bool is_extended = op->atom == DW_OP_regx;

    if (count != 1
        || !get_register(finder, is_extended ? op->number : (uint64_t)op->atom - DW_OP_reg0,
                         &value->word)) {
        return false;
    }
    value->kind = VALUE_KNOWN;
    return true;
}

static bool run_operations(Finder *finder, Dwarf_Attribute *attribute, const Dwarf_Op *ops,
                           size_t count, bool is_frame_base, Value *value)
{
    Stack stack = {.count = 0};
    bool is_value = false;

    if (count == 0 || count > OPERATIONS_MAX) {
        return false;
    }
    if ((ops[0].atom >= DW_OP_reg0 && ops[0].atom <= DW_OP_reg31) || ops[0].atom == DW_OP_regx) {
        return evaluate_register(finder, &ops[0], count, value);
    }
    for (size_t i = 0; i < count; i++) {
        is_value = ops[i].atom == DW_OP_stack_value && i + 1 == count;
        if (!is_value && !step(finder, &stack, attribute, &ops[i], is_frame_base)) {
            return false;
        }
    }
    value->kind = is_value ? VALUE_KNOWN : VALUE_IN_MEMORY;
    return pop(&stack, &value->word);
}

// The location of a variable, or of the frame's base, at the instruction.
static bool evaluate(Finder *finder, Dwarf_Attribute *attribute, bool is_frame_base, Value *value)
{
    Dwarf_Op *ops = NULL;
    size_t count = 0;
    uint64_t address = finder->machine->pc - finder->reflect->bias;
    Value result = {0};

    if (dwarf_getlocation_addr(attribute, address, &ops, &count, 1) != 1
        || !run_operations(finder, attribute, ops, count, is_frame_base, &result)) {
        return false;
    }
    value->kind = result.kind;
    value->word = result.word;
    return true;
}

bool reflect_load(const Finder *finder, const Value *value, uint64_t *word)
{
    Dwarf_Die type = value->type;
    Dwarf_Attribute attribute;
    Dwarf_Word encoding = DW_ATE_unsigned;
    uint64_t bytes = reflect_is(value, DW_TAG_pointer_type) ? 8 : reflect_type_bytes(value);
    uint64_t loaded = value->word;

    if (value->kind == VALUE_UNKNOWN || bytes == 0 || bytes > 8) {
        return false;
    }
    if (value->kind == VALUE_IN_MEMORY) {
        loaded = 0;
        if (!read_memory(finder, value->word, &loaded, bytes)) {
            return false;
        }
    }
    if (bytes < 8) { // a register holds rubbish above
        unsigned unused = (unsigned)(64 - 8 * bytes);
        (void)dwarf_formudata(dwarf_attr(&type, DW_AT_encoding, &attribute), &encoding);
        loaded <<= unused;
        loaded = encoding == DW_ATE_signed || encoding == DW_ATE_signed_char
                     ? (uint64_t)((int64_t)loaded >> unused)
                     : loaded >> unused;
    }
    *word = loaded;
    return true;
}

// ------------------------------------------------------------------------------------- variables

static bool has_name(Dwarf_Die *die, const char *name, size_t length)
{
    const char *its = dwarf_diename(die);

    return its && strncmp(its, name, length) == 0 && its[length] == 0;
}

static bool find_named(Dwarf_Die *parent, const char *name, size_t length, Dwarf_Die *found)
{
    if (!reflect_child(parent, found)) {
        return false;
    }
    do {
        int tag = dwarf_tag(found);
        if ((tag == DW_TAG_formal_parameter || tag == DW_TAG_variable)
            && has_name(found, name, length)) {
            return true;
        }
    } while (reflect_next(found));
    return false;
}

// Anywhere in a function as it was written: of a variable that its inlined copy has lost there is
// still the type.
static bool find_origin(Dwarf_Die *parent, const char *name, size_t length, Dwarf_Die *found,
                        int depth)
{
    Dwarf_Die block;

    if (find_named(parent, name, length, found)) {
        return true;
    }
    if (depth == BLOCKS_DEEP || !reflect_child(parent, &block)) {
        return false;
    }
    do {
        if (dwarf_tag(&block) == DW_TAG_lexical_block
            && find_origin(&block, name, length, found, depth + 1)) {
            return true;
        }
    } while (reflect_next(&block));
    return false;
}

static void take_variable(Finder *finder, Dwarf_Die *die, Value *value)
{
    Dwarf_Attribute attribute;
    Dwarf_Sword number;

    *value = (Value){0};
    set_type(value, die);
    if (dwarf_attr_integrate(die, DW_AT_location, &attribute)) {
        (void)evaluate(finder, &attribute, false, value);
    } else if (dwarf_formsdata(dwarf_attr_integrate(die, DW_AT_const_value, &attribute), &number)
               == 0) {
        value->kind = VALUE_KNOWN;
        value->word = (uint64_t)number;
    }
}

static bool find_local(Finder *finder, const char *name, size_t length, Dwarf_Die *found)
{
    Dwarf_Attribute attribute;
    Dwarf_Die origin;

    for (size_t i = finder->level_end; i-- > finder->level_first;) {
        if (find_named(&finder->scopes.die[i], name, length, found)) {
            return true;
        }
    }
    return dwarf_formref_die(dwarf_attr(&finder->scopes.die[finder->level_first],
                                        DW_AT_abstract_origin, &attribute),
                             &origin)
           && find_origin(&origin, name, length, found, 0);
}

// Of the unit's variables of that name the one with a place; a declaration at least has the type.
static bool find_global(Dwarf_Die *root, const char *name, size_t length, Dwarf_Die *found)
{
    Dwarf_Attribute attribute;
    Dwarf_Die die;
    bool any = false;

    if (!find_named(root, name, length, &die)) {
        return false;
    }
    do {
        if (dwarf_tag(&die) == DW_TAG_variable && has_name(&die, name, length)) {
            *found = die;
            any = true;
            if (dwarf_attr_integrate(&die, DW_AT_location, &attribute)) {
                return true;
            }
        }
    } while (reflect_next(&die));
    return any;
}

bool reflect_variable(Finder *finder, const char *name, size_t length, Value *value)
{
    Reflect *reflect = finder->reflect;
    Dwarf_Die die;
    bool found = find_local(finder, name, length, &die);

    if (found) {
        take_variable(finder, &die, value);
        return true;
    }
    found = find_global(&finder->scopes.unit->root, name, length, &die);
    if (found) {
        take_variable(finder, &die, value);
    }
    // `extern` here, of which clang says nothing at all, and defined there.
    for (size_t i = 0; (!found || value->kind == VALUE_UNKNOWN) && i < reflect->unit_count; i++) {
        Unit *unit = &reflect->units[i];
        if (unit != finder->scopes.unit && find_global(&unit->root, name, length, &die)
            && dwarf_hasattr_integrate(&die, DW_AT_external)) {
            take_variable(finder, &die, value);
            found = true;
        }
    }
    return found;
}

// --------------------------------------------------------------------------------------- members

static uint64_t member_offset(Dwarf_Die *member)
{
    Dwarf_Attribute attribute;
    Dwarf_Word number;

    if (dwarf_formudata(dwarf_attr(member, DW_AT_data_member_location, &attribute), &number) == 0) {
        return number;
    }
    if (dwarf_formudata(dwarf_attr(member, DW_AT_data_bit_offset, &attribute), &number) == 0) {
        return number / 8;
    }
    return 0;
}

static bool find_member(Dwarf_Die *type, const char *name, size_t length, Dwarf_Die *found,
                        uint64_t *offset, int depth)
{
    if (!reflect_child(type, found)) {
        return false;
    }
    do {
        Dwarf_Die inner, outer = *found;
        if (dwarf_tag(found) != DW_TAG_member) {
            continue;
        }
        if (has_name(found, name, length)) {
            *offset += member_offset(found);
            return true;
        }
        if (!dwarf_diename(found) && depth < BLOCKS_DEEP && strip_type(found, &inner)) {
            Dwarf_Die there;
            uint64_t base = *offset + member_offset(&outer);
            if (find_member(&inner, name, length, &there, &base, depth + 1)) {
                *found = there;
                *offset = base;
                return true;
            }
        }
    } while (reflect_next(found));
    return false;
}

// A struct that this unit only declares (`struct Mob;`) is what another one of that name says.
static void complete_type(Finder *finder, Dwarf_Die *type)
{
    Reflect *reflect = finder->reflect;
    const char *name = dwarf_diename(type);
    int tag = dwarf_tag(type);

    if (!name || !dwarf_hasattr(type, DW_AT_declaration)) {
        return;
    }
    for (size_t i = 0; i < reflect->unit_count; i++) {
        Dwarf_Die die;
        bool any = reflect_child(&reflect->units[i].root, &die);
        for (; any; any = reflect_next(&die)) {
            if (dwarf_tag(&die) == tag && has_name(&die, name, strlen(name))
                && !dwarf_hasattr(&die, DW_AT_declaration)) {
                *type = die;
                return;
            }
        }
    }
}

bool reflect_member(Finder *finder, const Value *of, const char *name, size_t length, Value *member,
                    uint64_t *offset)
{
    Dwarf_Die type = of->type, die;

    if (!reflect_is(of, DW_TAG_structure_type) && !reflect_is(of, DW_TAG_union_type)) {
        return false;
    }
    complete_type(finder, &type);
    *offset = 0;
    if (!find_member(&type, name, length, &die, offset, 0)) {
        return false;
    }
    *member = (Value){.kind = of->kind == VALUE_IN_MEMORY ? VALUE_IN_MEMORY : VALUE_UNKNOWN,
                      .word = of->word + *offset};
    set_type(member, &die);
    return true;
}
