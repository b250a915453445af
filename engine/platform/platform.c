// The two twins behind one header. One of the two places in the engine with two implementations,
// so the choice is a plain `if` here and nowhere else.
#include "platform_internal.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

void platform_note(PlatformNotes *notes, const char *format, ...)
{
    char line[PLATFORM_NOTE_BYTES];
    va_list args;
    if (notes->count == PLATFORM_NOTES_MAX) {
        return;
    }
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    uint32_t at = (notes->first + notes->count) % PLATFORM_NOTES_MAX;
    text_clean(notes->lines[at], PLATFORM_NOTE_BYTES, line, false); // device names are foreign
    notes->count++;
}

void platform_note_take(PlatformNotes *notes, char out[PLATFORM_NOTE_BYTES])
{
    out[0] = 0;
    if (notes->count > 0) {
        memcpy(out, notes->lines[notes->first], PLATFORM_NOTE_BYTES);
        notes->first = (notes->first + 1) % PLATFORM_NOTES_MAX;
        notes->count--;
    }
}

static int canvas_size(int value)
{
    return value < 1 ? 1 : value > PLATFORM_CANVAS_MAX ? PLATFORM_CANVAS_MAX : value;
}

static void take_config(Platform *platform, const PlatformConfig *config)
{
    PlatformConfig *own = &platform->config;
    *own = *config;
    own->canvas_w = canvas_size(config->canvas_w);
    own->canvas_h = canvas_size(config->canvas_h);
    text_clean(platform->title, sizeof platform->title, config->title ? config->title : "hotloop",
               false);
    own->title = platform->title;
    own->memory_path = NULL;
    if (config->memory_path
        && text_format(platform->memory_path, sizeof platform->memory_path, "%s",
                       config->memory_path)) {
        own->memory_path = platform->memory_path;
    }
}

static bool open_offline(Platform *platform, Arena *arena, Fault *fault)
{
    if (!platform->config.offline || platform->config.no_sound) {
        return true;
    }
    platform->sound = platform_sound_open_offline(arena, &platform->notes, fault);
    platform->info.has_sound = platform->sound != NULL;
    return platform->sound != NULL;
}

Platform *platform_open(Arena *arena, const PlatformConfig *config, Fault *fault)
{
    Platform *platform = ARENA_NEW(arena, Platform, 1);
    take_config(platform, config);
    platform->info.refresh_hz = 60;
    platform->input.focused = true;
    if (config->null) {
        platform_null_open(platform);
        return open_offline(platform, arena, fault) ? platform : NULL;
    }
    platform->textures = ARENA_NEW(arena, PlatformTexture, PLATFORM_TEXTURES_MAX);
    if (!platform_window_open(platform, fault)) {
        platform_close(platform);
        return NULL;
    }
    if (!config->no_sound) {
        platform->sound = platform_sound_open(arena, &platform->notes);
        platform->info.has_sound = platform->sound->plays;
    }
    return platform;
}

void platform_close(Platform *platform)
{
    if (!platform) {
        return;
    }
    platform_sound_close(platform->sound);
    platform->sound = NULL;
    platform_picture_close(&platform->picture);
    if (!platform->config.null) {
        platform_window_close(platform);
    }
}

const PlatformInfo *platform_info(const Platform *platform)
{
    return &platform->info;
}

void platform_set_canvas(Platform *platform, int w, int h, bool smooth, const char *title)
{
    PlatformConfig *config = &platform->config;
    char clean[sizeof platform->title];
    text_clean(clean, sizeof clean, title ? title : "hotloop", false);
    if (strcmp(clean, platform->title) != 0) {
        memcpy(platform->title, clean, sizeof clean);
        platform_window_retitle(platform);
    }
    w = canvas_size(w);
    h = canvas_size(h);
    if (w == config->canvas_w && h == config->canvas_h && smooth == config->smooth) {
        return;
    }
    config->canvas_w = w;
    config->canvas_h = h;
    config->smooth = smooth;
    if (config->null) {
        platform_null_measure(platform);
    } else {
        platform_window_measure(platform);
    }
}

PlatformEvents platform_poll(Platform *platform)
{
    PlatformEvents events = {0};
    if (!platform->config.null) {
        events = platform_window_poll(platform);
    }
    if (platform->sound) {
        platform_sound_poll(platform->sound);
        platform->info.has_sound = platform->sound->plays;
    }
    platform_note_take(&platform->notes, events.note);
    return events;
}

void platform_take_input(Platform *platform, hl_input *input)
{
    if (platform->config.null) {
        // Nobody types and there is no pointer, not even one in the corner. With --fast this is
        // called millions of times a second.
        memset(input, 0, sizeof(*input));
        input->focused = platform->input.focused;
    } else {
        platform_input_take(&platform->input, &platform->fit, input);
    }
    input->window_w = platform->info.window_w;
    input->window_h = platform->info.window_h;
}

hl_vec2 platform_mouse_px(const Platform *platform)
{
    return (hl_vec2){platform->input.mouse_x_px, platform->input.mouse_y_px};
}

