// Panels: Dear ImGui behind a small C header. What the user did comes in as data, once a frame;
// what is to be seen goes out as commands of a draw list. No window, no device, and one theme:
// whoever builds a panel says what is in it, never what it looks like.
//
//     ui_begin(ui, &input);
//     if (ui_window_begin(ui, "Log", first_place, &is_open)) { ui_text(ui, "hello"); }
//     ui_window_end(ui);
//     ui_end(ui, over);
//
// Immediate mode: nothing of a panel is kept here but places, scroll and what is being edited. A
// label is also its identity among its siblings; what comes after "##" in it is not shown, and
// ui_push makes a level of its own. All coordinates are window pixels. Nothing is drawn, and no
// memory is held, before the first ui_begin.
#ifndef UI_H
#define UI_H
#include "draw.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct Ui Ui;

typedef struct UiInput {
    float width_px, height_px;
    float bottom_px; // of the height, that windows keep off
    float scale;     // 1, or 2 on a screen with twice the pixels: sizes and text
    float dt_s;
    bool mouse_inside;
    hl_vec2 mouse_px, wheel; // wheel in notches, y > 0 away from the user
    bool button[3];          // left, right, middle: held
    bool clicked[3];         // went down since the last frame, however short
    const hl_button *key;    // by hl_key; NULL: none
    char text[64];           // what was typed
    bool ctrl, shift, alt;
    bool walks; // the keys go from widget to widget: arrows, Space into it, Esc out of it, M: menu
} UiInput;

typedef enum UiTone {
    UI_PLAIN,
    UI_DIM,   // what matters less: units, types, counts
    UI_LABEL, // names of fields
    UI_GOOD,
    UI_WARN,
    UI_BAD,
    UI_ACCENT, // what is chosen, what has just changed
    UI_TONES
} UiTone;

// NULL and *fault: no memory. `key` of the font's image in draw lists.
Ui *ui_open(uint32_t image_key, Fault *fault);
void ui_close(Ui *ui); // NULL is fine
void ui_begin(Ui *ui, const UiInput *input);
void ui_end(Ui *ui, DrawList *over);
// As of the last ui_end: what the user does with them is not the game's. Keys: a text is edited, or
// they walk.
bool ui_wants_mouse(const Ui *ui);
bool ui_wants_keys(const Ui *ui);
// Where windows are and what is folded, as text to be kept; *changed since the last call. The text
// lives until the next call. Taken back with ui_put_layout before the first ui_begin.
const char *ui_layout(Ui *ui, bool *changed);
void ui_put_layout(Ui *ui, const char *layout);
// What the last frame was made of, in its order: texts and labels with their places, values as
// "label=value". For tests, and for programs that cannot see. Valid until the next ui_begin.
typedef struct UiItem {
    hl_rectf box; // the part of it that is seen; without width or height: none
    const char *text;
} UiItem;
const UiItem *ui_items(const Ui *ui, uint32_t *count);
hl_color ui_color(UiTone tone);
float ui_text_height(const Ui *ui); // of a line, in pixels
float ui_row_height(const Ui *ui);  // of a line with a widget
float ui_width_of(const Ui *ui, const char *text);

// ------------------------------------------------------------------------------------- windows

// `first`: its place when it has none yet, in pixels. *is_open NULL: it cannot be closed. False:
// folded, nothing of it is seen; ui_window_end comes in any case. It is kept inside the picture,
// where the user left it as far as there is room.
bool ui_window_begin(Ui *ui, const char *title, hl_rectf first, bool *is_open);
void ui_window_end(Ui *ui);
void ui_window_front(Ui *ui, const char *title); // the next ui_begin brings it to the front
hl_rectf ui_window_rect(const Ui *ui);
// A part that scrolls by itself; size 0: what is left.
bool ui_child_begin(Ui *ui, const char *id, float width, float height);
void ui_child_end(Ui *ui);
void ui_scroll_here(Ui *ui);      // so that the next item is seen
bool ui_is_scrolled_down(Ui *ui); // the part shows its end
void ui_scroll_down(Ui *ui);      // after its last item: so that it does
// Something small under the mouse; between begin and end only text, values and canvases.
void ui_tip_begin(Ui *ui);
void ui_tip_end(Ui *ui);
// What the last item offers with the right button. True: it is open. Escape closes it.
bool ui_menu_begin(Ui *ui, const char *id);
bool ui_menu_item(Ui *ui, const char *label, bool checked, bool enabled);
void ui_menu_close(Ui *ui); // between begin and end
void ui_menu_end(Ui *ui);
void ui_menu_opener(Ui *ui, const char *id); // the last item offers it, too; it comes further down
// Pages of which one is seen. True: this one.
bool ui_tabs_begin(Ui *ui, const char *id);
bool ui_tab_begin(Ui *ui, const char *label);
void ui_tab_end(Ui *ui);
void ui_tabs_end(Ui *ui);

// --------------------------------------------------------------------------------------- layout

