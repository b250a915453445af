// What the files of this module share, and what its test looks at. Nobody else includes it.
//
//   platform.c         the two kinds behind one header; notes
//   platform_input.c   keys, mouse, text: from events to hl_input
//   platform_place.c   how large the window is and where it opens
//   platform_pads.c    gamepads and their player slots
//   platform_render.c  a draw list to any SDL_Renderer
//   platform_picture.c a draw list to bytes, without a window
//   platform_png.c     a surface to a file
//   platform_sound.c   voices, tones, music; the device that comes and goes
//   platform_offline.c sound without a device
//   platform_window.c  the SDL twin
//   platform_x11.c     errors of the X server, which must not end the program; is it managed?
//   platform_null.c    the twin without a screen
#ifndef PLATFORM_INTERNAL_H
#define PLATFORM_INTERNAL_H
#include "file.h"
#include "platform.h"

#include <SDL.h>
#include <SDL_mixer.h>

enum {
    PLATFORM_CANVAS_MAX = 4096,
    PLATFORM_PADS = 4,
    PLATFORM_NOTES_MAX = 16,
    PLATFORM_NOTE_BYTES = 256,
    PLATFORM_COPY_BYTES = 64 << 10
};

// ------------------------------------------------------------------------------------------- notes

// Lines for the log that wait for a poll to carry them up, one each.
typedef struct PlatformNotes {
    char lines[PLATFORM_NOTES_MAX][PLATFORM_NOTE_BYTES];
    uint32_t first, count;
} PlatformNotes;
// When the queue is full the newest line is lost: the first ones tell the cause.
void platform_note(PlatformNotes *notes, const char *format, ...) BASE_PRINTF(2, 3);
// Empties the oldest line into `out`; "" when there is none.
void platform_note_take(PlatformNotes *notes, char out[PLATFORM_NOTE_BYTES]);

// --------------------------------------------------------------------------------- canvas to
// window

// Where the canvas lands in a window of so many pixels.
typedef struct PlatformFit {
    SDL_Rect box_px;
    int scale; // whole factor, 0 when it is not one
    int canvas_w, canvas_h;
} PlatformFit;
PlatformFit platform_fit(int canvas_w, int canvas_h, int window_w, int window_h, bool smooth);

// ------------------------------------------------------------------------------------------- input

// Levels as they are, and everything else since the last take.
typedef struct PlatformInput {
    hl_button key[HL_KEYS];
    hl_pad pad[PLATFORM_PADS];
    float mouse_x_px, mouse_y_px, motion_x_px, motion_y_px, wheel_x, wheel_y;
    bool focused, pointer_inside;
    bool mouse_kept; // from the game
    // For the runtime, whoever has the mouse; bits as in PlatformEvents.
    uint16_t f_held;
    uint8_t mouse_pressed, mouse_released, mouse_held;
    uint32_t text_bytes;
    char text[4096];
    // For panels:
    bool keys_kept; // from the game
    bool has_panels;
    hl_button seen[HL_KEYS]; // whoever has them; what changed is counted for panels
    float panel_wheel_x, panel_wheel_y;
    uint8_t panel_pressed;
    char panel_text[64];
} PlatformInput;
void platform_input_button(hl_button *button, bool down);
void platform_input_key(PlatformInput *input, int key, bool down);
void platform_input_wheel(PlatformInput *input, float x, float y);
void platform_input_keep_keys(PlatformInput *input, bool keep);
void platform_input_panels(PlatformInput *input, PlatformPanels *out);
void platform_input_forget_panels(PlatformInput *input);
void platform_input_mouse(PlatformInput *input, hl_key button, bool down);
void platform_input_keep_mouse(PlatformInput *input, bool keep);
void platform_input_release(PlatformInput *input); // all keys, mouse buttons and pads
// What the runtime is told of it; transitions once.
void platform_input_events(PlatformInput *input, PlatformEvents *events);
// False when it does not fit any more; nothing is kept then.
bool platform_input_text(PlatformInput *input, const char *text);
void platform_input_take(PlatformInput *input, const PlatformFit *fit, hl_input *out);

