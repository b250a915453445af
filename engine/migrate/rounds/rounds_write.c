#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "rounds.h"

// Contents: declarations, literals, what is gone or new, leaves, pointers, fields, the sources.

enum { TEXT_MAX = 256, SPOTS_MAX = 128 };

typedef struct Writer {
    Batch *batch;
    uint32_t round; // whose object it is at
    FILE *before, *after;
} Writer;

// A place in both: how the code of each build writes it, and the name in a report, "S3.f12".
typedef struct Path {
    char before[TEXT_MAX], after[TEXT_MAX], name[TEXT_MAX];
} Path;

static Path step(const Path *path, const char *before, const char *after)
{
    Path next = *path;
    size_t a = strlen(next.before), b = strlen(next.after);
    (void)text_format(next.before + a, sizeof next.before - a, "%s", before);
    (void)text_format(next.after + b, sizeof next.after - b, "%s", after);
    return next;
}

static Path element(const Path *path, uint32_t before, uint32_t after)
{
    char a[16], b[16];
    (void)text_format(a, sizeof a, "[%u]", before);
    (void)text_format(b, sizeof b, "[%u]", after);
    return step(path, a, b);
}

// ----------------------------------------------------------------------------------- declarations

static bool is_renamed(const Writer *writer, const Struct *of, const Field *field)
{
    const Round *round = &writer->batch->rounds[writer->round];
    if (!field->has_new_name || of != round->after) {
        return false;
    }
    for (uint32_t i = 0; i < round->before->count; i++) {
        if (round->before->fields[i].id == field->id) {
            return true;
        }
    }
    return false;
}

static void field_name(const Writer *writer, const Struct *of, const Field *field, char *out)
{
    (void)text_format(out, 16, "%c%u", is_renamed(writer, of, field) ? 'n' : 'f', field->id);
}

static void write_members(Writer *writer, FILE *file, const Struct *made);

static void write_declaration(Writer *writer, FILE *file, const Type *type, const char *name)
{
    char inner[64];

    switch (type->kind) {
    case KIND_NUMBER:
        fprintf(file, "%s %s", NUMBERS[type->number].name, name);
        break;
    case KIND_BITS:
        fprintf(file, "%s %s : %u", NUMBERS[type->number].name, name, type->width);
        break;
    case KIND_ENUM:
        fprintf(file, "enum E%u %s", writer->round, name);
        break;
    case KIND_STRUCT:
        if (type->members->is_tagged) {
            fprintf(file, "struct N%u %s", type->members->id, name);
        } else {
            fprintf(file, "struct {");
            write_members(writer, file, type->members);
            fprintf(file, "}%s %s", type->members->is_packed ? " PACKED" : "", name);
        }
        break;
    case KIND_ARRAY:
        (void)text_format(inner, sizeof inner, "%s[%u]", name, type->count);
        write_declaration(writer, file, type->of, inner);
        break;
    case KIND_OBJECT:
        (void)text_format(inner, sizeof inner, "(*%s)", name);
        fprintf(file, "struct S%u %s", type->object, inner);
        break;
    case KIND_VOID:
        fprintf(file, "void *%s", name);
        break;
    case KIND_INSIDE:
        fprintf(file, "%s *%s", NUMBERS[type->number].name, name);
        break;
    case KIND_UNION:
        fprintf(file, "union { int i; double d; void *p;%s } %s",
                type->count ? " char text[20];" : "", name);
        break;
    }
}

static void write_members(Writer *writer, FILE *file, const Struct *made)
{
    for (uint32_t i = 0; i < made->count; i++) {
        const Field *field = &made->fields[i];
        char name[16];
        field_name(writer, made, field, name);
        fprintf(file, " ");
        write_declaration(writer, file, field->type, name);
        if (field->align && !made->is_packed) {
            fprintf(file, " __attribute__((aligned(%u)))", field->align);
        }
        fprintf(file, ";");
    }
}

