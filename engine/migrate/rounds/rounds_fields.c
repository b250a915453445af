#include <inttypes.h>
#include <string.h>

#include "rounds_parts.h"

// Contents: literals, what is gone or new, leaves, fields.

// ---------------------------------------------------------------------------------------- literals

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

// ----------------------------------------------------------------------------- what is gone or new

void round_named(Writer *writer, const char *fate, const Path *path)
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
        Path next = round_step(path, name, "");
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
            Path next = round_element(path, i, i);
            has_value |= fill_lost(writer, type->of, &next);
        }
        return has_value;
    case KIND_OBJECT:
    case KIND_VOID:
        round_object_text(writer, type->object, 0, object);
        fprintf(writer->before, "%s = (void *)&%s;\n", path->before, object);
        return true;
    default:
        return false;
    }
}

static void lose(Writer *writer, const Type *type, const Path *path)
{
    if (fill_lost(writer, type, path)) {
        round_named(writer, "LOST", path);
    }
}

// Nothing went there, so it is zero.
static void expect_zero(Writer *writer, const Type *type, const Path *path)
{
    switch (type->kind) {
    case KIND_STRUCT:
        for (uint32_t i = 0; i < type->members->count; i++) {
            char name[32];
            (void)text_format(name, sizeof name, ".f%u", type->members->fields[i].id);
            Path next = round_step(path, "", name);
            expect_zero(writer, type->members->fields[i].type, &next);
        }
        break;
    case KIND_ARRAY:
        for (uint32_t i = 0; i < type->count; i++) {
            Path next = round_element(path, i, i);
            expect_zero(writer, type->of, &next);
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

// ------------------------------------------------------------------------------------------ leaves

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
    round_named(writer, "LOST", path);
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
        round_named(writer, "LOST", path);
    }
}

// ------------------------------------------------------------------------------------------ fields

static void pair_type(Writer *writer, const Type *before, const Type *after, const Path *path);

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
        Path next = round_element(path, i, i);
        pair_type(writer, before->of, after->of, &next);
    }
    for (uint32_t i = both; i < before->count; i++) {
        Path next = round_element(path, i, i);
        lose(writer, before->of, &next);
    }
    for (uint32_t i = both; i < after->count; i++) {
        Path next = round_element(path, i, i);
        expect_zero(writer, after->of, &next);
    }
}

static void pair_first(Writer *writer, const Type *before, const Type *after, const Path *path)
{
    if (after->kind == KIND_ARRAY) {
        Path first = round_step(path, "", "[0]");
        pair_type(writer, before, after->of, &first);
        for (uint32_t i = 1; i < after->count; i++) {
            Path next = round_element(path, i, i);
            expect_zero(writer, after->of, &next);
        }
    } else {
        Path first = round_step(path, "[0]", "");
        pair_type(writer, before->of, after, &first);
        for (uint32_t i = 1; i < before->count; i++) {
            Path next = round_element(path, i, i);
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
        round_pair_members(writer, before->members, after->members, path);
        break;
    case KIND_ARRAY:
        pair_array(writer, before, after, path);
        break;
    case KIND_OBJECT:
    case KIND_VOID:
        round_pair_object(writer, before, path);
        break;
    case KIND_INSIDE:
        round_pair_inside(writer, before, path);
        break;
    case KIND_UNION:
        round_pair_union(writer, before, path);
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
    bool found = round_find_twin(writer, after, field->id, &twin, 0);
    Path next = round_step(path, name, twin.path);

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
        round_field_name(writer, after, field, name);
        (void)text_format(dotted, sizeof dotted, ".%s", name);
        Path next = round_step(path, "", dotted);
        bool is_wrapper = false;
        for (uint32_t k = 0; field->type->kind == KIND_STRUCT && k < field->type->members->count;
             k++) {
            is_wrapper |= has_id(before, field->type->members->fields[k].id);
        }
        if (!is_wrapper) {
            expect_zero(writer, field->type, &next);
        }
    }
}

void round_pair_members(Writer *writer, const Struct *before, const Struct *after, const Path *path)
{
    char around[TEXT_MAX];

    name_of_struct(writer, before, path, around);
    for (uint32_t i = 0; i < before->count; i++) {
        pair_field(writer, &before->fields[i], after, path, around);
    }
    expect_new(writer, before, after, path);
}
