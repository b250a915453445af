#include "carry.h"
#include <inttypes.h>
#include <string.h>

#include "carry_parts.h"

// Contents: opening, one variable, all of them, names.

// -------------------------------------------------------------------------------------- opening

// How a variable goes on. Initialisers do not change any more, so they are compared here, and not
// in the frame of the swap.
static CarryWay find_way(Carry *carry, const CarryObject *old)
{
    if (!old->is_live) {
        return CARRY_SKIP;
    }
    if (old->twin == CARRY_NONE || !carry_is_placed(&carry->to.variables.objects[old->twin])) {
        return CARRY_ALONE;
    }
    const CarryObject *new_ = &carry->to.variables.objects[old->twin];
    bool has_type = old->type != 0 && new_->type != 0;
    uint32_t traits = has_type ? carry_traits(&carry->from, old->type) : CARRY_HAS_WORDS;

    if (!new_->is_live || old->piece_count || new_->piece_count || old->bytes != new_->bytes
        || (traits & CARRY_HAS_ODD_WORDS)
        || (has_type && !reflect_same_type(carry->match, old->type, new_->type))) {
        return CARRY_WALK;
    }
    return carry_same_bytes(carry, carry_initial(&carry->from, old),
                            carry_initial(&carry->to, new_), old->bytes, traits & CARRY_HAS_WORDS)
               ? CARRY_COPY
               : CARRY_WALK;
}

Carry *carry_open(Arena *arena, const CarryBuild *from, const CarryBuild *to)
{
    bool has_types = from->table && to->table && !from->table->is_empty && !to->table->is_empty;
    Carry *carry = ARENA_NEW(arena, Carry, 1);

    carry->arena = arena;
    carry->is_same = from->lib->sources != 0 && from->lib->sources == to->lib->sources;
    carry->memo = ARENA_NEW(arena, CarryMemo, CARRY_MEMO_COUNT);
    carry_side_open(&carry->from, arena, from, has_types);
    carry_side_open(&carry->to, arena, to, has_types);
    carry->match = reflect_match_open(arena, carry->from.table, carry->to.table, NULL, 0);
    carry->text_delta = (int64_t)(to->lib->text_first - from->lib->text_first);
    carry_pair(&carry->from, &carry->to);
    for (uint32_t i = 0; i < carry->from.variables.count; i++) {
        CarryObject *object = &carry->from.variables.objects[i];
        object->way = find_way(carry, object);
        bool goes_on = object->way == CARRY_COPY || object->way == CARRY_WALK;
        carry->is_retyped |= goes_on && has_types
                             && carry_says_other(carry, object->type,
                                                 carry->to.variables.objects[object->twin].type);
    }
    for (uint32_t i = 1; i < carry->from.table->type_count && !carry->has_odd_words; i++) {
        carry->has_odd_words = carry_is_odd(carry, (CarryHolder){.from = i});
    }
    return carry;
}

bool carry_has_odd_words(const Carry *carry)
{
    return carry->has_odd_words;
}

// --------------------------------------------------------------------------------- one variable

static const char *file_of(const char *unit)
{
    const char *slash = strrchr(unit, '/');
    return slash ? slash + 1 : unit;
}

static bool is_at_initial(const CarrySide *side, const CarryObject *object)
{
    return memcmp((const void *)object->address, carry_initial(side, object), object->bytes) == 0;
}

// What it lost, or has, if it is not at its initialiser.
static bool value_text(Carry *carry, CarryItems *items, const CarryObject *object, char *out,
                       size_t out_bytes)
{
    const uint8_t *live = (const uint8_t *)object->address;
    const uint8_t *initial = carry_initial(&carry->from, object);
    Arena *arena = carry_items_arena(items);

    if (object->piece_count) {
        live = carry_assemble(&carry->from, object, false, arena);
        initial = carry_assemble(&carry->from, object, true, arena);
    }
    return carry_loss_text(carry, &carry->from, object, live, initial, out, out_bytes);
}

static void lose_alone(Carry *carry, CarryItems *items, const CarryObject *object)
{
    char label[CARRY_NAME_MAX], text[CARRY_TEXT_MAX], value[CARRY_TEXT_MAX / 2];
    const char *why = object->twin == CARRY_NONE ? "is not in the new build"
                                                 : "takes no room in the new build, which does "
                                                   "not need it";
    if (!value_text(carry, items, object, value, sizeof value)) {
        return;
    }
    carry_label(object, label, sizeof label);
    if (object->unit[0]) {
        text_format(text, sizeof text, "%s (%s) %s; %s", label, file_of(object->unit), why, value);
    } else {
        text_format(text, sizeof text, "%s %s; %s", label, why, value);
    }
    carry_item(items, CARRY_LOST, label, text);
}

