// The twin with a window: SDL2 for screen, keys, mouse and pads.
// Sections: opening, the window's place, events, the picture, small wishes.
#include "platform_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// A frame that came back sooner than half a refresh, so often in a row, did not wait for one.
enum { SHORT_PRESENTS_MAX = 12, STEADY_POLLS = 10, DRIFT_POLLS = 20, DRIFT_MAX = 64 };

// ----------------------------------------------------------------------------------------- opening

static void set_hints(const Platform *platform)
{
    SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1"); // guard owns the signals
    SDL_SetHint(SDL_HINT_VIDEO_MINIMIZE_ON_FOCUS_LOSS, "0");
    SDL_SetHint(SDL_HINT_JOYSTICK_ALLOW_BACKGROUND_EVENTS, "1"); // we look at the focus ourselves
    SDL_SetHint(SDL_HINT_RENDER_BATCHING, "1"); // off by default when SDL_RENDER_DRIVER is set
    SDL_SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0"); // the desktop keeps its effects
    SDL_SetHint(SDL_HINT_APP_NAME, platform->title);
    if (platform->config.software) {
        SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0"); // or software pictures go through GL
    }
}

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value && value[0];
}

static bool on_console(void)
{
    const char *name = ttyname(STDIN_FILENO);
    return name && strncmp(name, "/dev/tty", 8) == 0 && name[8] >= '0' && name[8] <= '9';
}

static bool is_no_screen(const char *driver)
{
    return !driver || strcmp(driver, "dummy") == 0 || strcmp(driver, "offscreen") == 0
           || strcmp(driver, "evdev") == 0;
}

static bool init_video(Platform *platform, Fault *fault)
{
    // Asking a driver for a screen that no variable announces prints its complaints to the
    // terminal, and over ssh KMSDRM would take the machine's own console.
    bool somewhere =
        is_set("SDL_VIDEODRIVER") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY") || on_console();
    bool ok = somewhere && SDL_InitSubSystem(SDL_INIT_VIDEO) == 0;
    if (ok && is_no_screen(SDL_GetCurrentVideoDriver()) && !is_set("SDL_VIDEODRIVER")) {
        SDL_QuitSubSystem(SDL_INIT_VIDEO); // "offscreen" is tried last and wants OpenGL
        ok = false;
    }
    if (!ok) {
        const char *why = somewhere
                              ? "the one that DISPLAY or WAYLAND_DISPLAY names does not answer"
                              : "DISPLAY and WAYLAND_DISPLAY are not set";
        platform_note(&platform->notes,
                      "no display (%s): the same live session runs headless, a line here for each "
                      "reload or error; Ctrl-C ends it",
                      why);
        SDL_SetHintWithPriority(SDL_HINT_VIDEODRIVER, "dummy", SDL_HINT_OVERRIDE);
        ok = SDL_InitSubSystem(SDL_INIT_VIDEO) == 0;
        SDL_ResetHint(SDL_HINT_VIDEODRIVER);
    }
    if (!ok) {
        return fault_set(fault, FAULT_DEVICE,
                         "no window: not even SDL's dummy video driver works (%s); run with "
                         "--headless",
                         SDL_GetError());
    }
    platform->info.video = SDL_GetCurrentVideoDriver();
    platform->info.has_display = !is_no_screen(platform->info.video);
    return true;
}

static SDL_Renderer *make_renderer(Platform *platform)
{
    SDL_Window *window = platform->window.sdl;
    Uint32 flags = SDL_RENDERER_ACCELERATED | SDL_RENDERER_TARGETTEXTURE;
    SDL_Renderer *renderer = NULL;
    if (!platform->config.software && platform->info.has_display) {
        renderer = SDL_CreateRenderer(
            window, -1, platform->config.fast ? flags : flags | SDL_RENDERER_PRESENTVSYNC);
        if (!renderer) {
            platform_note(&platform->notes, "no accelerated graphics (%s); drawing in software",
                          SDL_GetError());
        }
    }
    return renderer ? renderer : SDL_CreateRenderer(window, -1, SDL_RENDERER_SOFTWARE);
}