// ------------------------------------------------------------------------------------------- place

typedef struct PlatformPlace {
    int x, y, w, h;
    bool known; // false: no position was kept, let the window manager choose
    bool maximized, fullscreen;
} PlatformPlace;
void platform_place_default(PlatformPlace *place, int canvas_w, int canvas_h, int usable_w,
                            int usable_h);
// Any text is safe; what is missing or senseless leaves *place as it is.
bool platform_place_parse(PlatformPlace *place, const char *text);
void platform_place_print(const PlatformPlace *place, char *out, size_t out_bytes);
// Inside the display that holds most of it, no larger than that.
void platform_place_clamp(PlatformPlace *place, const SDL_Rect *displays, int count);

// -------------------------------------------------------------------------------------------- pads

typedef struct PlatformPadId {
    SDL_JoystickGUID guid;
    char serial[64], path[128]; // "" where the driver has none
} PlatformPadId;
typedef struct PlatformPadSlot {
    SDL_GameController *controller; // NULL: free, or pulled
    SDL_JoystickID instance;
    bool taken; // by `id`, for the rest of the session
    PlatformPadId id;
} PlatformPadSlot;
typedef struct PlatformPads {
    PlatformPadSlot slot[PLATFORM_PADS];
    SDL_JoystickGUID refused[16]; // noted already
    uint32_t refused_count;
} PlatformPads;
// The slot for this pad: its old one, else a free one, else -1. Pure.
int platform_pads_choose(const PlatformPads *pads, const PlatformPadId *id);
hl_vec2 platform_pads_stick(Sint16 x, Sint16 y); // dead zone removed, length <= 1
void platform_pads_event(PlatformPads *pads, PlatformInput *input, PlatformNotes *notes,
                         const SDL_Event *event);
// Levels from the devices: sticks and triggers, and buttons that changed while nobody listened.
void platform_pads_read(const PlatformPads *pads, PlatformInput *input);
void platform_pads_close(PlatformPads *pads);

// ------------------------------------------------------------------------------------------ render

enum { PLATFORM_TEXTURES_MAX = 2048, PLATFORM_TEXTURE_IDLE_FRAMES = 600 };

typedef struct PlatformTexture {
    SDL_Texture *sdl; // NULL: it could not be made, and that was said
    uint64_t id;      // the image's key, and in which of its forms
    uint32_t version;
    int w, h;           // of the image; the texture may be smaller
    bool premultiplied; // for HL_MULTIPLY
    uint64_t used_frame;
} PlatformTexture;

// A renderer with what was uploaded to it. SDL draws; this decides what.
typedef struct PlatformRender {
    SDL_Renderer *sdl;
    bool software;
    int texture_max; // 0: no limit
    SDL_Texture *canvas;
    int canvas_w, canvas_h;
    bool canvas_refused; // of this size: the list is drawn straight into the window
    PlatformTexture *textures;
    uint32_t texture_count;
    DrawTriangles triangles;
    uint64_t frame;
    uint32_t draw_calls;
    PlatformNotes *notes;
} PlatformRender;

// Owns `sdl` from now on, also when it fails; borrows `textures` (PLATFORM_TEXTURES_MAX).
bool platform_render_open(PlatformRender *render, PlatformTexture *textures, SDL_Renderer *sdl,
                          PlatformNotes *notes, Fault *fault);
void platform_render_close(PlatformRender *render);
// The device lost its textures: all are made again when next drawn.
void platform_render_reset(PlatformRender *render);
// Draws into SDL's render target, the back buffer if none is set; the caller presents or reads it.
void platform_render_picture(PlatformRender *render, const DrawList *game, const DrawList *over,
                             const PlatformFit *fit, bool smooth);
