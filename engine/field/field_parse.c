#include "field_parts.h"

#include <string.h>

// Contents: texts, everything.

// ---------------------------------------------------------------------------------------- texts

// The letter at *text as C spells it in a literal; moves *text behind it.
static uint8_t take_letter(const char **text)
{
    static const char NAMES[] = "ntr\\\"'", LETTERS[] = "\n\t\r\\\"'";
    const char *at = *text;
    if (at[0] != '\\' || !at[1]) {
        *text = at + 1;
        return (uint8_t)at[0];
    }
    const char *known = strchr(NAMES, at[1]);
    if (known) {
        *text = at + 2;
        return (uint8_t)LETTERS[known - NAMES];
    }
    unsigned value = 0;
    int digits = 0;
    for (at++; digits < 3 && *at >= '0' && *at <= '7'; digits++) {
        value = value * 8 + (unsigned)(*at++ - '0');
    }
    *text = digits > 0 ? at : *text + 1;
    return digits > 0 ? (uint8_t)value : (uint8_t)'\\';
}

// "..." with C's escapes, or the words as they are. What was behind the old text's end becomes 0.
static bool parse_text(const FieldView *view, const Field *field, const char *text, uint8_t *bytes,
                       size_t *size_bytes, Fault *fault)
{
    uint64_t room = field_child_count(view, field);
    size_t length = strlen(text), used = 0;
    bool is_quoted = length >= 2 && text[0] == '"' && text[length - 1] == '"';
    const char *at = text + is_quoted, *end = text + length - is_quoted;
    if (room > *size_bytes) {
        return fault_set(fault, FAULT_USAGE,
                         "a text of more than %zu letters cannot be set; set "
                         "its elements one by one",
                         *size_bytes - 1);
    }
    memset(bytes, 0, (size_t)room);
    while (at < end) {
        uint8_t letter = is_quoted ? take_letter(&at) : (uint8_t)*at++;
        if (used + 1 >= room) {
            return fault_set(fault, FAULT_USAGE, "it has room for %llu letters and the text's end",
                             (unsigned long long)(room > 0 ? room - 1 : 0));
        }
        bytes[used++] = letter;
    }
    *size_bytes = (size_t)room;
    return true;
}

// ----------------------------------------------------------------------------------- everything

static bool parse_number(const FieldView *view, const Field *field, const char *text,
                         uint8_t *bytes, size_t *size_bytes, Fault *fault)
{
    const ReflectType *type = type_of(view, field->type);
    ReflectLeaf leaf = {
        .table = view->table, .type = type, .bit = field->bit, .bit_size = field->bit_size};
    uint64_t size = field_bytes(view, field);
    const char *why = "";
    char type_name[160];
    if (!reflect_is_number(type) || size > *size_bytes) {
        return fault_set(fault, FAULT_USAGE, "numbers of its type are not known");
    }
    *size_bytes = (size_t)size;
    memset(bytes, 0, *size_bytes);
    // The bits beside it stay as they are.
    if (field->bit_size && !field_read(view, field->address, bytes, *size_bytes)) {
        return fault_set(fault, FAULT_USAGE, "its memory is not there");
    }
    if (reflect_number_parse(&leaf, text, bytes, &why)) {
        return true;
    }
    field_type_text(view, field, type_name, sizeof(type_name));
    return fault_set(fault, FAULT_USAGE, "\"%s\" %s; it is of type %s", text, why, type_name);
}

static bool parse_pointer(const FieldView *view, const Field *field, const char *text,
                          uint8_t *bytes, size_t *size_bytes, Fault *fault)
{
    uint64_t size = field_bytes(view, field);
    if ((strcmp(text, "NULL") != 0 && strcmp(text, "0") != 0) || size > *size_bytes) {
        return fault_set(fault, FAULT_USAGE, "it is a pointer, which can be set to NULL only");
    }
    *size_bytes = (size_t)size;
    memset(bytes, 0, *size_bytes);
    return true;
}

static bool refuse_parts(const FieldView *view, const Field *field, Fault *fault)
{
    Field child;
    char type_name[160], name[FIELD_NAME_MAX] = "";
    field_type_text(view, field, type_name, sizeof(type_name));
    bool has_parts = field_child(view, field, 0, &child, name, sizeof(name));
    return fault_set(fault, FAULT_USAGE, "it is a %s, which is set in parts%s%s%s", type_name,
                     has_parts ? ", such as " : "", name[0] == '[' || !has_parts ? "" : ".", name);
}

bool field_parse(const FieldView *view, const Field *field, const char *text, uint8_t *bytes,
                 size_t *size_bytes, Fault *fault)
{
    const ReflectType *type = type_of(view, field->type);
    if (field->is_const) {
        return fault_set(fault, FAULT_USAGE, "it is const: the code holds its value");
    }
    if (field_is_text(view, field)) {
        return parse_text(view, field, text, bytes, size_bytes, fault);
    }
    if (!field_is_leaf(view, field)) {
        return refuse_parts(view, field, fault);
    }
    return type->kind == REFLECT_POINTER
               ? parse_pointer(view, field, text, bytes, size_bytes, fault)
               : parse_number(view, field, text, bytes, size_bytes, fault);
}