static bool open_renderer(Platform *platform, Fault *fault)
{
    SDL_Renderer *sdl = make_renderer(platform);
    if (!sdl) {
        return fault_set(fault, FAULT_DEVICE,
                         "no window: neither OpenGL nor software drawing works here (%s); run with "
                         "--headless",
                         SDL_GetError());
    }
    PlatformWindow *window = &platform->window;
    SDL_RendererInfo info = {.name = "unknown"};
    SDL_GetRendererInfo(sdl, &info);
    // The software renderer carries the flag too, and does not wait.
    window->vsync_asked = !platform->config.fast && (info.flags & SDL_RENDERER_PRESENTVSYNC) != 0
                          && (info.flags & SDL_RENDERER_SOFTWARE) == 0;
    platform->info.renderer = info.name;
    platform->info.vsync = window->vsync_asked;
    return platform_render_open(&window->render, platform->textures, sdl, &platform->notes, fault);
}

static void find_place(Platform *platform, PlatformPlace *place);
static bool spread_over_display(PlatformWindow *window);

static bool open_window(Platform *platform, Fault *fault)
{
    PlatformWindow *window = &platform->window;
    PlatformPlace *place = &window->place;
    find_place(platform, place);
    window->asked = *place;
    Uint32 flags = SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI;
    flags |= place->maximized ? SDL_WINDOW_MAXIMIZED : 0;
    flags |= place->fullscreen ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0;
    int x = place->known ? place->x : (int)SDL_WINDOWPOS_UNDEFINED;
    int y = place->known ? place->y : (int)SDL_WINDOWPOS_UNDEFINED;
    window->sdl = SDL_CreateWindow(platform->title, x, y, place->w, place->h, flags);
    if (!window->sdl) {
        return fault_set(fault, FAULT_DEVICE, "no window: %s; run with --headless", SDL_GetError());
    }
    SDL_SetWindowMinimumSize(window->sdl, 64, 64);
    if (!place->known) {
        SDL_GetWindowPosition(window->sdl, &place->x, &place->y);
    }
    return true;
}

bool platform_window_open(Platform *platform, Fault *fault)
{
    set_hints(platform);
    if (!init_video(platform, fault)) {
        return false;
    }
    platform_x11_survive_errors(platform);
    if (!open_window(platform, fault)) {
        return false;
    }
    platform_x11_survive_loss(platform);
    if (!open_renderer(platform, fault)) {
        return false;
    }
    // Only now: an OpenGL renderer has the window made anew, at its old position.
    if (platform->window.place.fullscreen && platform_x11_unmanaged(platform)) {
        SDL_SetWindowFullscreen(platform->window.sdl, 0); // it only believes that it is
        spread_over_display(&platform->window);
    }
    if (SDL_InitSubSystem(SDL_INIT_GAMECONTROLLER) != 0) {
        platform_note(&platform->notes, "no gamepads: %s; keyboard and mouse work", SDL_GetError());
    }
    Uint32 flags = SDL_GetWindowFlags(platform->window.sdl);
    platform->input.focused = !platform->info.has_display || (flags & SDL_WINDOW_INPUT_FOCUS) != 0;
    SDL_StartTextInput();
    platform_window_measure(platform);
    return true;
}

void platform_window_measure(Platform *platform)
{
    PlatformWindow *window = &platform->window;
    PlatformConfig *config = &platform->config;
    PlatformInfo *info = &platform->info;
    int w = 0, h = 0;
    SDL_DisplayMode mode;
    if (SDL_GetRendererOutputSize(window->render.sdl, &w, &h) != 0) {
        SDL_GetWindowSize(window->sdl, &w, &h);
    }
    info->window_w = w;
    info->window_h = h;
    platform->fit = platform_fit(config->canvas_w, config->canvas_h, w, h, config->smooth);
    info->scale = platform->fit.scale;
    int display = SDL_GetWindowDisplayIndex(window->sdl);
    bool known = SDL_GetCurrentDisplayMode(display < 0 ? 0 : display, &mode) == 0;
    info->refresh_hz = known && mode.refresh_rate > 0 ? mode.refresh_rate : 60;
}

// ------------------------------------------------------------------------------- the window's
// place

static int usable_displays(SDL_Rect *displays, int most)
{
    int count = 0;
    for (int i = 0; i < SDL_GetNumVideoDisplays() && count < most; i++) {
        count += SDL_GetDisplayUsableBounds(i, &displays[count]) == 0;
    }
    return count;
}

