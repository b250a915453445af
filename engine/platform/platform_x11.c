// Xlib's way with errors is exit(1), which would take the session along. Two handlers change that:
// a refused request is left to whoever looks at its result (SDL then falls back to software), and a
// lost connection is remembered, so that the loop can end in order. Xlib is not linked: SDL has
// loaded it when its driver is "x11", and only then is it asked for.
#include "platform_internal.h"

#include <SDL_syswm.h>
#include <string.h>

#ifdef SDL_VIDEO_DRIVER_X11

// Without libGL's drivers glXCreateContext fails this way (SDL 2.26 SDL_x11opengl.c,
// X11_GL_InitExtensions, asks for one outside of its own handler).
static int ignore_error(Display *display, XErrorEvent *error)
{
    (void)display;
    (void)error;
    return 0;
}

// Xlib's own prints a line and ends the program when the server was killed.
static int come_back(Display *display)
{
    (void)display;
    return 0;
}

static void remember_lost(Display *display, void *user)
{
    (void)display;
    bool *lost = user;
    *lost = true;
}

static void *xlib_function(const Platform *platform, const char *name)
{
    if (!platform->info.video || strcmp(platform->info.video, "x11") != 0) {
        return NULL;
    }
    void *xlib = SDL_LoadObject("libX11.so.6"); // SDL holds it, too; one more count does no harm
    return xlib ? SDL_LoadFunction(xlib, name) : NULL;
}

void platform_x11_survive_errors(Platform *platform)
{
    void *found = xlib_function(platform, "XSetErrorHandler");
    int (*(*set_handler)(int (*)(Display *, XErrorEvent *)))(Display *, XErrorEvent *);
    memcpy(&set_handler, &found, sizeof found);
    if (set_handler) {
        set_handler(ignore_error);
    }
}

// Source: XSetIOErrorExitHandler(3), libX11 1.7 and later; an older one still exits.
void platform_x11_survive_loss(Platform *platform)
{
    SDL_SysWMinfo info;
    SDL_VERSION(&info.version);
    void *found = xlib_function(platform, "XSetIOErrorExitHandler");
    void (*set_handler)(Display *, void (*)(Display *, void *), void *);
    memcpy(&set_handler, &found, sizeof found);
    found = xlib_function(platform, "XSetIOErrorHandler");
    int (*(*set_first)(int (*)(Display *)))(Display *);
    memcpy(&set_first, &found, sizeof found);
    if (set_handler && set_first && SDL_GetWindowWMInfo(platform->window.sdl, &info)
        && info.subsystem == SDL_SYSWM_X11) {
        set_first(come_back);
        set_handler(info.info.x11.display, remember_lost, &platform->window.lost);
    }
}

#else

void platform_x11_survive_errors(Platform *platform)
{
    (void)platform;
}

void platform_x11_survive_loss(Platform *platform)
{
    (void)platform;
}

#endif
