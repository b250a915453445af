#include "ui.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

typedef struct Room {
    Ui *ui;
    DrawList over;
    UiInput input;
    hl_button keys[HL_KEYS];
    // What the panel under test is about:
    double number;
    bool on, is_open;
    char text[64];
    int pressed, rows_made;
} Room;

static int setup(void **state)
{
    static Room room;
    Fault fault;
    room = (Room){.is_open = true, .number = 5};
    room.input = (UiInput){.width_px = 640,
                           .height_px = 360,
                           .scale = 1,
                           .dt_s = 1.0f / 60,
                           .key = room.keys,
                           .mouse_inside = true};
    assert_true(draw_open(&room.over, &fault));
    room.ui = ui_open(7, &fault);
    assert_non_null(room.ui);
    *state = &room;
    return 0;
}

static int teardown(void **state)
{
    Room *room = *state;
    ui_close(room->ui);
    draw_close(&room->over);
    return 0;
}

static void frame(Room *room)
{
    draw_reset(&room->over, room->input.width_px, room->input.height_px);
    ui_begin(room->ui, &room->input);
    room->rows_made = 0;
    if (ui_window_begin(room->ui, "Panel", (hl_rectf){20, 20, 300, 200}, &room->is_open)) {
        room->pressed += ui_button(room->ui, "press");
        ui_next_width(room->ui, 100);
        (void)ui_drag(room->ui, "number", &room->number, 1, 0, 0, "%.0f");
        (void)ui_check(room->ui, "on", &room->on);
        (void)ui_input(room->ui, "##text", "search", room->text, sizeof(room->text), NULL);
        if (ui_child_begin(room->ui, "list", 0, 0)) {
            UiRows rows = ui_rows(room->ui, 1000000, ui_text_height(room->ui) + 4);
            while (ui_rows_next(room->ui, &rows)) {
                for (uint64_t i = rows.first; i < rows.end; i++, room->rows_made++) {
                    ui_text(room->ui, UI_PLAIN, "row %d", (int)i);
                }
            }
        }
        ui_child_end(room->ui);
    }
    ui_window_end(room->ui);
    ui_end(room->ui, &room->over);
}

static void click(Room *room, float x, float y)
{
    room->input.mouse_px = (hl_vec2){x, y};
    frame(room);
    room->input.button[0] = room->input.clicked[0] = true;
    frame(room);
    room->input.button[0] = room->input.clicked[0] = false;
    frame(room);
}

static void a_panel_becomes_meshes(void **state)
{
    // Scenario: a window with widgets, two frames. Expect: triangles of the font's image, clipped,
    // inside the picture; nothing dropped; the same frame gives the same picture.
    Room *room = *state;
    frame(room);
    frame(room);
    assert_true(room->over.cmd_count > 0);
    assert_int_equal(room->over.dropped, 0);
    assert_int_equal(room->over.images[1].key, 7);
    uint64_t hash = draw_hash(&room->over);
    frame(room);
    assert_int_equal(draw_hash(&room->over), hash);
}

static void a_button_is_pressed(void **state)
{
    // Scenario: a click on the button, one beside it. Expect: one press; the mouse is wanted over
    // the window, not outside.
    Room *room = *state;
    frame(room);
    frame(room);
    click(room, 40, 52);
    assert_int_equal(room->pressed, 1);
    assert_true(ui_wants_mouse(room->ui));
    click(room, 500, 300);
    assert_int_equal(room->pressed, 1);
    assert_false(ui_wants_mouse(room->ui));
}

static void a_number_is_dragged(void **state)
{
    // Scenario: the number is dragged 30 pixels to the right. Expect: it is larger, by whole steps.
    Room *room = *state;
    frame(room);
    frame(room);
    room->input.mouse_px = (hl_vec2){60, 72};
    frame(room);
    room->input.button[0] = true;
    for (int i = 0; i < 10; i++) {
        room->input.mouse_px.x += 3;
        frame(room);
    }
    room->input.button[0] = false;
    frame(room);
    assert_true(room->number > 20 && room->number < 40);
}

static void text_is_typed(void **state)
{
    // Scenario: a click into the field, letters. Expect: they are in it, and keys are wanted.
    Room *room = *state;
    frame(room);
    frame(room);
    click(room, 60, 112);
    assert_true(ui_wants_keys(room->ui));
    strcpy(room->input.text, "hp");
    frame(room);
    room->input.text[0] = '\0';
    frame(room);
    assert_string_equal(room->text, "hp");
}

