// The outside: window, picture, keys, pads, sound and the clock. Two of a kind behind one header:
//   window   SDL2 (platform_window.c, platform_pads.c, platform_sound.c); with SDL's dummy drivers
//            where there is no display
//   null     no SDL video, no sound device: a clock that is turned by hand when not paced, and no
//            input of its own (platform_null.c)
// Both draw with platform_render.c, which works on any SDL_Renderer: a picture in memory comes from
// a software renderer on a plain surface, so it needs no display (platform_picture.c). Nothing
// calls up: events are collected by platform_poll and drained by the caller.
#ifndef PLATFORM_H
#define PLATFORM_H
#include "draw.h"
#include "sound.h"

typedef struct PlatformConfig {
    bool null;     // --headless
    bool offline;  // with null: what is played is mixed for platform_take_sound, on no device
    bool fast;     // no pacing: null turns its clock by itself, window does not wait for vsync
    bool software; // --software: SDL's software renderer
    bool no_sound;
    const char *title;
    const char *memory_path; // where the window's place is kept; NULL: nowhere. Borrowed.
    int canvas_w, canvas_h;  // 1..4096
    bool smooth;
} PlatformConfig;

// What happened since the last poll, for the runtime (not for the game).
typedef struct PlatformEvents {
    bool quit;          // window closed
    uint16_t f_pressed; // bit n: F(n+1) went down; a key that repeats while held does not again
    uint16_t f_held;    // bit n: F(n+1) is down now; none while the window has no focus
    bool shift, ctrl;   // held when a key of f_pressed went down; without one, held now
    // Ctrl+C (by the letter, not its place) and Esc went down. The game sees these keys as well:
    // they are for moments when none of its ticks run.
    bool copy, escape;
    // left = 1, right = 2, middle = 4: since the last poll, since the last poll, now. Also while
    // the game does not see them. Losing the focus releases them.
    uint8_t mouse_pressed, mouse_released, mouse_held;
    bool focus_gained, focus_lost;
    bool resized;
    bool graphics_reset; // textures were lost and are being uploaded again
    char note[256];      // one line for the log ("gamepad 5 ignored: ..."), "" for none
} PlatformEvents;

typedef struct Platform Platform; // one a process

// What is there when it is open, for status and logs.
typedef struct PlatformInfo {
    bool has_display; // false: dummy video driver or null
    bool has_sound;
    bool vsync;
    const char *video;      // "x11", "wayland", "dummy", "null"
    const char *renderer;   // "opengl", "software" ...
    int window_w, window_h; // pixels
    int scale;              // canvas unit to window pixels (0: smooth, or smaller than the canvas)
    double refresh_hz;      // 60 when unknown
} PlatformInfo;

// Opens in `arena`. Without a display (no server, no driver) the dummy driver is taken and
// `info.has_display` says so; without a sound device it plays silently and tries again every two
// seconds. Fails (FAULT_DEVICE) only when not even the dummy driver works.
// Offline sound needs that of SDL, too, to decode files.
Platform *platform_open(Arena *arena, const PlatformConfig *config, Fault *fault);
void platform_close(Platform *platform); // also writes the window's place; NULL is fine
const PlatformInfo *platform_info(const Platform *platform);
// A reload may change these; cheap when nothing did.
void platform_set_canvas(Platform *platform, int w, int h, bool smooth, const char *title);

