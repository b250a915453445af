// hotloop.h: everything a game sees. C11; the types also read as C++.
//
// A game is a shared library with one state struct and three functions:
//
//     init  (Game *g, hl_tick *t)            once at the start, and after a restart; without input
//     update(Game *g, hl_tick *t)            exactly tick_rate times a second of game time
//     draw  (const Game *g, hl_canvas *c)    once a picture, any number of times a tick
//
// Deterministic by construction: update() sees its two arguments and nothing else, so the same
// state and the same input give the same next state. The handles enforce it: what reads input or
// changes the world takes hl_tick *, what puts pixels on screen takes hl_canvas *, and the runtime
// compiles games with -Werror=incompatible-pointer-types.
//
// Rules that follow
//   1. What must survive lives in Game or in memory from hl_new(). malloc() memory is not rewound
//      and not recorded. Globals and statics are, and they survive an edit by file, function and
//      name: a changed initialiser wins over the live value, an unchanged one leaves it.
//   2. No clocks, rand(), files, threads or environment in update(): t->time, hl_rng, hl_file(),
//      hl_save() and hl_load() are the recorded ways.
//   3. draw() only reads state; it may run any number of times for one tick.
//   4. Pointers in state may point into state, to hl_new() memory, to globals, to string literals
//      and to functions of the library. Over a reload they come to point into the new build: a
//      function pointer calls the new function of that name. One whose function is no more ends the
//      tick that calls it; a literal whose text is no more stays readable as it was.
//   5. Structs may change: over a reload fields go on by name, new ones are zero, and what is lost
//      is named on screen. HL_WAS() (see memory) says that a field has a new name.
//
// Conventions
//   Lengths are canvas units: 1 unit is 1 pixel of the descriptor's width x height; y grows down.
//   Angles are radians, clockwise on screen. Time is seconds. Volume is 0..1. Colours are
//   0xRRGGBBAA. A zero in an options struct means "the default". Strings are UTF-8, borrowed for
//   the call only, and never freed by the callee.
//
// Errors: no function here returns an error code that must be checked. A wrong name draws a visible
// placeholder (or plays nothing) and logs one line; a number out of range is clamped, or draws and
// plays nothing. A broken promise (arena full, double free, a failed HL_ASSERT) ends the tick where
// it stands, and the game stops there, with the reason over the picture, until the next good save.
//
// Contents: input, memory, random numbers, sound, files and saves, the programmer, drawing, the
// game
#ifndef HOTLOOP_H
#define HOTLOOP_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HL_API_VERSION 1u

#define HL_PRINTF(format_at, first_at) __attribute__((format(printf, format_at, first_at)))
#define HL_EXPORT                      __attribute__((visibility("default"), used))
// Kept by compiler and linker though nothing refers to it. A compiler that does not know `retain`
// leaves it to the linker, which drops it only if it is asked to (--gc-sections).
#ifdef __has_attribute
#if __has_attribute(retain)
#define HL_SECTION(name) __attribute__((section(name), used, retain))
#endif
#endif
#ifndef HL_SECTION
#define HL_SECTION(name) __attribute__((section(name), used))
#endif

// The runtime, which is compiled with -fvisibility=hidden, exports exactly what is declared here.
#pragma GCC visibility push(default)

typedef uint32_t hl_color; // 0xRRGGBBAA, straight (not premultiplied) alpha
typedef struct hl_vec2 {
    float x, y;
} hl_vec2;
typedef struct hl_rectf {
    float x, y, w, h; // x, y: top left; w, h >= 0
} hl_rectf;
typedef struct hl_canvas hl_canvas; // where draw() draws; valid only inside draw()
typedef struct hl_tick hl_tick;     // one step of the simulation; valid only inside init()/update()

// ---------------------------------------------------------------------------------------- input

// One byte a button. `down` is the level at the end of the tick; `changes` counts the half
// transitions during it (saturating at 127), so a tap shorter than a tick is never lost.
typedef struct hl_button {
    uint8_t down : 1, changes : 7;
} hl_button;