static void tell_carried(Carry *carry, CarryItems *items, const CarryObject *object)
{
    char label[CARRY_NAME_MAX], value[CARRY_TEXT_MAX];
    if (carry_items_full(items, CARRIED)) {
        return;
    }
    carry_label(object, label, sizeof label);
    if (!value_text(carry, items, object, value, sizeof value)) {
        return;
    }
    carry_item(items, CARRIED, label, value);
}

static bool carry_variable(Carry *carry, CarryItems *items, const CarryObject *object)
{
    const CarryObject *twin =
        object->twin == CARRY_NONE ? NULL : &carry->to.variables.objects[object->twin];
    CarryOutcome outcome = {0};

    if (object->way == CARRY_ALONE) {
        lose_alone(carry, items, object);
        return false;
    }
    if (object->way == CARRY_COPY && is_at_initial(&carry->from, object)
        && is_at_initial(&carry->to, twin)) {
        return true;
    }
    outcome = object->way == CARRY_COPY
                  ? carry_copy(carry, items, object, twin)
                  : carry_walk(carry, items, object, twin, carry_items_arena(items));
    if (outcome.carried > 0 && outcome.other == 0) {
        tell_carried(carry, items, object);
    }
    return outcome.carried > 0;
}

// ---------------------------------------------------------------------------------- all of them

// A variable that a build writes and never reads is not in its memory, and so what it would hold is
// not known. One that it reads and never writes looks just the same; it is named as well, because
// the other mistake would be silent. gcc keeps both with -fno-ipa-reference-addressable.
static void tell_unknown(Carry *carry, CarryItems *items)
{
    const CarryRoll *roll = &carry->to.variables;
    for (uint32_t i = 0; i < roll->count; i++) {
        const CarryObject *new_ = &roll->objects[i];
        const CarryObject *old =
            new_->twin == CARRY_NONE ? NULL : &carry->from.variables.objects[new_->twin];
        char label[CARRY_NAME_MAX];
        if (!new_->is_live || !old || carry_is_placed(old) || old->is_const) {
            continue;
        }
        carry_label(new_, label, sizeof label);
        carry_item(
            items, CARRY_LOST, label,
            "the optimiser had left it out of the old build, so what was written to it is not "
            "known; it begins anew");
    }
}

void carry_globals(Carry *carry, CarryReport *report, Arena *arena)
{
    CarryItems *items = carry_items_open(arena);
    uint32_t carried = 0;

    for (uint32_t i = 0; i < carry->from.variables.count; i++) {
        const CarryObject *object = &carry->from.variables.objects[i];
        if (object->way != CARRY_SKIP) {
            carried += carry_variable(carry, items, object);
        }
    }
    tell_unknown(carry, items);
    carry_tell_threads(&carry->from, items);
    carry_items_close(items, report, arena);
    report->carried = carried;
}

// ---------------------------------------------------------------------------------------- names

static void name_variable(const Carry *carry, const CarryObject *object, uint64_t offset, char *out,
                          size_t out_bytes)
{
    carry_label(object, out, out_bytes);
    size_t used = strlen(out);
    if (offset == object->bytes) {
        char label[CARRY_NAME_MAX];
        carry_label(object, label, sizeof label);
        text_format(out, out_bytes, "the end of %s", label);
    } else if (object->type) {
        char path[CARRY_NAME_MAX] = "";
        reflect_path(carry->from.table, object->type, offset, path, sizeof path);
        text_format(out + used, out_bytes - used, "%s%s",
                    path[0] && path[0] != '[' && path[0] != '.' ? "." : "", path);
    } else if (offset > 0) {
        text_format(out + used, out_bytes - used, " + %" PRIu64, offset);
    }
}

static void name_function(const Carry *carry, uint64_t address, char *out, size_t out_bytes)
{
    const CarryObject *function = carry_object_before(&carry->from.functions, address);
    const char *symbol = gamelib_symbol_at(carry->from.lib, address, NULL);

    if (function && function->address == address) {
        text_format(out, out_bytes, "%s()", function->name);
    } else if (symbol) {
        text_format(out, out_bytes, "the middle of %s()", symbol);
    } else {
        text_format(out, out_bytes, "code at %#" PRIx64, address);
    }
}

void carry_name(const Carry *carry, uint64_t address, char *out, size_t out_bytes)
{
    const char *unit, *function;
    uint64_t offset;
    char text[64];

    if (carry_grave_at(address, &unit, &function)) {
        text_format(out, out_bytes, "%s()", function);
    } else if (carry_in_code(&carry->from, address)) {
        name_function(carry, address, out, out_bytes);
    } else if (carry_is_literal(&carry->from, address)
               && carry_read_text(&carry->from, address, text, sizeof text)) {
        text_format(out, out_bytes, "\"%s\"", text);
    } else {
        const CarryObject *object = carry_variable_at(&carry->from, address, 0, &offset);
        if (object) {
            name_variable(carry, object, offset, out, out_bytes);
        } else {
            text_format(out, out_bytes, "address %#" PRIx64, address);
        }
    }
}
