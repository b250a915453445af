#include <dwarf.h>

#include "reflect_variables.h"

// Where a variable lies that lies somewhere for good. Expressions of such variables are an address,
// or pieces of them, or - where clang keeps one of two values in a byte - a sum and a product of
// what is stored at one. What is more than that is not known.
//
// Contents: operands, pieces, operations, expressions.

enum { PIECES_MAX = 256, OPERANDS_MAX = 8 };

// ------------------------------------------------------------------------------------- operands

// An address; or base + factor * what is stored at it, modulo 2^64 (factor 0: a plain number).
typedef struct Operand {
    bool is_address;
    uint64_t address, stored_bytes, factor, base;
} Operand;

typedef struct Machine {
    Found *found;
    const DieUnit *unit;
    const uint8_t *at, *end;
    Operand operands[OPERANDS_MAX];
    size_t count;
    uint64_t offset; // of the next piece
    bool is_value;   // DW_OP_stack_value was met: the operand is the value itself
    bool is_unknown;
} Machine;

static void push(Machine *machine, Operand operand)
{
    if (machine->count == OPERANDS_MAX) {
        machine->is_unknown = true;
        return;
    }
    machine->operands[machine->count++] = operand;
}

static Operand pop(Machine *machine)
{
    if (machine->count == 0) {
        machine->is_unknown = true;
        return (Operand){0};
    }
    return machine->operands[--machine->count];
}

static void push_number(Machine *machine, uint64_t number)
{
    push(machine, (Operand){.base = number});
}

static void push_address(Machine *machine, uint64_t address)
{
    push(machine, (Operand){.is_address = true, .address = address});
}

static void push_indexed(Machine *machine)
{
    uint64_t address = 0, index = reflect_uleb(&machine->at, machine->end);

    machine->is_unknown |=
        !machine->at || !reflect_die_address(machine->found->dies, machine->unit, index, &address);
    push_address(machine, address);
}

static void load(Machine *machine, uint64_t bytes)
{
    Operand from = pop(machine);

    machine->is_unknown |= !from.is_address || bytes == 0 || bytes > 8;
    push(machine, (Operand){.address = from.address, .stored_bytes = bytes, .factor = 1});
}

static void add(Machine *machine, Operand a, Operand b, uint64_t sign)
{
    Operand sum = a.stored_bytes || a.is_address ? a : b;

    machine->is_unknown |=
        b.is_address || (a.stored_bytes && b.stored_bytes) || (a.is_address && b.stored_bytes);
    if (a.is_address) {
        sum.address += sign * b.base;
    } else {
        sum.factor = a.factor + sign * b.factor;
        sum.base = a.base + sign * b.base;
    }
    push(machine, sum);
}

static void multiply(Machine *machine, Operand a, Operand b)
{
    Operand product = a.stored_bytes ? a : b;
    uint64_t by = a.stored_bytes ? b.base : a.base;

    machine->is_unknown |= a.is_address || b.is_address || (a.stored_bytes && b.stored_bytes);
    product.factor *= by;
    product.base *= by;
    push(machine, product);
}

static void invert(Machine *machine)
{
    Operand operand = pop(machine);

    machine->is_unknown |= operand.is_address;
    operand.factor = -operand.factor;
    operand.base = ~operand.base;
    push(machine, operand);
}

// --------------------------------------------------------------------------------------- pieces

// `bytes` 0: all of the variable.
static void add_piece(Machine *machine, uint64_t bytes)
{
    Found *found = machine->found;
    Operand from;
    ReflectPiece *pieces;

    if (machine->count == 0) { // that part was thrown away
        machine->offset += bytes;
        return;
    }
    from = pop(machine);
    pieces = reflect_grow(found->types->scratch, found->pieces, found->piece_count,
                          &found->piece_room, sizeof *pieces);
    if (!pieces || from.is_address == machine->is_value || (!from.is_address && !from.factor)) {
        machine->is_unknown = true;
        return;
    }
    found->pieces = pieces;
    pieces[found->piece_count++] = (ReflectPiece){
        .offset = machine->offset,
        .bytes = bytes,
        .address = from.address,
        .stored_bytes = from.is_address ? bytes : from.stored_bytes,
        .factor = from.is_address ? 1 : (int64_t)from.factor,
        .base = (int64_t)from.base,
    };
    machine->offset += bytes;
    machine->is_value = false;
}