// Those with a tag stand before the structs that hold them.
static void write_inner_structs(Writer *writer, FILE *file, const Struct *made)
{
    for (uint32_t i = 0; i < made->count; i++) {
        const Type *type = made->fields[i].type;
        while (type->kind == KIND_ARRAY) {
            type = type->of;
        }
        if (type->kind == KIND_STRUCT) {
            write_inner_structs(writer, file, type->members);
            if (type->members->is_tagged) {
                fprintf(file, "struct N%u {", type->members->id);
                write_members(writer, file, type->members);
                fprintf(file, "}%s;\n", type->members->is_packed ? " PACKED" : "");
            }
        }
    }
}

static void write_round(Writer *writer, FILE *file, const Struct *made, const Enum *list)
{
    fprintf(file, "enum E%u {", writer->round);
    for (uint32_t i = 0; i < list->count; i++) {
        fprintf(file, " e%u = %d,", list->list[i].id, list->list[i].value);
    }
    fprintf(file, "};\n");
    write_inner_structs(writer, file, made);
    fprintf(file, "struct S%u {", writer->round);
    write_members(writer, file, made);
    fprintf(file, "}%s;\n", made->is_packed ? " PACKED" : "");
    for (uint32_t i = 0; i < made->count; i++) {
        const Field *field = &made->fields[i];
        if (is_renamed(writer, made, field)) {
            fprintf(file, "HL_WAS(S%u, n%u, f%u);\n", writer->round, field->id, field->id);
        }
    }
}

// --------------------------------------------------------------------------------------- literals

typedef struct Literal {
    char text[64];
    bool is_zero;
} Literal;

static Literal real_literal(Batch *batch, bool is_double)
{
    static const char *const TEXTS[] = {
        "0",       "0",     "1",     "-2",        "2.5",        "-3.75",     "100",    "255",
        "-128.5",  "70000", "3e9",   "1e18",      "-1e19",      "16777217",  "0.1",    "1e-30",
        "(0.0/0)", "-0.0",  "1e300", "(1.0/0.0)", "(-1.0/0.0)", "123456789", "-32769", "9.5e6"};
    uint32_t pick = batch_random(batch, COUNT_OF(TEXTS));
    Literal literal = {.is_zero = pick < 2 || pick == 17};

    if (pick == 18 && !is_double) {
        pick = 4;
    }
    (void)text_format(literal.text, sizeof literal.text, "%s", TEXTS[pick]);
    return literal;
}

static Literal whole_literal(Batch *batch, uint32_t bits, bool is_signed)
{
    uint64_t all = bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1, value = 0;
    uint64_t low = is_signed ? ~(all >> 1) : 0, high = is_signed ? all >> 1 : all;
    Literal literal = {0};

    switch (batch_random(batch, 8)) {
    case 0:
    case 1:
        break;
    case 2:
        value = high;
        break;
    case 3:
        value = low;
        break;
    case 4:
        value = (uint64_t)batch_random(batch, 1 << 16) << batch_random(batch, 48);
        value = is_signed ? value & high : value & all;
        break;
    default:
        value = batch_random(batch, 100);
        value = value <= high ? value : high;
        break;
    }
    if (is_signed && value && batch_random(batch, 3) == 0 && value <= high) {
        value = ~value + 1;
    }
    literal.is_zero = value == 0;
    if (is_signed && value == (UINT64_C(1) << 63)) {
        (void)text_format(literal.text, sizeof literal.text, "(-0x7fffffffffffffffL - 1)");
    } else if (is_signed) {
        (void)text_format(literal.text, sizeof literal.text, "%" PRId64 "L", (int64_t)value);
    } else {
        (void)text_format(literal.text, sizeof literal.text, "%" PRIu64 "UL", value);
    }
    return literal;
}

static Literal literal_of(Batch *batch, const Type *type)
{
    const Number *number = &NUMBERS[type->number];

    if (number->is_real) {
        return real_literal(batch, number->bits == 64);
    }
    return whole_literal(batch, type->kind == KIND_BITS ? type->width : number->bits,
                         number->is_signed);
}

