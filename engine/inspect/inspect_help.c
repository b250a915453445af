#include "inspect_help.h"
#include "inspect.h"
#include "inspect_panel.h"

enum {
    FULL_W = 640,
    FULL_H = 360,
    KEY_CELLS = 13,
    GLYPH = 8,
    COLUMNS = 80,
    LINES = 36,
    SHORT_KEY_CELLS = 5
};

// A line each: key and what it does; a key alone is the head of those behind it.
typedef struct Line {
    const char *key, *does;
} Line;

static const Line LEFT[] = {{"GAME", NULL},
                            {"F1", "this help"},
                            {"F2", "mute"},
                            {"F4", "slow: 1, 1/2, 1/4, 1/10"},
                            {"F9", "restart, fresh state"},
                            {"F10", "save the last 10 s"},
                            {"F11", "fullscreen"},
                            {"F12", "screenshot"},
                            {"PANELS", NULL},
                            {"Shift+F1", "inspector: all state"},
                            {"Shift+F2", "tweaks: sliders, keep"},
                            {"Shift+F3", "log; a click goes there"},
                            {"Shift+F4", "performance"},
                            {"Shift+F5", "watches, plots, pauses"},
                            {"Ctrl+F1", "keys walk the panels; M: menu of a field"},
                            {"drag", "changes a number"},
                            {"double click", "types one"},
                            {"right button", "on a field: pin, plot, pause, when did it ..."},
                            {0}};
static const Line RIGHT[] = {{"TIME", NULL},
                             {"F3", "show the bar of time"},
                             {"F5", "pause, go on"},
                             {"F6", "loop: begin, end, off"},
                             {"F7", "step a tick; Shift: back"},
                             {"F8", "hold: rewind; Shift: on"},
                             {"Ctrl+F3", "the next branch"},
                             {"Ctrl+F6", "loop begins here; with Shift ends"},
                             {"Ctrl+F7", "next mark; Shift: before"},
                             {"Ctrl+F8", "oldest; Shift: newest"},
                             {"ON THE BAR", NULL},
                             {"left button", "goes to a moment; moves an end of the loop"},
                             {"right button", "drag: loops that part"},
                             {"AFTER A CRASH", NULL},
                             {"Ctrl+C", "copy the report"},
                             {"Esc", "hide it, show it"},
                             {0}};

const char *const *inspect_keys(void)
{
    static const char *const KEYS[] = {"F1",   "this help",
                                       "F2",   "mute",
                                       "F3",   "the bar of time; Ctrl: next branch",
                                       "F4",   "slow motion: 1, 1/2, 1/4, 1/10",
                                       "F5",   "pause, go on",
                                       "F6",   "loop: begin, end, off; Ctrl: here",
                                       "F7",   "step; Shift: back; Ctrl: to a mark",
                                       "F8",   "hold: rewind; Shift: on; Ctrl: end",
                                       "F9",   "restart with fresh state",
                                       "F10",  "save the last 10 seconds as a clip",
                                       "F11",  "fullscreen",
                                       "F12",  "screenshot into the current folder",
                                       "F1-5", "Shift: see, tweak, log, time, plot",
                                       NULL};
    return KEYS;
}

static void put_column(const Line *lines, InspectPen pen)
{
    for (; lines->key; lines++) {
        if (!lines->does) {
            pen.y += pen.size * 0.75f;
            inspect_put_cut(&pen, UI_WARN_INK, lines->key);
            pen.y += pen.size / 4;
            continue;
        }
        InspectPen right = pen, left = pen;
        right.x += pen.size * KEY_CELLS;
        inspect_put_cut(&left, UI_ACCENT_INK, lines->key);
        inspect_put_wrapped(&right, UI_INK, lines->does);
        pen.y = right.y;
    }
}

static void put_short(InspectPen pen, float width_px, float height_px)
{
    // Of a window of 320 x 180 the keys take every line.
    pen.y = height_px < 240 ? pen.size / 2 : pen.size * 2;
    inspect_put_wrapped(&pen, UI_WARN_INK, "Edit the source, save, and see it run");
    pen.y += pen.size / 2;
    for (const char *const *key = inspect_keys(); *key && inspect_has_room(&pen); key += 2) {
        InspectPen right = pen;
        right.x += pen.size * SHORT_KEY_CELLS;
        right.right = width_px; // the longest just fits 320 pixels
        draw_text(pen.over, pen.x, pen.y, pen.size, UI_ACCENT_INK, key[0]);
        inspect_put_wrapped(&right, UI_INK, key[1]);
        pen.y = right.y + pen.size / 8;
    }
}

void inspect_help_frame(float width_px, float height_px, DrawList *over)
{
    InspectPen pen = inspect_pen(width_px, height_px, over, 0);
    draw_rect(over, (hl_rectf){0, 0, width_px, height_px}, (UI_GROUND | 0xffu) - 5);
    if (width_px < FULL_W || height_px < FULL_H) {
        put_short(pen, width_px, height_px);
        return;
    }
    while (pen.size > GLYPH && (width_px < COLUMNS * pen.size || height_px < LINES * pen.size)) {
        pen.size -= GLYPH;
    }
    float middle = (float)(int)(width_px / 2), gap = pen.size;
    pen.x = middle - (COLUMNS / 2 - 1) * pen.size;
    pen.right = middle + (COLUMNS / 2 - 1) * pen.size;
    pen.y = pen.size;
    inspect_put_wrapped(&pen, UI_GOOD_INK, "Edit the source, save, and see it run");
    InspectPen left = pen, right = pen;
    left.right = middle - gap / 2;
    right.x = middle + gap / 2;
    put_column(LEFT, left);
    put_column(RIGHT, right);
}
