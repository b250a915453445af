// A row: the name with its arrow, the value, the type, and at the end a dot that pins it.
#include "panel_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    FLASH_NS = 500000000,
    WATCHED_BYTES = 256,
    TEXT_MAX = 400,
    SEEN_TRIES = 8,
    WHOLE_MAX = 1200
};
static const char MENU[] = "menu"; // of a row

// ------------------------------------------------------------------------------------------- pins

static uint32_t pin_at(const Inspector *inspector, const char *path)
{
    uint32_t at = 0;
    while (at < inspector->pin_count && strcmp(inspector->pins[at], path) != 0) {
        at++;
    }
    return at;
}

bool panel_is_pinned(const Inspector *inspector, const char *path)
{
    return pin_at(inspector, path) < inspector->pin_count;
}

void panel_turn_pin(Panels *panels, const char *path)
{
    Inspector *inspector = &panels->inspector;
    uint32_t at = pin_at(inspector, path);
    if (at < inspector->pin_count) {
        inspector->pin_count--;
        memmove(inspector->pins[at], inspector->pins[at + 1],
                (inspector->pin_count - at) * sizeof(inspector->pins[0]));
    } else if (inspector->pin_count < PANEL_PINS_MAX && path[0]) {
        (void)text_format(inspector->pins[inspector->pin_count++], PANEL_PATH_MAX, "%s", path);
    }
    panels->changed = true;
}

static void put_pin(Panels *panels, const char *path, bool row_hovered)
{
    Ui *ui = panels->ui;
    float scale = panels->scale, size = ui_row_height(ui);
    hl_rectf box = ui_canvas(ui, "pin", 12 * scale, size - 1);
    bool pinned = panel_is_pinned(&panels->inspector, path), hovered = ui_is_hovered(ui);
    float side = floorf((hovered ? 7 : 5) * scale);
    if (pinned || row_hovered) {
        hl_rectf dot = {floorf(box.x + (box.w - side) / 2), floorf(box.y + (box.h - side) / 2),
                        side, side};
        ui_draw_rect(ui, dot, pinned || hovered ? ui_color(UI_ACCENT) : ui_color(UI_DIM));
    }
    if (hovered) {
        ui_tip_begin(ui);
        ui_text(ui, UI_PLAIN, pinned ? "unpin" : "pin to the top");
        ui_tip_end(ui);
    }
    if (ui_was_clicked(ui)) {
        panel_turn_pin(panels, path);
    }
}

// ---------------------------------------------------------------------------------------- changes

// Its place, or the one of its neighbours that was not seen for longest: two rows that are seen in
// the same frame must not push out one another, or neither of them would ever flash.
static Seen *seen_of(const Inspector *inspector, uint64_t key)
{
    Seen *best = NULL;
    for (uint64_t i = 0; i < SEEN_TRIES; i++) {
        Seen *seen = &inspector->seen[(key + i) & (PANEL_SEEN_MAX - 1)];
        if (seen->key == key) {
            return seen;
        }
        best = !best || seen->frame < best->frame ? seen : best;
    }
    return best;
}

// 1: it has just changed .. 0: a while ago. What was not seen a moment ago has not changed.
static float freshness(Panels *panels, const Item *item)
{
    Inspector *inspector = &panels->inspector;
    uint8_t bytes[WATCHED_BYTES];
    uint64_t size = field_bytes(&inspector->tree.view, &item->field);
    size = size < sizeof(bytes) ? size : sizeof(bytes);
    if (size == 0 || !field_read(&inspector->tree.view, item->field.address, bytes, (size_t)size)) {
        return 0;
    }
    uint64_t value = hash_bytes(bytes, (size_t)size);
    uint64_t key = hash_combine(item->field.address ^ ((uint64_t)item->field.bit << 56),
                                hash_combine(item->field.type, item->field.count));
    Seen *seen = seen_of(inspector, key);
    bool is_known = seen->key == key && seen->frame + 2 >= inspector->frame;
    uint64_t now_ns = panels->view->now_ns;
    if (!is_known) {
        *seen = (Seen){.key = key, .value = value};
    } else if (seen->value != value) {
        seen->value = value;
        seen->changed_ns = now_ns;
    }
    seen->frame = inspector->frame;
    if (seen->changed_ns == 0 || now_ns - seen->changed_ns >= FLASH_NS) {
        return 0;
    }
    return 1 - (float)(now_ns - seen->changed_ns) / (float)FLASH_NS;
}

// -------------------------------------------------------------------------------------------- row

bool panel_text(Ui *ui, UiTone tone, const char *text, float width)
{
    char cut[TEXT_MAX];
    float letter = ui_width_of(ui, "0");
    size_t most = width > letter ? (size_t)(width / letter) : 0, length = strlen(text);
    if (length <= most || most < 3) {
        ui_text(ui, tone, "%.*s", (int)most, text);
        return length > most;
    }
    size_t kept = most - 2;
    while (kept > 0 && ((unsigned char)text[kept] & 0xc0u) == 0x80u) {
        kept--; // no half letters
    }
    (void)text_format(cut, sizeof(cut), "%.*s..", (int)kept, text);
    ui_text(ui, tone, "%s", cut);
    return true;
}