static const Enumerator *by_id(const Enum *list, uint32_t id)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->list[i].id == id) {
            return &list->list[i];
        }
    }
    return NULL;
}

static const Enumerator *by_value(const Enum *list, int value)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->list[i].value == value) {
            return &list->list[i];
        }
    }
    return NULL;
}

// ------------------------------------------------------------------------------ an object's text

static void object_text(const Writer *writer, uint32_t round, uint32_t index, char *out)
{
    (void)writer;
    (void)text_format(out, 32, "O%u(%u)", round, index);
}

// Some object of that round; its end, too, where several lie in a row.
static uint32_t pick_object(Writer *writer, uint32_t round, bool end_too)
{
    const Round *target = &writer->batch->rounds[round];
    bool may_end = end_too && target->place != PLACE_SINGLE;
    return batch_random(writer->batch, target->objects + may_end);
}

// ---------------------------------------------------------------------------- what is gone or new

static void named(Writer *writer, const char *fate, const Path *path)
{
    fprintf(writer->after, "named(with, %s, \"%s\");\n", fate, path->name);
}

static bool fill_lost(Writer *writer, const Type *type, const Path *path);

static bool fill_lost_members(Writer *writer, const Struct *members, const Path *path)
{
    bool has_value = false;
    for (uint32_t i = 0; i < members->count; i++) {
        char name[32];
        (void)text_format(name, sizeof name, ".f%u", members->fields[i].id);
        Path next = step(path, name, "");
        has_value |= fill_lost(writer, members->fields[i].type, &next);
    }
    return has_value;
}

// Gives it a value in the old build. Whether there is something to lose.
static bool fill_lost(Writer *writer, const Type *type, const Path *path)
{
    bool has_value = false;
    Literal literal;
    char object[32];

    switch (type->kind) {
    case KIND_NUMBER:
    case KIND_BITS:
        literal = literal_of(writer->batch, type);
        fprintf(writer->before, "%s = %s;\n", path->before, literal.text);
        return !literal.is_zero;
    case KIND_ENUM:
        fprintf(writer->before, "%s = e%u;\n", path->before,
                writer->batch->rounds[writer->round].enum_before.list[1].id);
        return true;
    case KIND_STRUCT:
        return fill_lost_members(writer, type->members, path);
    case KIND_ARRAY:
        for (uint32_t i = 0; i < type->count; i++) {
            Path next = element(path, i, i);
            has_value |= fill_lost(writer, type->of, &next);
        }
        return has_value;
    case KIND_OBJECT:
    case KIND_VOID:
        object_text(writer, type->object, 0, object);
        fprintf(writer->before, "%s = (void *)&%s;\n", path->before, object);
        return true;
    default:
        return false;
    }
}

static void lose(Writer *writer, const Type *type, const Path *path)
{
    if (fill_lost(writer, type, path)) {
        named(writer, "LOST", path);
    }
}

// Nothing went there, so it is zero.
static void expect_zero(Writer *writer, const Type *type, const Path *path, const Struct *in)
{
    (void)in;
    switch (type->kind) {
    case KIND_STRUCT:
        for (uint32_t i = 0; i < type->members->count; i++) {
            char name[32];
            (void)text_format(name, sizeof name, ".f%u", type->members->fields[i].id);
            Path next = step(path, "", name);
            expect_zero(writer, type->members->fields[i].type, &next, type->members);
        }
        break;
    case KIND_ARRAY:
        for (uint32_t i = 0; i < type->count; i++) {
            Path next = element(path, i, i);
            expect_zero(writer, type->of, &next, NULL);
        }
        break;
    case KIND_UNION:
        fprintf(writer->after, "EXPECT(%u, %s.d == 0 && !%s.p);\n", writer->round, path->after,
                path->after);
        break;
    default:
        fprintf(writer->after, "EXPECT(%u, %s == 0);\n", writer->round, path->after);
        break;
    }
}

// ----------------------------------------------------------------------------------------- leaves

