// Values in place: numbers are dragged or typed, bools ticked, enums chosen by name, colours
// picked, short structs of numbers are numbers in a row, texts typed. What cannot be changed is
// text. Nothing is written here: a change is a request that names the field.
#include "panel_parts.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Contents: requests, numbers, choices, texts, parts in a row, everything.

enum {
    ENUM_NAMES_MAX = 128,
    VECTOR_MAX = 4,
    VECTOR_NAME_MAX = 2, // letters: x, y, w0
    TYPED_MAX = 256
};

// --------------------------------------------------------------------------------------- requests

void panel_request_edit(Panels *panels, const char *path, const char *value)
{
    PanelRequests *requests = panels->requests;
    if (requests->edit_count == PANEL_EDITS_MAX || strlen(value) >= PANEL_VALUE_MAX) {
        return;
    }
    PanelEdit *edit = &requests->edits[requests->edit_count++];
    (void)text_format(edit->path, sizeof(edit->path), "%s", path);
    (void)text_format(edit->value, sizeof(edit->value), "%s", value);
}

static bool can_change(const Panels *panels, const Item *item)
{
    return item->path[0] && !item->field.is_const && !panels->view->live->config.replay;
}

// ---------------------------------------------------------------------------------------- numbers

static void edit_real(Panels *panels, const Item *item, const ReflectType *type, const char *text)
{
    char now[64];
    double value = strtod(text, NULL), speed = fmax(fabs(value) * 0.01, 0.01);
    if (!isfinite(value)) { // it is shown as what it is, and can be typed over
        value = 0;
    }
    const char *format = isfinite(strtod(text, NULL)) ? "%.7g" : text;
    if (ui_drag(panels->ui, "##value", &value, speed, 0, 0, format)) {
        (void)text_format(now, sizeof(now), type->bytes == 4 ? "%.9g" : "%.17g", value);
        panel_request_edit(panels, item->path, now);
    }
}

static void whole_range(const Item *item, const ReflectType *type, int64_t *low, int64_t *high)
{
    uint64_t bits = item->field.bit_size ? item->field.bit_size : type->bytes * 8;
    if (bits >= 64) {
        *low = type->is_signed ? INT64_MIN / 2 : 0; // the widget's own limits
        *high = INT64_MAX / 2;
    } else if (type->is_signed) {
        *low = -(INT64_C(1) << (bits - 1));
        *high = (INT64_C(1) << (bits - 1)) - 1;
    } else {
        *low = 0;
        *high = (INT64_C(1) << bits) - 1;
    }
}

static void edit_whole(Panels *panels, const Item *item, const ReflectType *type, const char *text)
{
    char now[32];
    int64_t value, low, high;
    whole_range(item, type, &low, &high);
    if (type->is_char) { // its text is the letter
        uint8_t letter = 0;
        (void)field_read(&panels->inspector.tree.view, item->field.address, &letter, 1);
        value = type->is_signed ? (int8_t)letter : letter;
    } else {
        value = strtoll(text, NULL, 10);
    }
    if (value < low || value > high) {
        ui_text(panels->ui, UI_PLAIN, "%s", text); // beyond what the widget can hold
        return;
    }
    double speed = fmax(fabs((double)value) * 0.01, 0.15);
    if (ui_drag_whole(panels->ui, "##value", &value, speed, low, high)) {
        (void)text_format(now, sizeof(now), "%lld", (long long)value);
        panel_request_edit(panels, item->path, now);
    }
    if (type->is_char) {
        ui_same_line(panels->ui);
        ui_text(panels->ui, UI_DIM, "%s", text);
    }
}

// ---------------------------------------------------------------------------------------- choices

static void edit_bool(Panels *panels, const Item *item, const char *text)
{
    bool on = strcmp(text, "false") != 0 && strcmp(text, "0") != 0;
    if (ui_check(panels->ui, "##value", &on)) {
        panel_request_edit(panels, item->path, on ? "true" : "false");
    }
    ui_same_line(panels->ui);
    ui_text(panels->ui, UI_DIM, "%s", text);
}

static void edit_enum(Panels *panels, const Item *item, const ReflectType *type, const char *text)
{
    const char *names[ENUM_NAMES_MAX + 1];
    int count = 0, chosen = -1;
    const ReflectTable *table = panels->inspector.tree.view.table;
    for (uint32_t i = 0; i < type->enumerator_count && count < ENUM_NAMES_MAX; i++) {
        names[count] = table->enumerators[type->first_enumerator + i].name;
        chosen = strcmp(names[count], text) == 0 ? count : chosen;
        count++;
    }
    if (chosen < 0) { // a number without a name, or several or-ed
        chosen = count;
        names[count++] = text;
    }
    int now = chosen;
    if (ui_choose(panels->ui, "##value", &now, names, count) && now != chosen) {
        panel_request_edit(panels, item->path, names[now]);
    }
}