// What was just drawn, as a PNG.
bool platform_render_save(PlatformRender *render, const char *path, Fault *fault);
// Both in one for a window: drawn beside it where the device can, so that the PNG is whole even
// while the window has another size than SDL believes.
bool platform_render_shot(PlatformRender *render, const DrawList *game, const DrawList *over,
                          const PlatformFit *fit, bool smooth, const char *path, Fault *fault);
bool platform_png_write(SDL_Surface *surface, const char *path, Fault *fault);

// ------------------------------------------------------------------------------------------- sound

enum {
    PLATFORM_VOICES = 32,
    PLATFORM_TONES = 32,
    PLATFORM_CLIPS = 512,
    PLATFORM_RING_FRAMES = 1 << 17, // two ticks at a tick rate of 1
    PLATFORM_CLIP_BYTES_MAX = 64 << 20
};

typedef struct PlatformVoice {
    const float *samples; // stereo pairs of a decoded clip; NULL: free
    uint32_t frames;
    double at, step; // in frames; step is the pitch
    float left, right;
    uint64_t started; // order of starting; the oldest gives way
} PlatformVoice;

// What the audio thread reads: only under the lock.
typedef struct PlatformMix {
    PlatformVoice voices[PLATFORM_VOICES];
    SoundTone tones[PLATFORM_TONES];
    bool tone_sounds[PLATFORM_TONES];
    float *ring; // PLATFORM_RING_FRAMES stereo pairs
    uint32_t ring_first, ring_count;
    uint32_t ring_enough;   // frames to gather before playing starts
    uint32_t ring_patience; // callbacks after which it starts with less
    bool ring_plays;
    bool exact; // offline: samples play at once, and none are dropped while there is room
    bool mute, paused;
} PlatformMix;

// Decoded music that is mixed here: offline, where SDL_mixer would play it for no device.
typedef struct PlatformLoop {
    Mix_Chunk *chunk;        // NULL: none
    uint32_t at, first, end; // in frames; after `end` it goes on at `first`
    float volume;
} PlatformLoop;

typedef struct PlatformClip {
    uint32_t key, version;
    Mix_Chunk *chunk; // NULL: broken, and said
    uint64_t used;
    bool taken;
} PlatformClip;

typedef enum PlatformDevice {
    PLATFORM_DEVICE_CLOSED,
    PLATFORM_DEVICE_OPENING,
    PLATFORM_DEVICE_OPENED,
    PLATFORM_DEVICE_FAILED
} PlatformDevice;

typedef struct PlatformSound {
    PlatformMix mix;
    PlatformLoop loop;
    bool offline;
    SDL_mutex *lock;
    SDL_atomic_t device; // PlatformDevice; the opening thread moves it
    SDL_Thread *opener;
    bool plays;      // device open and in use
    uint64_t try_ns; // when to try again
    PlatformClip *clips;
    uint64_t clock; // counts starts
    Mix_Music *music;
    SoundClip wanted;    // the music that should play, kept over a device that goes and comes
    Arena wanted_memory; // its bytes: it streams from them long after the asset has moved on
    float wanted_volume;
    bool wants_music, music_broken;
    PlatformNotes *notes;
} PlatformSound;

// Adds what sounds to `out` (stereo pairs at HL_SAMPLE_RATE), clipped to -1..1.
void platform_mix(PlatformMix *mix, float *out, uint32_t frames);
void platform_mix_voice(PlatformMix *mix, const float *samples, uint32_t frames,
                        const SoundCmd *how, uint64_t order);
void platform_mix_samples(PlatformMix *mix, const float *samples, uint32_t frames);

