// What the runtime is told of F keys and the mouse, and what the game sees of it meanwhile.
#include "platform_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LEFT = 1, RIGHT = 2, MIDDLE = 4, F1 = 1 << 0, F5 = 1 << 4, F12 = 1 << 11 };

typedef struct Room {
    Arena arena;
    Platform *platform;
} Room;

static int enter(void **state)
{
    Room *room = calloc(1, sizeof(*room));
    PlatformConfig config = {.title = "test", .canvas_w = 80, .canvas_h = 45, .no_sound = true};
    *state = room;
    setenv("SDL_VIDEODRIVER", "dummy", 1);
    if (!arena_open(&room->arena, 0, 64u << 20, NULL)) {
        return 1;
    }
    room->platform = platform_open(&room->arena, &config, NULL);
    if (!room->platform) {
        return 1;
    }
    hl_input input;
    while (platform_poll(room->platform).resized) { // what opening caused
    }
    platform_take_input(room->platform, &input);
    return 0;
}

static int leave(void **state)
{
    Room *room = *state;
    platform_close(room->platform);
    arena_close(&room->arena);
    free(room);
    return 0;
}

static void push(SDL_Event event)
{
    assert_int_equal(SDL_PushEvent(&event), 1);
}

static void key(SDL_Scancode code, bool down, bool repeat, Uint16 mod)
{
    SDL_Event event = {.type = down ? SDL_KEYDOWN : SDL_KEYUP};
    event.key.state = down ? SDL_PRESSED : SDL_RELEASED;
    event.key.repeat = repeat;
    event.key.keysym.scancode = code;
    event.key.keysym.mod = mod;
    push(event);
}

static void button(Uint8 which, bool down)
{
    SDL_Event event = {.type = down ? SDL_MOUSEBUTTONDOWN : SDL_MOUSEBUTTONUP};
    event.button.button = which;
    event.button.state = down ? SDL_PRESSED : SDL_RELEASED;
    push(event);
}

static void wheel(float y)
{
    SDL_Event event = {.type = SDL_MOUSEWHEEL};
    event.wheel.preciseY = y;
    push(event);
}

static void move(int x, int y)
{
    SDL_Event event = {.type = SDL_MOUSEMOTION};
    event.motion.x = x;
    event.motion.y = y;
    push(event);
}

static void window(Uint8 kind)
{
    SDL_Event event = {.type = SDL_WINDOWEVENT};
    event.window.event = kind;
    push(event);
}

static hl_input take(Room *room)
{
    hl_input input;
    platform_take_input(room->platform, &input);
    return input;
}

static void expect_f(Room *room, int pressed, int held)
{
    PlatformEvents events = platform_poll(room->platform);
    assert_int_equal(events.f_pressed, pressed);
    assert_int_equal(events.f_held, held);
}

static void f_keys_are_held_until_they_go_up(void **state)
{
    // Scenario: F5 goes down, repeats over two polls (once without the mark of a repeat), F12 is
    // tapped meanwhile, then F5 goes up.
    // Expect: each is pressed once; F5 is held in all polls until it goes up, F12 in none.
    Room *room = *state;
    key(SDL_SCANCODE_F5, true, false, 0);
    expect_f(room, F5, F5);
    key(SDL_SCANCODE_F5, true, true, 0);
    expect_f(room, 0, F5);
    key(SDL_SCANCODE_F5, true, false, 0);
    key(SDL_SCANCODE_F12, true, false, 0);
    key(SDL_SCANCODE_F12, false, false, 0);
    expect_f(room, F12, F5);
    expect_f(room, 0, F5);
    key(SDL_SCANCODE_F5, false, false, 0);
    expect_f(room, 0, 0);
    assert_int_equal(take(room).key[SDL_SCANCODE_F5].changes, 0); // the game hears of none
}

static void losing_the_focus_forgets_what_was_held(void **state)
{
    // Scenario: F1 and the left button are down when the focus goes. The key comes up elsewhere,
    // the focus returns, and F1 is pressed again.
    // Expect: neither is held without focus, the button counts as released once, and the new press
    // is one.
    Room *room = *state;
    key(SDL_SCANCODE_F1, true, false, 0);
    button(SDL_BUTTON_LEFT, true);
    PlatformEvents events = platform_poll(room->platform);
    assert_int_equal(events.f_held, F1);
    assert_int_equal(events.mouse_held, LEFT);
    window(SDL_WINDOWEVENT_FOCUS_LOST);
    events = platform_poll(room->platform);
    assert_true(events.focus_lost);
    assert_int_equal(events.f_held | events.f_pressed | events.mouse_held, 0);
    assert_int_equal(events.mouse_released, LEFT);
    button(SDL_BUTTON_LEFT, false);
    window(SDL_WINDOWEVENT_FOCUS_GAINED);
    events = platform_poll(room->platform);
    assert_int_equal(events.f_held | events.mouse_released, 0);
    key(SDL_SCANCODE_F1, true, false, 0);
    expect_f(room, F1, F1);
}