static void a_million_rows(void **state)
{
    // Scenario: a list of a million rows. Expect: only those that fit are made.
    Room *room = *state;
    frame(room);
    frame(room);
    assert_true(room->rows_made > 2 && room->rows_made < 40);
}

static void a_layout_comes_back(void **state)
{
    // Scenario: the window is moved by its title, its layout kept, and given to another Ui. Expect:
    // it is where it was.
    Room *room = *state;
    bool changed;
    Fault fault;
    frame(room);
    frame(room);
    room->input.mouse_px = (hl_vec2){100, 30};
    frame(room);
    room->input.button[0] = true;
    frame(room);
    room->input.mouse_px = (hl_vec2){200, 90};
    frame(room);
    frame(room);
    room->input.button[0] = false;
    frame(room);
    char layout[4096];
    strncpy(layout, ui_layout(room->ui, &changed), sizeof(layout) - 1);
    layout[sizeof(layout) - 1] = '\0';
    assert_non_null(strstr(layout, "Pos=120,80"));
    ui_close(room->ui);
    room->ui = ui_open(7, &fault);
    ui_put_layout(room->ui, layout);
    frame(room);
    frame(room);
    frame(room);
    bool again = false;
    assert_non_null(strstr(ui_layout(room->ui, &again), "Pos=120,80"));
}

static void a_small_picture_keeps_its_windows(void **state)
{
    // Scenario: the picture becomes 200 x 120, for a while; then its lower part is taken.
    // Expect: the window lies inside of it; where it was and as large; above that part.
    Room *room = *state;
    bool changed;
    frame(room);
    float width = room->input.width_px, height = room->input.height_px;
    room->input.width_px = 200;
    room->input.height_px = 120;
    for (int i = 0; i < 3; i++) { // and it stays there
        frame(room);
        assert_non_null(strstr(ui_layout(room->ui, &changed), "Pos=0,0\nSize=200,120"));
    }
    room->input.width_px = width;
    room->input.height_px = height;
    frame(room);
    assert_non_null(strstr(ui_layout(room->ui, &changed), "Pos=20,20\nSize=300,200"));
    room->input.bottom_px = height - 215;
    frame(room);
    assert_non_null(strstr(ui_layout(room->ui, &changed), "Pos=20,15\nSize=300,200"));
}

static void a_layout_waits_for_its_room(void **state)
{
    // Scenario: a layout comes back in a picture that is too small, which then grows.
    // Expect: the window is where it was, and as large.
    Room *room = *state;
    Fault fault = {0};
    bool changed;
    float width = room->input.width_px, height = room->input.height_px;
    ui_close(room->ui);
    room->ui = ui_open(7, &fault);
    ui_put_layout(room->ui, "[Window][Panel]\nPos=40,30\nSize=310,180\n");
    room->input.width_px = 200;
    room->input.height_px = 120;
    frame(room);
    frame(room);
    room->input.width_px = width;
    room->input.height_px = height;
    frame(room);
    assert_non_null(strstr(ui_layout(room->ui, &changed), "Pos=40,30\nSize=310,180"));
}

static void larger_letters_need_larger_windows(void **state)
{
    // Scenario: a scale of 2 in a picture with room, and back. Expect: place and size are doubled,
    // then as before.
    Room *room = *state;
    bool changed;
    frame(room);
    room->input.width_px *= 2;
    room->input.height_px *= 2;
    room->input.scale = 2;
    frame(room);
    assert_non_null(strstr(ui_layout(room->ui, &changed), "Pos=40,40\nSize=600,400"));
    room->input.scale = 1;
    frame(room);
    assert_non_null(strstr(ui_layout(room->ui, &changed), "Pos=20,20\nSize=300,200"));
}

static void twice_the_pixels(void **state)
{
    // Scenario: a scale of 2. Expect: text is twice as high, and a new font picture is told as
    // such.
    Room *room = *state;
    frame(room);
    uint32_t version = room->over.images[1].version;
    room->input.scale = 2;
    frame(room);
    frame(room);
    assert_true(room->over.images[1].version > version);
    assert_int_equal(room->over.dropped, 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_panel_becomes_meshes),
        CASE(a_button_is_pressed),
        CASE(a_number_is_dragged),
        CASE(text_is_typed),
        CASE(a_million_rows),
        CASE(a_layout_comes_back),
        CASE(a_small_picture_keeps_its_windows),
        CASE(a_layout_waits_for_its_room),
        CASE(larger_letters_need_larger_windows),
        CASE(twice_the_pixels),
    };
    return cmocka_run_group_tests_name("ui", tests, NULL, NULL);
}