static void find_place(Platform *platform, PlatformPlace *place)
{
    const PlatformConfig *config = &platform->config;
    SDL_Rect displays[16] = {{0, 0, 1024, 768}};
    int count = usable_displays(displays, (int)COUNT_OF(displays));
    platform_place_default(place, config->canvas_w, config->canvas_h, displays[0].w, displays[0].h);
    if (!config->memory_path || !file_exists(config->memory_path)) {
        return;
    }
    Arena scratch = {0};
    FileBytes bytes;
    if (arena_open(&scratch, 0, 64u << 10, NULL)
        && file_read(&scratch, config->memory_path, 4096, &bytes, NULL)
        && platform_place_parse(place, (const char *)bytes.data)) {
        platform_place_clamp(place, displays, count);
    }
    arena_close(&scratch);
}

static bool is_fullscreen(const PlatformWindow *window)
{
    Uint32 desktop = SDL_WINDOW_FULLSCREEN_DESKTOP; // two bits, one of them SDL_WINDOW_FULLSCREEN
    return window->spread || (SDL_GetWindowFlags(window->sdl) & desktop) == desktop;
}

static bool is_normal(const PlatformWindow *window)
{
    Uint32 other = SDL_WINDOW_MAXIMIZED | SDL_WINDOW_MINIMIZED | SDL_WINDOW_FULLSCREEN_DESKTOP;
    return !window->spread && !(SDL_GetWindowFlags(window->sdl) & other);
}

// Keeps the place that the window has when it is neither maximized nor fullscreen. Such a change
// arrives as a new size first and with its name later, so only what has settled counts.
static void follow_place(PlatformWindow *window)
{
    window->polls++;
    window->steady_polls++;
    if (window->steady_polls < STEADY_POLLS || !is_normal(window)) {
        return;
    }
    SDL_GetWindowPosition(window->sdl, &window->place.x, &window->place.y);
    SDL_GetWindowSize(window->sdl, &window->place.w, &window->place.h);
    if (window->polls >= DRIFT_POLLS && window->polls < DRIFT_POLLS * 2 && window->asked.known) {
        // Some window managers put the frame where we asked, some the picture. Without this
        // the window would creep down by its title bar with every start.
        int x = window->place.x - window->asked.x, y = window->place.y - window->asked.y;
        bool is_frame = abs(x) <= DRIFT_MAX && abs(y) <= DRIFT_MAX;
        window->drift_x = is_frame ? x : 0;
        window->drift_y = is_frame ? y : 0;
        window->polls = DRIFT_POLLS * 2;
    }
}

static void keep_place(Platform *platform)
{
    PlatformWindow *window = &platform->window;
    const char *path = platform->config.memory_path;
    // A run without a display has nothing to say about where somebody wants his window.
    if (!path || !window->sdl || !(platform->info.has_display || window->changed)) {
        return;
    }
    Uint32 flags = SDL_GetWindowFlags(window->sdl);
    PlatformPlace place = window->place;
    if (is_normal(window)) {
        SDL_GetWindowPosition(window->sdl, &place.x, &place.y);
        SDL_GetWindowSize(window->sdl, &place.w, &place.h);
    }
    place.x -= window->drift_x;
    place.y -= window->drift_y;
    place.maximized = (flags & SDL_WINDOW_MAXIMIZED) != 0;
    place.fullscreen = is_fullscreen(window);
    char text[128];
    Fault fault;
    platform_place_print(&place, text, sizeof text);
    if (!file_write(path, text, strlen(text), &fault)) {
        log_line(LOG_WARNING, "the window's place is not kept: %s", fault.text);
    }
}

// While it is open, too: a process that is killed cannot do it any more. Once the window has come
// to rest and it is known what its manager adds to a position, and at most once a second.
static void keep_changed_place(Platform *platform)
{
    PlatformWindow *window = &platform->window;
    if (!window->unkept || window->steady_polls < STEADY_POLLS || window->polls < DRIFT_POLLS * 2) {
        return;
    }
    uint64_t now_ns = mono_ns();
    if (now_ns - window->kept_ns >= NS_PER_S) {
        window->unkept = false;
        window->kept_ns = now_ns;
        keep_place(platform);
    }
}

