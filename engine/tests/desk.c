#include "desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Desk desk_open(Place *place)
{
    if (!place_has_program("Xvfb") || !place_has_program("xdotool")) {
        skip();
    }
    const char *const words[] = {"Xvfb",        "-displayfd", "1",   "-screen", "0",
                                 "1280x800x24", "-nolisten",  "tcp", NULL};
    Desk desk = {.place = place, .server = place_start(place, "display", words)};
    char *number = place_read(place, "display", NULL);
    for (int i = 0; !strchr(number, '\n') && i < PLACE_CAP_MS / 5; i++) {
        place_nap_ms(5); // until it serves and says as which display
        free(number);
        number = place_read(place, "display", NULL);
    }
    (void)snprintf(desk.display, sizeof(desk.display), ":%.*s", (int)strcspn(number, "\n"), number);
    free(number);
    assert_true(desk.display[1] >= '0' && desk.display[1] <= '9');
    place_set(place, "DISPLAY", desk.display);
    place_set(place, "LIBGL_ALWAYS_SOFTWARE", "1");
    // Mesa unloads its drivers before leaks are reported: what they lost has no name left to be
    // told from ours by. The other whole-loop tests look for leaks.
    place_set(place, "ASAN_OPTIONS", "detect_leaks=0");
    return desk;
}

#define XDOTOOL(desk, ...)                                                                         \
    assert_int_equal(PLACE_RUN((desk)->place, "xdotool", __VA_ARGS__)->exit_code, 0)

static const char *number_text(const Desk *desk, int number)
{
    return place_text(desk->place, "%d", number);
}

void desk_find_window(Desk *desk, const char *title)
{
    XDOTOOL(desk, "search", "--sync", "--name", place_text(desk->place, "^%s", title));
    const char *said = desk->place->output->out;
    (void)snprintf(desk->window, sizeof(desk->window), "%.*s", (int)strcspn(said, "\n"), said);
    XDOTOOL(desk, "windowfocus", "--sync", desk->window);
}

void desk_resize(const Desk *desk, int w, int h)
{
    XDOTOOL(desk, "windowsize", "--sync", desk->window, number_text(desk, w), number_text(desk, h));
}

void desk_press(const Desk *desk, const char *keys)
{
    XDOTOOL(desk, "key", keys);
}

void desk_type(const Desk *desk, const char *text)
{
    XDOTOOL(desk, "type", "--", text);
}

void desk_do(const Desk *desk, const char *what, const char *which)
{
    XDOTOOL(desk, what, which);
}

void desk_point(const Desk *desk, int x, int y)
{
    XDOTOOL(desk, "mousemove", "--window", desk->window, number_text(desk, x),
            number_text(desk, y));
}
