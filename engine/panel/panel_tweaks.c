// Numbers to play with: those of HL_TWEAK between their limits, and each plain
// `static float NAME = 3.5f;` of the game, by file. One that was moved goes back with a click, or
// into its source file: "keep".
#include "panel_parts.h"
#include "tweak.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

// Contents: what is a tweak, what sources say, a row, the panel.

enum { NAMES_MAX = 256 }; // of one file that begin with 0

typedef struct Tweak {
    TweakOf of;
    Item item;
    TweakValue value;
    bool is_moved;
} Tweak;

// -------------------------------------------------------------------------------- what is a tweak

static bool is_zero(const TweakValue *value)
{
    return value->kind == TWEAK_REAL ? value->real == 0 : value->whole == 0;
}

// False: it is no number, or no variable of the game's own.
static bool is_number(const Panels *panels, const TreeVariable *variable, Tweak *tweak)
{
    const Tree *tree = &panels->inspector.tree;
    if (!tweak_of(&panels->view->live->now, tree->view.table, variable->field.address,
                  variable->name, &tweak->of, NULL)) {
        return false;
    }
    const char *colon = strrchr(variable->name, ':');
    tweak->item = (Item){.kind = ITEM_FIELD, .field = variable->field};
    (void)text_format(tweak->item.path, sizeof(tweak->item.path), "%s", variable->name);
    (void)text_format(tweak->item.name, sizeof(tweak->item.name), "%s",
                      colon ? colon + 1 : variable->name);
    tweak->value = tweak_now(&tweak->of);
    tweak->is_moved = !tweak_is_equal(&tweak->value, &tweak->of.loaded);
    return true;
}

static uint64_t hash_of(const char *name)
{
    return hash_bytes(name, strlen(name));
}

// ------------------------------------------------------------------------------ what sources say

// What begins with 0 is mostly counted, not set: it is a tweak where somebody wrote that 0. Of the
// variables of this file, that is.
static void look_at_zeros(Panels *panels, const TreeFile *file)
{
    const Tree *tree = &panels->inspector.tree;
    TweakPanel *state = &panels->tweaks;
    const char *names[NAMES_MAX] = {0}, *paths[NAMES_MAX];
    bool declared[NAMES_MAX];
    uint32_t count = 0;
    Tweak tweak;
    for (uint32_t i = file->first; i < file->first + file->count && count < NAMES_MAX; i++) {
        const TreeVariable *variable = &tree->variables[i];
        if (is_number(panels, variable, &tweak) && is_zero(&tweak.of.loaded)
            && !tweak.of.variable->function[0]) {
            paths[count] = variable->name;
            names[count++] = tweak.of.variable->name;
        }
    }
    tweak_declared(tree->variables[file->first].unit, names, count, declared);
    for (uint32_t i = 0; i < count && state->zero_count < PANEL_ZEROS_MAX; i++) {
        if (declared[i]) {
            state->zeros[state->zero_count++] = hash_of(paths[i]);
        }
    }
}

// One file a frame: sources are read for it.
static void look_at_sources(Panels *panels)
{
    TweakPanel *state = &panels->tweaks;
    const Tree *tree = &panels->inspector.tree;
    uint64_t generation = panels->view->live->generation;
    if (state->generation != generation) {
        state->generation = generation;
        state->looked = state->zero_count = 0;
    }
    if (state->looked < tree->file_count) {
        look_at_zeros(panels, &tree->files[state->looked++]);
    }
}

static bool is_written_zero(const TweakPanel *state, const char *path)
{
    uint64_t hash = hash_of(path);
    for (uint32_t i = 0; i < state->zero_count; i++) {
        if (state->zeros[i] == hash) {
            return true;
        }
    }
    return false;
}

static bool is_tweak(const Panels *panels, const TreeVariable *variable, Tweak *tweak)
{
    return is_number(panels, variable, tweak)
           && (tweak->of.declared || !is_zero(&tweak->of.loaded)
               || is_written_zero(&panels->tweaks, variable->name));
}

// ------------------------------------------------------------------------------------------ a row

static void ask(Panels *panels, const Tweak *tweak, TweakValue value)
{
    char text[64];
    tweak_text(&value, text, sizeof(text));
    panel_request_edit(panels, tweak->item.path, text);
}

static void ask_keep(Panels *panels, const Tweak *tweak)
{
    PanelRequests *requests = panels->requests;
    if (requests->keep_count < PANEL_KEEPS_MAX) {
        (void)text_format(requests->keeps[requests->keep_count++], PANEL_PATH_MAX, "%s",
                          tweak->item.path);
    }
}

static void put_real(Panels *panels, const Tweak *tweak)
{
    Ui *ui = panels->ui;
    const hl_tweak *declared = tweak->of.declared;
    double number = isfinite(tweak->value.real) ? tweak->value.real : 0;
    double initial = tweak->of.loaded.real;
    bool changed;
    if (declared) {
        changed =
            ui_slider(ui, "##value", &number, (double)declared->min, (double)declared->max, "%.5g");
    } else {
        changed =
            ui_drag(ui, "##value", &number, fmax(fabs(initial) * 0.005, 0.0005), 0, 0, "%.5g");
    }
    if (changed) {
        TweakValue value = tweak->value;
        value.real = value.bytes == 4 ? (double)(float)number : number;
        // The widget rounds to what it shows: a slider that is only held is no edit.
        bool stays = value.real >= tweak->value.real && value.real <= tweak->value.real;
        if (!stays) {
            ask(panels, tweak, value);
        }
    }
}

static void put_tip(Ui *ui, const char *what, const char *more)
{
    if (ui_is_hovered(ui)) {
        ui_tip_begin(ui);
        ui_text(ui, UI_PLAIN, "%s", what);
        ui_text(ui, UI_DIM, "%s", more);
        ui_tip_end(ui);
    }
}

