#include <string.h>

#include "carry_parts.h"

// Contents: what lies at an address, counterparts, words, sameness.

// ----------------------------------------------------------------------- what lies at an address

bool carry_is_ours(const Carry *carry, uint64_t word)
{
    const char *unit, *function;
    return carry_in_image(&carry->from, word) || carry_grave_at(word, &unit, &function);
}

// Where one variable ends and the next begins, a pointer may mean either: the type of what it
// points to decides; else it is the beginning.
const CarryObject *carry_variable_at(const CarrySide *side, uint64_t address, uint32_t want,
                                     uint64_t *offset)
{
    const CarryObject *object = carry_object_before(&side->variables, address);
    if (!object || address - object->address > object->bytes) {
        return NULL;
    }
    *offset = address - object->address;
    if (*offset > 0 || want == 0 || object == side->variables.objects) {
        return object;
    }
    const CarryObject *before = object - 1;
    if (before->address && address - before->address == before->bytes
        && reflect_ends_with(side->table, before->type, want)
        && !reflect_begins_with(side->table, object->type, want)) {
        *offset = before->bytes;
        return before;
    }
    return object;
}

bool carry_is_literal(const CarrySide *side, uint64_t address)
{
    const GameLib *lib = side->lib;
    uint64_t offset;
    if (address - lib->text_first >= lib->text_end - lib->text_first
        || carry_in_code(side, address)) {
        return false;
    }
    const CarryObject *object = carry_variable_at(side, address, 0, &offset);
    return !object || offset == object->bytes;
}

// --------------------------------------------------------------------------------- counterparts

static bool takes_calls(const Carry *carry, const CarryObject *old, const CarryObject *new_,
                        const CarryField *field)
{
    bool same = reflect_same_signature(carry->from.table, old->type, carry->to.table, new_->type);
    if (!field || reflect_type(carry->from.table, field->from)->kind != REFLECT_FUNCTION
        || reflect_type(carry->to.table, field->to)->kind != REFLECT_FUNCTION) {
        return same;
    }
    // The field changed alike; or it is one that is cast to what is needed, and nothing changed.
    return reflect_same_signature(carry->to.table, new_->type, carry->to.table, field->to)
           || (same
               && !reflect_same_signature(carry->from.table, old->type, carry->from.table,
                                          field->from));
}

static CarryTarget function_target(const Carry *carry, uint64_t word, const CarryField *field)
{
    const CarryRoll *roll = &carry->from.functions;
    const CarryObject *last = carry_object_before(roll, word);
    uintptr_t far;

    if (!last || (last->address != word && !gamelib_symbol_at(carry->from.lib, word, &far))) {
        return (CarryTarget){.word = word}; // of the linker's
    }
    for (const CarryObject *object = last; object >= roll->objects && object->address == word;
         object--) {
        if (object->twin != CARRY_NONE) {
            const CarryObject *twin = &carry->to.functions.objects[object->twin];
            if (takes_calls(carry, object, twin, field)) {
                return (CarryTarget){.word = twin->address};
            }
        }
    }
    return (CarryTarget){.is_gone = true, .function = last};
}

// What the compiler made (a __func__, a compound literal) has no name that means anything: it is
// the same if it is equal.
static bool same_symbol(Carry *carry, const CarryObject *old, const CarryObject *new_)
{
    return old->is_live
           || (!new_->is_live && old->bytes == new_->bytes
               && carry_same_bytes(carry, (const uint8_t *)old->address,
                                   (const uint8_t *)new_->address, old->bytes, true));
}

static CarryTarget text_target(Carry *carry, uint64_t word)
{
    uint64_t there = carry_text(carry, word);
    return (CarryTarget){.word = there ? there : word};
}

// A constant can be read as long as its image is there, and its image is there as long as anything
// points to it; but not by code to which it is laid out otherwise. What is written to a variable
// that is no more would be lost.
static CarryTarget gone_variable(Carry *carry, const CarryObject *old, uint64_t offset,
                                 const CarryField *field)
{
    bool is_known = field && field->from && field->to;
    bool can_be_read =
        !old->is_live && (!is_known || reflect_same_type(carry->match, field->from, field->to));
    return (CarryTarget){.word = can_be_read ? old->address + offset : 0, .is_gone = true};
}