void platform_window_close(Platform *platform)
{
    PlatformWindow *window = &platform->window;
    keep_place(platform);
    platform_pads_close(&platform->pads);
    if (window->lost) {
        return; // giving things back would talk to a server that is gone; the process ends anyway
    }
    platform_render_close(&window->render);
    if (window->sdl) {
        SDL_DestroyWindow(window->sdl);
    }
    *window = (PlatformWindow){0};
    SDL_Quit();
}

// ------------------------------------------------------------------------------------------ events

// `mod` knows of a Shift that went down before the window had the focus; on Wayland nothing else
// says so.
static void f_key_event(PlatformInput *input, PlatformEvents *events,
                        const SDL_KeyboardEvent *event)
{
    const hl_button *key = input->seen;
    uint16_t bit = (uint16_t)(1u << (event->keysym.scancode - SDL_SCANCODE_F1));
    if (event->state != SDL_PRESSED) {
        input->f_held &= (uint16_t)~bit;
    } else if (!event->repeat && !(input->f_held & bit)) {
        input->f_held |= bit;
        events->f_pressed |= bit;
        events->shift |= key[HL_KEY_LSHIFT].down || key[HL_KEY_RSHIFT].down
                         || (event->keysym.mod & KMOD_SHIFT) != 0;
        events->ctrl |= key[HL_KEY_LCTRL].down || key[HL_KEY_RCTRL].down
                        || (event->keysym.mod & KMOD_CTRL) != 0;
    }
}

// F1..F12 belong to the runtime; numbers from 240 on are mouse buttons here.
static void key_event(Platform *platform, PlatformEvents *events, const SDL_KeyboardEvent *event)
{
    SDL_Scancode code = event->keysym.scancode;
    bool down = event->state == SDL_PRESSED;
    if (down && !event->repeat) {
        bool ctrl = (event->keysym.mod & KMOD_CTRL) != 0;
        events->copy |= ctrl && event->keysym.sym == SDLK_c;
        events->escape |= code == SDL_SCANCODE_ESCAPE;
    }
    if (code >= SDL_SCANCODE_F1 && code <= SDL_SCANCODE_F12) {
        f_key_event(&platform->input, events, event);
    } else if (code >= SDL_SCANCODE_A && (int)code < HL_MOUSE_LEFT && !event->repeat) {
        platform_input_key(&platform->input, (int)code, down);
    }
}

static void mouse_to_pixels(const Platform *platform, float *x, float *y)
{
    int w = 0, h = 0;
    SDL_GetWindowSize(platform->window.sdl, &w, &h);
    *x *= w > 0 ? (float)platform->info.window_w / (float)w : 1;
    *y *= h > 0 ? (float)platform->info.window_h / (float)h : 1;
}

static void motion_event(Platform *platform, const SDL_MouseMotionEvent *event)
{
    PlatformInput *input = &platform->input;
    float x = (float)event->x, y = (float)event->y, dx = (float)event->xrel;
    float dy = (float)event->yrel;
    mouse_to_pixels(platform, &x, &y);
    mouse_to_pixels(platform, &dx, &dy);
    input->motion_x_px += dx;
    input->motion_y_px += dy;
    if (!platform->window.captured) { // captured, only the motion means something
        input->mouse_x_px = x;
        input->mouse_y_px = y;
        input->pointer_inside = true;
    }
}

static void button_event(PlatformInput *input, const SDL_MouseButtonEvent *event)
{
    int key = HL_MOUSE_LEFT + event->button - SDL_BUTTON_LEFT;
    if (event->button >= SDL_BUTTON_LEFT && key <= HL_MOUSE_X2) {
        platform_input_mouse(input, (hl_key)key, event->state == SDL_PRESSED);
    }
}

static void wheel_event(PlatformInput *input, const SDL_MouseWheelEvent *event)
{
    bool precise = event->preciseX != 0 || event->preciseY != 0;
    float sign = event->direction == SDL_MOUSEWHEEL_FLIPPED ? -1.0f : 1.0f;
    platform_input_wheel(input, sign * (precise ? event->preciseX : (float)event->x),
                         sign * (precise ? event->preciseY : (float)event->y));
}

static void changed_size(Platform *platform, PlatformEvents *events)
{
    platform_window_measure(platform);
    platform->window.steady_polls = 0;
    events->resized = true;
}

static void watch_vsync_again(Platform *platform)
{
    platform->window.short_presents = 0;
    platform->info.vsync = platform->window.vsync_asked;
}