// An hl_color, or a uint32_t that is called one.
static bool is_color(const Item *item, const ReflectType *type)
{
    if (reflect_is_color(type)) {
        return item->field.count == 0 && item->field.bit_size == 0;
    }
    static const char *const WORDS[] = {"color", "colour", "tint", "rgba"};
    char name[PANEL_PATH_MAX];
    const char *end = strrchr(item->path, '.');
    (void)text_format(name, sizeof(name), "%s", end ? end + 1 : item->path);
    bool is_word = type->kind == REFLECT_INTEGER && type->bytes == 4 && !type->is_signed
                   && item->field.bit_size == 0 && item->field.count == 0;
    for (size_t i = 0; is_word && i < COUNT_OF(WORDS); i++) {
        if (panel_text_has(name, WORDS[i])) {
            return true;
        }
    }
    return false;
}

// A patch that opens a picker, and the number as sources write it, to be typed over.
static void edit_color(Panels *panels, const Item *item, const char *text, bool changes,
                       float width)
{
    char now[16], typed[16];
    bool done = false;
    hl_color color = (hl_color)strtoul(text, NULL, 0);
    float left = ui_cursor_x(panels->ui);
    if (ui_color_button(panels->ui, "##value", &color) && changes) {
        (void)text_format(now, sizeof(now), "0x%08x", color);
        panel_request_edit(panels, item->path, now);
    }
    ui_same_line(panels->ui);
    (void)text_format(typed, sizeof(typed), "0x%08x", color);
    if (!changes) {
        ui_text(panels->ui, UI_PLAIN, "%s", typed);
        return;
    }
    ui_next_width(panels->ui, width - (ui_cursor_x(panels->ui) - left));
    (void)ui_input(panels->ui, "##typed", NULL, typed, sizeof(typed), &done);
    (void)text_format(now, sizeof(now), "0x%08x", color);
    if (done && strcmp(typed, now) != 0) {
        panel_request_edit(panels, item->path, typed);
    }
}

// ------------------------------------------------------------------------------------------ texts

// As field_parse reads it, whatever letters are in it. False: there is no room.
static bool quote(const char *text, char *out, size_t out_bytes)
{
    size_t used = 0;
    out[used++] = '"';
    for (; *text; text++) {
        if (used + 4 > out_bytes) {
            return false;
        }
        if (*text == '"' || *text == '\\') {
            out[used++] = '\\';
        }
        out[used++] = *text;
    }
    out[used++] = '"';
    out[used] = '\0';
    return true;
}

// The letters of a char array, if all of them can be typed.
static bool letters_of(const Panels *panels, const Item *item, char *out, size_t out_bytes)
{
    const FieldView *view = &panels->inspector.tree.view;
    uint64_t bytes = field_bytes(view, &item->field);
    if (bytes == 0 || bytes >= out_bytes
        || !field_read(view, item->field.address, out, (size_t)bytes)) {
        return false;
    }
    out[bytes] = '\0';
    for (const char *at = out; *at; at++) {
        if ((unsigned char)*at < ' ' || *at == 127) {
            return false;
        }
    }
    char clean[TYPED_MAX];
    text_clean(clean, sizeof(clean), out, false);
    return strcmp(clean, out) == 0;
}

// True: not all of it is seen.
static bool edit_text(Panels *panels, const Item *item, const char *text, float width)
{
    char letters[TYPED_MAX], was[TYPED_MAX], quoted[PANEL_VALUE_MAX];
    bool done = false;
    if (!letters_of(panels, item, letters, sizeof(letters))) {
        return panel_text(panels->ui, UI_PLAIN, text, width);
    }
    (void)text_format(was, sizeof(was), "%s", letters);
    uint64_t room = field_bytes(&panels->inspector.tree.view, &item->field);
    (void)ui_input(panels->ui, "##value", NULL, letters, (size_t)room, &done);
    if (done && strcmp(letters, was) != 0 && quote(letters, quoted, sizeof(quoted))) {
        panel_request_edit(panels, item->path, quoted);
    }
    return !ui_is_active(panels->ui) && ui_width_of(panels->ui, was) > width;
}

// --------------------------------------------------------------------------------- parts in a row

static bool is_plain_number(const Tree *tree, const Field *field)
{
    const ReflectType *type = tree_type(tree, field->type);
    return (type->kind == REFLECT_FLOAT
            || (type->kind == REFLECT_INTEGER && !type->is_bool && !type->is_char))
           && type->bytes <= 8;
}