// Whether `t`, of the old type, is a value of the new one: as C says, with numbers that are larger.
static void write_fits(Writer *writer, const Type *before, const Type *after)
{
    const Number *a = &NUMBERS[before->number], *b = &NUMBERS[after->number];
    uint32_t bits = after->kind == KIND_BITS ? after->width : b->bits;

    if (b->is_bool) {
        fprintf(writer->after, "1");
    } else if (a->is_real && b->is_real) {
        fprintf(writer->after, "!FINITE(t) || FINITE((%s)t)", b->name);
    } else if (b->is_real) {
        fprintf(writer->after, "(long double)(%s)t == (long double)t", b->name);
    } else {
        const char *kind = a->is_real ? "REAL" : "WHOLE";
        fprintf(writer->after, "%s_FITS(t, %s(%u), %s(%u))", kind,
                b->is_signed ? "SIGNED_LOW" : "UNSIGNED_LOW", bits,
                b->is_signed ? "SIGNED_HIGH" : "UNSIGNED_HIGH", bits);
    }
}

static void pair_number(Writer *writer, const Type *before, const Type *after, const Path *path)
{
    const Number *a = &NUMBERS[before->number], *b = &NUMBERS[after->number];
    Literal literal = literal_of(writer->batch, before);

    fprintf(writer->before, "%s = %s;\n", path->before, literal.text);
    fprintf(writer->after, "{ %s t = %s; if (", a->name, literal.text);
    write_fits(writer, before, after);
    fprintf(writer->after, ") { %s u = (%s)t; EXPECT(%u, SAME(%s, u)); } else ", b->name, b->name,
            writer->round, path->after);
    named(writer, "LOST", path);
    fprintf(writer->after, "}\n");
}

static bool share_a_name(const Enum *a, const Enum *b)
{
    for (uint32_t i = 0; i < a->count; i++) {
        if (by_id(b, a->list[i].id)) {
            return true;
        }
    }
    return false;
}

static void pair_enum(Writer *writer, const Path *path)
{
    const Round *round = &writer->batch->rounds[writer->round];
    const Enum *before = &round->enum_before, *after = &round->enum_after;
    const Enumerator *old = &before->list[batch_random(writer->batch, before->count)];
    const Enumerator *at_number = by_value(after, old->value);

    fprintf(writer->before, "%s = e%u;\n", path->before, old->id);
    if (by_id(after, old->id)) {
        fprintf(writer->after, "EXPECT(%u, %s == e%u);\n", writer->round, path->after, old->id);
    } else if (!share_a_name(before, after) || (at_number && !by_id(before, at_number->id))) {
        fprintf(writer->after, "EXPECT(%u, %s == %d);\n", writer->round, path->after, old->value);
    } else {
        named(writer, "LOST", path);
    }
}

// --------------------------------------------------------------------------------------- pointers

// A number in an object: where it is in each build; is_gone: nowhere, or of another type.
typedef struct Spot {
    char before[TEXT_MAX], after[TEXT_MAX];
    bool is_gone;
} Spot;

typedef struct Spots {
    Spot list[SPOTS_MAX];
    uint32_t count, number;
} Spots;

typedef struct Twin { // the new field with that id, and the path to it
    const Field *field;
    const Struct *in;
    char path[64];
} Twin;

static bool find_twin(Writer *writer, const Struct *after, uint32_t id, Twin *twin, int depth)
{
    for (uint32_t i = 0; i < after->count; i++) {
        const Field *field = &after->fields[i];
        char name[16];
        field_name(writer, after, field, name);
        size_t length = strlen(twin->path);
        (void)text_format(twin->path + length, sizeof twin->path - length, ".%s", name);
        if (field->id == id) {
            twin->field = field;
            twin->in = after;
            return true;
        }
        if (field->type->kind == KIND_STRUCT && depth < 2
            && find_twin(writer, field->type->members, id, twin, depth + 1)) {
            return true;
        }
        twin->path[length] = '\0';
    }
    return false;
}

static void list_spots(Writer *writer, const Type *before, const Type *after, const Path *path,
                       Spots *spots, const Struct *around);

