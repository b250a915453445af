// Xlib's way with errors is exit(1), which would take the session along. Two handlers change that:
// a refused request is left to whoever looks at its result (SDL then falls back to software), and a
// lost connection is remembered, so that the loop can end in order. And what SDL does not tell: is
// there a window manager? Xlib is not linked: SDL has loaded it when its driver is "x11", and only
// then is it asked for.
#include "platform_internal.h"

#include <SDL_syswm.h>
#include <string.h>

#ifdef SDL_VIDEO_DRIVER_X11
#include <X11/Xatom.h>

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

typedef struct Xlib {
    Display *display;
    Atom (*intern)(Display *, const char *, Bool);
    int (*get_property)(Display *, Window, Atom, long, long, Bool, Atom, Atom *, int *,
                        unsigned long *, unsigned long *, unsigned char **);
    int (*free)(void *);
} Xlib;

static bool find_xlib(const Platform *platform, Xlib *xlib)
{
    SDL_SysWMinfo info;
    SDL_VERSION(&info.version);
    void *intern = xlib_function(platform, "XInternAtom");
    void *get_property = xlib_function(platform, "XGetWindowProperty");
    void *release = xlib_function(platform, "XFree");
    memcpy(&xlib->intern, &intern, sizeof intern);
    memcpy(&xlib->get_property, &get_property, sizeof get_property);
    memcpy(&xlib->free, &release, sizeof release);
    bool ok = intern && get_property && release && SDL_GetWindowWMInfo(platform->window.sdl, &info)
              && info.subsystem == SDL_SYSWM_X11;
    xlib->display = ok ? info.info.x11.display : NULL;
    return ok;
}

// Whether `wanted` is among the values of a property; 0: the first of them, whatever it is.
// Format 32 means an array of long, also where that has 64 bits. Source: XGetWindowProperty(3).
static unsigned long property_value(const Xlib *xlib, Window window, const char *name, Atom type,
                                    unsigned long wanted)
{
    enum { WORDS_MAX = 4096 };
    Atom property = xlib->intern(xlib->display, name, True), actual = None;
    int format = 0;
    unsigned long count = 0, left = 0, found = 0;
    unsigned char *bytes = NULL;
    if (property != None
        && xlib->get_property(xlib->display, window, property, 0, WORDS_MAX, False, type, &actual,
                              &format, &count, &left, &bytes)
               == Success
        && actual == type && format == 32) {
        for (unsigned long i = 0; i < count && !found; i++) {
            unsigned long value;
            memcpy(&value, bytes + i * sizeof value, sizeof value);
            found = wanted == 0 || value == wanted ? value : 0;
        }
    }
    if (bytes) {
        xlib->free(bytes);
    }
    return found;
}

// A manager that was killed leaves its properties on the root window; the window that they name is
// gone then. Source: Extended Window Manager Hints 1.5, _NET_SUPPORTING_WM_CHECK, _NET_SUPPORTED.
bool platform_x11_unmanaged(const Platform *platform)
{
    Xlib xlib;
    const char *check = "_NET_SUPPORTING_WM_CHECK";
    if (!find_xlib(platform, &xlib)) {
        return false; // not X11: SDL knows how to do it
    }
    Window root = DefaultRootWindow(xlib.display);
    Window manager = property_value(&xlib, root, check, XA_WINDOW, 0);
    Atom wish = xlib.intern(xlib.display, "_NET_WM_STATE_FULLSCREEN", True);
    return manager == None || wish == None
           || property_value(&xlib, manager, check, XA_WINDOW, manager) != manager
           || property_value(&xlib, root, "_NET_SUPPORTED", XA_ATOM, wish) != wish;
}

#else

bool platform_x11_unmanaged(const Platform *platform)
{
    (void)platform;
    return false;
}

void platform_x11_survive_errors(Platform *platform)
{
    (void)platform;
}

void platform_x11_survive_loss(Platform *platform)
{
    (void)platform;
}

#endif