// ----------------------------------------------------------------------------------- operations

static bool step_number(Machine *machine, uint8_t op)
{
    static const uint8_t BYTES[] = {1, 1, 2, 2, 4, 4, 8, 8}; // of DW_OP_const1u and on
    uint64_t word;

    if (op >= DW_OP_lit0 && op <= DW_OP_lit31) {
        push_number(machine, (uint64_t)op - DW_OP_lit0);
    } else if (op >= DW_OP_const1u && op <= DW_OP_const8s) {
        unsigned unused = 64 - 8u * BYTES[op - DW_OP_const1u];
        word = reflect_fixed(&machine->at, machine->end, BYTES[op - DW_OP_const1u]);
        if ((op - DW_OP_const1u) % 2 == 1) {
            word = (uint64_t)((int64_t)(word << unused) >> unused);
        }
        push_number(machine, word);
    } else if (op == DW_OP_constu) {
        push_number(machine, reflect_uleb(&machine->at, machine->end));
    } else if (op == DW_OP_consts) {
        push_number(machine, (uint64_t)reflect_sleb(&machine->at, machine->end));
    } else {
        return false;
    }
    return true;
}

static void step_two(Machine *machine, uint8_t op)
{
    Operand b = pop(machine), a = pop(machine);

    switch (op) {
    case DW_OP_plus:
        add(machine, a, b, 1);
        break;
    case DW_OP_minus:
        add(machine, a, b, UINT64_MAX);
        break;
    case DW_OP_mul:
        multiply(machine, a, b);
        break;
    default:
        machine->is_unknown = true;
    }
}

static void step(Machine *machine, Place *place)
{
    uint8_t op = *machine->at++;

    if (step_number(machine, op)) {
        return;
    }
    switch (op) {
    case DW_OP_addr:
        push_address(machine, reflect_fixed(&machine->at, machine->end, 8));
        break;
    case DW_OP_addrx:
    case DW_OP_GNU_addr_index:
        push_indexed(machine);
        break;
    case DW_OP_constx:
    case DW_OP_GNU_const_index:
        push_number(machine, reflect_uleb(&machine->at, machine->end));
        break;
    case DW_OP_form_tls_address:
    case DW_OP_GNU_push_tls_address:
        place->is_thread_local = true;
        break;
    case DW_OP_plus_uconst:
        push_number(machine, reflect_uleb(&machine->at, machine->end));
        step_two(machine, DW_OP_plus);
        break;
    case DW_OP_deref_size:
        load(machine, reflect_fixed(&machine->at, machine->end, 1));
        break;
    case DW_OP_deref:
        load(machine, 8);
        break;
    case DW_OP_not:
        invert(machine);
        break;
    case DW_OP_stack_value:
        machine->is_value = true;
        break;
    case DW_OP_piece:
        place->piece_count++;
        add_piece(machine, reflect_uleb(&machine->at, machine->end));
        break;
    default:
        step_two(machine, op);
    }
}

// ---------------------------------------------------------------------------------- expressions

bool reflect_is_place(Block expression)
{
    uint8_t op = expression.bytes ? expression.data[0] : 0;
    uint8_t last = expression.bytes ? expression.data[expression.bytes - 1] : 0;

    return op == DW_OP_addr || op == DW_OP_addrx || op == DW_OP_GNU_addr_index || op == DW_OP_piece
           || last == DW_OP_form_tls_address || last == DW_OP_GNU_push_tls_address;
}

void reflect_locate(Found *found, const DieUnit *unit, Block expression, Place *place)
{
    uint32_t first = found->piece_count;
    Machine machine = {.found = found,
                       .unit = unit,
                       .at = expression.data,
                       .end = expression.data + expression.bytes};

    *place = (Place){0};
    while (machine.at && machine.at < machine.end && !machine.is_unknown
           && place->piece_count < PIECES_MAX) {
        step(&machine, place);
    }
    machine.is_unknown |= !machine.at || machine.at < machine.end;
    if (!machine.is_unknown && !place->is_thread_local && place->piece_count == 0) {
        if (machine.count == 1 && machine.operands[0].is_address && !machine.is_value) {
            place->address = machine.operands[0].address;
            return;
        }
        add_piece(&machine, 0);
    }
    if (machine.is_unknown || place->is_thread_local) {
        found->piece_count = first;
    }
    place->first_piece = first;
    place->piece_count = found->piece_count - first;
}
