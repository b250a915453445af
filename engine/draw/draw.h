// One frame of picture as data. The game fills a list (through the hl_ calls), then the panels fill
// theirs; platform draws each once. Nothing here knows a window: a list can be hashed, printed and
// turned into triangles anywhere. draw_mesh.c makes the triangles, draw_font.c holds the built-in
// 8x8 font (made from assets/font8x8.txt).
#ifndef DRAW_H
#define DRAW_H
#include "arena.h"
#include "hotloop.h"

// p[] by kind, in the units of the camera in force:
typedef enum DrawKind {
    DRAW_CLEAR,       // -
    DRAW_PIXEL,       // x y
    DRAW_LINE,        // x0 y0 x1 y1 thick
    DRAW_RECT,        // x y w h
    DRAW_RECT_LINE,   // x y w h thick
    DRAW_CIRCLE,      // x y r
    DRAW_CIRCLE_LINE, // x y r thick
    DRAW_TRIANGLE,    // x0 y0 x1 y1 x2 y2
    DRAW_MESH,        // - ; vertices `first`.., `count` of them, indices `second`.., `second_count`
    DRAW_SPRITE,      // - ; sprites[first]
    DRAW_TEXT,        // x y size ; `count` bytes of text at `first`, and a 0 byte
    DRAW_PIXELS       // x y w h ; image is one of this frame's images
} DrawKind;

typedef struct DrawCmd {
    uint8_t kind;  // DrawKind
    uint8_t blend; // hl_blend_mode
    int16_t layer;
    uint16_t camera; // index into cameras; 0 is canvas units
    uint16_t clip;   // index into clips; 0 is none
    uint32_t rgba;
    uint32_t image;        // index into images; 0 is the built-in font, whose one texel is white
    uint32_t first, count; // by kind
    uint32_t second, second_count;
    float p[6];
} DrawCmd;

// A picture that this frame uses. `key` names it for as long as the session lives; platform keeps a
// texture a key and uploads it again when `version` has changed. Keys with DRAW_KEY_STREAM are
// framebuffers of hl_pixels: numbered in the order of the frame, uploaded every time.
#define DRAW_KEY_STREAM 0x80000000u
typedef struct DrawImage {
    uint32_t key, version;
    int32_t w, h;
    const uint32_t *pixels; // 0xRRGGBBAA, w * h; borrowed until the list is drawn
    bool smooth;            // filtered (a TrueType font) instead of whole pixels
} DrawImage;

typedef struct DrawSprite {
    hl_rectf source_px; // in the image
    hl_spr how;         // frame, fw, fh already resolved into source_px
    float x, y;
} DrawSprite;

// All arrays grow inside the list's own arenas and keep their capacity over draw_reset. Float
// coordinates that are not finite make the command be dropped and counted.
typedef struct DrawList {
    DrawCmd *cmds;
    DrawImage *images;
    DrawSprite *sprites;
    hl_vertex *vertices;
    uint16_t *indices;
    hl_cam *cameras;
    hl_rectf *clips;
    char *text;
    uint32_t *pixels;
    uint32_t cmd_count, image_count, sprite_count, vertex_count, index_count, camera_count;
    uint32_t clip_count, text_count, pixel_count;
    uint32_t dropped;    // commands that found no room or were not finite
    float width, height; // canvas units the list is drawn in
    // State that the next command is given:
    int16_t layer;
    uint16_t camera, clip; // DRAW_STATE_NONE: could not be set, so commands are dropped
    uint8_t blend;
    uint32_t stream_count;   // of this frame's images, those with DRAW_KEY_STREAM
    uint16_t image_at[2048]; // where a key's image is, by the key's hash; 0 is a free place
    Arena memory[9];         // one for each array, in the order above
} DrawList;

// Limits a frame: beyond them commands are dropped and counted.
enum {
    DRAW_CMDS_MAX = 1 << 18,
    DRAW_IMAGES_MAX = 1 << 10,
    DRAW_VERTICES_MAX = 1 << 20,
    DRAW_INDICES_MAX = 3 << 20,
    DRAW_CAMERAS_MAX = 1 << 12,
    DRAW_CLIPS_MAX = 1 << 12,
    DRAW_TEXT_MAX = 1 << 20, // bytes, the 0 after each text among them
    DRAW_PIXELS_MAX = 1 << 24,
    DRAW_LAYER_MAX = 1000, // and -1000: what is outside is clamped
    DRAW_STATE_NONE = UINT16_MAX,
    // Of DrawTriangles:
    DRAW_TRIANGLE_VERTICES_MAX = 1 << 21,
    DRAW_TRIANGLE_INDICES_MAX = 3 << 21
};

bool draw_open(DrawList *draw, Fault *fault);
void draw_close(DrawList *draw);
// Empties the list for a frame of this canvas; state goes back to its defaults.
void draw_reset(DrawList *draw, float width, float height);

