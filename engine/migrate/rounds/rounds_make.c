#include <string.h>

#include "rounds.h"

// Contents: numbers, types, structs, edits, batches.

const Number NUMBERS[] = {
    {"signed char", 8, true, false, false}, {"unsigned char", 8, false, false, false},
    {"short", 16, true, false, false},      {"unsigned short", 16, false, false, false},
    {"int", 32, true, false, false},        {"unsigned int", 32, false, false, false},
    {"long", 64, true, false, false},       {"unsigned long", 64, false, false, false},
    {"float", 32, true, true, false},       {"double", 64, true, true, false},
    {"_Bool", 1, false, false, true},
};
_Static_assert(COUNT_OF(NUMBERS) == NUMBER_COUNT, "one entry a number");

uint32_t batch_random(Batch *batch, uint32_t below)
{
    batch->random = batch->random * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(batch->random >> 33) % below;
}

static bool chance(Batch *batch, uint32_t percent)
{
    return batch_random(batch, 100) < percent;
}

// ------------------------------------------------------------------------------------------- types

static Struct *make_struct(Batch *batch, uint32_t fields, int depth);

static Type *make_type(Batch *batch, int depth)
{
    Type *type = ARENA_NEW(batch->arena, Type, 1);
    uint32_t what = batch_random(batch, 100);

    type->object = batch_random(batch, batch->round_count);
    type->number = batch_random(batch, NUMBER_COUNT);
    if (what < 42) {
        type->kind = KIND_NUMBER;
    } else if (what < 50) {
        type->kind = KIND_BITS;
        type->number = 4 + batch_random(batch, 2);
        type->width = 1 + batch_random(batch, 31);
    } else if (what < 57) {
        type->kind = KIND_ENUM;
    } else if (what < 66 && depth < 2) {
        type->kind = KIND_STRUCT;
        type->members = make_struct(batch, 1 + batch_random(batch, 4), depth + 1);
    } else if (what < 78 && depth < 2) {
        type->kind = KIND_ARRAY;
        type->count = 1 + batch_random(batch, 4);
        do {
            type->of = make_type(batch, depth + 1);
        } while (type->of->kind == KIND_BITS);
    } else if (what < 86) {
        type->kind = KIND_OBJECT;
    } else if (what < 90) {
        type->kind = KIND_VOID;
    } else if (what < 96) {
        type->kind = KIND_INSIDE;
    } else {
        type->kind = KIND_UNION;
    }
    return type;
}

static Field make_field(Batch *batch, int depth)
{
    Field field = {.id = batch->next_id++, .type = make_type(batch, depth)};
    if (chance(batch, 3) && field.type->kind != KIND_BITS) {
        field.align = 8u << batch_random(batch, 4);
    }
    return field;
}

static Struct *make_struct(Batch *batch, uint32_t fields, int depth)
{
    Struct *made = ARENA_NEW(batch->arena, Struct, 1);

    made->id = batch->next_id++;
    made->is_tagged = depth == 0 || chance(batch, 60);
    made->is_packed = chance(batch, 8);
    for (uint32_t i = 0; i < fields; i++) {
        made->fields[made->count++] = make_field(batch, depth);
    }
    return made;
}

// ------------------------------------------------------------------------------------------- edits

static Struct *edit_struct(Batch *batch, const Struct *before, int depth);

static void edit_number(Batch *batch, Type *type)
{
    if (type->kind == KIND_BITS) {
        if (chance(batch, 70)) {
            type->width = 1 + batch_random(batch, 31);
        } else {
            type->kind = KIND_NUMBER;
        }
    } else {
        type->number = batch_random(batch, NUMBER_COUNT);
    }
}

static Type *array_of(Batch *batch, Type *of)
{
    Type *array = ARENA_NEW(batch->arena, Type, 1);
    *array = (Type){.kind = KIND_ARRAY, .count = 1 + batch_random(batch, 3), .of = of};
    return array;
}