// The pointer was right about what stands there, and would not be any more.
static bool is_retyped(const Carry *carry, const CarryObject *old, uint64_t offset,
                       const CarryObject *new_, uint64_t there, const CarryField *field)
{
    const ReflectTable *a = carry->from.table, *b = carry->to.table;
    if (!field || offset >= old->bytes || there >= new_->bytes || !old->type || !new_->type) {
        return false;
    }
    const ReflectType *was = reflect_type(a, field->from), *is = reflect_type(b, field->to);
    return was->kind == REFLECT_STRUCT && is->kind == REFLECT_STRUCT && was->bytes > 0
           && is->bytes > 0 && carry_thing_at(a, old->type, offset, field->from)
           && !carry_thing_at(b, new_->type, there, field->to);
}

static CarryTarget variable_target(Carry *carry, const CarryObject *old, uint64_t offset,
                                   const CarryField *field)
{
    const CarryObject *new_ =
        old->twin != CARRY_NONE ? &carry->to.variables.objects[old->twin] : NULL;
    uint64_t there = offset;

    if (old->is_symbol && !old->is_live && (!new_ || !same_symbol(carry, old, new_))) {
        return text_target(carry, old->address + offset);
    }
    if (!new_ || !new_->address) {
        return gone_variable(carry, old, offset, field);
    }
    bool found = old->type && new_->type ? reflect_place(carry->match, old->type, new_->type,
                                                         offset, field ? field->from : 0, &there)
                                         : offset < new_->bytes || old->bytes == new_->bytes;
    if (!found || there > new_->bytes || is_retyped(carry, old, offset, new_, there, field)) {
        return gone_variable(carry, old, offset, field);
    }
    return (CarryTarget){.word = new_->address + there};
}

// Behind a constant table a literal may begin: what the pointer points to tells which it means.
static bool ends_there(const CarrySide *side, const CarryObject *object, const CarryField *field)
{
    const ReflectType *type = reflect_type(side->table, object->type);
    return field && type->kind == REFLECT_ARRAY && !reflect_type(side->table, field->from)->is_char
           && reflect_begins_with(side->table, type->of, field->from);
}

// One variable ends where another begins, or begins where its first member does.
static bool is_open(Carry *carry, const CarryObject *object, uint64_t offset, uint64_t word)
{
    const CarryRoll *roll = &carry->from.variables;
    if (offset == object->bytes && carry_is_literal(&carry->from, word)) {
        return true;
    }
    if (object->twin != CARRY_NONE
        && !reflect_same_type(carry->match, object->type,
                              carry->to.variables.objects[object->twin].type)) {
        return true;
    }
    const CarryObject *before = offset == 0 && object > roll->objects ? object - 1 : NULL;
    return before && before->address && before->address + before->bytes == word;
}

CarryTarget carry_target(Carry *carry, uint64_t word, const CarryField *field)
{
    CarryTarget target = {.word = word}; // where nobody knows what it is, the old image stays

    if (carry_in_code(&carry->from, word)) {
        return function_target(carry, word, field);
    }
    uint64_t offset = 0;
    const CarryObject *old =
        carry_variable_at(&carry->from, word, field ? field->from : 0, &offset);
    if (old
        && (offset < old->bytes || !carry_is_literal(&carry->from, word)
            || ends_there(&carry->from, old, field))) {
        target = variable_target(carry, old, offset, field);
    } else if (carry_is_literal(&carry->from, word)) {
        target = text_target(carry, word);
    }
    target.is_open = old && !field && (carry->is_retyped || is_open(carry, old, offset, word));
    return target;
}

// ---------------------------------------------------------------------------------------- words

static CarryMemo *remember(Carry *carry, uint64_t word)
{
    CarryMemo *memo = &carry->memo[(word * UINT64_C(0x9e3779b97f4a7c15)) >> 52];
    if (memo->word != word) {
        CarryTarget target = carry_target(carry, word, NULL);
        *memo = (CarryMemo){word, target};
    }
    return memo;
}

static uint64_t dig(const CarryTarget *target)
{
    return target->function ? carry_grave(target->function->unit, target->function->name)
                            : target->word;
}

// A function that was gone may be there again.
static uint64_t rise(const Carry *carry, uint64_t word)
{
    const char *unit, *name;
    if (!carry_grave_at(word, &unit, &name)) {
        return word;
    }
    const CarryObject *function = carry_function(&carry->to, unit, name);
    return function ? function->address : word;
}

uint64_t carry_word(Carry *carry, uint64_t word, bool *gone)
{
    *gone = false;
    if (!carry_in_image(&carry->from, word)) {
        return rise(carry, word);
    }
    CarryMemo *memo = remember(carry, word);
    *gone = memo->target.is_gone;
    if (memo->target.function) {
        memo->target.word = dig(&memo->target);
        memo->target.function = NULL;
    }
    return memo->target.word;
}

