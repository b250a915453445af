// A window on an X server of its own (Xvfb), with keys and clicks from xdotool. Skipped where they
// are not installed.
#include "asset.h"
#include "desk.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <X11/Xlib.h>

static const char SOURCE[] = "game/counter.c";

// The counter game in a window that has the focus.
static Session *start_counter(Place *place, Desk *desk)
{
    place_game(place, "counter.c", SOURCE);
    Session *session = SESSION_START(place, place->game, "--seed", "7", "--no-sound");
    (void)session_wait(session, "reload");
    desk_find_window(desk, "Counter");
    return session;
}

// Until `ctl status` has that value.
static void wait_for_status(Session *session, const char *name, const char *wanted)
{
    char *value = NULL;
    for (int i = 0; i < 4000; i++) {
        free(value);
        const json_t *status = SESSION_TELL(session, "status");
        value = json_dumps(json_object_get(status, name), JSON_ENCODE_ANY | JSON_COMPACT);
        if (value && strcmp(value, wanted) == 0) {
            free(value);
            return;
        }
    }
    fail_msg("%s stays %s, not %s", name, value ? value : "nothing", wanted);
}

static void keys_reach_the_game(Place *place)
{
    // Scenario: Space is tapped three times, faster than a tick; then the code is edited.
    // Expect: the game counts three presses; the edit shows in the same window.
    Desk desk = desk_open(place);
    Session *session = start_counter(place, &desk);
    for (int i = 1; i <= 3; i++) {
        desk_press(&desk, "space");
        (void)session_wait_log(session, place_text(place, "pressed %d times", i));
    }
    place_edit(place, SOURCE, "#define STEP 1\n", "#define STEP 10\n", RENAMED);
    const char *text = session_wait_log(session, "new code: step 10 ");
    assert_int_equal(place_number(text, "total "), place_number(text, "tick ") + 9);
    desk_press(&desk, "space");
    (void)session_wait_log(session, "pressed 4 times");
    session_quit(session);
    assert_int_equal(session_count(session, "fault"), 0);
}

static void f5_pauses_and_f7_steps(Place *place)
{
    // Scenario: F5, F7 twice, F5.
    // Expect: paused, two ticks on, running again; keys pressed meanwhile are no F-keys to the
    // game.
    Desk desk = desk_open(place);
    Session *session = start_counter(place, &desk);
    desk_press(&desk, "F5");
    wait_for_status(session, "paused", "true");
    long long tick = field_number(SESSION_TELL(session, "status"), "tick");
    desk_press(&desk, "F7");
    wait_for_status(session, "tick", place_text(place, "%lld", tick + 1));
    desk_press(&desk, "F7");
    wait_for_status(session, "tick", place_text(place, "%lld", tick + 2));
    desk_press(&desk, "F5");
    wait_for_status(session, "paused", "false");
    (void)session_wait_tick(session, tick + 10);
    session_quit(session);
}

static void f6_loops_and_f4_slows(Place *place)
{
    // Scenario: F6 three times; F4 four times.
    // Expect: record, play, off; speeds 1/2, 1/4, 1/10 and full again.
    static const char *const SPEEDS[] = {"2", "4", "10", "1"};
    static const char *const LOOPS[] = {"record", "play", "off"};
    Desk desk = desk_open(place);
    Session *session = start_counter(place, &desk);
    for (size_t i = 0; i < 3; i++) {
        desk_press(&desk, "F6");
        assert_string_equal(field_text(session_wait(session, "loop"), "state"), LOOPS[i]);
        (void)session_wait_log(session, "count ");
        (void)session_wait_log(session, "count ");
    }
    for (size_t i = 0; i < 4; i++) {
        desk_press(&desk, "F4");
        wait_for_status(session, "slow", SPEEDS[i]);
    }
    session_quit(session);
}