PlatformSound *platform_sound_open(Arena *arena, PlatformNotes *notes);
// NULL when SDL cannot even decode.
PlatformSound *platform_sound_open_offline(Arena *arena, PlatformNotes *notes, Fault *fault);
// The decoder of SDL_mixer works only while a device is open: SDL's dummy, which is given nothing.
bool platform_offline_device(void);
// Decodes the music that is wanted; false when that cannot be done.
bool platform_offline_music(PlatformLoop *loop, const SoundClip *clip);
void platform_offline_music_end(PlatformLoop *loop);
void platform_offline_take(PlatformSound *sound, float *out, uint32_t frames);
void platform_sound_close(PlatformSound *sound);
void platform_sound_poll(PlatformSound *sound); // lost devices, new tries
void platform_sound_event(PlatformSound *sound, const SDL_Event *event);
void platform_sound_play(PlatformSound *sound, const SoundList *list);
void platform_sound_silence(PlatformSound *sound);
void platform_sound_mute(PlatformSound *sound, bool mute);
void platform_sound_pause(PlatformSound *sound, bool paused);

// ---------------------------------------------------------------------------------- the two twins

typedef struct PlatformWindow {
    SDL_Window *sdl;
    PlatformRender render;
    PlatformPlace place, asked; // as it is when normal; as it was asked for at the start
    int drift_x, drift_y;       // what the window manager's frame adds to a position asked for
    uint32_t polls, steady_polls;
    uint64_t kept_ns; // when its place was written last
    bool unkept;      // it has changed since
    bool vsync_asked, captured, changed;
    bool spread;          // over its display by us: no window manager to ask for fullscreen
    bool lost, lost_said; // the display went away; nothing may be drawn any more
    uint32_t short_presents;
    uint64_t presented_ns;
} PlatformWindow;

typedef struct PlatformNull {
    uint64_t clock_ns; // the hand-turned clock
    bool captured;     // the mouse that is not there
} PlatformNull;

// Made for the first picture of a size, kept for the next.
typedef struct PlatformPicture {
    SDL_Surface *surface;
    PlatformRender render;
    Arena memory; // its textures
} PlatformPicture;

struct Platform {
    PlatformConfig config; // its strings are copies
    char title[256], memory_path[FILE_PATH_MAX];
    PlatformInfo info;
    PlatformFit fit;
    PlatformNotes notes;
    PlatformInput input;
    PlatformPads pads;
    PlatformSound *sound; // NULL: none wanted
    PlatformWindow window;
    PlatformNull nothing;
    PlatformPicture picture;
    PlatformTexture *textures;        // PLATFORM_TEXTURES_MAX, the window's
    char copied[PLATFORM_COPY_BYTES]; // what was last given to the clipboard
    uint32_t draw_calls;
    uint64_t flip_ns;
};

bool platform_window_open(Platform *platform, Fault *fault);
void platform_window_close(Platform *platform);
void platform_window_retitle(Platform *platform);
void platform_window_measure(Platform *platform); // window size, fit, refresh rate
PlatformEvents platform_window_poll(Platform *platform);
void platform_window_present(Platform *platform, const DrawList *game, const DrawList *over);
bool platform_window_screenshot(Platform *platform, const DrawList *game, const DrawList *over,
                                const char *path, Fault *fault);
void platform_window_fullscreen(Platform *platform);
void platform_window_capture(Platform *platform, bool on);
bool platform_window_copy(Platform *platform); // platform->copied, to the clipboard

void platform_x11_survive_errors(Platform *platform); // before anything is asked of the server
void platform_x11_survive_loss(Platform *platform);   // once there is a window
// The window is on an X server where nobody carries out a wish for fullscreen.
bool platform_x11_unmanaged(const Platform *platform);

void platform_null_open(Platform *platform);
void platform_null_measure(Platform *platform);
bool platform_null_screenshot(Platform *platform, const DrawList *game, const DrawList *over,
                              const char *path, Fault *fault);

// Draws and leaves it in picture.render.
bool platform_picture_draw(Platform *platform, const DrawList *game, const DrawList *over, int w,
                           int h, Fault *fault);
void platform_picture_close(PlatformPicture *picture);

#endif