// SDL's game controller layout: A is the bottom face button, whatever is printed on it.
typedef enum hl_pad_button {
    HL_PAD_A,
    HL_PAD_B,
    HL_PAD_X,
    HL_PAD_Y,
    HL_PAD_BACK,
    HL_PAD_GUIDE,
    HL_PAD_START,
    HL_PAD_LSTICK,
    HL_PAD_RSTICK,
    HL_PAD_LB,
    HL_PAD_RB,
    HL_PAD_UP,
    HL_PAD_DOWN,
    HL_PAD_LEFT,
    HL_PAD_RIGHT,
    HL_PAD_BUTTONS = 16
} hl_pad_button;

typedef struct hl_pad {
    hl_button button[HL_PAD_BUTTONS];
    uint8_t connected;   // a pulled pad keeps its slot, reads as all released, and gets the same
                         // slot back when it returns (matched by GUID and serial number)
    uint8_t reserved[3]; // zero
    hl_vec2 left, right; // sticks: radial dead zone removed, length <= 1, y down
    float ltrigger, rtrigger; // 0..1
} hl_pad;

// Buttons of keyboard and mouse share one number space. Keys are physical positions (USB usage
// numbers, which are SDL's scancodes): HL_KEY_W is the key above A and S on any layout. What the
// user typed, in his layout, is in hl_input.text.
typedef enum hl_key {
    HL_KEY_A = 4,
    HL_KEY_B,
    HL_KEY_C,
    HL_KEY_D,
    HL_KEY_E,
    HL_KEY_F,
    HL_KEY_G,
    HL_KEY_H,
    HL_KEY_I,
    HL_KEY_J,
    HL_KEY_K,
    HL_KEY_L,
    HL_KEY_M,
    HL_KEY_N,
    HL_KEY_O,
    HL_KEY_P,
    HL_KEY_Q,
    HL_KEY_R,
    HL_KEY_S,
    HL_KEY_T,
    HL_KEY_U,
    HL_KEY_V,
    HL_KEY_W,
    HL_KEY_X,
    HL_KEY_Y,
    HL_KEY_Z,
    HL_KEY_1,
    HL_KEY_2,
    HL_KEY_3,
    HL_KEY_4,
    HL_KEY_5,
    HL_KEY_6,
    HL_KEY_7,
    HL_KEY_8,
    HL_KEY_9,
    HL_KEY_0,
    HL_KEY_ENTER,
    HL_KEY_ESCAPE,
    HL_KEY_BACKSPACE,
    HL_KEY_TAB,
    HL_KEY_SPACE,
    HL_KEY_MINUS,
    HL_KEY_EQUALS,
    HL_KEY_LBRACKET,
    HL_KEY_RBRACKET,
    HL_KEY_BACKSLASH,
    HL_KEY_SEMICOLON = 51,
    HL_KEY_QUOTE,
    HL_KEY_GRAVE,
    HL_KEY_COMMA,
    HL_KEY_PERIOD,
    HL_KEY_SLASH,
    HL_KEY_INSERT = 73,
    HL_KEY_HOME,
    HL_KEY_PAGEUP,
    HL_KEY_DELETE,
    HL_KEY_END,
    HL_KEY_PAGEDOWN,
    HL_KEY_RIGHT,
    HL_KEY_LEFT,
    HL_KEY_DOWN,
    HL_KEY_UP,
    HL_KEY_LCTRL = 224,
    HL_KEY_LSHIFT,
    HL_KEY_LALT,
    HL_KEY_RCTRL = 228,
    HL_KEY_RSHIFT,
    HL_KEY_RALT,
    HL_MOUSE_LEFT = 240,
    HL_MOUSE_MIDDLE,
    HL_MOUSE_RIGHT,
    HL_MOUSE_X1,
    HL_MOUSE_X2,
    HL_KEYS = 256
} hl_key;

