#include "platform_internal.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

// Contents: the room, letting go, keys of a game that stands still, the clipboard

enum { CAP_S = 10 }; // only a hang reaches it

typedef struct Room {
    Arena arena;
    SoundList sound;
    Platform *platform;
    Uint16 low, high; // what the pad's motors were told last
    Fault fault;
} Room;

static int enter(void **state)
{
    Room *room = calloc(1, sizeof(*room));
    *state = room;
    setenv("SDL_VIDEODRIVER", "dummy", 1);
    setenv("SDL_AUDIODRIVER", "dummy", 1);
    return arena_open(&room->arena, 0, 256u << 20, &room->fault)
                   && sound_open(&room->sound, &room->fault)
               ? 0
               : 1;
}

static int leave(void **state)
{
    Room *room = *state;
    platform_close(room->platform);
    sound_close(&room->sound);
    arena_close(&room->arena);
    free(room);
    return 0;
}

static void open_platform(Room *room, bool null, bool no_sound)
{
    PlatformConfig config = {.null = null,
                             .title = "test",
                             .canvas_w = 80,
                             .canvas_h = 45,
                             .no_sound = no_sound,
                             .software = true}; // what a driver of GL leaves behind is not ours
    room->platform = platform_open(&room->arena, &config, &room->fault);
    assert_non_null(room->platform);
    (void)platform_poll(room->platform);
}

// -------------------------------------------------------------------------------------- letting go

static int SDLCALL take_rumble(void *user, Uint16 low, Uint16 high)
{
    Room *room = user;
    room->low = low;
    room->high = high;
    return 0;
}

static void plug_in(Room *room)
{
    SDL_VirtualJoystickDesc desc = {.version = SDL_VIRTUAL_JOYSTICK_DESC_VERSION,
                                    .type = SDL_JOYSTICK_TYPE_GAMECONTROLLER,
                                    .naxes = SDL_CONTROLLER_AXIS_MAX,
                                    .nbuttons = SDL_CONTROLLER_BUTTON_MAX,
                                    .vendor_id = 0x1234,
                                    .product_id = 1,
                                    .name = "shaker",
                                    .userdata = room,
                                    .Rumble = take_rumble};
    assert_true(SDL_JoystickAttachVirtualEx(&desc) >= 0);
    (void)platform_poll(room->platform);
    assert_non_null(room->platform->pads.slot[0].controller);
}

static void all_that_the_game_holds_is_let_go(void **state)
{
    // Scenario: the mouse is captured, a pad shakes for five seconds, a tone sounds; then the game
    // is stopped.
    // Expect: the pointer is free, the motors are off and nothing sounds; the game can have all of
    // it again.
    Room *room = *state;
    open_platform(room, false, false);
    plug_in(room);
    PlatformSound *sound = room->platform->sound;
    platform_set_sound_paused(room->platform, true); // so that the tone does not end by itself
    for (int round = 0; round < 2; round++) {
        platform_capture_mouse(room->platform, true);
        assert_true(platform_captures_mouse(room->platform));
        assert_true(SDL_GetRelativeMouseMode());
        platform_rumble(room->platform, 0, 0.5f, 1, 5);
        assert_true(room->low > 0 && room->high > 0);
        SoundCmd *tone = sound_push(&room->sound, SOUND_TONE);
        tone->hz = 440;
        tone->seconds = 5;
        tone->volume = 0.5f;
        platform_play(room->platform, &room->sound);
        sound_reset(&room->sound);
        assert_true(sound->mix.tone_sounds[0]);
        platform_release(room->platform);
        assert_false(platform_captures_mouse(room->platform));
        assert_false(SDL_GetRelativeMouseMode());
        assert_true(room->low == 0 && room->high == 0);
        assert_false(sound->mix.tone_sounds[0]);
    }
}

static void nothing_held_is_let_go_without_harm(void **state)
{
    // Scenario: the same where there is no window, no pad and no sound; with the mouse captured,
    // and without. Expect: the twin without a screen remembers who has the mouse, as the window
    // does.
    Room *room = *state;
    open_platform(room, true, true);
    platform_release(room->platform);
    platform_capture_mouse(room->platform, true);
    assert_true(platform_captures_mouse(room->platform));
    platform_release(room->platform);
    assert_false(platform_captures_mouse(room->platform));
}

// --------------------------------------------------------------- keys of a game that stands still

static PlatformEvents press(Room *room, SDL_Scancode code, SDL_Keycode letter, Uint16 mod,
                            bool repeat)
{
    SDL_Event event = {.type = SDL_KEYDOWN};
    event.key.state = SDL_PRESSED;
    event.key.repeat = repeat;
    event.key.keysym.scancode = code;
    event.key.keysym.sym = letter;
    event.key.keysym.mod = mod;
    assert_int_equal(SDL_PushEvent(&event), 1);
    PlatformEvents events = platform_poll(room->platform);
    event.type = SDL_KEYUP;
    event.key.state = SDL_RELEASED;
    event.key.repeat = 0;
    assert_int_equal(SDL_PushEvent(&event), 1);
    PlatformEvents released = platform_poll(room->platform);
    assert_false(released.copy || released.escape);
    return events;
}

