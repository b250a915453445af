// Numbers to play with: those of HL_TWEAK between their limits, and each plain
// `static float NAME = 3.5f;` of the game. A variable's own value comes back with a click.
#include "panel_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const hl_tweak *tweak_at(const GameLib *lib, uintptr_t address)
{
    for (uint32_t i = 0; i < lib->tweak_count; i++) {
        if ((uintptr_t)lib->tweaks[i].value == address) {
            return &lib->tweaks[i];
        }
    }
    return NULL;
}

// What the build gave it.
static bool initial_value(const GameLib *lib, const Field *field, const ReflectType *type,
                          double *value)
{
    float single;
    uintptr_t first = lib->globals_first, end = lib->globals_end;
    if (!lib->globals_initial || field->address < first || field->address + type->bytes > end) {
        return false;
    }
    const uint8_t *bytes = lib->globals_initial + (field->address - first);
    if (type->bytes == sizeof(single)) {
        memcpy(&single, bytes, sizeof(single));
        *value = single;
    } else {
        memcpy(value, bytes, sizeof(*value));
    }
    return true;
}

typedef struct Tweak {
    Item item;
    const hl_tweak *declared; // NULL: a plain variable
    double value, initial;
    bool is_single; // a float, not a double
} Tweak;

// False: it is no number to play with. Of plain ones those that begin as something: what begins as
// 0 is mostly counted, not set.
static bool is_tweak(const Panels *panels, const TreeVariable *variable, Tweak *tweak)
{
    const Tree *tree = &panels->inspector.tree;
    const GameLib *lib = &panels->view->live->now;
    const ReflectType *type = tree_type(tree, variable->field.type);
    char text[64];
    bool is_real = type->kind == REFLECT_FLOAT && (type->bytes == 4 || type->bytes == 8);
    if (!is_real || !initial_value(lib, &variable->field, type, &tweak->initial)) {
        return false;
    }
    tweak->declared = tweak_at(lib, variable->field.address);
    if (!tweak->declared && (tweak->initial == 0 || strchr(variable->name, '.'))) {
        return false;
    }
    tweak->item = (Item){.kind = ITEM_FIELD, .field = variable->field};
    const char *colon = strrchr(variable->name, ':');
    (void)text_format(tweak->item.path, sizeof(tweak->item.path), "%s", variable->name);
    (void)text_format(tweak->item.name, sizeof(tweak->item.name), "%s",
                      colon ? colon + 1 : variable->name);
    field_text(&tree->view, &variable->field, text, sizeof(text));
    tweak->is_single = type->bytes == 4;
    tweak->value = tweak->is_single ? (double)strtof(text, NULL) : strtod(text, NULL);
    return true;
}

static void ask(Panels *panels, const Tweak *tweak, double value)
{
    char text[64];
    (void)text_format(text, sizeof(text), tweak->is_single ? "%.9g" : "%.17g", value);
    panel_request_edit(panels, tweak->item.path, text);
}

static void put_tweak(Panels *panels, const Tweak *tweak)
{
    Ui *ui = panels->ui;
    float room = ui_room_x(ui), letter = ui_width_of(ui, "0"), back_px = 3 * letter;
    double value = isfinite(tweak->value) ? tweak->value : 0;
    bool changed;
    ui_push_text(ui, tweak->item.path);
    ui_line_up(ui);
    float left = ui_cursor_x(ui);
    panel_text(ui, UI_LABEL, tweak->item.name, room * 0.45f - letter);
    ui_same_line_at(ui, left + room * 0.45f);
    ui_next_width(ui, room * 0.55f - back_px);
    if (tweak->declared) {
        changed = ui_slider(ui, "##value", &value, (double)tweak->declared->min,
                            (double)tweak->declared->max, "%.5g");
    } else {
        changed = ui_drag(ui, "##value", &value, fmax(fabs(tweak->initial) * 0.005, 0.0005), 0, 0,
                          "%.5g");
    }
    if (changed) {
        ask(panels, tweak, value);
    }
    if (tweak->value != tweak->initial) {
        ui_same_line(ui);
        if (ui_link(ui, "<-")) {
            ask(panels, tweak, tweak->initial);
        }
        if (ui_is_hovered(ui)) {
            ui_tip_begin(ui);
            ui_text(ui, UI_PLAIN, "back to %.7g, as the source has it", tweak->initial);
            ui_tip_end(ui);
        }
    }
    ui_pop(ui);
}

void panel_tweaks(Panels *panels)
{
    Tree *tree = &panels->inspector.tree;
    const PanelView *view = panels->view;
    Ui *ui = panels->ui;
    bool any = false;
    if (!view->fields) {
        ui_text_wrapped(ui, UI_DIM, view->no_fields ? view->no_fields : "there is no game yet");
        return;
    }
    tree_begin(tree, view);
    ui_dense(ui, true);
    for (uint32_t f = 0; f < tree->file_count; f++) {
        bool has_title = false;
        for (uint32_t i = 0; i < tree->files[f].count; i++) {
            Tweak tweak;
            if (!is_tweak(panels, &tree->variables[tree->files[f].first + i], &tweak)) {
                continue;
            }
            if (!has_title) {
                ui_text(ui, UI_ACCENT, "%s", tree->files[f].name);
            }
            has_title = any = true;
            put_tweak(panels, &tweak);
        }
    }
    ui_dense(ui, false);
    if (!any) {
        ui_text_wrapped(ui, UI_DIM,
                        "Nothing to play with yet. In a file of the game, outside of functions:\n"
                        "    HL_TWEAK(JUMP, 220, 0, 500)\n"
                        "and use JUMP like a float; a plain `static float SPEED = 90;` is shown, "
                        "too.");
    }
}