// Of a path that is too long its end says more.
static void row_name(const Row *row, float width, float letter, char *out, size_t out_bytes)
{
    const char *name = row->is_flat ? row->item.path : row->item.name;
    size_t most = width > 4 * letter ? (size_t)(width / letter) : 4, length = strlen(name);
    if (length <= most) {
        (void)text_format(out, out_bytes, "%s", name);
    } else if (row->is_flat) {
        (void)text_format(out, out_bytes, "..%s", name + length - (most - 2));
    } else {
        (void)text_format(out, out_bytes, "%.*s..", (int)(most - 2), name);
    }
}

static void size_text(uint64_t bytes, char *out, size_t out_bytes)
{
    double value = (double)bytes;
    if (bytes < 10000) {
        (void)text_format(out, out_bytes, "%llu bytes", (unsigned long long)bytes);
    } else if (value < 10e6) {
        (void)text_format(out, out_bytes, "%.0f KB", value / 1024);
    } else {
        (void)text_format(out, out_bytes, "%.1f MB", value / (1024 * 1024));
    }
}

// Of a group: what is in it.
static void put_group(Panels *panels, const Item *item, float width)
{
    const Tree *tree = &panels->inspector.tree;
    char text[120], size[40];
    if (item->kind == ITEM_FILE) {
        uint32_t count = tree->files[item->index].count;
        (void)text_format(text, sizeof(text), "%u variable%s", count, count == 1 ? "" : "s");
    } else {
        const TreeTag *tag = &tree->tags[item->index];
        size_text(tag->bytes, size, sizeof(size));
        char spread[40] = "";
        if (tag->count > 1) {
            (void)text_format(spread, sizeof(spread), " in %u allocations", tag->count);
        }
        (void)text_format(text, sizeof(text), "%llu%s, %s", (unsigned long long)tag->elements,
                          spread, size);
    }
    panel_text(panels->ui, UI_DIM, text, width);
}

static const ReflectType *type_of(const Panels *panels, const Item *item)
{
    return item->kind == ITEM_FIELD && item->field.count == 0
               ? tree_type(&panels->inspector.tree, item->field.type)
               : NULL;
}

// To be paused for, or to be looked for in the past.
static void ask(Panels *panels, bool is_past, const char *path, const char *condition)
{
    PanelRequests *requests = panels->requests;
    char *out = is_past ? requests->find_when : requests->break_on;
    *(is_past ? &requests->finds : &requests->breaks) = true;
    (void)text_format(out, PANEL_CONDITION_MAX, "%s %s", path, condition);
}

// With a condition that is typed: "<= 0". Enter is the first of the two.
static void put_condition(Panels *panels, const Item *item)
{
    char *typed = panels->inspector.condition;
    bool has_one = typed[strspn(typed, " ")] != '\0', done = false;
    ui_next_width(panels->ui, 150 * panels->scale);
    (void)ui_input(panels->ui, "##condition", "<= 0, == 3, != 1 ...", typed, PANEL_QUERY_MAX,
                   &done);
    done = done && has_one && ui_is_pressed(panels->ui, HL_KEY_ENTER);
    if (ui_menu_item(panels->ui, "pause when it is so", false, has_one) || done) {
        ask(panels, false, item->path, typed);
        ui_menu_close(panels->ui);
    }
    if (ui_menu_item(panels->ui, "when did it become so?", false, has_one)) {
        ask(panels, true, item->path, typed);
    }
}

static void turn_plot(Panels *panels, const char *path)
{
    bool plotted = panel_has_plot(panels, path);
    if (panel_plot(panels, path, !plotted) && !plotted) {
        panel_set_open(panels, PANEL_WATCH, true);
    }
}

static void put_number_items(Panels *panels, const Item *item, const ReflectType *type)
{
    Ui *ui = panels->ui;
    if (ui_menu_item(ui, "plot over history", panel_has_plot(panels, item->path), true)) {
        turn_plot(panels, item->path);
    }
    ui_separator(ui);
    if (ui_menu_item(ui, "pause when it changes", false, true)) {
        ask(panels, false, item->path, "changes");
    }
    if (ui_menu_item(ui, "when did it last change?", false, true)) {
        ask(panels, true, item->path, "changes");
    }
    if (type->kind == REFLECT_FLOAT && ui_menu_item(ui, "pause when it becomes nan", false, true)) {
        ask(panels, false, item->path, "nan");
    }
    if (type->kind == REFLECT_FLOAT && ui_menu_item(ui, "when did it become nan?", false, true)) {
        ask(panels, true, item->path, "nan");
    }
    put_condition(panels, item);
    ui_separator(ui);
}