static void list_spots_in(Writer *writer, const Struct *before, const Struct *after,
                          const Path *path, Spots *spots)
{
    for (uint32_t i = 0; i < before->count; i++) {
        const Field *field = &before->fields[i];
        char name[32];
        Twin twin = {.path = ""};
        (void)text_format(name, sizeof name, ".f%u", field->id);
        bool found = after && find_twin(writer, after, field->id, &twin, 0);
        Path next = step(path, name, twin.path);
        if (field->type->kind == KIND_STRUCT && after && !found) { // dissolved, or gone
            bool is_dissolved = false;
            for (uint32_t k = 0; k < field->type->members->count; k++) {
                Twin inner = {.path = ""};
                is_dissolved |=
                    find_twin(writer, after, field->type->members->fields[k].id, &inner, 0);
            }
            if (is_dissolved) {
                list_spots_in(writer, field->type->members, after, &next, spots);
                continue;
            }
        }
        list_spots(writer, field->type, found ? twin.field->type : NULL, &next, spots, after);
    }
}

static void list_spots(Writer *writer, const Type *before, const Type *after, const Path *path,
                       Spots *spots, const Struct *around)
{
    (void)around;
    if (before->kind == KIND_NUMBER && after && after->kind == KIND_ARRAY) {
        Path next = element(path, 0, 0);
        next = step(path, "", next.after + strlen(path->after));
        list_spots(writer, before, after->of, &next, spots, NULL);
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
            Path next = element(path, i, i);
            const Type *there = is_array && i < after->count ? after->of : NULL;
            if (after && !is_array && i == 0) {
                there = after;
                next = step(path, "[0]", "");
            }
            list_spots(writer, before->of, there, &next, spots, NULL);
        }
    }
}

static void pair_inside(Writer *writer, const Type *before, const Path *path)
{
    uint32_t round = writer->round, object = pick_object(writer, before->object, false);
    const Round *target = &writer->batch->rounds[before->object];
    Spots *spots = ARENA_NEW(writer->batch->arena, Spots, 1);
    Path start = {{0}, {0}, {0}};

    spots->number = before->number;
    object_text(writer, before->object, object, start.before);
    object_text(writer, before->object, object, start.after);
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
        named(writer, "GONE", path);
    } else {
        fprintf(writer->after, "EXPECT(%u, %s == &%s);\n", round, path->after, spot->after);
    }
}

static void pair_object(Writer *writer, const Type *before, const Path *path)
{
    uint32_t index = pick_object(writer, before->object, before->kind == KIND_OBJECT);
    char object[32];

    if (batch_random(writer->batch, 5) == 0) {
        fprintf(writer->after, "EXPECT(%u, !%s);\n", writer->round, path->after);
        return;
    }
    object_text(writer, before->object, index, object);
    fprintf(writer->before, "%s = &%s;\n", path->before, object);
    fprintf(writer->after, "EXPECT(%u, (void *)%s == (void *)&%s);\n", writer->round, path->after,
            object);
}