// The state of later commands. A camera or clip that is not finite, or one too many, leaves nothing
// to draw with: commands are dropped and counted until the next one that is good.
// A world point lands on the canvas at
//     (width / 2, height / 2) + zoom * turn(point - (camera.x, camera.y), camera.angle)
// where turn(p, a) is {p.x cos a - p.y sin a, p.x sin a + p.y cos a}: the world turns clockwise.
void draw_camera(DrawList *draw, const hl_cam *camera); // NULL: canvas units
void draw_clip(DrawList *draw, hl_rectf rect);          // canvas units; w or h <= 0: off
void draw_layer(DrawList *draw, int layer);
void draw_blend(DrawList *draw, hl_blend_mode blend);

// What has no area (w, h or r <= 0, an empty text) is not entered. A thickness <= 0 is 1. Lines of
// a rectangle or circle lie inside what draw_rect and draw_circle fill, and never blend twice.

// The background of the whole canvas, whatever the state; also drops what was drawn before it in
// this list. Images stay, as their indices may be in use.
void draw_clear(DrawList *draw, uint32_t rgba);
void draw_pixel(DrawList *draw, float x, float y, uint32_t rgba);
// Centred on the pixels that draw_pixel would set at its ends, so {0, 0} - {9, 0} of thickness 1 is
// the top row and not half of two rows. A line of no length is a square dot.
void draw_line(DrawList *draw, float x0, float y0, float x1, float y1, float thick, uint32_t rgba);
void draw_rect(DrawList *draw, hl_rectf box, uint32_t rgba);
void draw_rect_line(DrawList *draw, hl_rectf box, float thick, uint32_t rgba);
void draw_circle(DrawList *draw, float x, float y, float r, uint32_t rgba);
void draw_circle_line(DrawList *draw, float x, float y, float r, float thick, uint32_t rgba);
void draw_triangle(DrawList *draw, hl_vec2 a, hl_vec2 b, hl_vec2 c, uint32_t rgba);
// `image` for these: what draw_image returned in this frame. Image 0 is plain colours for a mesh; a
// sprite of it is dropped. Indices out of range, or not three a triangle, drop the command.
void draw_mesh(DrawList *draw, uint32_t image, const hl_vertex *vertices, uint32_t vertex_count,
               const uint16_t *indices, uint32_t index_count);
void draw_sprite(DrawList *draw, uint32_t image, float x, float y, hl_spr how);
// The built-in font, `size` high (<= 0: 8); '\n' starts a line. Code points that it has no glyph
// for draw a box, and so does each byte that is not UTF-8.
void draw_text(DrawList *draw, float x, float y, float size, uint32_t rgba, const char *text);
float draw_text_width(float size, const char *text); // of the widest line
// Copies w * h pixels into the list. box.w or box.h 0: as many units as pixels.
void draw_pixels(DrawList *draw, const uint32_t *pixels, int w, int h, hl_rectf box);
// Enters an image into this frame; the same key again gives the same index, and what it shows is
// what was said last (an atlas that grew in between). 0 when full or without pixels.
uint32_t draw_image(DrawList *draw, const DrawImage *image);

// Equal for equal pictures; the same on every machine. Covers commands, texts, pixels and the
// images' keys and sizes (not their texels). Goes by what commands refer to, so the order in which
// cameras, clips and images were entered does not matter.
uint64_t draw_hash(const DrawList *draw);
// Human-readable, one command a line, into `arena`.
const char *draw_print(const DrawList *draw, Arena *arena);

// What a renderer needs: triangles in canvas units, in order, cut into runs that share image, blend
// and clip. Shapes and built-in text share image 0, so a frame without sprites is one batch.
typedef struct DrawVertex {
    float x, y, u, v; // always finite; x, y within +-2^24, u, v within 0..1
    uint8_t r, g, b, a;
} DrawVertex;
typedef struct DrawBatch {
    uint32_t image; // index into the list's images
    uint8_t blend;
    hl_rectf clip; // w <= 0: none
    uint32_t first_index, index_count;
} DrawBatch;
typedef struct DrawTriangles {
    DrawVertex *vertices;
    int32_t *indices;
    DrawBatch *batches;
    uint32_t *order; // of the commands, sorted by layer; scratch
    uint32_t vertex_count, index_count, batch_count;
    bool clears;
    uint32_t clear_rgba; // when `clears`
    uint32_t dropped;    // commands that found no room
    Arena memory[4];     // one for each array, in the order above
} DrawTriangles;

bool draw_triangles_open(DrawTriangles *triangles, Fault *fault);
void draw_triangles_close(DrawTriangles *triangles);
// Sorts by layer (stable), transforms by camera, tessellates and batches. Pure: reads only the
// list.
void draw_triangulate(const DrawList *draw, DrawTriangles *triangles);
// Image 0: the built-in font as 0xRRGGBBAA with a white texel, for the renderer to upload.
const DrawImage *draw_builtin_image(void);

#endif