static void copy_and_escape_are_told_once(void **state)
{
    // Scenario: C alone; Ctrl+C on two layouts; held until it repeats; Esc; each then let go.
    // Expect: a copy only with Ctrl and by the letter; once a press; Esc likewise.
    Room *room = *state;
    open_platform(room, false, true);
    PlatformEvents events = press(room, SDL_SCANCODE_C, SDLK_c, 0, false);
    assert_false(events.copy || events.escape);
    assert_true(press(room, SDL_SCANCODE_C, SDLK_c, KMOD_LCTRL, false).copy);
    assert_true(press(room, SDL_SCANCODE_I, SDLK_c, KMOD_RCTRL, false).copy);
    assert_false(press(room, SDL_SCANCODE_C, SDLK_j, KMOD_LCTRL, false).copy);
    assert_false(press(room, SDL_SCANCODE_C, SDLK_c, KMOD_LCTRL, true).copy);
    events = press(room, SDL_SCANCODE_ESCAPE, SDLK_ESCAPE, 0, false);
    assert_true(events.escape && !events.copy);
    assert_false(press(room, SDL_SCANCODE_ESCAPE, SDLK_ESCAPE, 0, true).escape);
}

// ----------------------------------------------------------------------------------- the clipboard

static void copied_text_is_made_harmless(void **state)
{
    // Scenario: a text with lines, a terminal's escape and a byte that is no text; then one of a
    // mebibyte; with a window and without.
    // Expect: lines stay, the rest is harmless, what is too long is cut between two letters.
    Room *room = *state;
    char *most = calloc(1, (1 << 20) + 1);
    for (size_t i = 0; i < 1 << 20; i += 2) {
        memcpy(most + i, "\xc3\xa4", 2);
    }
    for (int null = 0; null < 2; null++) {
        open_platform(room, null, true);
        assert_true(platform_copy_text(room->platform, "one\ntwo \x1b[31m\xff"));
        assert_string_equal(room->platform->copied, "one\ntwo ?[31m?");
        if (!null) {
            char *there = SDL_GetClipboardText();
            assert_string_equal(there, room->platform->copied);
            SDL_free(there);
        }
        assert_true(platform_copy_text(room->platform, most));
        size_t length = strlen(room->platform->copied);
        assert_true(length < PLATFORM_COPY_BYTES && length > PLATFORM_COPY_BYTES - 8);
        const char *at = room->platform->copied;
        for (uint32_t code_point; (code_point = text_next(&at)) != 0;) {
            assert_int_equal(code_point, 0xe4);
        }
        platform_close(room->platform);
        room->platform = NULL;
    }
    free(most);
}

// An X server of our own on a free display, whose number it writes; 0 without one installed.
static pid_t start_server(char display[16])
{
    int ends[2];
    char number[16] = {0};
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)text_format(number, sizeof number, "%d", ends[1]);
        close(ends[0]);
        prctl(PR_SET_PDEATHSIG, SIGKILL); // a failed case leaves no server behind
        (void)!freopen("/dev/null", "w", stderr);
        execlp("Xvfb", "Xvfb", "-displayfd", number, "-noreset", "-screen", "0", "640x480x24",
               (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    size_t used = 0;
    while (used < sizeof number - 1 && read(ends[0], number + used, 1) == 1
           && number[used] != '\n') {
        used++;
    }
    number[used] = '\0';
    close(ends[0]);
    (void)text_format(display, 16, ":%s", number);
    if (used == 0) {
        waitpid(child, NULL, 0);
        return 0;
    }
    return child;
}

// Somebody else's program, which is this one again: writes what is on the clipboard to stdout.
static int paste(void)
{
    if (SDL_Init(SDL_INIT_VIDEO) != 0) {
        return 1;
    }
    SDL_Window *window = SDL_CreateWindow("paste", 0, 0, 10, 10, 0);
    char *text = SDL_GetClipboardText();
    bool wrote = window && write(1, text, strlen(text)) == (ssize_t)strlen(text);
    SDL_free(text);
    SDL_Quit();
    return wrote ? 0 : 1;
}

static pid_t start_paste(int *out)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(ends[1], 1);
        close(ends[0]);
        execl("/proc/self/exe", "platform_release_test", "paste", (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    *out = ends[0];
    return child;
}

static void others_can_paste_while_it_runs(void **state)
{
    // Scenario: a text is copied in a window on an X server; another program then asks for it,
    // while this one does no more than poll, as every frame does. Expect: the other one has all of
    // the text.
    Room *room = *state;
    char display[16], got[8192];
    pid_t server = start_server(display);
    if (server == 0) {
        skip(); // no Xvfb on this machine
    }
    setenv("SDL_VIDEODRIVER", "x11", 1);
    setenv("DISPLAY", display, 1);
    open_platform(room, false, true);
    if (strcmp(platform_info(room->platform)->video, "x11") != 0) {
        skip(); // SDL was built without
    }
    char text[4000];
    memset(text, 'x', sizeof text);
    memcpy(text, "game.c:12 \xc3\xa4\n", 13);
    text[sizeof text - 1] = '\0';
    assert_true(platform_copy_text(room->platform, text));
    int out = -1;
    pid_t child = start_paste(&out);
    uint64_t cap = mono_ns() + CAP_S * NS_PER_S;
    int status = -1;
    while (waitpid(child, &status, WNOHANG) == 0 && mono_ns() < cap) {
        (void)platform_poll(room->platform);
        SDL_Delay(1);
    }
    assert_int_equal(status, 0);
    ssize_t length = read(out, got, sizeof got - 1);
    assert_true(length > 0);
    got[length] = '\0';
    assert_string_equal(got, text);
    close(out);
    platform_close(room->platform);
    room->platform = NULL;
    assert_int_equal(kill(server, SIGTERM), 0);
    assert_int_equal(waitpid(server, NULL, 0), server);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "paste") == 0) {
        _exit(paste()); // what others leave behind at an exit is theirs
    }
    const struct CMUnitTest tests[] = {
        CASE(all_that_the_game_holds_is_let_go), CASE(nothing_held_is_let_go_without_harm),
        CASE(copy_and_escape_are_told_once),     CASE(copied_text_is_made_harmless),
        CASE(others_can_paste_while_it_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