// {x, y} and its like: two to four numbers with names of a letter or two.
static bool is_vector(const Tree *tree, const Item *item, uint64_t *count)
{
    Item part;
    bool is_struct = tree_type(tree, item->field.type)->kind == REFLECT_STRUCT;
    if (!is_struct || item->field.count > 0) {
        return false;
    }
    *count = tree_count(tree, item);
    if (*count < 2 || *count > VECTOR_MAX) {
        return false;
    }
    for (uint64_t n = 0; n < *count; n++) {
        if (!tree_child(tree, item, n, &part) || !is_plain_number(tree, &part.field)
            || strlen(part.name) > VECTOR_NAME_MAX) {
            return false;
        }
    }
    return true;
}

static void edit_number(Panels *panels, const Item *item, const char *text)
{
    const ReflectType *type = tree_type(&panels->inspector.tree, item->field.type);
    if (type->kind == REFLECT_FLOAT) {
        edit_real(panels, item, type, text);
    } else {
        edit_whole(panels, item, type, text);
    }
}

static void edit_vector(Panels *panels, const Item *item, uint64_t count, float width)
{
    const Tree *tree = &panels->inspector.tree;
    char text[64];
    Item part;
    float gap = 4 * panels->scale, each = (width - gap * (float)(count - 1)) / (float)count;
    for (uint64_t n = 0; n < count && tree_child(tree, item, n, &part); n++) {
        field_text(&tree->view, &part.field, text, sizeof(text));
        if (n > 0) {
            ui_same_line(panels->ui);
        }
        ui_push_text(panels->ui, part.name);
        ui_next_width(panels->ui, each);
        edit_number(panels, &part, text);
        ui_pop(panels->ui);
    }
}

// ------------------------------------------------------------------------------------- everything

static bool is_text(const Tree *tree, const Field *field)
{
    const ReflectType *type = tree_type(tree, field->type);
    return field->count ? type->is_char
                        : type->kind == REFLECT_ARRAY && tree_type(tree, type->of)->is_char;
}

// "1,000,000 x Mob" says more than its first three.
static bool put_many(Panels *panels, const Item *item, uint64_t count, float width)
{
    const Tree *tree = &panels->inspector.tree;
    const ReflectType *type = tree_type(tree, item->field.type);
    char name[120], text[160];
    reflect_type_text(tree->view.table, item->field.count ? item->field.type : type->of, name,
                      sizeof(name));
    (void)text_format(text, sizeof(text), "%llu x %s", (unsigned long long)count, name);
    return panel_text(panels->ui, UI_DIM, text, width);
}

static bool put_leaf(Panels *panels, const Item *item, const char *text, float width)
{
    const Tree *tree = &panels->inspector.tree;
    const ReflectType *type = tree_type(tree, item->field.type);
    bool changes = can_change(panels, item);
    if (changes && is_text(tree, &item->field)) {
        return edit_text(panels, item, text, width);
    }
    if (changes && type->is_bool) {
        edit_bool(panels, item, text);
    } else if (changes && type->kind == REFLECT_ENUM) {
        edit_enum(panels, item, type, text);
    } else if (is_color(item, type)) {
        edit_color(panels, item, text, changes, width);
    } else if (changes && (type->kind == REFLECT_INTEGER || type->kind == REFLECT_FLOAT)) {
        edit_number(panels, item, text);
    } else {
        UiTone tone = strcmp(text, "NULL") == 0 ? UI_DIM : UI_PLAIN;
        return panel_text(panels->ui, tone, text, width);
    }
    return false;
}

bool panel_value(Panels *panels, const Item *item, float width)
{
    enum { ROW_ELEMENTS_MAX = 4 };
    const Tree *tree = &panels->inspector.tree;
    char text[TYPED_MAX + 128];
    uint64_t count = 0;
    ui_next_width(panels->ui, width);
    if (field_is_leaf(&tree->view, &item->field)) {
        field_text(&tree->view, &item->field, text, sizeof(text));
        return put_leaf(panels, item, text, width);
    }
    if (is_vector(tree, item, &count) && !item->field.is_const
        && !panels->view->live->config.replay) {
        edit_vector(panels, item, count, width);
        return false;
    }
    bool is_many =
        item->field.count > 0 || tree_type(tree, item->field.type)->kind == REFLECT_ARRAY;
    count = is_many ? tree_count(tree, item) : 0;
    if (count > ROW_ELEMENTS_MAX) {
        return put_many(panels, item, count, width);
    }
    field_text(&tree->view, &item->field, text, sizeof(text));
    return panel_text(panels->ui, UI_DIM, text, width);
}