// A copy of the type, changed or not.
static Type *edit_type(Batch *batch, const Type *before, bool *is_edited, int depth)
{
    Type *type = ARENA_NEW(batch->arena, Type, 1);
    bool changes = chance(batch, 22);

    *type = *before;
    if (type->kind == KIND_STRUCT) {
        type->members = edit_struct(batch, before->members, depth + 1);
        *is_edited = true;
    } else if (type->kind == KIND_ARRAY) {
        type->of = edit_type(batch, before->of, is_edited, depth + 1);
        if (type->of->kind == KIND_ARRAY && before->of->kind != KIND_ARRAY) {
            type->of = before->of; // one dimension to two is refused
        }
        if (changes) {
            type->count = 1 + batch_random(batch, 5);
            *is_edited = true;
        }
        bool is_flat = type->of->kind == KIND_NUMBER || type->of->kind == KIND_ENUM;
        if (is_flat && depth == 0 && chance(batch, 8)) {
            *is_edited = true;
            return type->of;
        }
    } else if ((type->kind == KIND_NUMBER || type->kind == KIND_BITS) && changes) {
        edit_number(batch, type);
        *is_edited = true;
        if (type->kind == KIND_NUMBER && depth == 0 && chance(batch, 20)) {
            return array_of(batch, type);
        }
    } else if (type->kind == KIND_UNION && changes) {
        type->count = 1; // one more member
        *is_edited = true;
    }
    return type;
}

static void remove_field(Struct *after, uint32_t index)
{
    for (uint32_t i = index; i + 1 < after->count; i++) {
        after->fields[i] = after->fields[i + 1];
    }
    after->count--;
}

static void insert_field(Struct *after, uint32_t index, Field field)
{
    for (uint32_t i = after->count; i > index; i--) {
        after->fields[i] = after->fields[i - 1];
    }
    after->fields[index] = field;
    after->count++;
}

static void shuffle(Batch *batch, Struct *after)
{
    for (uint32_t i = after->count; i > 1; i--) {
        uint32_t other = batch_random(batch, i);
        Field field = after->fields[i - 1];
        after->fields[i - 1] = after->fields[other];
        after->fields[other] = field;
    }
}

// Fields beside each other become those of a new struct.
static void wrap(Batch *batch, Struct *after)
{
    uint32_t first = batch_random(batch, after->count), count = 0;
    Struct *inner = ARENA_NEW(batch->arena, Struct, 1);
    Type *type = ARENA_NEW(batch->arena, Type, 1);

    while (first + count < after->count && count < 3 && !after->fields[first + count].is_edited) {
        inner->fields[count] = after->fields[first + count];
        count++;
    }
    if (count == 0 || count == after->count) {
        return;
    }
    inner->id = batch->next_id++;
    inner->is_tagged = chance(batch, 50);
    inner->count = count;
    *type = (Type){.kind = KIND_STRUCT, .members = inner};
    for (uint32_t i = 0; i < count; i++) {
        remove_field(after, first);
    }
    insert_field(after, first, (Field){.id = batch->next_id++, .type = type, .is_edited = true});
}

// A struct inside is dissolved: its fields become those of the one around.
static bool unwrap(Struct *after, const Struct *before)
{
    for (uint32_t i = 0; i < after->count; i++) {
        const Type *type = NULL;
        for (uint32_t k = 0; k < before->count; k++) {
            type = before->fields[k].id == after->fields[i].id ? before->fields[k].type : type;
        }
        if (type && type->kind == KIND_STRUCT
            && after->count + type->members->count <= FIELDS_MAX) {
            const Struct *inner = type->members;
            remove_field(after, i);
            for (uint32_t k = 0; k < inner->count; k++) {
                insert_field(after, i + k, inner->fields[k]);
            }
            return true;
        }
    }
    return false;
}