// Pumps events. Call once a frame.
PlatformEvents platform_poll(Platform *platform);
// The input of the next tick: levels as they are now, transitions, motion, wheel and text since the
// last call (so the second tick of one frame gets none of them again). Fills every byte.
void platform_take_input(Platform *platform, hl_input *input);
// Where the mouse is, in window pixels (for panels).
hl_vec2 platform_mouse_px(const Platform *platform);
// What panels are told, whoever else has it: keys and buttons as they are, with what changed since
// the last call; what was typed and turned meanwhile is there once. Nothing is gathered before the
// first call, nor after platform_forget_panels.
typedef struct PlatformPanels {
    hl_vec2 mouse_px, wheel; // window pixels; notches
    bool mouse_inside;
    uint8_t mouse_held, mouse_pressed; // left = 1, right = 2, middle = 4
    hl_button key[HL_KEYS];
    char text[64];
} PlatformPanels;
void platform_take_panels(Platform *platform, PlatformPanels *out);
void platform_forget_panels(Platform *platform);
// While `keep`, the game sees no keys and no text, as with the mouse below.
void platform_keep_keys(Platform *platform, bool keep);
// While `keep`, the game sees no mouse buttons and no wheel: a panel has them. What it holds is
// released for it, and a click that it was not given yet never happened; positions go on. A button
// that is still held when this ends stays unseen until it is pressed again.
void platform_keep_mouse(Platform *platform, bool keep);

// Nanoseconds of the session's clock: mono_ns, or the hand-turned one.
uint64_t platform_now_ns(const Platform *platform);
// Waits until then (or turns the hand-turned clock there). Returns early when `wake_fd` (-1: none)
// becomes readable.
void platform_wait_until(Platform *platform, uint64_t deadline_ns, int wake_fd);
// Draws the game's list in the canvas, scaled by whole pixels (or smoothly) and centred, and `over`
// above it in window pixels (NULL: none), and shows it. Waits for vsync where there is one.
// The null platform only remembers that a frame was presented.
void platform_present(Platform *platform, const DrawList *game, const DrawList *over);
// The same picture as a PNG at `path` (written beside and renamed). Null: at canvas size times the
// largest whole factor that fits 960 x 720, at least 1.
bool platform_screenshot(Platform *platform, const DrawList *game, const DrawList *over,
                         const char *path, Fault *fault);
// The same picture as width * height * 4 bytes RGBA, rows from the top, opaque: the canvas scaled
// by the largest whole factor that fits (smoothly, like in a window, when it is smooth or larger
// than the picture) and centred on black; `over` in the picture's pixels. Drawn in software
// whatever the window has. What it needs is kept for the next picture of this size. Fails with
// FAULT_USAGE when a side is not 1..16384, with FAULT_DEVICE when there is no memory for it.
bool platform_pixels(Platform *platform, const DrawList *game, const DrawList *over, int width,
                     int height, uint8_t *rgba, Fault *fault);
// Such bytes as a PNG file, written beside and renamed.
bool platform_write_png(const char *path, const uint8_t *rgba, int w, int h, Fault *fault);
// Figures of the last present: draw calls made; how long showing it took where that waits for
// vsync, else 0.
uint32_t platform_draw_calls(const Platform *platform);
uint64_t platform_flip_ns(const Platform *platform);

void platform_play(Platform *platform, const SoundList *sound);
void platform_silence(Platform *platform);             // stop everything that sounds
void platform_set_mute(Platform *platform, bool mute); // goes on silently
void platform_set_sound_paused(Platform *platform, bool paused);
// With `offline`: the next frames of what sounds (stereo pairs at HL_SAMPLE_RATE, -1..1) -
// one-shots, tones, own samples and music. What is played begins with the first frame taken after
// it, so a caller who plays a tick's list and takes a tick's frames has them together. The same
// calls give the same samples. Silence for any other platform.
void platform_take_sound(Platform *platform, float *out, uint32_t frames);

void platform_toggle_fullscreen(Platform *platform);
void platform_capture_mouse(Platform *platform, bool on);
bool platform_captures_mouse(const Platform *platform);
void platform_rumble(Platform *platform, int pad, float low, float high, float seconds);
// Lets go of all that the game holds, at once: the mouse, the vibration of every pad, and all that
// sounds. For when it stops: nobody should have to look for a pointer while something drones. Who
// lets the game go on gives it the mouse back if it had it (platform_captures_mouse, asked before).
void platform_release(Platform *platform);
// To the clipboard, made harmless first (text_clean, newlines stay); what is beyond 64 KiB is left
// out. With X11 and Wayland it is there for others as long as this program runs and polls. False
// when the system refuses. Null: only remembered.
bool platform_copy_text(Platform *platform, const char *text);

#endif