// Everything from outside, for one tick. This struct is what a recording holds: plain data, no
// pointers, all reserved bytes zero. F1..F12 belong to the runtime and never appear here.
typedef struct hl_input {
    hl_button key[HL_KEYS];            // by hl_key
    hl_vec2 mouse, mouse_delta, wheel; // canvas units; wheel in notches, y > 0 away from the user
    hl_pad pad[4];                     // player slots 0..3
    char text[32]; // what was typed, NUL-terminated; what does not fit comes with the next tick
    int32_t window_w, window_h; // the real window in pixels (the canvas size never changes by it)
    uint8_t focused, mouse_inside;
    uint8_t reserved[6]; // zero
} hl_input;

struct hl_tick { // read-only to games
    const hl_input *in;
    uint64_t tick; // 0 in init(), then 1, 2, 3 ...
    double time;   // tick * dt: seconds of game time
    float dt;      // 1 / tick_rate, always the same
    uint32_t seed; // this session's seed (--seed); recorded
    bool reloaded; // the first tick of new code: rebuild caches, read tables again
};

bool hl_down(const hl_tick *t, int key);     // held at the end of this tick
bool hl_pressed(const hl_tick *t, int key);  // went down at least once in this tick
bool hl_released(const hl_tick *t, int key); // went up at least once in this tick
int hl_presses(const hl_tick *t, int key);   // how many times it went down in this tick
// Pressed, and again every period_s once it has been held for delay_s of game time.
bool hl_repeat(const hl_tick *t, int key, float delay_s, float period_s);
// -1, 0 or 1; both held is 0.
float hl_axis(const hl_tick *t, int negative_key, int positive_key);
bool hl_pad_down(const hl_tick *t, int player, hl_pad_button button);
bool hl_pad_pressed(const hl_tick *t, int player, hl_pad_button button);
// The fantasy console's pad. Player 0 is gamepad 0 and the keyboard: arrows or WASD; Z or Space is
// A, X is B, C is X, V is Y, Enter is START, Backspace is BACK. Players 1..3 are gamepads 1..3.
hl_vec2 hl_move(const hl_tick *t, int player); // length <= 1, y down; stick, d-pad or keys
bool hl_btn(const hl_tick *t, int player, hl_pad_button button);  // held
bool hl_btnp(const hl_tick *t, int player, hl_pad_button button); // pressed in this tick
// low and high motor 0..1, for at most 5 seconds.
void hl_rumble(hl_tick *t, int player, float low, float high, float seconds);

// --------------------------------------------------------------------------------------- memory