// Taking away and adding at once could be taken for a new name, which is right if it is named; but
// what is right is not decided in here.
static void add_or_remove(Batch *batch, Struct *after, int depth)
{
    uint32_t times = batch_random(batch, 3);
    bool adds = chance(batch, 65);

    for (uint32_t i = 0; i < times; i++) {
        if (adds && after->count < FIELDS_MAX - 3) {
            Field field = make_field(batch, depth > 0 ? depth : 1);
            field.is_edited = true;
            insert_field(after, batch_random(batch, after->count + 1), field);
        } else if (!adds && after->count > 1) {
            remove_field(after, batch_random(batch, after->count));
        }
    }
}

static Struct *edit_struct(Batch *batch, const Struct *before, int depth)
{
    Struct *after = ARENA_NEW(batch->arena, Struct, 1);

    *after = *before;
    if (chance(batch, depth ? 60 : 3)) {
        return after; // as it was
    }
    after->is_packed = chance(batch, 5) ? !before->is_packed : before->is_packed;
    if (depth == 0 && chance(batch, 10) && unwrap(after, before)) {
        return after;
    }
    for (uint32_t i = 0; i < after->count; i++) {
        Field *field = &after->fields[i];
        field->type = edit_type(batch, field->type, &field->is_edited, depth);
        if (field->type->kind == KIND_BITS) {
            field->align = 0;
        }
    }
    if (chance(batch, 10)) {
        wrap(batch, after);
    } else {
        add_or_remove(batch, after, depth);
        if (chance(batch, 30)) {
            shuffle(batch, after);
        }
    }
    if (depth == 0 && chance(batch, 15)) {
        Field *field = &after->fields[batch_random(batch, after->count)];
        field->has_new_name = true;
    }
    return after;
}

static void make_enums(Batch *batch, Round *round)
{
    Enum *before = &round->enum_before, *after = &round->enum_after;
    int value = 0;

    before->count = 2 + batch_random(batch, ENUM_MAX - 2);
    for (uint32_t i = 0; i < before->count; i++) {
        before->list[i] = (Enumerator){batch->next_id++, value};
        value += 1 + (chance(batch, 20) ? (int)batch_random(batch, 50) : 0);
    }
    before->list[before->count - 1].value = 99; // of bits without a name: these are no flags
    *after = *before;
    if (chance(batch, 40) && after->count > 1) {
        uint32_t gone = batch_random(batch, after->count);
        after->count--;
        for (uint32_t i = gone; i < after->count; i++) {
            after->list[i] = after->list[i + 1];
        }
    }
    if (chance(batch, 50)) {
        value = 0;
        for (uint32_t i = 0; i < after->count; i++) {
            after->list[i].value = value++;
        }
    }
    if (chance(batch, 50) && after->count < ENUM_MAX) {
        after->list[after->count] =
            (Enumerator){batch->next_id++, after->list[after->count - 1].value + 1};
        after->count++;
    }
}

// ----------------------------------------------------------------------------------------- batches

void batch_make(Batch *batch, uint32_t round_count)
{
    batch->round_count = round_count;
    batch->rounds = ARENA_NEW(batch->arena, Round, round_count);
    batch->next_id = 1;
    for (uint32_t i = 0; i < round_count; i++) {
        Round *round = &batch->rounds[i];
        bool is_crowd = i == CROWD_ARRAY || i == CROWD_SINGLE;
        round->before = make_struct(batch, 2 + batch_random(batch, is_crowd ? 2 : 7), 0);
        round->objects = is_crowd ? OBJECTS_OF_CROWD : 1 + batch_random(batch, OBJECTS_MAX);
        // A void * to the root's first field would mean the root.
        round->place = (Place)batch_random(batch, i ? 3 : 2);
        if (is_crowd) {
            round->place = i == CROWD_ARRAY ? PLACE_ARRAY : PLACE_SINGLE;
        }
        make_enums(batch, round);
    }
    for (uint32_t i = 0; i < round_count; i++) {
        batch->rounds[i].after = edit_struct(batch, batch->rounds[i].before, 0);
    }
}
