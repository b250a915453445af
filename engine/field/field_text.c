#include "field_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Contents: what is said, numbers, texts, pointers, everything.

enum { DEEP_MAX = 8, TEXT_PART = 256 };

// -------------------------------------------------------------------------------- what is said

typedef struct Saying {
    const FieldView *view;
    char *out;
    size_t used, room;
    bool is_full;
} Saying;

static void say(Saying *to, const char *text)
{
    static const char MORE[] = "...";
    size_t length = strlen(text);
    if (to->is_full) {
        return;
    }
    if (to->used + length + sizeof(MORE) > to->room) {
        to->is_full = true;
        text = MORE;
        length = to->room - to->used < sizeof(MORE) ? 0 : sizeof(MORE) - 1;
    }
    memcpy(to->out + to->used, text, length);
    to->used += length;
    to->out[to->used] = '\0';
}

// -------------------------------------------------------------------------------------- numbers

// As few digits as it takes to be read back as the same number.
static void real_text(const ReflectType *type, const uint8_t *bytes, char *out, size_t out_bytes)
{
    long double wide = 0;
    double twice = 0;
    float single = 0;
    if (type->bytes == 4) {
        memcpy(&single, bytes, sizeof(single));
        wide = single;
    } else if (type->bytes == 8) {
        memcpy(&twice, bytes, sizeof(twice));
        wide = twice;
    } else {
        memcpy(&wide, bytes, sizeof(wide));
    }
    if (wide != wide) { // its sign means nothing, and nobody typed it
        (void)text_format(out, out_bytes, "nan");
        return;
    }
    int enough = type->bytes == 4 ? 9 : type->bytes == 8 ? 17 : 21;
    for (int digits = type->bytes == 4 ? 6 : 15; digits <= enough; digits++) {
        (void)text_format(out, out_bytes, "%.*Lg", digits, wide);
        bool is_same = type->bytes == 4   ? strtof(out, NULL) == single
                       : type->bytes == 8 ? strtod(out, NULL) == twice
                                          : strtold(out, NULL) == wide;
        if (is_same) {
            return;
        }
    }
}

static void say_number(Saying *to, const Field *field, const ReflectType *type)
{
    uint8_t bytes[16] = {0};
    char text[128];
    ReflectLeaf leaf = {
        .table = to->view->table, .type = type, .bit = field->bit, .bit_size = field->bit_size};
    uint64_t size = field_bytes(to->view, field);
    if (!reflect_is_number(type) || size > sizeof(bytes)
        || !field_read(to->view, field->address, bytes, (size_t)size)) {
        say(to, "?");
    } else if (type->kind == REFLECT_FLOAT && !field->bit_size) {
        real_text(type, bytes, text, sizeof(text));
        say(to, text);
    } else if (type->is_char && bytes[0] >= ' ' && bytes[0] < 127) {
        (void)text_format(text, sizeof(text),
                          bytes[0] == '\'' || bytes[0] == '\\' ? "'\\%c'" : "'%c'", bytes[0]);
        say(to, text);
    } else {
        reflect_number_text(&leaf, bytes, text, sizeof(text));
        say(to, text);
    }
}

// ---------------------------------------------------------------------------------------- texts

static void say_letter(Saying *to, unsigned char letter)
{
    char text[8] = {(char)letter};
    if (letter == '"' || letter == '\\') {
        (void)text_format(text, sizeof(text), "\\%c", letter);
    } else if (letter == '\n') {
        (void)text_format(text, sizeof(text), "\\n");
    } else if (letter == '\t') {
        (void)text_format(text, sizeof(text), "\\t");
    } else if (letter < ' ' || letter == 127) { // three digits: no digit that follows belongs to it
        (void)text_format(text, sizeof(text), "\\%03o", letter);
    }
    say(to, text);
}

// Up to its end; *known: how much of it could be read.
static void say_letters(Saying *to, uintptr_t address, uint64_t most, uint64_t *known)
{
    say(to, "\"");
    for (*known = 0; *known < most && !to->is_full; ++*known) {
        char letter;
        if (!field_read(to->view, address + *known, &letter, 1) || !letter) {
            break;
        }
        say_letter(to, (unsigned char)letter);
    }
    say(to, "\"");
}