// Of a few numbers in a row, as of a vector, each can be plotted from here.
static void put_parts_items(Panels *panels, const Item *item)
{
    enum { PARTS_MAX = 4 };
    const Tree *tree = &panels->inspector.tree;
    uint64_t count = item->kind == ITEM_FIELD ? tree_count(tree, item) : 0;
    Item part;
    for (uint64_t n = 0; count <= PARTS_MAX && n < count && tree_child(tree, item, n, &part); n++) {
        char label[sizeof(part.name) + 24];
        if (part.field.count == 0 && reflect_is_number(tree_type(tree, part.field.type))) {
            (void)text_format(label, sizeof(label), "plot %s over history", part.name);
            if (ui_menu_item(panels->ui, label, panel_has_plot(panels, part.path), true)) {
                turn_plot(panels, part.path);
            }
        }
    }
}

static void put_menu(Panels *panels, const Item *item)
{
    Ui *ui = panels->ui;
    if (!item->path[0] || !ui_menu_begin(ui, MENU)) {
        return;
    }
    if (ui_menu_item(ui, "pin to the top", panel_is_pinned(&panels->inspector, item->path), true)) {
        panel_turn_pin(panels, item->path);
    }
    const ReflectType *type = type_of(panels, item);
    if (type && (reflect_is_number(type) || type->kind == REFLECT_POINTER)) {
        put_number_items(panels, item, type);
    } else {
        put_parts_items(panels, item);
    }
    if (ui_menu_item(ui, "copy its name", false, true)) {
        panels->requests->copy = true;
        (void)text_format(panels->requests->copy_text, PANEL_PATH_MAX, "%s", item->path);
    }
    ui_menu_end(ui);
}

static UiTone name_tone(const Row *row)
{
    return row->item.kind == ITEM_FIELD  ? UI_LABEL
           : row->item.kind == ITEM_GONE ? UI_DIM
                                         : UI_ACCENT;
}

static void put_name(Panels *panels, Row *row)
{
    Ui *ui = panels->ui;
    char name[PANEL_PATH_MAX], type[200];
    float width = panels->inspector.name_px, letter = ui_width_of(ui, "0");
    float text_px = width - row->inset_px - ui_text_height(ui) - letter / 2;
    row_name(row, text_px, letter, name, sizeof(name));
    row->was_turned =
        ui_fold(ui, "name", name, name_tone(row), row->fold, row->inset_px, width - letter / 2)
        && row->fold != UI_LEAF;
    if (ui_is_pointed_at(ui) && row->item.kind == ITEM_FIELD) {
        field_type_text(&panels->inspector.tree.view, &row->item.field, type, sizeof(type));
        ui_tip_begin(ui);
        ui_text(ui, UI_PLAIN, "%s", row->item.path[0] ? row->item.path : row->item.name);
        ui_text(ui, UI_DIM, "%s", type);
        ui_text(ui, UI_DIM, "right button: pin, plot, pause, when");
        ui_tip_end(ui);
    }
    ui_menu_opener(ui, MENU);
}

// All of a value that is wider than its column.
static void put_whole(Panels *panels, const Item *item)
{
    char text[WHOLE_MAX];
    field_text(&panels->inspector.tree.view, &item->field, text, sizeof(text));
    ui_tip_begin(panels->ui);
    ui_text_wrapped(panels->ui, UI_PLAIN, text);
    ui_tip_end(panels->ui);
}

// The value, which has the menu of its row as well.
static void put_value(Panels *panels, const Item *item, float width)
{
    Ui *ui = panels->ui;
    float fresh = item->path[0] ? freshness(panels, item) : 0; // not all of the state
    ui_group_begin(ui);
    bool is_cut = panel_value(panels, item, width);
    ui_group_end(ui);
    ui_flash(ui, fresh * 0.6f);
    if (is_cut && ui_is_hovered(ui)) {
        put_whole(panels, item);
    }
    put_menu(panels, item);
}

void panel_row(Panels *panels, Row *row)
{
    Inspector *inspector = &panels->inspector;
    Ui *ui = panels->ui;
    char type[200], id[PANEL_PATH_MAX + 200];
    (void)text_format(id, sizeof(id), "%d %s %s", row->item.kind, row->item.path, row->item.name);
    ui_push_text(ui, id);
    bool hovered = ui_row_ground(ui, ui_row_height(ui) - 1);
    float left = ui_cursor_x(ui);
    put_name(panels, row);
    ui_same_line_at(ui, left + inspector->name_px);
    float value_px = inspector->value_px - 6 * panels->scale;
    if (row->item.kind == ITEM_GONE) {
        ui_text(ui, UI_DIM, "not there at this moment");
    } else if (row->item.kind != ITEM_FIELD) {
        put_group(panels, &row->item, value_px + inspector->type_px);
    } else {
        put_value(panels, &row->item, value_px);
        if (inspector->type_px > 0) {
            field_type_text(&inspector->tree.view, &row->item.field, type, sizeof(type));
            ui_same_line_at(ui, left + inspector->name_px + inspector->value_px);
            panel_text(ui, UI_DIM, type, inspector->type_px);
        }
    }
    if (row->item.path[0]) {
        ui_same_line_at(ui, left + inspector->name_px + inspector->value_px + inspector->type_px);
        put_pin(panels, row->item.path, hovered);
    }
    ui_pop(ui);
}