void ui_push(Ui *ui, const void *id); // an identity of its own for what follows
void ui_push_text(Ui *ui, const char *id);
void ui_pop(Ui *ui);
void ui_same_line(Ui *ui);
void ui_same_line_at(Ui *ui, float x_px); // from the window's left edge
float ui_cursor_x(const Ui *ui);          // where the next item begins, from the same edge
void ui_line_up(Ui *ui);                  // the next text with the widgets behind it
void ui_group_begin(Ui *ui);              // what follows is one item,
void ui_group_end(Ui *ui);                // as a whole the last one
void ui_separator(Ui *ui);
void ui_space(Ui *ui);
void ui_indent(Ui *ui, float px);     // negative: back
void ui_dense(Ui *ui, bool on);       // rows close together, for lists; off again before the end
void ui_next_width(Ui *ui, float px); // of the next widget; < 0: up to so far from the right edge
float ui_room_x(const Ui *ui);        // what is left in this line
float ui_room_y(const Ui *ui);
// Columns. `labels` NULL: no head. A cell begins with ui_cell.
bool ui_table_begin(Ui *ui, const char *id, int columns, const char *const *labels, float height);
void ui_table_column_width(Ui *ui, int column, float px); // before the first row; others share
void ui_row(Ui *ui);
void ui_cell(Ui *ui, int column);
void ui_table_end(Ui *ui);
// A million rows of equal height, of which only those that are seen are made:
//     for (UiRows rows = ui_rows(ui, count, height); ui_rows_next(ui, &rows);)
//         for (uint64_t i = rows.first; i < rows.end; i++) ...
typedef struct UiRows {
    uint64_t first, end, count; // first, end: those to be made
    float height, top;
    bool began;
} UiRows;
UiRows ui_rows(Ui *ui, uint64_t count, float height);
bool ui_rows_next(Ui *ui, UiRows *rows);

// ---------------------------------------------------------------------------------------- items

void ui_text(Ui *ui, UiTone tone, const char *format, ...) __attribute__((format(printf, 3, 4)));
void ui_text_wrapped(Ui *ui, UiTone tone, const char *text);
void ui_title(Ui *ui, const char *text); // of a section
bool ui_button(Ui *ui, const char *label);
bool ui_link(Ui *ui, const char *label);                    // a line that can be clicked
bool ui_row_button(Ui *ui, const char *label, bool chosen); // over the whole width
bool ui_check(Ui *ui, const char *label, bool *on);
// A word that is on or off, as small as its text.
bool ui_toggle(Ui *ui, const char *label, bool *on, UiTone tone);
// The name at the beginning of a row of a tree that somebody else keeps: `label` after `inset_px`,
// cut to `width`, with an arrow in front of it. True: clicked.
typedef enum UiFold { UI_LEAF, UI_FOLDED, UI_UNFOLDED } UiFold;
bool ui_fold(Ui *ui, const char *id, const char *label, UiTone tone, UiFold fold, float inset_px,
             float width);
// What is under the row that begins here, up to the right edge: lighter where the mouse is on it,
// which is returned.
bool ui_row_ground(Ui *ui, float height);
void ui_focus(Ui *ui); // the next widget is typed into
// A line that folds out. `is_leaf`: it does not. Between begin (true) and end it is indented.
bool ui_tree_begin(Ui *ui, const char *label, bool is_leaf, bool open_at_first);
void ui_tree_end(Ui *ui);
void ui_set_open(Ui *ui, bool open); // the next tree line
// True while it is changed. Enter gives *done true.
bool ui_input(Ui *ui, const char *label, const char *hint, char *text, size_t bytes, bool *done);
bool ui_is_pressed(const Ui *ui, hl_key key); // it went down in this frame
// A number that is dragged, or typed after a double click (Ctrl + click as well). `speed`: of the
// value, a pixel. low < high: it is kept between them. `format`: of printf, for a double.
bool ui_drag(Ui *ui, const char *label, double *value, double speed, double low, double high,
             const char *format);
bool ui_drag_whole(Ui *ui, const char *label, int64_t *value, double speed, int64_t low,
                   int64_t high);
bool ui_slider(Ui *ui, const char *label, double *value, double low, double high,
               const char *format);
bool ui_choose(Ui *ui, const char *label, int *chosen, const char *const *names, int count);
bool ui_color_edit(Ui *ui, const char *label, hl_color *color);
bool ui_color_button(Ui *ui, const char *label, hl_color *color); // only a patch; opens a picker
void ui_progress(Ui *ui, float part, const char *text);
// A line over `count` values; low == high: as they are. Values that are not finite make a gap.
// `cursor` >= 0: a mark at that value. Returns the value under the mouse, -1 none.
int ui_plot(Ui *ui, const char *id, const float *values, int count, float low, float high,
            float width, float height, int cursor, UiTone tone);
// About the last item:
bool ui_is_hovered(const Ui *ui);
bool ui_is_pointed_at(const Ui *ui); // hovered for a while: somebody wants to know more
bool ui_is_active(const Ui *ui);     // it is being changed
bool ui_was_clicked(const Ui *ui);   // by the left button, now
bool ui_was_let_go(const Ui *ui);    // a change has ended
hl_rectf ui_item_rect(const Ui *ui);
void ui_flash(Ui *ui, float strength); // marks the last item: 1 fresh .. 0 gone

// --------------------------------------------------------------------------------------- canvas

// Room that is drawn into with what follows, in window pixels; it can be hovered and held like a
// button. These may be called while it is the last item, or between ui_tip_begin and _end.
hl_rectf ui_canvas(Ui *ui, const char *id, float width, float height);
void ui_draw_rect(Ui *ui, hl_rectf box, hl_color color);
void ui_draw_line(Ui *ui, hl_vec2 from, hl_vec2 to, float thick, hl_color color);
void ui_draw_text(Ui *ui, hl_vec2 at, hl_color color, const char *text);
void ui_draw_triangle(Ui *ui, hl_vec2 a, hl_vec2 b, hl_vec2 c, hl_color color);
// A picture of 0xRRGGBBAA pixels, borrowed until the list is drawn; `key`, `version` as in
// DrawImage.
void ui_draw_image(Ui *ui, hl_rectf box, const DrawImage *image);
bool ui_mouse_held(const Ui *ui); // the left button went down on the last item, and is held
hl_vec2 ui_mouse(const Ui *ui);
float ui_wheel(const Ui *ui); // turned over the last item

#ifdef __cplusplus
}
#endif
#endif