static void pair_union(Writer *writer, const Type *before, const Path *path)
{
    Batch *batch = writer->batch;
    char object[32];

    object_text(writer, before->object, 0, object);
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

// ----------------------------------------------------------------------------------------- fields

static void pair_type(Writer *writer, const Type *before, const Type *after, const Path *path);

static void pair_members(Writer *writer, const Struct *before, const Struct *after,
                         const Path *path);

static bool has_id(const Struct *made, uint32_t id)
{
    for (uint32_t i = 0; i < made->count; i++) {
        const Field *field = &made->fields[i];
        if (field->id == id
            || (field->type->kind == KIND_STRUCT && has_id(field->type->members, id))) {
            return true;
        }
    }
    return false;
}

static void pair_array(Writer *writer, const Type *before, const Type *after, const Path *path)
{
    uint32_t both = before->count < after->count ? before->count : after->count;

    for (uint32_t i = 0; i < both; i++) {
        Path next = element(path, i, i);
        pair_type(writer, before->of, after->of, &next);
    }
    for (uint32_t i = both; i < before->count; i++) {
        Path next = element(path, i, i);
        lose(writer, before->of, &next);
    }
    for (uint32_t i = both; i < after->count; i++) {
        Path next = element(path, i, i);
        expect_zero(writer, after->of, &next, NULL);
    }
}

static void pair_first(Writer *writer, const Type *before, const Type *after, const Path *path)
{
    if (after->kind == KIND_ARRAY) {
        Path first = step(path, "", "[0]");
        pair_type(writer, before, after->of, &first);
        for (uint32_t i = 1; i < after->count; i++) {
            Path next = element(path, i, i);
            expect_zero(writer, after->of, &next, NULL);
        }
    } else {
        Path first = step(path, "[0]", "");
        pair_type(writer, before->of, after, &first);
        for (uint32_t i = 1; i < before->count; i++) {
            Path next = element(path, i, i);
            lose(writer, before->of, &next);
        }
    }
}

static void pair_type(Writer *writer, const Type *before, const Type *after, const Path *path)
{
    if ((before->kind == KIND_ARRAY) != (after->kind == KIND_ARRAY)) {
        pair_first(writer, before, after, path);
        return;
    }
    switch (before->kind) {
    case KIND_NUMBER:
    case KIND_BITS:
        pair_number(writer, before, after, path);
        break;
    case KIND_ENUM:
        pair_enum(writer, path);
        break;
    case KIND_STRUCT:
        pair_members(writer, before->members, after->members, path);
        break;
    case KIND_ARRAY:
        pair_array(writer, before, after, path);
        break;
    case KIND_OBJECT:
    case KIND_VOID:
        pair_object(writer, before, path);
        break;
    case KIND_INSIDE:
        pair_inside(writer, before, path);
        break;
    case KIND_UNION:
        pair_union(writer, before, path);
        break;
    }
}

// The report's name of a field: of the innermost struct that has one.
static void set_name(Path *path, const char *around, const Field *field)
{
    (void)text_format(path->name, sizeof path->name, "%s.f%u", around, field->id);
}

static void name_of_struct(const Writer *writer, const Struct *made, const Path *path, char *out)
{
    if (made == writer->batch->rounds[writer->round].before) {
        (void)text_format(out, TEXT_MAX, "S%u", writer->round);
    } else if (made->is_tagged) {
        (void)text_format(out, TEXT_MAX, "N%u", made->id);
    } else {
        (void)text_format(out, TEXT_MAX, "%s", path->name);
    }
}

static void pair_field(Writer *writer, const Field *field, const Struct *after, const Path *path,
                       const char *around)
{
    char name[32];
    Twin twin = {.path = ""};
    (void)text_format(name, sizeof name, ".f%u", field->id);
    bool found = find_twin(writer, after, field->id, &twin, 0);
    Path next = step(path, name, twin.path);

    set_name(&next, around, field);
    if (found) {
        pair_type(writer, field->type, twin.field->type, &next);
        return;
    }
    bool is_dissolved = false;
    for (uint32_t i = 0; field->type->kind == KIND_STRUCT && i < field->type->members->count; i++) {
        is_dissolved |= has_id(after, field->type->members->fields[i].id);
    }
    if (is_dissolved) {
        char inner[TEXT_MAX]; // the report says what became of the struct around
        const Struct *members = field->type->members;
        (void)text_format(inner, sizeof inner, "%s", members->is_tagged ? "" : next.name);
        if (members->is_tagged) {
            (void)text_format(inner, sizeof inner, "N%u", members->id);
        }
        for (uint32_t i = 0; i < members->count; i++) {
            pair_field(writer, &members->fields[i], after, &next, inner);
        }
    } else {
        lose(writer, field->type, &next);
    }
}

// Fields that nobody became.
static void expect_new(Writer *writer, const Struct *before, const Struct *after, const Path *path)
{
    for (uint32_t i = 0; i < after->count; i++) {
        const Field *field = &after->fields[i];
        char name[16], dotted[24];
        if (has_id(before, field->id)) {
            continue;
        }
        field_name(writer, after, field, name);
        (void)text_format(dotted, sizeof dotted, ".%s", name);
        Path next = step(path, "", dotted);
        bool is_wrapper = false;
        for (uint32_t k = 0; field->type->kind == KIND_STRUCT && k < field->type->members->count;
             k++) {
            is_wrapper |= has_id(before, field->type->members->fields[k].id);
        }
        if (!is_wrapper) {
            expect_zero(writer, field->type, &next, after);
        }
    }
}

static void pair_members(Writer *writer, const Struct *before, const Struct *after,
                         const Path *path)
{
    char around[TEXT_MAX];

    name_of_struct(writer, before, path, around);
    for (uint32_t i = 0; i < before->count; i++) {
        pair_field(writer, &before->fields[i], after, path, around);
    }
    expect_new(writer, before, after, path);
}

// ------------------------------------------------------------------------------------ the sources

static const char PRELUDE[] =
    "#include <stddef.h>\n#include <string.h>\n#include <stdint.h>\n"
    "#define PACKED __attribute__((packed))\n"
    "#define HL_WAS(T, field, old) static const char was_##T##field[]"
    " __attribute__((section(\"hl_was\"), used)) = #T \".\" #field \"=\" #old\n";

static const char CHECKS[] =
    "enum { LOST, GONE };\n"
    "#define FINITE(x) (((x) - (x)) == 0)\n"
    "#define SIGNED_LOW(n) (-((__int128)1 << ((n)-1)))\n"
    "#define SIGNED_HIGH(n) (((__int128)1 << ((n)-1)) - 1)\n"
    "#define UNSIGNED_LOW(n) ((__int128)0)\n"
    "#define UNSIGNED_HIGH(n) (((__int128)1 << (n)) - 1)\n"
    "#define WHOLE_FITS(t, low, high) ((__int128)(t) >= (low) && (__int128)(t) <= (high))\n"
    "#define REAL_FITS(t, low, high) ((long double)(t) > (long double)(low) - 1"
    " && (long double)(t) < (long double)(high) + 1)\n"
    "#define SAME(a, b) ((a) == (b) || ((a) != (a) && (b) != (b)))\n"
    "#define EXPECT(round, x) do { if (!(x)) bad(with, round, __LINE__, #x); } while (0)\n";

static void write_game(Writer *writer, FILE *file, bool is_after)
{
    const Batch *batch = writer->batch;

    fprintf(file, "typedef struct Game {%s", is_after ? " char fresh[3];" : "");
    for (uint32_t n = 0; n < batch->round_count; n++) {
        uint32_t i = is_after ? (n * 7 + 3) % batch->round_count : n; // count and 7 share nothing
        const Round *round = &batch->rounds[i];
        if (round->place == PLACE_ARRAY) {
            fprintf(file, " struct S%u *o%u;\n", i, i);
        } else if (round->place == PLACE_SINGLE) {
            fprintf(file, " struct S%u *l%u[%u];\n", i, i, round->objects);
        } else {
            fprintf(file, " struct S%u r%u[%u];\n", i, i, round->objects);
        }
        if (is_after && i % 5 == 0) {
            fprintf(file, " short new%u;\n", i);
        }
    }
    fprintf(file, "} Game;\nGame *test_root; size_t test_size = sizeof(Game);\n"
                  "size_t test_align = _Alignof(Game);\nvoid test_here(void) {}\n");
    for (uint32_t i = 0; i < batch->round_count; i++) {
        static const char *const FORMS[] = {"g->o%u[e]", "(*g->l%u[e])", "g->r%u[e]"};
        fprintf(file, "#define O%u(e) ", i);
        const char *form = FORMS[batch->rounds[i].place];
        fprintf(file, "%.*s%u%s\n", (int)(strchr(form, '%') - form), form, i,
                strchr(form, '%') + 2);
    }
}

static void write_types(Writer *writer)
{
    const Batch *batch = writer->batch;

    for (uint32_t i = 0; i < batch->round_count; i++) {
        fprintf(writer->before, "struct S%u;\n", i);
        fprintf(writer->after, "struct S%u;\n", i);
    }
    for (uint32_t i = 0; i < batch->round_count; i++) {
        const Round *round = &batch->rounds[i];
        writer->round = i;
        write_round(writer, writer->before, round->before, &round->enum_before);
        write_round(writer, writer->after, round->after, &round->enum_after);
    }
    write_game(writer, writer->before, false);
    write_game(writer, writer->after, true);
}

static void write_allocations(const Writer *writer)
{
    for (uint32_t i = 0; i < writer->batch->round_count; i++) {
        const Round *round = &writer->batch->rounds[i];
        if (round->place == PLACE_ARRAY) {
            fprintf(
                writer->before,
                "g->o%u = alloc(with, \"struct S%u\", sizeof(struct S%u), _Alignof(struct S%u), "
                "%u);\n",
                i, i, i, i, round->objects);
        }
        for (uint32_t k = 0; round->place == PLACE_SINGLE && k < round->objects; k++) {
            fprintf(writer->before,
                    "g->l%u[%u] = alloc(with, \"struct S%u\", sizeof(struct S%u), _Alignof(struct "
                    "S%u), "
                    "1);\n",
                    i, k, i, i, i);
        }
    }
}

// A function for each round: compilers take long for long ones.
static void write_values(Writer *writer)
{
    for (uint32_t i = 0; i < writer->batch->round_count; i++) {
        const Round *round = &writer->batch->rounds[i];
        writer->round = i;
        fprintf(writer->before, "static void fill%u(Game *g)\n{\n", i);
        fprintf(writer->after,
                "static void verify%u(Game *g, void *with, Bad bad, Named named)\n{\n", i);
        for (uint32_t k = 0; k < round->objects; k++) {
            Path path = {{0}, {0}, {0}};
            object_text(writer, i, k, path.before);
            object_text(writer, i, k, path.after);
            pair_members(writer, round->before, round->after, &path);
        }
        fprintf(writer->before, "}\n");
        fprintf(writer->after, "}\n");
    }
}

bool batch_write(Batch *batch, const char *folder, Fault *fault)
{
    char before[128], after[128];
    (void)text_format(before, sizeof before, "%s/v1.c", folder);
    (void)text_format(after, sizeof after, "%s/v2.c", folder);
    Writer writer = {.batch = batch, .before = fopen(before, "wb"), .after = fopen(after, "wb")};

    if (!writer.before || !writer.after) {
        return fault_set(fault, FAULT_FILE, "%s: cannot be written", folder);
    }
    fprintf(writer.before, "%s", PRELUDE);
    fprintf(writer.after, "%s%s", PRELUDE, CHECKS);
    write_types(&writer);
    fprintf(writer.after, "typedef void (*Bad)(void *, int, int, const char *);\n"
                          "typedef void (*Named)(void *, int, const char *);\n");
    write_values(&writer);
    fprintf(writer.before, "void test_fill(Game *g, void *with,"
                           " void *(*alloc)(void *, const char *, size_t, size_t, size_t))\n{\n"
                           "test_root = g;\n");
    write_allocations(&writer);
    fprintf(writer.after, "void test_verify(Game *g, void *with, Bad bad, Named named)\n{\n");
    for (uint32_t i = 0; i < batch->round_count; i++) {
        fprintf(writer.before, "fill%u(g);\n", i);
        fprintf(writer.after, "verify%u(g, with, bad, named);\n", i);
    }
    fprintf(writer.before, "}\n");
    fprintf(writer.after, "}\n");
    bool is_written = ferror(writer.before) == 0 && ferror(writer.after) == 0;
    is_written = fclose(writer.before) == 0 && is_written;
    is_written = fclose(writer.after) == 0 && is_written;
    return is_written || fault_set(fault, FAULT_FILE, "%s: cannot be written", folder);
}