// ------------------------------------------------------------------------------------- pointers

static void say_pointer(Saying *to, const Field *field, const ReflectType *type)
{
    uint64_t value, known;
    char name[FIELD_NAME_MAX], text[FIELD_NAME_MAX + 8];
    uint32_t offset_in = type->of;
    const ReflectType *target = type_of(to->view, type->of);
    if (!field_pointer(to->view, field, &value)) {
        say(to, "?");
        return;
    }
    if (value == 0) {
        say(to, "NULL");
        return;
    }
    const ReflectFunction *function = reflect_function_at(to->view->table, (uintptr_t)value);
    if (function) {
        (void)text_format(text, sizeof(text), "%s()", function->name);
        say(to, text);
        return;
    }
    if (field_target_name(to->view, (uintptr_t)value, offset_in, name, sizeof(name))) {
        (void)text_format(text, sizeof(text), "-> %s", name);
        say(to, text);
        return;
    }
    char first;
    uintptr_t heap = (uintptr_t)to->view->heap;
    bool was_heap =
        to->view->heap && value >= heap && value - heap < heap_capacity_bytes(to->view->heap);
    if (target->is_char && !was_heap && field_read(to->view, (uintptr_t)value, &first, 1)) {
        say_letters(to, (uintptr_t)value, TEXT_PART, &known);
        return;
    }
    (void)text_format(text, sizeof(text), "%#llx (%s)", (unsigned long long)value,
                      was_heap ? "nothing alive is there" : "outside the game");
    say(to, text);
}

// ----------------------------------------------------------------------------------- everything

static void say_field(Saying *to, const Field *field, int depth);

static void say_parts(Saying *to, const Field *field, bool has_names, int depth)
{
    Field child;
    char name[FIELD_NAME_MAX];
    say(to, has_names ? "{" : "[");
    if (depth == DEEP_MAX) {
        say(to, "...");
    }
    for (uint64_t n = 0; depth < DEEP_MAX && !to->is_full
                         && field_child(to->view, field, n, &child, name, sizeof(name));
         n++) {
        say(to, n > 0 ? ", " : "");
        if (has_names) {
            say(to, name);
            say(to, ": ");
        }
        say_field(to, &child, depth + 1);
    }
    say(to, has_names ? "}" : "]");
}

static void say_field(Saying *to, const Field *field, int depth)
{
    const ReflectType *type = type_of(to->view, field->type);
    uint64_t known;
    if (field_is_text(to->view, field)) {
        say_letters(to, field->address, field_child_count(to->view, field), &known);
        return;
    }
    if (field->count) {
        say_parts(to, field, false, depth);
        return;
    }
    switch (type->kind) {
    case REFLECT_STRUCT:
    case REFLECT_UNION:
        say_parts(to, field, true, depth);
        break;
    case REFLECT_ARRAY:
        say_parts(to, field, false, depth);
        break;
    case REFLECT_POINTER:
        say_pointer(to, field, type);
        break;
    case REFLECT_INTEGER:
    case REFLECT_FLOAT:
    case REFLECT_ENUM:
        say_number(to, field, type);
        break;
    case REFLECT_UNKNOWN:
    case REFLECT_FUNCTION:
        say(to, "?");
        break;
    }
}

void field_text(const FieldView *view, const Field *field, char *out, size_t out_bytes)
{
    Saying to = {.view = view, .out = out, .room = out_bytes};
    out[0] = '\0';
    say_field(&to, field, 0);
}

void field_type_text(const FieldView *view, const Field *field, char *out, size_t out_bytes)
{
    char name[128];
    reflect_type_text(view->table, field->type, name, sizeof(name));
    if (field->bit_size) {
        (void)text_format(out, out_bytes, "%s : %u", name, field->bit_size);
    } else if (field->count) {
        (void)text_format(out, out_bytes, "%s [%llu]", name, (unsigned long long)field->count);
    } else {
        (void)text_format(out, out_bytes, "%s", name);
    }
}