static void f8_rewinds_while_it_is_held(Place *place)
{
    // Scenario: F8 is held until two moments of the past have gone by, and let go; Shift+F7 twice;
    // F5.
    // Expect: the past is shown, backwards; let go, it plays on from there on a branch; each
    // Shift+F7 goes one moment back and pauses; F5 plays on on another branch, and counts right.
    Desk desk = desk_open(place);
    Session *session = start_counter(place, &desk);
    (void)session_wait_tick(session, 90);
    desk_do(&desk, "keydown", "F8");
    wait_for_status(session, "past", "true");
    long long moment = field_number(SESSION_TELL(session, "status"), "moment"), before = moment;
    while (moment > before - 2) {
        moment = field_number(SESSION_TELL(session, "status"), "moment");
        assert_true(moment <= before);
    }
    desk_do(&desk, "keyup", "F8");
    long long from = field_number(session_wait(session, "seek"), "moment");
    assert_true(from <= moment);
    const json_t *branch = session_wait(session, "branch");
    long long first_branch = field_number(branch, "branch");
    assert_int_equal(field_number(branch, "from"), from);
    (void)session_wait_log(session, "count ");
    desk_press(&desk, "shift+F7");
    moment = field_number(session_wait(session, "seek"), "moment");
    wait_for_status(session, "paused", "true");
    desk_press(&desk, "shift+F7");
    assert_int_equal(field_number(session_wait(session, "seek"), "moment"), moment - 1);
    desk_press(&desk, "F5");
    branch = session_wait(session, "branch");
    assert_int_equal(field_number(branch, "from"), moment - 1);
    assert_int_not_equal(field_number(branch, "branch"), first_branch);
    const char *text = session_wait_log(session, "count ");
    assert_int_equal(place_number(text, "count "), place_number(text, "tick "));
    session_quit(session);
}

static void f9_restarts_and_f12_writes_a_picture(Place *place)
{
    // Scenario: F9; F12 twice; F1 for the help.
    // Expect: init runs again; two PNGs of the window with different names in the current folder.
    Desk desk = desk_open(place);
    Session *session = start_counter(place, &desk);
    (void)session_wait_tick(session, 10);
    desk_press(&desk, "F9");
    (void)session_wait(session, "restart");
    (void)session_wait_log(session, "init with seed 7");
    desk_press(&desk, "F1");
    desk_press(&desk, "F12");
    session_wait_words(session, "screenshot: counter-1.png");
    desk_press(&desk, "F12");
    session_wait_words(session, "screenshot: counter-2.png");
    char *shot = place_read(place, "counter-2.png", NULL);
    assert_memory_equal(shot, "\x89PNG", 4);
    free(shot);
    assert_true(place_exists(place, "counter-1.png"));
    session_quit(session);
}

// What a window manager sends when somebody presses the button. Source: ICCCM 4.2.8.1.
static void press_close_button(const Desk *desk)
{
    Display *display = XOpenDisplay(desk->display);
    assert_non_null(display);
    XEvent event = {.xclient = {.type = ClientMessage,
                                .window = strtoul(desk->window, NULL, 10),
                                .message_type = XInternAtom(display, "WM_PROTOCOLS", False),
                                .format = 32}};
    event.xclient.data.l[0] = (long)XInternAtom(display, "WM_DELETE_WINDOW", False);
    event.xclient.data.l[1] = CurrentTime;
    assert_int_not_equal(XSendEvent(display, event.xclient.window, False, NoEventMask, &event), 0);
    XCloseDisplay(display);
}

static void the_close_button_quits(Place *place)
{
    // Scenario: the window is closed.
    // Expect: exit 0, the last event is quit, nothing is left of the private folder.
    Desk desk = desk_open(place);
    Session *session = start_counter(place, &desk);
    press_close_button(&desk);
    (void)session_wait(session, "quit");
    assert_int_equal(session_wait_end(session), 0);
    assert_int_equal(place_count_files(place, "run"), 0);
}