bool carry_is_open(Carry *carry, uint64_t word)
{
    return carry_in_image(&carry->from, word) && remember(carry, word)->target.is_open;
}

bool carry_needs_type(Carry *carry, uint64_t word)
{
    if (!carry_in_image(&carry->from, word)) {
        return false;
    }
    const CarryTarget *target = &remember(carry, word)->target;
    return target->is_open || target->is_gone;
}

// `bytes` 0: of any size.
static uint32_t only_type(const ReflectTable *table, const char *name, uint64_t bytes)
{
    uint32_t found = 0;
    for (uint32_t i = 1; i < table->type_count; i++) {
        const ReflectType *type = &table->types[i];
        if ((bytes && type->bytes != bytes) || strcmp(type->name, name) != 0) {
            continue;
        }
        if (found && type->shape != table->types[found].shape) {
            return 0;
        }
        found = i;
    }
    return found;
}

CarryHolder carry_holder(const Carry *carry, const char *type, uint64_t bytes)
{
    uint32_t same = only_type(carry->to.table, type, bytes);
    return (CarryHolder){only_type(carry->from.table, type, bytes),
                         same ? same : only_type(carry->to.table, type, 0)};
}

// What the pointer points to in each build. Where the holder is laid out otherwise now, the pointer
// stands elsewhere in it.
static CarryField held_field(Carry *carry, CarryHolder holder, uint64_t offset)
{
    const ReflectTable *from = carry->from.table, *to = carry->to.table;
    uint32_t pointer = holder.from ? reflect_pointer_at(from, holder.from, offset) : 0;
    uint64_t there;

    if (!pointer || !holder.to
        || !reflect_place(carry->match, holder.from, holder.to, offset, pointer, &there)) {
        return (CarryField){0};
    }
    return (CarryField){reflect_type(from, pointer)->of, reflect_pointee(to, holder.to, there)};
}

uint64_t carry_held_word(Carry *carry, uint64_t word, CarryHolder holder, uint64_t offset,
                         bool *gone)
{
    CarryField field = held_field(carry, holder, offset);
    return carry_typed_word(carry, word, field.from, field.to, gone);
}

uint64_t carry_typed_word(Carry *carry, uint64_t word, uint32_t from, uint32_t to, bool *gone)
{
    CarryField field = {from, to};
    return from && to ? carry_pointer(carry, word, &field, gone) : carry_word(carry, word, gone);
}

void carry_forward(Carry *carry, CarryForward forward, void *with)
{
    carry->forward = forward;
    carry->forward_with = with;
}

uint64_t carry_forwarded(const Carry *carry, uint64_t word, const CarryField *field, bool *gone)
{
    static const CarryField UNKNOWN = {0};
    *gone = false;
    field = field ? field : &UNKNOWN;
    return carry->forward && word
               ? carry->forward(carry->forward_with, word, field->from, field->to, gone)
               : word;
}

uint64_t carry_pointer(Carry *carry, uint64_t word, const CarryField *field, bool *gone)
{
    *gone = false;
    if (!carry_in_image(&carry->from, word)) {
        return rise(carry, word);
    }
    CarryTarget target = carry_target(carry, word, field);
    *gone = target.is_gone;
    return dig(&target);
}

// ------------------------------------------------------------------------------------- sameness

bool carry_same_target(Carry *carry, uint64_t old, uint64_t new_, const CarryField *field)
{
    if (old == new_) {
        return true;
    }
    if (!carry_in_image(&carry->from, old) || !carry_in_image(&carry->to, new_)) {
        return false;
    }
    if (carry_is_literal(&carry->from, old) && carry_is_literal(&carry->to, new_)) {
        return carry_same_text(&carry->from, old, &carry->to, new_);
    }
    CarryTarget target = field ? carry_target(carry, old, field) : remember(carry, old)->target;
    return !target.is_gone && target.word == new_;
}

static uint64_t word_at(const uint8_t *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

bool carry_same_bytes(Carry *carry, const uint8_t *old, const uint8_t *new_, uint64_t bytes,
                      bool has_words)
{
    if (!has_words) {
        return memcmp(old, new_, bytes) == 0;
    }
    uint64_t at = 0;
    for (; at + 8 <= bytes; at += 8) {
        uint64_t a = word_at(old + at), b = word_at(new_ + at);
        if (a != b && !carry_same_target(carry, a, b, NULL)) {
            return false;
        }
    }
    return memcmp(old + at, new_ + at, bytes - at) == 0;
}