void platform_keep_mouse(Platform *platform, bool keep)
{
    platform_input_keep_mouse(&platform->input, keep);
}

void platform_take_panels(Platform *platform, PlatformPanels *out)
{
    platform_input_panels(&platform->input, out);
}

void platform_forget_panels(Platform *platform)
{
    platform_input_forget_panels(&platform->input);
}

void platform_keep_keys(Platform *platform, bool keep)
{
    platform_input_keep_keys(&platform->input, keep);
}

static bool turned_by_hand(const Platform *platform)
{
    return platform->config.null && platform->config.fast;
}

uint64_t platform_now_ns(const Platform *platform)
{
    return turned_by_hand(platform) ? platform->nothing.clock_ns : mono_ns();
}

// The kernel rounds a timeout up by the thread's timer slack, 50 us (prctl(2), PR_SET_TIMERSLACK):
// near enough, so nothing spins.
static void wait_real(uint64_t deadline_ns, int wake_fd)
{
    for (uint64_t now = mono_ns(); now < deadline_ns; now = mono_ns()) {
        uint64_t left = deadline_ns - now;
        struct timespec timeout = {(time_t)(left / NS_PER_S), (long)(left % NS_PER_S)};
        struct pollfd wake = {.fd = wake_fd, .events = POLLIN}; // a negative fd is skipped
        int ready = ppoll(&wake, 1, &timeout, NULL);
        if (ready > 0 && (wake.revents & POLLIN)) {
            return;
        }
        if (ready > 0 || (ready < 0 && errno != EINTR)) {
            wake_fd = -1; // closed or broken: it would be "ready" for ever and burn the CPU
        }
    }
}

void platform_wait_until(Platform *platform, uint64_t deadline_ns, int wake_fd)
{
    if (!turned_by_hand(platform)) {
        wait_real(deadline_ns, wake_fd);
    } else if (deadline_ns > platform->nothing.clock_ns) {
        platform->nothing.clock_ns = deadline_ns;
    }
}

void platform_present(Platform *platform, const DrawList *game, const DrawList *over)
{
    if (!platform->config.null) {
        platform_window_present(platform, game, over);
    }
}

bool platform_screenshot(Platform *platform, const DrawList *game, const DrawList *over,
                         const char *path, Fault *fault)
{
    return platform->config.null ? platform_null_screenshot(platform, game, over, path, fault)
                                 : platform_window_screenshot(platform, game, over, path, fault);
}

uint32_t platform_draw_calls(const Platform *platform)
{
    return platform->draw_calls;
}

uint64_t platform_flip_ns(const Platform *platform)
{
    return platform->flip_ns;
}

void platform_play(Platform *platform, const SoundList *sound)
{
    if (platform->sound) {
        platform_sound_play(platform->sound, sound);
    }
}

void platform_silence(Platform *platform)
{
    if (platform->sound) {
        platform_sound_silence(platform->sound);
    }
}

void platform_set_mute(Platform *platform, bool mute)
{
    if (platform->sound) {
        platform_sound_mute(platform->sound, mute);
    }
}

void platform_set_sound_paused(Platform *platform, bool paused)
{
    if (platform->sound) {
        platform_sound_pause(platform->sound, paused);
    }
}

void platform_take_sound(Platform *platform, float *out, uint32_t frames)
{
    memset(out, 0, (size_t)frames * 2 * sizeof *out);
    if (platform->sound && platform->sound->offline) {
        platform_offline_take(platform->sound, out, frames);
    }
}

void platform_toggle_fullscreen(Platform *platform)
{
    if (!platform->config.null) {
        platform_window_fullscreen(platform);
    }
}

void platform_capture_mouse(Platform *platform, bool on)
{
    if (platform->config.null) {
        platform->nothing.captured = on;
    } else {
        platform_window_capture(platform, on);
    }
}

bool platform_captures_mouse(const Platform *platform)
{
    return platform->config.null ? platform->nothing.captured : platform->window.captured;
}

static Uint16 motor(float value)
{
    return (Uint16)(value > 0 ? value < 1 ? value * 65535 : 65535.0f : 0.0f); // NaN is off
}

void platform_rumble(Platform *platform, int pad, float low, float high, float seconds)
{
    if (pad < 0 || pad >= PLATFORM_PADS || !platform->pads.slot[pad].controller) {
        return;
    }
    float lasting = seconds > 0 ? seconds < 5 ? seconds : 5.0f : 0.0f;
    SDL_GameControllerRumble(platform->pads.slot[pad].controller, motor(low), motor(high),
                             (Uint32)(lasting * 1000));
}

void platform_release(Platform *platform)
{
    platform_capture_mouse(platform, false);
    for (int pad = 0; pad < PLATFORM_PADS; pad++) {
        platform_rumble(platform, pad, 0, 0, 0);
    }
    platform_silence(platform);
}

bool platform_copy_text(Platform *platform, const char *text)
{
    text_clean(platform->copied, sizeof platform->copied, text, true);
    return platform->config.null || platform_window_copy(platform);
}