static uint32_t number_at(const char *bytes)
{
    const uint8_t *b = (const uint8_t *)bytes;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static void the_window_may_have_any_size(Place *place)
{
    // Scenario: the window becomes 500 x 417, 70 x 300, 1200 x 70 and 640 x 360.
    // Expect: the game is told each size and plays on; a picture has the window's size.
    static const int SIZES[][2] = {{500, 417}, {70, 300}, {1200, 70}, {640, 360}};
    Desk desk = desk_open(place);
    place_game(place, "counter.c", SOURCE);
    place_edit(place, SOURCE, "/* more rules */",
               "if (t->tick % 5 == 0) hl_log(t, \"window %d %d.\", t->in->window_w, "
               "t->in->window_h);",
               IN_PLACE);
    Session *session = SESSION_START(place, place->game, "--no-sound");
    (void)session_wait(session, "reload");
    desk_find_window(&desk, "Counter");
    for (size_t i = 0; i < 4; i++) {
        int w = SIZES[i][0], h = SIZES[i][1];
        desk_resize(&desk, w, h);
        (void)session_wait_log(session, place_text(place, "window %d %d.", w, h));
        (void)SESSION_TELL(session, "screenshot", "shot.png");
        char *shot = place_read(place, "shot.png", NULL);
        assert_int_equal(number_at(shot + 16), w); // IHDR
        assert_int_equal(number_at(shot + 20), h);
        free(shot);
    }
    session_quit(session);
}

static void the_window_opens_where_it_was(Place *place)
{
    // Scenario: moved to 137, 141 and sized 640 x 400, closed, started again; then the file that
    // remembers it is garbage.
    // Expect: the same place; then the usual one, without a complaint that stops it.
    Desk desk = desk_open(place);
    Session *session = start_counter(place, &desk);
    assert_int_equal(
        PLACE_RUN(place, "xdotool", "windowmove", "--sync", desk.window, "137", "141")->exit_code,
        0);
    desk_resize(&desk, 640, 400);
    (void)session_wait_tick(session, field_number(SESSION_TELL(session, "status"), "tick") + 10);
    press_close_button(&desk);
    assert_int_equal(session_wait_end(session), 0);
    session = SESSION_START(place, place->game, "--no-sound");
    (void)session_wait(session, "reload");
    desk_find_window(&desk, "Counter");
    const Output *said = PLACE_RUN(place, "xdotool", "getwindowgeometry", "--shell", desk.window);
    assert_non_null(strstr(said->out, "X=137\nY=141\nWIDTH=640\nHEIGHT=400\n"));
    session_quit(session);
    said = PLACE_RUN(place, "find", "state", "-path", "*windows*", "-type", "f");
    assert_true(said->out[0] != '\0');
    place_write(place, place_text(place, "%.*s", (int)strcspn(said->out, "\n"), said->out),
                "window -1 ! garbage\n", IN_PLACE);
    session = SESSION_START(place, place->game, "--no-sound");
    (void)session_wait_tick(session, 5);
    session_quit(session);
}

static void what_is_killed_opens_where_it_was(Place *place)
{
    // Scenario: the window is moved and resized; once that is noted, kill -9 of the process.
    // Expect: its place was noted while it was open; the new process has its window there.
    Desk desk = desk_open(place);
    Session *session = start_counter(place, &desk);
    desk_resize(&desk, 700, 500);
    assert_int_equal(
        PLACE_RUN(place, "xdotool", "windowmove", "--sync", desk.window, "210", "130")->exit_code,
        0);
    const char *noted = "";
    for (int i = 0; !strstr(noted, "window 210 130 700 500") && i < PLACE_CAP_MS / 20; i++) {
        place_nap_ms(20);
        // Not what is being written: it has its name once it is on the disk.
        noted = PLACE_RUN(place, "find", "state", "-path", "*windows*", "-type", "f", "!", "-name",
                          "*.tmp", "-exec", "cat", "{}", "+")
                    ->out;
    }
    assert_non_null(strstr(noted, "window 210 130 700 500"));
    session_kill_game(session, SIGKILL);
    (void)session_wait(session, "resumed");
    desk_find_window(&desk, "Counter");
    const Output *said = PLACE_RUN(place, "xdotool", "getwindowgeometry", "--shell", desk.window);
    assert_int_equal(place_number(said->out, "X="), 210);
    assert_int_equal(place_number(said->out, "Y="), 130);
    assert_int_equal(place_number(said->out, "WIDTH="), 700);
    assert_int_equal(place_number(said->out, "HEIGHT="), 500);
    session_quit(session);
}

static void the_software_renderer_plays_in_a_window(Place *place)
{
    // Scenario: --software, a key, a picture.
    // Expect: as with the graphics card.
    Desk desk = desk_open(place);
    place_game(place, "counter.c", SOURCE);
    Session *session = SESSION_START(place, place->game, "--software", "--no-sound");
    (void)session_wait(session, "reload");
    desk_find_window(&desk, "Counter");
    desk_press(&desk, "space");
    (void)session_wait_log(session, "pressed 1 times");
    (void)SESSION_TELL(session, "screenshot", "shot.png");
    session_quit(session);
}

static void an_error_stands_over_the_picture(Place *place)
{
    // Scenario: a syntax error is saved; then it is put right, while paused.
    // Expect: the window's picture changes with the error and is the old one again with the fix.
    Desk desk = desk_open(place);
    Session *session = start_counter(place, &desk);
    place_edit(place, SOURCE, "hl_log(t, \"new code", "if (0) hl_log(t, \"new code", IN_PLACE);
    (void)session_wait(session, "reload");
    (void)SESSION_TELL(session, "pause");
    place_edit(place, SOURCE, "/* more rules */", "oops;", RENAMED);
    (void)session_wait(session, "build_failed");
    size_t error_bytes, fixed_bytes;
    (void)SESSION_TELL(session, "screenshot", "error.png");
    place_edit(place, SOURCE, "oops;", "/* more rules */", RENAMED);
    // The code is what it was, or gcc's of the same sources, which was dropped before.
    for (int i = 0; i < PLACE_CAP_MS / 20
                    && !json_is_false(json_object_get(SESSION_TELL(session, "status"), "failed"));
         i++) {
        place_nap_ms(20);
    }
    (void)SESSION_TELL(session, "screenshot", "fixed.png");
    char *error = place_read(place, "error.png", &error_bytes);
    char *fixed = place_read(place, "fixed.png", &fixed_bytes);
    assert_true(error_bytes != fixed_bytes || memcmp(error, fixed, error_bytes) != 0);
    free(error);
    free(fixed);
    session_quit(session);
}

// Where the value of that name is in the window, once a panel shows it.
static void find_value(Session *session, const char *name, int *x, int *y)
{
    for (int i = 0; i < 2000; i++) {
        const json_t *items = json_object_get(SESSION_TELL(session, "panel"), "items");
        for (size_t k = 0; k + 1 < json_array_size(items); k++) {
            if (strcmp(field_text(json_array_get(items, k), "text"), name) == 0) {
                const json_t *box = json_object_get(json_array_get(items, k + 1), "box");
                double part[4];
                for (size_t n = 0; n < 4; n++) {
                    part[n] = json_number_value(json_array_get(box, n));
                }
                *x = (int)(part[0] + part[2] / 2);
                *y = (int)(part[1] + part[3] / 2);
                return;
            }
        }
        place_nap_ms(5);
    }
    fail_msg("no panel shows %s", name);
}

// Until a frame has seen it.
static void point_at(Session *session, const Desk *desk, int x, int y)
{
    desk_point(desk, x, y);
    for (int i = 0; i < 4000; i++) {
        const json_t *mouse = json_object_get(SESSION_TELL(session, "panel"), "mouse");
        if ((int)json_number_value(json_array_get(mouse, 0)) == x
            && (int)json_number_value(json_array_get(mouse, 1)) == y) {
            return;
        }
    }
    fail_msg("the mouse does not come to %d %d", x, y);
}

static void do_mouse(const Desk *desk, const char *what)
{
    desk_do(desk, what, "1");
    place_nap_ms(60); // frames see it
}

static void panels_show_and_change_the_state(Place *place)
{
    // Scenario: Shift+F1 while the game is paused; presses is dragged; count is typed after
    // Ctrl + click; a blank is typed into the search; Shift+F1 closes it, F5, and Space is pressed.
    // Then it is started again with the panel left open.
    // Expect: the inspector shows both fields; each edit is an event and what `get` says; the game
    // hears of no blank but the last; the panel is there again.
    Desk desk = desk_open(place);
    int x, y;
    Session *session = start_counter(place, &desk);
    (void)session_wait_tick(session, 10);
    desk_press(&desk, "F5");
    wait_for_status(session, "paused", "true");
    desk_press(&desk, "shift+F1");
    find_value(session, "presses", &x, &y);
    point_at(session, &desk, x, y);
    place_nap_ms(60);
    do_mouse(&desk, "mousedown");
    point_at(session, &desk, x + 30, y);
    place_nap_ms(60);
    point_at(session, &desk, x + 60, y);
    do_mouse(&desk, "mouseup");
    (void)session_wait_field(session, "edit", "path", "presses");
    long long presses = atoll(field_text(SESSION_TELL(session, "get", "presses"), "text"));
    assert_true(presses > 0);
    find_value(session, "count", &x, &y);
    point_at(session, &desk, x, y);
    desk_do(&desk, "keydown", "ctrl");
    do_mouse(&desk, "mousedown");
    do_mouse(&desk, "mouseup");
    desk_do(&desk, "keyup", "ctrl");
    desk_type(&desk, "4321");
    desk_press(&desk, "Return");
    (void)session_wait_field(session, "edit", "value", "4321");
    assert_string_equal(field_text(SESSION_TELL(session, "get", "count"), "text"), "4321");
    find_value(session, "Inspector", &x, &y); // the search is below the title
    point_at(session, &desk, x, y);
    do_mouse(&desk, "mousedown");
    do_mouse(&desk, "mouseup");
    desk_press(&desk, "F5");
    wait_for_status(session, "paused", "false");
    desk_press(&desk, "space");
    find_value(session, "##search= ", &x, &y);
    desk_press(&desk, "shift+F1");
    desk_press(&desk, "space");
    (void)session_wait_log(session, place_text(place, "pressed %lld times", presses + 1));
    desk_press(&desk, "shift+F1");
    find_value(session, "presses", &x, &y);
    session_quit(session);
    session = SESSION_START(place, place->game, "--seed", "7", "--no-sound");
    (void)session_wait(session, "reload");
    find_value(session, "presses", &x, &y);
    session_quit(session);
}

enum { TRACK_X = 8, TRACK_W = 624, TRACK_Y = 344 }; // of the bar in a window of 640 x 360

static int track_x(long long moment, long long last)
{
    return TRACK_X + (int)(TRACK_W * moment / last);
}

static long long moment_of(Session *session)
{
    return field_number(SESSION_TELL(session, "status"), "moment");
}

// Pressed at one moment of the track, and let go at another.
static void drag_on_track(Session *session, const Desk *desk, const char *button, int from, int to)
{
    point_at(session, desk, from, TRACK_Y);
    place_nap_ms(60);
    desk_do(desk, "mousedown", button);
    place_nap_ms(60);
    point_at(session, desk, (from + to) / 2, TRACK_Y);
    place_nap_ms(60);
    point_at(session, desk, to, TRACK_Y);
    place_nap_ms(60);
    desk_do(desk, "mouseup", button);
}

static void is_near(long long moment, long long wanted)
{
    if (llabs(moment - wanted) > 2) { // a pixel is less than a moment, or the pointer one off
        fail_msg("moment %lld, not %lld", moment, wanted);
    }
}

static void the_bar_of_time_is_dragged(Place *place)
{
    // Scenario: paused after some 120 ticks, the mouse is moved over the bar; dragged on it;
    // Ctrl+F8 and Ctrl+Shift+F8; a loop is drawn with the right button, and its end then dragged to
    // the newest moment. Expect: looking at small pictures of other moments changes neither moment
    // nor state; what is dragged to is shown; the oldest, the newest; the loop plays no further
    // than it was drawn, then past that.
    Desk desk = desk_open(place);
    Session *session = start_counter(place, &desk);
    char hash[32]; // texts of the place do not last that long
    desk_resize(&desk, 640, 360);
    (void)session_wait_tick(session, 120);
    desk_press(&desk, "F5");
    wait_for_status(session, "paused", "true");
    long long last = moment_of(session);
    (void)snprintf(hash, sizeof(hash), "%s", field_text(SESSION_TELL(session, "hash"), "hash"));
    for (long long moment = 10; moment < 100; moment += 10) {
        point_at(session, &desk, track_x(moment, last), TRACK_Y);
        place_nap_ms(40);
    }
    (void)SESSION_TELL(session, "screenshot", place_path(place, "bar.png"));
    assert_int_equal(moment_of(session), last);
    assert_string_equal(field_text(SESSION_TELL(session, "hash"), "hash"), hash);
    drag_on_track(session, &desk, "1", track_x(last / 2, last), track_x(last / 4, last));
    is_near(field_number(session_wait(session, "seek"), "moment"), last / 4);
    desk_press(&desk, "ctrl+F8");
    assert_int_equal(field_number(session_wait(session, "seek"), "moment"), 0);
    desk_press(&desk, "ctrl+shift+F8");
    assert_int_equal(field_number(session_wait(session, "seek"), "moment"), last);
    drag_on_track(session, &desk, "3", track_x(20, last), track_x(60, last));
    wait_for_status(session, "loop", "\"play\"");
    (void)session_wait_tick(session, 50);
    (void)SESSION_TELL(session, "pause");
    assert_true(moment_of(session) <= 62);
    (void)SESSION_TELL(session, "seek", "40", "0");
    drag_on_track(session, &desk, "1", track_x(60, last) + 2, track_x(last, last));
    wait_for_status(session, "paused", "false");
    (void)session_wait_tick(session, 90);
    session_quit(session);
    assert_int_equal(session_count(session, "fault"), 0);
}

// Red for its first two seconds, and green from then on.
static const char TWO_COLOURS[] =
    "#include <hotloop.h>\n"
    "typedef struct Game { int ticks, drawn; } Game;\n"
    "static void init(Game *g, hl_tick *t) { (void)t; g->ticks = 0; }\n"
    "static void update(Game *g, hl_tick *t)\n"
    "{\n"
    "    g->ticks++;\n"
    "    if (g->ticks % 20 == 0) hl_log(t, \"count %d tick %d\", g->ticks, g->ticks);\n"
    "}\n"
    "static void draw(const Game *g, hl_canvas *c)\n"
    "{\n"
    "    hl_clear(c, g->ticks < 120 ? 0xff0000ff : 0x00ff00ff);\n"
    "}\n"
    "HL_GAME(Game, init, update, draw, .title = \"Colours\", .width = 320, .height = 180);\n";

// Red pixels of a screenshot.
static int count_red(Session *session, Place *place)
{
    Fault fault;
    int count = 0;
    (void)SESSION_TELL(session, "screenshot", place_path(place, "shots/now.png"));
    Assets *assets = asset_open(&(const char *){place_path(place, "shots")}, 1, &fault);
    assert_non_null(assets);
    AssetImage image = asset_image(assets, "now.png");
    assert_non_null(image.pixels);
    for (int i = 0; i < image.w * image.h; i++) {
        count += image.pixels[i] == 0xff0000ff;
    }
    asset_close(assets);
    return count;
}

static void the_past_is_seen_while_it_plays(Place *place)
{
    // Scenario: recorded; a game that was red and is green by now plays on with its bar shown, and
    // the mouse goes along the bar.
    // Expect: above the bar there is a red picture where it was red, and none elsewhere; the game
    // plays on all the time, on its only branch, and the recording comes out the same.
    Desk desk = desk_open(place);
    place_write(place, "game/colours.c", TWO_COLOURS, IN_PLACE);
    place_write(place, "shots/here", "", IN_PLACE);
    Session *session = SESSION_START(place, place->game, "--seed", "7", "--no-sound", "--record",
                                     place_path(place, "seen.replay"));
    (void)session_wait(session, "reload");
    desk_find_window(&desk, "Colours");
    desk_resize(&desk, 640, 360);
    (void)session_wait_tick(session, 200);
    desk_press(&desk, "F3");
    point_at(session, &desk, TRACK_X + TRACK_W - 40, TRACK_Y);
    assert_int_equal(count_red(session, place), 0);
    for (int i = 0; i < 10; i++) {
        point_at(session, &desk, TRACK_X + 20 + 7 * i, TRACK_Y);
        place_nap_ms(40);
    }
    int red = 0;
    for (int i = 0; i < 400 && red < 1000; i++) { // the picture comes when there is time for it
        red = count_red(session, place);
    }
    assert_true(red >= 1000);
    const json_t *status = SESSION_TELL(session, "status");
    assert_true(json_is_false(json_object_get(status, "paused")));
    assert_true(json_is_false(json_object_get(status, "past")));
    assert_int_equal(field_number(SESSION_TELL(session, "history"), "branches"), 1);
    session_quit(session);
    assert_int_equal(session_count(session, "fault"), 0);
    assert_int_equal(session_count(session, "seek"), 0);
    const Output *said = PLACE_HOTLOOP(place, "verify", "seen.replay", "--game", place->game);
    assert_int_equal(said->exit_code, 0);
}

static const char TWEAKED[] =
    "#include <hotloop.h>\n"
    "typedef struct Game { float x; int presses; } Game;\n"
    "static float SPEED = 3.0f;\n"
    "static void init(Game *g, hl_tick *t) { (void)t; g->x = 0; }\n"
    "static void update(Game *g, hl_tick *t)\n"
    "{\n"
    "    g->x += SPEED;\n"
    "    g->presses += hl_presses(t, HL_KEY_SPACE);\n"
    "    if (hl_pressed(t, HL_KEY_SPACE)) hl_log(t, \"pressed %d times\", g->presses);\n"
    "}\n"
    "static void draw(const Game *g, hl_canvas *c) { hl_pixel(c, g->x, 0, HL_WHITE); }\n"
    "HL_GAME(Game, init, update, draw, .title = \"Tweaked\", .width = 320, .height = 180);\n";

static void panels_are_walked_by_key(Place *place)
{
    // Scenario: tweaks are opened by key, Ctrl+F1; arrows go to the slider, Space takes hold of it,
    // arrows move it; Ctrl+F1 again, and Space.
    // Expect: the variable has another value, and nothing of that reached the game; the last Space
    // did.
    Desk desk = desk_open(place);
    char was[64];
    place_write(place, "game/tweaked.c", TWEAKED, IN_PLACE);
    Session *session = SESSION_START(place, place->game, "--seed", "7", "--no-sound");
    (void)session_wait(session, "reload");
    desk_find_window(&desk, "Tweaked");
    desk_resize(&desk, 640, 360);
    desk_press(&desk, "shift+F2");
    desk_press(&desk, "ctrl+F1");
    (void)snprintf(was, sizeof(was), "%s",
                   field_text(SESSION_TELL(session, "get", "SPEED"), "text"));
    bool is_other = false;
    desk_press(&desk, "Down");
    for (int i = 0; i < 100 && !is_other; i++) { // into the list, then onto the slider
        desk_press(&desk, "space");
        place_nap_ms(60);
        desk_press(&desk, "Right");
        place_nap_ms(60);
        is_other = strcmp(field_text(SESSION_TELL(session, "get", "SPEED"), "text"), was) != 0;
    }
    assert_true(is_other);
    desk_press(&desk, "ctrl+F1");
    session_wait_words(session, "keys are the game's");
    // From the next picture on, not in the frame that says it.
    long long said_at = field_number(SESSION_TELL(session, "status"), "tick"), tick = said_at;
    for (int i = 0; i < PLACE_CAP_MS / 20 && tick < said_at + 10; i++) {
        place_nap_ms(20);
        tick = field_number(SESSION_TELL(session, "status"), "tick");
    }
    desk_press(&desk, "space");
    (void)session_wait_log(session, "pressed 1 times");
    session_quit(session);
}

static void the_display_goes_away(Place *place)
{
    // Scenario: the X server is killed in the middle of a recorded session.
    // Expect: it says so and ends in order: exit 0, a last event, a recording that plays.
    Desk desk = desk_open(place);
    place_game(place, "counter.c", SOURCE);
    Session *session =
        SESSION_START(place, place->game, "--no-sound", "--record", place_path(place, "lost.hlr"));
    (void)session_wait_tick(session, 10);
    place_stop(place, desk.server, SIGKILL);
    const json_t *quit = session_wait(session, "quit");
    assert_int_equal(session_wait_end(session), 0);
    assert_non_null(strstr(session_errors(session), "the display is gone"));
    assert_int_equal(place_count_files(place, "run"), 0);
    const char *hash = field_text(quit, "hash");
    const Output *said =
        PLACE_HOTLOOP(place, "run", "game", "--headless", "--fast", "--replay", "lost.hlr");
    assert_int_equal(said->exit_code, 0);
    assert_non_null(strstr(said->out, hash));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest window[] = {
        CASE(keys_reach_the_game),
        CASE(f5_pauses_and_f7_steps),
        CASE(f6_loops_and_f4_slows),
        CASE(f8_rewinds_while_it_is_held),
        CASE(f9_restarts_and_f12_writes_a_picture),
        CASE(the_close_button_quits),
        CASE(the_window_may_have_any_size),
        CASE(the_window_opens_where_it_was),
        CASE(what_is_killed_opens_where_it_was),
        CASE(the_software_renderer_plays_in_a_window),
        CASE(an_error_stands_over_the_picture),
        CASE(panels_show_and_change_the_state),
        CASE(the_bar_of_time_is_dragged),
        CASE(the_past_is_seen_while_it_plays),
        CASE(panels_are_walked_by_key),
        CASE(the_display_goes_away),
    };
    session_arguments(argc, argv);
    return cmocka_run_group_tests(window, NULL, NULL);
}