// What can be done about one that was moved.
static void put_ways(Panels *panels, const Tweak *tweak)
{
    Ui *ui = panels->ui;
    char loaded[64], now[64], text[PANEL_PATH_MAX + 200];
    tweak_text(&tweak->of.loaded, loaded, sizeof(loaded));
    tweak_text(&tweak->value, now, sizeof(now));
    ui_same_line(ui);
    if (ui_link(ui, "<-")) {
        ask(panels, tweak, tweak->of.loaded);
    }
    (void)text_format(text, sizeof(text), "back to %s", loaded);
    put_tip(ui, text, "as the source has it");
    ui_same_line(ui);
    if (ui_link(ui, "keep")) {
        ask_keep(panels, tweak);
    }
    (void)text_format(text, sizeof(text), "%s = %s", tweak->item.name, now);
    put_tip(ui, text, "writes it into the source, in place of what it begins with");
}

static void put_tweak(Panels *panels, const Tweak *tweak)
{
    Ui *ui = panels->ui;
    float room = ui_room_x(ui), letter = ui_width_of(ui, "0");
    float ways_px = 9 * letter, name_px = room * 0.38f;
    bool plays_only = panels->view->live->config.replay != NULL;
    ui_push_text(ui, tweak->item.path);
    ui_line_up(ui);
    float left = ui_cursor_x(ui);
    panel_text(ui, tweak->is_moved ? UI_ACCENT : UI_LABEL, tweak->item.name, name_px - letter);
    ui_same_line_at(ui, left + name_px);
    if (tweak->value.kind == TWEAK_REAL && !plays_only) {
        ui_next_width(ui, room - name_px - ways_px);
        put_real(panels, tweak);
    } else {
        panel_value(panels, &tweak->item, room - name_px - ways_px);
    }
    if (tweak->is_moved && !plays_only) {
        put_ways(panels, tweak);
    }
    ui_pop(ui);
}

// -------------------------------------------------------------------------------------- the panel

typedef struct Shown {
    uint32_t tweaks, left_out; // left_out: by what was typed
} Shown;

static bool is_meant(const Panels *panels, const TreeFile *file, const Tweak *tweak)
{
    const char *query = panels->tweaks.query;
    return panel_text_has(tweak->item.path, query) || panel_text_has(file->name, query);
}

static void put_file(Panels *panels, const TreeFile *file, Shown *shown)
{
    const Tree *tree = &panels->inspector.tree;
    bool has_title = false;
    Tweak tweak;
    for (uint32_t i = file->first; i < file->first + file->count; i++) {
        if (!is_tweak(panels, &tree->variables[i], &tweak)) {
            continue;
        }
        if (!is_meant(panels, file, &tweak)) {
            shown->left_out++;
            continue;
        }
        if (!has_title) {
            ui_text(panels->ui, UI_DIM, "%s", file->name);
            has_title = true;
        }
        shown->tweaks++;
        put_tweak(panels, &tweak);
    }
}

// What was moved, whether it is shown or not.
static uint32_t for_all_moved(Panels *panels, void (*act)(Panels *panels, const Tweak *tweak))
{
    const Tree *tree = &panels->inspector.tree;
    uint32_t count = 0;
    Tweak tweak;
    for (uint32_t i = 0; i < tree->variable_count; i++) {
        if (is_tweak(panels, &tree->variables[i], &tweak) && tweak.is_moved) {
            count++;
            if (act) {
                act(panels, &tweak);
            }
        }
    }
    return count;
}

static void put_head(Panels *panels)
{
    Ui *ui = panels->ui;
    char label[40] = "";
    uint32_t moved = panels->view->live->config.replay ? 0 : for_all_moved(panels, NULL);
    if (moved > 1) {
        (void)text_format(label, sizeof(label), "keep all %u", moved);
    }
    float button_px = label[0] ? ui_width_of(ui, label) + 2 * ui_width_of(ui, "0") : 0;
    ui_next_width(ui, ui_room_x(ui) - button_px);
    (void)ui_input(ui, "##search", "search", panels->tweaks.query, sizeof(panels->tweaks.query),
                   NULL);
    if (label[0]) {
        ui_same_line(ui);
        if (ui_link(ui, label)) {
            (void)for_all_moved(panels, ask_keep);
        }
        put_tip(ui, "writes what was moved into the sources",
                "each in place of what it begins with");
    }
}

void panel_tweaks(Panels *panels)
{
    Tree *tree = &panels->inspector.tree;
    const PanelView *view = panels->view;
    Ui *ui = panels->ui;
    Shown shown = {0};
    if (!view->fields) {
        ui_text_wrapped(ui, UI_DIM, view->no_fields ? view->no_fields : "there is no game yet");
        return;
    }
    tree_begin(tree, view);
    look_at_sources(panels);
    put_head(panels);
    ui_dense(ui, true);
    if (ui_child_begin(ui, "tweaks", 0, 0)) {
        for (uint32_t f = 0; f < tree->file_count; f++) {
            put_file(panels, &tree->files[f], &shown);
        }
        if (shown.tweaks == 0 && shown.left_out > 0) {
            ui_text(ui, UI_DIM, "none of %u is called that", shown.left_out);
        } else if (shown.tweaks == 0) {
            ui_text_wrapped(
                ui, UI_DIM,
                "Nothing to play with yet. In a file of the game, outside of functions:\n"
                "    HL_TWEAK(JUMP, 220, 0, 500)\n"
                "and use JUMP like a float; a plain `static float SPEED = 90;` is shown, too.");
        }
    }
    ui_child_end(ui);
    ui_dense(ui, false);
}