static void window_event(Platform *platform, PlatformEvents *events, const SDL_WindowEvent *event)
{
    PlatformInput *input = &platform->input;
    switch (event->event) {
    case SDL_WINDOWEVENT_SIZE_CHANGED:
        platform->window.changed = platform->window.unkept = true;
        changed_size(platform, events);
        break;
    case SDL_WINDOWEVENT_MOVED:
        platform->window.changed = platform->window.unkept = true;
        platform->window.steady_polls = 0;
        break;
    case SDL_WINDOWEVENT_DISPLAY_CHANGED:
        changed_size(platform, events);
        watch_vsync_again(platform);
        break;
    case SDL_WINDOWEVENT_SHOWN:
    case SDL_WINDOWEVENT_RESTORED:
    case SDL_WINDOWEVENT_EXPOSED:
        watch_vsync_again(platform);
        break;
    case SDL_WINDOWEVENT_ENTER:
        input->pointer_inside = true;
        break;
    case SDL_WINDOWEVENT_LEAVE:
        input->pointer_inside = false;
        break;
    case SDL_WINDOWEVENT_FOCUS_GAINED:
        input->focused = events->focus_gained = true;
        break;
    case SDL_WINDOWEVENT_FOCUS_LOST:
        input->focused = false;
        events->focus_lost = true;
        platform_input_release(input);
        break;
    case SDL_WINDOWEVENT_CLOSE:
        events->quit = true;
        break;
    default:
        break;
    }
}

static void text_event(Platform *platform, const SDL_TextInputEvent *event)
{
    if (!platform_input_text(&platform->input, event->text)) {
        platform_note(&platform->notes, "typed text was lost: the game takes 31 bytes a tick and "
                                        "4 KiB were waiting");
    }
}

static void handle(Platform *platform, PlatformEvents *events, const SDL_Event *event)
{
    switch (event->type) {
    case SDL_QUIT:
        events->quit = true;
        break;
    case SDL_KEYDOWN:
    case SDL_KEYUP:
        key_event(platform, events, &event->key);
        break;
    case SDL_TEXTINPUT:
        text_event(platform, &event->text);
        break;
    case SDL_MOUSEMOTION:
        motion_event(platform, &event->motion);
        break;
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP:
        button_event(&platform->input, &event->button);
        break;
    case SDL_MOUSEWHEEL:
        wheel_event(&platform->input, &event->wheel);
        break;
    case SDL_WINDOWEVENT:
        window_event(platform, events, &event->window);
        break;
    case SDL_RENDER_TARGETS_RESET:
    case SDL_RENDER_DEVICE_RESET:
        platform_render_reset(&platform->window.render);
        events->graphics_reset = true;
        break;
    default:
        platform_pads_event(&platform->pads, &platform->input, &platform->notes, event);
        if (platform->sound) {
            platform_sound_event(platform->sound, event);
        }
        break;
    }
}

static PlatformEvents lost_display(Platform *platform)
{
    if (!platform->window.lost_said) {
        platform->window.lost_said = true;
        platform_note(&platform->notes, "the display is gone; the session ends in order");
    }
    return (PlatformEvents){.quit = true};
}

PlatformEvents platform_window_poll(Platform *platform)
{
    PlatformEvents events = {0};
    SDL_Event event;
    while (!platform->window.lost && SDL_PollEvent(&event)) {
        handle(platform, &events, &event);
    }
    if (platform->window.lost) {
        return lost_display(platform);
    }
    platform_pads_read(&platform->pads, &platform->input);
    platform_input_events(&platform->input, &events);
    follow_place(&platform->window);
    keep_changed_place(platform);
    return events;
}

// ------------------------------------------------------------------------------------- the picture

// Drivers promise vsync and do not keep it: without a real screen, minimised, covered. Whoever
// paces frames must know, or the loop spins.
static void watch_vsync(Platform *platform)
{
    PlatformWindow *window = &platform->window;
    uint64_t now = mono_ns(), since = now - window->presented_ns;
    window->presented_ns = now;
    bool brief = (double)since < 0.5e9 / platform->info.refresh_hz;
    window->short_presents = brief ? window->short_presents + 1 : 0;
    if (window->short_presents >= SHORT_PRESENTS_MAX) {
        platform->info.vsync = false;
    }
}