static void shift_is_of_the_moment_of_the_press(void **state)
{
    // Scenario: within one poll each time: F5, then Shift; Shift and Control around F5; F5 with a
    // Shift that only the event knows of; then Shift alone is held and let go.
    // Expect: none; both; Shift; and without a press, what is held now.
    Room *room = *state;
    key(SDL_SCANCODE_F5, true, false, 0);
    key(SDL_SCANCODE_F5, false, false, 0);
    key(SDL_SCANCODE_RSHIFT, true, false, 0);
    PlatformEvents events = platform_poll(room->platform);
    assert_true(events.f_pressed == F5 && !events.shift && !events.ctrl);
    assert_true(platform_poll(room->platform).shift);
    key(SDL_SCANCODE_LCTRL, true, false, 0);
    key(SDL_SCANCODE_F5, true, false, 0);
    key(SDL_SCANCODE_F5, false, false, 0);
    key(SDL_SCANCODE_LCTRL, false, false, 0);
    key(SDL_SCANCODE_RSHIFT, false, false, 0);
    events = platform_poll(room->platform);
    assert_true(events.f_pressed == F5 && events.shift && events.ctrl);
    events = platform_poll(room->platform);
    assert_false(events.shift || events.ctrl);
    key(SDL_SCANCODE_F5, true, false, KMOD_LSHIFT);
    events = platform_poll(room->platform);
    assert_true(events.f_pressed == F5 && events.shift && !events.ctrl);
}

static void mouse_buttons_are_told_once(void **state)
{
    // Scenario: left goes down; then right is tapped while left is held, and middle and a side
    // button go down; then left goes up.
    // Expect: transitions of each poll once, levels as they are, side buttons only for the game.
    Room *room = *state;
    button(SDL_BUTTON_LEFT, true);
    PlatformEvents events = platform_poll(room->platform);
    assert_true(events.mouse_pressed == LEFT && events.mouse_held == LEFT);
    assert_int_equal(events.mouse_released, 0);
    button(SDL_BUTTON_RIGHT, true);
    button(SDL_BUTTON_RIGHT, false);
    button(SDL_BUTTON_MIDDLE, true);
    button(SDL_BUTTON_X1, true);
    events = platform_poll(room->platform);
    assert_int_equal(events.mouse_pressed, RIGHT | MIDDLE);
    assert_int_equal(events.mouse_released, RIGHT);
    assert_int_equal(events.mouse_held, LEFT | MIDDLE);
    button(SDL_BUTTON_LEFT, false);
    events = platform_poll(room->platform);
    assert_true(events.mouse_pressed == 0 && events.mouse_released == LEFT);
    assert_int_equal(events.mouse_held, MIDDLE);
    hl_input input = take(room);
    assert_true(input.key[HL_MOUSE_LEFT].changes == 2 && !input.key[HL_MOUSE_LEFT].down);
    assert_true(input.key[HL_MOUSE_MIDDLE].down && input.key[HL_MOUSE_X1].down);
}

static void a_kept_mouse_is_not_the_games(void **state)
{
    // Scenario: the game holds left; a panel takes the mouse in the poll in which right is clicked
    // and the wheel turned; more is pressed, turned and moved; the panel gives the mouse back while
    // middle is still held, which then comes up and goes down again.
    // Expect: for the game left goes up once, and right, wheel and middle never happened; the mouse
    // moves on; the panel hears of everything; after it, the game hears the next press.
    Room *room = *state;
    button(SDL_BUTTON_LEFT, true);
    platform_poll(room->platform);
    assert_true(take(room).key[HL_MOUSE_LEFT].down);
    button(SDL_BUTTON_RIGHT, true);
    button(SDL_BUTTON_RIGHT, false);
    wheel(1);
    assert_int_equal(platform_poll(room->platform).mouse_pressed, RIGHT);
    platform_keep_mouse(room->platform, true);
    hl_input input = take(room);
    assert_true(!input.key[HL_MOUSE_LEFT].down && input.key[HL_MOUSE_LEFT].changes == 1);
    assert_true(input.key[HL_MOUSE_RIGHT].changes == 0 && input.wheel.y == 0);
    button(SDL_BUTTON_MIDDLE, true);
    wheel(2);
    move(480, 270);
    PlatformEvents events = platform_poll(room->platform);
    assert_true(events.mouse_pressed == MIDDLE && events.mouse_held == (LEFT | MIDDLE));
    platform_keep_mouse(room->platform, true);
    input = take(room);
    hl_vec2 middle = platform_mouse_px(room->platform);
    assert_true(middle.x == 480 && middle.y == 270 && input.mouse_inside);
    assert_true(input.key[HL_MOUSE_MIDDLE].changes == 0 && input.wheel.y == 0);
    platform_keep_mouse(room->platform, false);
    platform_poll(room->platform);
    assert_false(take(room).key[HL_MOUSE_MIDDLE].down);
    button(SDL_BUTTON_MIDDLE, false);
    assert_int_equal(platform_poll(room->platform).mouse_released, MIDDLE);
    assert_int_equal(take(room).key[HL_MOUSE_MIDDLE].changes, 0);
    button(SDL_BUTTON_MIDDLE, true);
    platform_poll(room->platform);
    input = take(room);
    assert_true(input.key[HL_MOUSE_MIDDLE].down && input.key[HL_MOUSE_MIDDLE].changes == 1);
}

