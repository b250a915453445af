#include <string.h>

#include "rounds_parts.h"

// Contents: objects, pointers.

// -------------------------------------------------------------------------------- an object's text

void round_object_text(const Writer *writer, uint32_t round, uint32_t index, char *out)
{
    (void)writer;
    (void)text_format(out, 32, "O%u(%u)", round, index);
}

// Some object of that round; its end, too, where several lie in a row.
uint32_t round_pick_object(Writer *writer, uint32_t round, bool end_too)
{
    const Round *target = &writer->batch->rounds[round];
    bool may_end = end_too && target->place != PLACE_SINGLE;
    return batch_random(writer->batch, target->objects + may_end);
}

// ---------------------------------------------------------------------------------------- pointers

// A number in an object: where it is in each build; is_gone: nowhere, or of another type.
typedef struct Spot {
    char before[TEXT_MAX], after[TEXT_MAX];
    bool is_gone;
} Spot;

typedef struct Spots {
    Spot list[SPOTS_MAX];
    uint32_t count, number;
} Spots;

bool round_find_twin(Writer *writer, const Struct *after, uint32_t id, Twin *twin, int depth)
{
    for (uint32_t i = 0; i < after->count; i++) {
        const Field *field = &after->fields[i];
        char name[16];
        round_field_name(writer, after, field, name);
        size_t length = strlen(twin->path);
        (void)text_format(twin->path + length, sizeof twin->path - length, ".%s", name);
        if (field->id == id) {
            twin->field = field;
            twin->in = after;
            return true;
        }
        if (field->type->kind == KIND_STRUCT && depth < 2
            && round_find_twin(writer, field->type->members, id, twin, depth + 1)) {
            return true;
        }
        twin->path[length] = '\0';
    }
    return false;
}

static void list_spots(Writer *writer, const Type *before, const Type *after, const Path *path,
                       Spots *spots);

static void list_spots_in(Writer *writer, const Struct *before, const Struct *after,
                          const Path *path, Spots *spots)
{
    for (uint32_t i = 0; i < before->count; i++) {
        const Field *field = &before->fields[i];
        char name[32];
        Twin twin = {.path = ""};
        (void)text_format(name, sizeof name, ".f%u", field->id);
        bool found = after && round_find_twin(writer, after, field->id, &twin, 0);
        Path next = round_step(path, name, twin.path);
        if (field->type->kind == KIND_STRUCT && after && !found) { // dissolved, or gone
            bool is_dissolved = false;
            for (uint32_t k = 0; k < field->type->members->count; k++) {
                Twin inner = {.path = ""};
                is_dissolved |=
                    round_find_twin(writer, after, field->type->members->fields[k].id, &inner, 0);
            }
            if (is_dissolved) {
                list_spots_in(writer, field->type->members, after, &next, spots);
                continue;
            }
        }
        list_spots(writer, field->type, found ? twin.field->type : NULL, &next, spots);
    }
}

static void list_spots(Writer *writer, const Type *before, const Type *after, const Path *path,
                       Spots *spots)
{
    if (before->kind == KIND_NUMBER && after && after->kind == KIND_ARRAY) {
        Path next = round_element(path, 0, 0);
        next = round_step(path, "", next.after + strlen(path->after));
        list_spots(writer, before, after->of, &next, spots);
    } else if (before->kind == KIND_NUMBER) {
        if (before->number == spots->number && spots->count < SPOTS_MAX) {
            Spot *spot = &spots->list[spots->count++];
            (void)text_format(spot->before, sizeof spot->before, "%s", path->before);
            (void)text_format(spot->after, sizeof spot->after, "%s", path->after);
            spot->is_gone = !after || after->kind != KIND_NUMBER || after->number != before->number;
        }
    } else if (before->kind == KIND_STRUCT) {
        list_spots_in(writer, before->members,
                      after && after->kind == KIND_STRUCT ? after->members : NULL, path, spots);
    } else if (before->kind == KIND_ARRAY) {
        bool is_array = after && after->kind == KIND_ARRAY;
        for (uint32_t i = 0; i < before->count; i++) {
            Path next = round_element(path, i, i);
            const Type *there = is_array && i < after->count ? after->of : NULL;
            if (after && !is_array && i == 0) {
                there = after;
                next = round_step(path, "[0]", "");
            }
            list_spots(writer, before->of, there, &next, spots);
        }
    }
}

void round_pair_inside(Writer *writer, const Type *before, const Path *path)
{
    uint32_t round = writer->round, object = round_pick_object(writer, before->object, false);
    const Round *target = &writer->batch->rounds[before->object];
    Spots *spots = ARENA_NEW(writer->batch->arena, Spots, 1);
    Path start = {{0}, {0}, {0}};

    spots->number = before->number;
    round_object_text(writer, before->object, object, start.before);
    round_object_text(writer, before->object, object, start.after);
    writer->round = before->object;
    list_spots_in(writer, target->before, target->after, &start, spots);
    writer->round = round;
    if (spots->count == 0) {
        fprintf(writer->after, "EXPECT(%u, !%s);\n", round, path->after);
        return;
    }
    const Spot *spot = &spots->list[batch_random(writer->batch, spots->count)];
    fprintf(writer->before, "%s = &%s;\n", path->before, spot->before);
    if (spot->is_gone) {
        fprintf(writer->after, "EXPECT(%u, !%s);\n", round, path->after);
        round_named(writer, "GONE", path);
    } else {
        fprintf(writer->after, "EXPECT(%u, %s == &%s);\n", round, path->after, spot->after);
    }
}

void round_pair_object(Writer *writer, const Type *before, const Path *path)
{
    uint32_t index = round_pick_object(writer, before->object, before->kind == KIND_OBJECT);
    char object[32];

    if (batch_random(writer->batch, 5) == 0) {
        fprintf(writer->after, "EXPECT(%u, !%s);\n", writer->round, path->after);
        return;
    }
    round_object_text(writer, before->object, index, object);
    fprintf(writer->before, "%s = &%s;\n", path->before, object);
    fprintf(writer->after, "EXPECT(%u, (void *)%s == (void *)&%s);\n", writer->round, path->after,
            object);
}

void round_pair_union(Writer *writer, const Type *before, const Path *path)
{
    Batch *batch = writer->batch;
    char object[32];

    round_object_text(writer, before->object, 0, object);
    if (batch_random(batch, 3) == 0) {
        fprintf(writer->before, "%s.i = -77;\n", path->before);
        fprintf(writer->after, "EXPECT(%u, %s.i == -77);\n", writer->round, path->after);
    } else if (batch_random(batch, 2) == 0 && batch->rounds[before->object].place != PLACE_ROOT) {
        // An address among the root's fields could be refused: nothing says what it means.
        fprintf(writer->before, "%s.p = &%s;\n", path->before, object);
        fprintf(writer->after, "EXPECT(%u, %s.p == (void *)&%s);\n", writer->round, path->after,
                object);
    } else {
        fprintf(writer->before, "%s.d = 2.25;\n", path->before);
        fprintf(writer->after, "EXPECT(%u, %s.d == 2.25);\n", writer->round, path->after);
    }
}
