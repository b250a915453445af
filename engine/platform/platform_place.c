// How large the window is and where it opens: arithmetic on rectangles, no window in sight.
#include "platform_internal.h"

#include <stdio.h>
#include <string.h>

enum { WINDOW_MIN = 64, WINDOW_MAX = 16384 };

static int clamp_int(int value, int lo, int hi)
{
    return value < lo ? lo : value > hi ? hi : value;
}

static int min_int(int a, int b)
{
    return a < b ? a : b;
}

PlatformFit platform_fit(int canvas_w, int canvas_h, int window_w, int window_h, bool smooth)
{
    PlatformFit fit = {.canvas_w = clamp_int(canvas_w, 1, PLATFORM_CANVAS_MAX),
                       .canvas_h = clamp_int(canvas_h, 1, PLATFORM_CANVAS_MAX)};
    window_w = clamp_int(window_w, 0, WINDOW_MAX);
    window_h = clamp_int(window_h, 0, WINDOW_MAX);
    int whole = min_int(window_w / fit.canvas_w, window_h / fit.canvas_h);
    SDL_Rect *box = &fit.box_px;
    if (whole > 0 && !smooth) {
        fit.scale = whole;
        box->w = fit.canvas_w * whole;
        box->h = fit.canvas_h * whole;
    } else if ((int64_t)window_w * fit.canvas_h <= (int64_t)window_h * fit.canvas_w) {
        box->w = window_w;
        box->h = (int)((int64_t)window_w * fit.canvas_h / fit.canvas_w);
    } else {
        box->h = window_h;
        box->w = (int)((int64_t)window_h * fit.canvas_w / fit.canvas_h);
    }
    box->x = (window_w - box->w) / 2;
    box->y = (window_h - box->h) / 2;
    return fit;
}

void platform_place_default(PlatformPlace *place, int canvas_w, int canvas_h, int usable_w,
                            int usable_h)
{
    int whole = min_int(usable_w * 3 / 4 / canvas_w, usable_h * 3 / 4 / canvas_h);
    if (whole > 0) {
        *place = (PlatformPlace){.w = canvas_w * whole, .h = canvas_h * whole};
        return;
    }
    PlatformFit fit = platform_fit(canvas_w, canvas_h, usable_w * 9 / 10, usable_h * 9 / 10, true);
    bool fits = canvas_w <= usable_w && canvas_h <= usable_h;
    *place =
        (PlatformPlace){.w = fits ? canvas_w : fit.box_px.w, .h = fits ? canvas_h : fit.box_px.h};
}

bool platform_place_parse(PlatformPlace *place, const char *text)
{
    int x, y, w, h, maximized, fullscreen, end = 0;
    int found = sscanf(text, "window %6d %6d %6d %6d maximized %1d fullscreen %1d%n", &x, &y, &w,
                       &h, &maximized, &fullscreen, &end);
    if (found != 6 || w <= 0 || h <= 0 || strspn(text + end, "\n") != strlen(text + end)) {
        return false;
    }
    *place = (PlatformPlace){x, y, w, h, true, maximized == 1, fullscreen == 1};
    return true;
}

void platform_place_print(const PlatformPlace *place, char *out, size_t out_bytes)
{
    text_format(out, out_bytes, "window %d %d %d %d maximized %d fullscreen %d\n",
                clamp_int(place->x, -99999, 99999), clamp_int(place->y, -99999, 99999), place->w,
                place->h, place->maximized, place->fullscreen);
}

static int64_t shared_area(const SDL_Rect *display, const PlatformPlace *place)
{
    SDL_Rect box = {place->x, place->y, place->w, place->h}, both;
    return SDL_IntersectRect(display, &box, &both) ? (int64_t)both.w * both.h : 0;
}

void platform_place_clamp(PlatformPlace *place, const SDL_Rect *displays, int count)
{
    place->w = clamp_int(place->w, WINDOW_MIN, WINDOW_MAX);
    place->h = clamp_int(place->h, WINDOW_MIN, WINDOW_MAX);
    if (count <= 0) {
        return;
    }
    const SDL_Rect *best = &displays[0];
    for (int i = 1; i < count; i++) {
        if (shared_area(&displays[i], place) > shared_area(best, place)) {
            best = &displays[i];
        }
    }
    place->w = min_int(place->w, best->w > WINDOW_MIN ? best->w : WINDOW_MIN);
    place->h = min_int(place->h, best->h > WINDOW_MIN ? best->h : WINDOW_MIN);
    place->x = clamp_int(place->x, best->x, best->x + best->w - min_int(place->w, best->w));
    place->y = clamp_int(place->y, best->y, best->y + best->h - min_int(place->h, best->h));
}