// Zeroed objects in the game's arena, at addresses that never change: part of the state like Game
// itself. Never NULL: a full arena ends the tick with the sizes by type. hl_free(NULL) is fine; a
// double free or a foreign pointer ends the tick. hl_resize keeps the first min(old, new) elements,
// zeroes new ones and may move; p may be NULL.
#define hl_new(t, T, n)       ((T *)hl_alloc((t), #T, sizeof(T), _Alignof(T), (n)))
#define hl_resize(t, p, T, n) ((T *)hl_realloc((t), (p), #T, sizeof(T), _Alignof(T), (n)))
// Zeroed, gone after this tick, not part of the state.
#define hl_temp(t, T, n) ((T *)hl_alloc_temp((t), #T, sizeof(T), _Alignof(T), (n)))
void *hl_alloc(hl_tick *t, const char *type, size_t size, size_t align, size_t count);
void *hl_alloc_temp(hl_tick *t, const char *type, size_t size, size_t align, size_t count);
void *hl_realloc(hl_tick *t, void *p, const char *type, size_t size, size_t align, size_t count);
void hl_free(hl_tick *t, void *p);
// A field that got a new name keeps what was in it: HL_WAS(Mob, health, hp); at file scope, where
// Mob is defined, says that Mob.health was Mob.hp. It costs nothing at run time, may stay for ever
// (old replays and saves need it, too) and may stand in a header. A type or a field that is not
// there does not compile.
#define HL_WAS(T, field, old)                                                                      \
    HL_WAS_TEXT(__COUNTER__, sizeof(((void)((T *)0)->field, 0)), #T "." #field "=" #old)
#define HL_WAS_TEXT(number, known, text) HL_WAS_NAMED(number, known, text)
#define HL_WAS_NAMED(number, known, text)                                                          \
    _Static_assert(known > 0, text);                                                               \
    static const char hl_was_##number[] HL_SECTION("hl_was") = text

// ------------------------------------------------------------------------------- random numbers

// PCG32 (O'Neill, pcg-random.org, XSH-RR), written out here because the sequence is part of the
// contract. Keep one in Game for the rules, and a second one for effects.
typedef struct hl_rng {
    uint64_t state, inc;
} hl_rng;

static inline uint32_t hl_rand(hl_rng *rng)
{
    uint64_t old = rng->state;
    rng->state = old * 6364136223846793005ULL + (rng->inc | 1u);
    uint32_t shifted = (uint32_t)(((old >> 18u) ^ old) >> 27u), turn = (uint32_t)(old >> 59u);
    return (shifted >> turn) | (shifted << ((32u - turn) & 31u));
}

static inline void hl_seed(hl_rng *rng, uint32_t seed, uint32_t stream)
{
    rng->state = 0;
    rng->inc = ((uint64_t)stream << 1u) | 1u;
    (void)hl_rand(rng);
    rng->state += seed;
    (void)hl_rand(rng);
}

// lo..hi, both included, lo <= hi; unbiased
static inline int hl_rand_int(hl_rng *rng, int lo, int hi)
{
    uint32_t span = (uint32_t)hi - (uint32_t)lo + 1u, x = hl_rand(rng);
    if (span) { // 0: the whole 32 bits
        uint32_t limit = (0u - span) % span;
        while (x < limit) {
            x = hl_rand(rng);
        }
        x %= span;
    }
    return (int)((uint32_t)lo + x);
}

// lo <= x < hi
static inline float hl_rand_float(hl_rng *rng, float lo, float hi)
{
    float x = lo + (hi - lo) * ((float)(hl_rand(rng) >> 8) * (1.0f / 16777216.0f));
    return x < hi ? x : lo; // lo + (hi - lo) * 0.99999994 can round up to hi
}

// libm's results differ in the last bit between CPUs and versions; these do not. Within 2 ulp for
// |radians| < 10,000.
float hl_sin(float radians);
float hl_cos(float radians);
float hl_atan2(float y, float x);

// --------------------------------------------------------------------- sound (init and update)

typedef enum hl_wave { HL_SQUARE, HL_PULSE25, HL_TRIANGLE, HL_SAW, HL_SINE, HL_NOISE } hl_wave;
typedef struct hl_sound {
    float volume, pan, pitch; // 0 means full, centre (-1 left .. 1 right), as recorded
} hl_sound;
// One shot of a wav or ogg file among the game's assets; at most 32 sound at a time.
void hl_play(hl_tick *t, const char *name);
void hl_play_ex(hl_tick *t, const char *name, hl_sound how);
// Loops. The same name again only changes the volume; NULL stops.
void hl_music(hl_tick *t, const char *name, float volume);
void hl_tone(hl_tick *t, hl_wave wave, float hz, float seconds, float volume);
// Your own synth: add to `*frames` interleaved stereo pairs, 48000 / tick_rate of them a tick.
#define HL_SAMPLE_RATE 48000
float *hl_audio(hl_tick *t, int *frames);

// --------------------------------------------------------------------- files, saves and window

typedef struct hl_bytes {
    const uint8_t *data;
    size_t size;
    uint32_t version;
} hl_bytes;
// An asset's bytes (a level, a table), always followed by a 0 byte and valid until the end of the
// tick. Missing: {NULL, 0, 0}. The version goes up by one each time the file changes on disk.
// Recorded, so a replay does not depend on the disk.
hl_bytes hl_file(hl_tick *t, const char *name);
// True once for every change on disk that the game has not seen through hl_file() yet.
bool hl_file_changed(hl_tick *t, const char *name);
// Save files: atomic and checksummed, under $XDG_DATA_HOME/hotloop/<id>/<slot>.save. HL_SAVE keeps
// the type's name and fields beside the bytes, so HL_LOAD gives today's T even where T had other
// fields then: those of the same name keep their values, new ones are zero, pointers are NULL, and
// what is lost is said. (Without debug information the size has to be the same.) It returns false
// and leaves *data alone if there is no save, if it is of a type of another name, or damaged (the
// file is then kept beside it). What was loaded is recorded. Slots are [A-Za-z0-9_-]+. While a
// moment loops (F6), every pass saves and loads anew. A pointer to something else than T does not
// compile.
#define HL_SAVE(t, slot, T, data) hl_save((t), (slot), #T, (const T *){(data)}, sizeof(T))
#define HL_LOAD(t, slot, T, data) hl_load((t), (slot), #T, (T *){(data)}, sizeof(T))
void hl_save(hl_tick *t, const char *slot, const char *type, const void *data, size_t size);
bool hl_load(hl_tick *t, const char *slot, const char *type, void *data, size_t size);
void hl_quit(hl_tick *t);                   // after this tick
void hl_restart(hl_tick *t);                // init() again, next tick
void hl_mouse_capture(hl_tick *t, bool on); // hide the pointer; only mouse_delta moves

// ---------------------------------------------------------------------- talking to the programmer

// On screen, in the terminal and in the events file, with the tick's number.
void hl_log(hl_tick *t, const char *format, ...) HL_PRINTF(2, 3);
// A breakpoint without a debugger: finish this tick, pause, show why.
void hl_pause(hl_tick *t, const char *format, ...) HL_PRINTF(2, 3);
// A false condition ends the tick there; the game stops and shows the expression with file and
// line.
#define HL_ASSERT(t, condition)                                                                    \
    ((condition) ? (void)0 : hl_assert_fail((t), #condition, __FILE__, __LINE__))
__attribute__((noreturn)) void hl_assert_fail(hl_tick *t, const char *expression, const char *file,
                                              int line);
// HL_WATCH(t, g->vy) reports name and value when the value has changed, at most once a second;
// HL_PLOT reports lowest, highest and last value of each second.
// clang-format off: it does not know _Generic
#define HL_WATCH(t, e)                                                                             \
    _Generic((e),                                                                                  \
        float: hl_watch_f, double: hl_watch_f, hl_vec2: hl_watch_v,                                \
        const char *: hl_watch_s, char *: hl_watch_s, default: hl_watch_i)((t), #e, (e))
// clang-format on
#define HL_PLOT(t, e) hl_plot((t), #e, (double)(e))
void hl_watch_f(hl_tick *t, const char *name, double value);
void hl_watch_i(hl_tick *t, const char *name, long long value);
void hl_watch_v(hl_tick *t, const char *name, hl_vec2 value);
void hl_watch_s(hl_tick *t, const char *name, const char *value);
void hl_plot(hl_tick *t, const char *name, double value);
// Drawn over the game for this tick, seen through the first camera that draw() sets.
void hl_debug_line(hl_tick *t, float x0, float y0, float x1, float y1, hl_color color);
void hl_debug_rect(hl_tick *t, float x, float y, float w, float h, hl_color color);
void hl_debug_circle(hl_tick *t, float x, float y, float r, hl_color color);
void hl_debug_text(hl_tick *t, float x, float y, hl_color color, const char *format, ...)
    HL_PRINTF(5, 6);
// Where a thing was: the last two seconds of points of that name, drawn like the hl_debug_ calls.
void hl_trail(hl_tick *t, const char *name, float x, float y);
// A number to play with: HL_TWEAK(JUMP, 220, 0, 500) at file scope, then use JUMP like a float.
typedef struct hl_tweak {
    const char *name, *file;
    int32_t line;
    float *value, initial, min, max;
} hl_tweak;
#define HL_TWEAK(NAME, INITIAL, MIN, MAX)                                                          \
    static float NAME = (INITIAL);                                                                 \
    static const hl_tweak hl_tweak_##NAME HL_SECTION("hl_tweaks") = {                              \
        #NAME, __FILE__, __LINE__, &NAME, (INITIAL), (MIN), (MAX)}

// --------------------------------------------------------------------------- drawing (in draw())

#define HL_BLACK  0x000000ffu
#define HL_WHITE  0xffffffffu
#define HL_GRAY   0x808080ffu
#define HL_RED    0xff4040ffu
#define HL_GREEN  0x40d060ffu
#define HL_BLUE   0x4080ffffu
#define HL_YELLOW 0xffd040ffu

// Each 0..255; other numbers wrap.
static inline hl_color hl_rgba(int r, int g, int b, int a)
{
    return ((uint32_t)(r & 255) << 24) | ((uint32_t)(g & 255) << 16) | ((uint32_t)(b & 255) << 8)
           | (uint32_t)(a & 255);
}

// The colour with its opacity multiplied by alpha (0..1, clamped).
static inline hl_color hl_fade(hl_color color, float alpha)
{
    float clamped = alpha < 0 ? 0 : alpha > 1 ? 1 : alpha;
    return (color & 0xffffff00u) | (uint32_t)((float)(color & 255u) * clamped + 0.5f);
}

// How far into the next tick this picture is, 0..1: draw previous + (current - previous) * alpha.
float hl_alpha(const hl_canvas *c);
void hl_clear(hl_canvas *c, hl_color color);
void hl_pixel(hl_canvas *c, float x, float y, hl_color color);
// thick 0 is 1
void hl_line(hl_canvas *c, float x0, float y0, float x1, float y1, float thick, hl_color color);
void hl_rect(hl_canvas *c, float x, float y, float w, float h, hl_color color);
void hl_rect_line(hl_canvas *c, float x, float y, float w, float h, float thick, hl_color color);
void hl_circle(hl_canvas *c, float x, float y, float r, hl_color color);
void hl_circle_line(hl_canvas *c, float x, float y, float r, float thick, hl_color color);
void hl_triangle(hl_canvas *c, hl_vec2 p0, hl_vec2 p1, hl_vec2 p2, hl_color color);
typedef struct hl_vertex {
    float x, y, u, v; // u, v: 0..1 over the sprite
    hl_color color;
} hl_vertex;
// Triangles: three indices each, every index < vertex_count. sprite may be NULL: plain colours.
void hl_mesh(hl_canvas *c, const char *sprite, const hl_vertex *vertices, int vertex_count,
             const uint16_t *indices, int index_count);
// Sprites by file name among the assets ("hero.png"); a missing one is a magenta check that carries
// its name.
typedef struct hl_spr {
    float fw, fh; // cell of the sheet (0 = whole image)
    int frame;    // cell number, row by row; wraps around
    float ox, oy; // origin in the cell: lands on x, y and is what the sprite turns about
    float sx, sy; // scale (0 = 1)
    float angle;
    bool flip_x, flip_y; // within the cell
    hl_color tint;       // multiplies; 0 = white
} hl_spr;
void hl_sprite(hl_canvas *c, const char *name, float x, float y); // x, y: top left
void hl_sprite_ex(hl_canvas *c, const char *name, float x, float y, hl_spr how);
hl_vec2 hl_sprite_size(hl_canvas *c, const char *name); // {0, 0} if missing
// size: height of a line in canvas units, 0 = 8
void hl_text(hl_canvas *c, float x, float y, float size, hl_color color, const char *format, ...)
    HL_PRINTF(6, 7);
float hl_text_width(hl_canvas *c, float size, const char *text); // of its widest line
// For later hl_text(); NULL is the built-in 8x8 font, which has ASCII only: the rest is a box.
void hl_font(hl_canvas *c, const char *ttf);
// A software framebuffer: w * h pixels 0xRRGGBBAA, rows top to bottom, copied now, stretched over
// x, y, dw, dh (dw or dh 0: as many units as pixels).
void hl_pixels(hl_canvas *c, const uint32_t *pixels, int w, int h, float x, float y, float dw,
               float dh);

// Canvas state; all of it returns to the default at the start of every draw().
typedef struct hl_cam {
    float x, y, zoom, angle; // x, y: the world point at the canvas centre; zoom 0 = 1
} hl_cam;
typedef enum hl_blend_mode { HL_ALPHA, HL_ADD, HL_MULTIPLY, HL_NONE } hl_blend_mode;
void hl_camera(hl_canvas *c, hl_cam camera);
void hl_camera_off(hl_canvas *c); // back to canvas units (for score and lives)
// Where a point of the canvas (the mouse, say) is in the camera's world; for update() too.
hl_vec2 hl_to_world(hl_cam camera, float canvas_w, float canvas_h, hl_vec2 on_canvas);
void hl_layer(hl_canvas *c, int z); // -1000..1000, clamped; higher is in front; stable within one
void hl_blend(hl_canvas *c, hl_blend_mode mode);
void hl_clip(hl_canvas *c, hl_rectf rect); // canvas units, whatever the camera; {0} = off

// --------------------------------------------------------------------------------- the game itself

// The state as the build before held it, by its own names: "hero.hp", "mobs[3].pos.x",
// "mobs[3].target->hp", "score" of a variable. `otherwise` when there is no such number.
typedef struct hl_old hl_old;
double hl_old_number(const hl_old *old, const char *path, double otherwise);
// The bytes themselves; false, and *out is left alone, when there is no such place of that size.
bool hl_old_bytes(const hl_old *old, const char *path, void *out, size_t size);

typedef struct hl_game {
    uint32_t api, size; // HL_API_VERSION, sizeof(hl_game): checked before anything runs
    const char *state_type;
    size_t state_size, state_align;
    void (*init)(void *state, hl_tick *t);
    void (*update)(void *state, hl_tick *t);
    void (*draw)(const void *state, hl_canvas *c);
    const char *title;
    const char *id;    // save folder and window memory, [a-z0-9_-]+; default: the folder's name
    int width, height; // canvas, 1..4096; default 320 x 180, shown scaled by whole pixels
    int tick_rate;     // 1..1000; default 60
    size_t arena;      // bytes for Game and hl_new(); default 64 MiB, of address space only
    bool smooth;       // scale the canvas with filtering to fill the window
    // For what only you can decide about an edit of your structs: called once the state is in the
    // new ones, before the first update (and whenever a moment of an older build is gone to). What
    // would have been refused is zero then. Optional; take it out again whenever you like.
    void (*migrate)(void *state, hl_tick *t, const hl_old *old);
} hl_game;

// HL_GAME(Game, init, update, draw, .title = "Pong", .width = 320, .height = 180);
// Type-checked thunks and the one exported symbol. It is data, so that reading it runs no code.
#define HL_GAME(T, INIT, UPDATE, DRAW, ...)                                                        \
    static void hl_thunk_init(void *state, hl_tick *t)                                             \
    {                                                                                              \
        INIT((T *)state, t);                                                                       \
    }                                                                                              \
    static void hl_thunk_update(void *state, hl_tick *t)                                           \
    {                                                                                              \
        UPDATE((T *)state, t);                                                                     \
    }                                                                                              \
    static void hl_thunk_draw(const void *state, hl_canvas *c)                                     \
    {                                                                                              \
        DRAW((const T *)state, c);                                                                 \
    }                                                                                              \
    extern const hl_game hotloop_game;                                                             \
    HL_EXPORT const hl_game hotloop_game = {.api = HL_API_VERSION,                                 \
                                            .size = sizeof(hl_game),                               \
                                            .state_type = #T,                                      \
                                            .state_size = sizeof(T),                               \
                                            .state_align = _Alignof(T),                            \
                                            .init = hl_thunk_init,                                 \
                                            .update = hl_thunk_update,                             \
                                            .draw = hl_thunk_draw,                                 \
                                            __VA_ARGS__}

#pragma GCC visibility pop
#endif // HOTLOOP_H