void platform_window_present(Platform *platform, const DrawList *game, const DrawList *over)
{
    PlatformRender *render = &platform->window.render;
    if (platform->window.lost) {
        return;
    }
    platform_render_picture(render, game, over, &platform->fit, platform->config.smooth);
    uint64_t from_ns = mono_ns();
    SDL_RenderPresent(render->sdl);
    platform->flip_ns = platform->info.vsync ? mono_ns() - from_ns : 0;
    platform->draw_calls = render->draw_calls;
    watch_vsync(platform);
}

bool platform_window_screenshot(Platform *platform, const DrawList *game, const DrawList *over,
                                const char *path, Fault *fault)
{
    PlatformRender *render = &platform->window.render;
    if (platform->window.lost) {
        return fault_set(fault, FAULT_DEVICE, "%s: not written: the display is gone", path);
    }
    return platform_render_shot(render, game, over, &platform->fit, platform->config.smooth, path,
                                fault);
}

// ------------------------------------------------------------------------------------ small wishes

void platform_window_retitle(Platform *platform)
{
    if (platform->window.sdl) {
        SDL_SetWindowTitle(platform->window.sdl, platform->title);
    }
}

static void put_window(SDL_Window *sdl, const SDL_Rect *box)
{
    SDL_SetWindowSize(sdl, box->w, box->h);
    SDL_SetWindowPosition(sdl, box->x, box->y);
}

// SDL only sends its wish for fullscreen to the window manager and takes it for done. Where there
// is none, the window would keep its size and the picture would be cut off, so we spread it over
// its display. SDL_SetWindowBordered is not called: without a manager there is no border, and it
// waits for ever for a window that is unmapped (SDL 2.26 SDL_x11window.c, X11_SetWindowBordered).
static bool spread_over_display(PlatformWindow *window)
{
    SDL_Rect bounds;
    int display = SDL_GetWindowDisplayIndex(window->sdl);
    if (SDL_GetDisplayBounds(display < 0 ? 0 : display, &bounds) != 0) {
        return false;
    }
    window->spread = true;
    put_window(window->sdl, &bounds);
    SDL_RaiseWindow(window->sdl);
    return true;
}

// Also after a window manager that has gone since: then SDL's wish changes nothing on the screen.
static bool leave_fullscreen(PlatformWindow *window, bool unmanaged)
{
    bool by_hand = window->spread || unmanaged;
    window->spread = false;
    if (SDL_SetWindowFullscreen(window->sdl, 0) != 0) {
        return false;
    }
    if (by_hand) {
        const PlatformPlace *place = &window->place;
        put_window(window->sdl, &(SDL_Rect){place->x, place->y, place->w, place->h});
    }
    return true;
}

void platform_window_fullscreen(Platform *platform)
{
    PlatformWindow *window = &platform->window;
    if (window->lost) {
        return;
    }
    bool unmanaged = platform_x11_unmanaged(platform);
    if (unmanaged && is_normal(window)) { // the last steady place may be of before a move
        SDL_GetWindowPosition(window->sdl, &window->place.x, &window->place.y);
        SDL_GetWindowSize(window->sdl, &window->place.w, &window->place.h);
    }
    bool ok = is_fullscreen(window) ? leave_fullscreen(window, unmanaged)
              : unmanaged
                  ? spread_over_display(window)
                  : SDL_SetWindowFullscreen(window->sdl, SDL_WINDOW_FULLSCREEN_DESKTOP) == 0;
    if (!ok) {
        platform_note(&platform->notes, "no fullscreen: %s; the window stays as it is",
                      SDL_GetError());
    }
    window->steady_polls = 0;
    platform_window_measure(platform); // a screenshot may come before the next poll
}

void platform_window_capture(Platform *platform, bool on)
{
    if (platform->window.captured != on) {
        bool works = SDL_SetRelativeMouseMode(on ? SDL_TRUE : SDL_FALSE) == 0;
        platform->window.captured = on && works;
        if (on && !works) {
            platform_note(&platform->notes, "the mouse cannot be captured here: %s",
                          SDL_GetError());
        }
    }
}

// SDL keeps the text and answers, while events are pumped, whoever asks for it.
bool platform_window_copy(Platform *platform)
{
    return !platform->window.lost && SDL_SetClipboardText(platform->copied) == 0;
}