static void text(const char *typed)
{
    SDL_Event event = {.type = SDL_TEXTINPUT};
    strncpy(event.text.text, typed, sizeof(event.text.text) - 1);
    push(event);
}

static PlatformPanels take_panels(Room *room)
{
    PlatformPanels panels;
    platform_poll(room->platform);
    platform_take_panels(room->platform, &panels);
    return panels;
}

static void kept_keys_are_not_the_games(void **state)
{
    // Scenario: the game holds W; a panel takes the keys in the poll in which A is tapped and "a"
    // typed; then B is typed and the wheel turned over it; the panel gives the keys back while B is
    // held, which then comes up and goes down again.
    // Expect: for the game W goes up once, A, B and the text never happened; the panel hears of all
    // of it once; afterwards the game hears the next press. Shift counts for F keys all the time.
    Room *room = *state;
    (void)take_panels(room);
    key(SDL_SCANCODE_W, true, false, 0);
    assert_true(take_panels(room).key[HL_KEY_W].down);
    assert_true(take(room).key[HL_KEY_W].down);
    key(SDL_SCANCODE_A, true, false, 0);
    key(SDL_SCANCODE_A, false, false, 0);
    text("a");
    PlatformPanels panels = take_panels(room);
    assert_true(panels.key[HL_KEY_A].changes == 2 && !panels.key[HL_KEY_A].down);
    assert_string_equal(panels.text, "a");
    platform_keep_keys(room->platform, true);
    hl_input input = take(room);
    assert_true(!input.key[HL_KEY_W].down && input.key[HL_KEY_W].changes == 1);
    assert_true(input.key[HL_KEY_A].changes == 0 && input.text[0] == '\0');
    key(SDL_SCANCODE_LSHIFT, true, false, 0);
    key(SDL_SCANCODE_B, true, false, 0);
    key(SDL_SCANCODE_F1, true, false, 0);
    text("B");
    wheel(2);
    assert_true(platform_poll(room->platform).shift);
    panels = take_panels(room);
    assert_true(panels.key[HL_KEY_B].down && panels.wheel.y == 2);
    assert_string_equal(panels.text, "B");
    assert_string_equal(take_panels(room).text, "");
    input = take(room);
    assert_true(input.key[HL_KEY_B].changes == 0 && input.text[0] == '\0' && input.wheel.y == 2);
    platform_keep_keys(room->platform, false);
    key(SDL_SCANCODE_B, false, false, 0);
    platform_poll(room->platform);
    assert_int_equal(take(room).key[HL_KEY_B].changes, 0);
    key(SDL_SCANCODE_B, true, false, 0);
    platform_poll(room->platform);
    assert_true(take(room).key[HL_KEY_B].down);
}

static void what_nobody_took_is_not_given_later(void **state)
{
    // Scenario: text, a turned wheel and clicks while no panel is open; then one asks.
    // Expect: none of it; what comes from then on.
    Room *room = *state;
    text("old");
    wheel(3);
    button(SDL_BUTTON_LEFT, true);
    button(SDL_BUTTON_LEFT, false);
    PlatformPanels panels = take_panels(room);
    assert_true(panels.text[0] == '\0' && panels.wheel.y == 0 && panels.mouse_pressed == 0);
    button(SDL_BUTTON_LEFT, true);
    text("new");
    panels = take_panels(room);
    assert_true(panels.mouse_pressed == LEFT && panels.mouse_held == LEFT);
    assert_string_equal(panels.text, "new");
    text("unseen");
    platform_poll(room->platform);
    platform_forget_panels(room->platform);
    assert_string_equal(take_panels(room).text, "");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(f_keys_are_held_until_they_go_up),    CASE(losing_the_focus_forgets_what_was_held),
        CASE(shift_is_of_the_moment_of_the_press), CASE(mouse_buttons_are_told_once),
        CASE(a_kept_mouse_is_not_the_games),       CASE(kept_keys_are_not_the_games),
        CASE(what_nobody_took_is_not_given_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
