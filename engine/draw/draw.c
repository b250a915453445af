// Contents: room, opening and state, simple commands, pictures, text
#include "draw_parts.h"

#include <math.h>
#include <string.h>

// In the order of DrawList.memory.
typedef enum ListArray {
    ARRAY_CMDS,
    ARRAY_IMAGES,
    ARRAY_SPRITES,
    ARRAY_VERTICES,
    ARRAY_INDICES,
    ARRAY_CAMERAS,
    ARRAY_CLIPS,
    ARRAY_TEXT,
    ARRAY_PIXELS,
    ARRAY_COUNT
} ListArray;

typedef struct ArrayShape {
    size_t item_bytes, max;
} ArrayShape;

static const ArrayShape shapes[ARRAY_COUNT] = {
    {sizeof(DrawCmd), DRAW_CMDS_MAX},     {sizeof(DrawImage), DRAW_IMAGES_MAX},
    {sizeof(DrawSprite), DRAW_CMDS_MAX},  {sizeof(hl_vertex), DRAW_VERTICES_MAX},
    {sizeof(uint16_t), DRAW_INDICES_MAX}, {sizeof(hl_cam), DRAW_CAMERAS_MAX},
    {sizeof(hl_rectf), DRAW_CLIPS_MAX},   {sizeof(char), DRAW_TEXT_MAX},
    {sizeof(uint32_t), DRAW_PIXELS_MAX},
};

// ----------------------------------------------------------------------------------------- room

bool draw_room(Arena *memory, size_t item_bytes, size_t max, size_t count, size_t more)
{
    const size_t step_bytes = 1 << 16;
    if (more > max - count) {
        return false;
    }
    size_t ready = memory->used_bytes / item_bytes;
    if (count + more <= ready) {
        return true;
    }
    // Whole items at alignment 1, so that pieces pushed one after the other make one array.
    size_t wanted = count + more - ready, step = step_bytes / item_bytes;
    wanted = wanted > step ? wanted : step;
    wanted = wanted < max - ready ? wanted : max - ready;
    return arena_try_push(memory, item_bytes, 1, wanted) != NULL;
}

static bool list_room(DrawList *draw, ListArray array, size_t count, size_t more)
{
    return draw_room(&draw->memory[array], shapes[array].item_bytes, shapes[array].max, count,
                     more);
}

bool draw_is_finite(const float *values, size_t count)
{
    // A number times 0 is 0 unless it is infinite or none.
    float sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += values[i] * 0.0f;
    }
    return sum == 0.0f;
}

// Enters a command with the state in force. NULL, and counted, when it cannot be drawn.
static DrawCmd *add(DrawList *draw, DrawKind kind, uint32_t rgba, const float *p, size_t p_count)
{
    if (draw->camera == DRAW_STATE_NONE || draw->clip == DRAW_STATE_NONE
        || !draw_is_finite(p, p_count) || !list_room(draw, ARRAY_CMDS, draw->cmd_count, 1)) {
        draw->dropped++;
        return NULL;
    }
    DrawCmd *cmd = &draw->cmds[draw->cmd_count++];
    *cmd = (DrawCmd){.kind = (uint8_t)kind,
                     .blend = draw->blend,
                     .layer = draw->layer,
                     .camera = draw->camera,
                     .clip = draw->clip,
                     .rgba = rgba};
    for (size_t i = 0; i < p_count; i++) {
        cmd->p[i] = p[i];
    }
    return cmd;
}

// ---------------------------------------------------------------------------- opening and state

// The room for what each list begins with is made here, so that draw_reset cannot fail.
static bool open_arrays(DrawList *draw, Fault *fault)
{
    for (int i = 0; i < ARRAY_COUNT; i++) {
        if (!arena_open(&draw->memory[i], 0, shapes[i].item_bytes * shapes[i].max, fault)) {
            return false;
        }
        if (!list_room(draw, (ListArray)i, 0, 1)) {
            return fault_set(fault, FAULT_MEMORY,
                             "no memory for a list of drawing commands; "
                             "close something and start again");
        }
    }
    return true;
}

bool draw_open(DrawList *draw, Fault *fault)
{
    *draw = (DrawList){0};
    if (!open_arrays(draw, fault)) {
        draw_close(draw);
        return false;
    }
    draw->cmds = (DrawCmd *)(void *)draw->memory[ARRAY_CMDS].base;
    draw->images = (DrawImage *)(void *)draw->memory[ARRAY_IMAGES].base;
    draw->sprites = (DrawSprite *)(void *)draw->memory[ARRAY_SPRITES].base;
    draw->vertices = (hl_vertex *)(void *)draw->memory[ARRAY_VERTICES].base;
    draw->indices = (uint16_t *)(void *)draw->memory[ARRAY_INDICES].base;
    draw->cameras = (hl_cam *)(void *)draw->memory[ARRAY_CAMERAS].base;
    draw->clips = (hl_rectf *)(void *)draw->memory[ARRAY_CLIPS].base;
    draw->text = (char *)draw->memory[ARRAY_TEXT].base;
    draw->pixels = (uint32_t *)(void *)draw->memory[ARRAY_PIXELS].base;
    draw_reset(draw, 0, 0);
    return true;
}

void draw_close(DrawList *draw)
{
    for (int i = 0; i < ARRAY_COUNT; i++) {
        arena_close(&draw->memory[i]);
    }
    *draw = (DrawList){0};
}

static void drop_commands(DrawList *draw)
{
    draw->cmd_count = draw->sprite_count = draw->text_count = 0;
    draw->vertex_count = draw->index_count = 0;
}

void draw_reset(DrawList *draw, float width, float height)
{
    drop_commands(draw);
    draw->pixel_count = draw->stream_count = draw->dropped = 0;
    draw->image_count = draw->camera_count = draw->clip_count = 1;
    draw->images[0] = *draw_builtin_image();
    draw->cameras[0] = (hl_cam){0};
    draw->clips[0] = (hl_rectf){0};
    memset(draw->image_at, 0, sizeof(draw->image_at));
    draw->width = width;
    draw->height = height;
    draw->layer = 0;
    draw->camera = draw->clip = 0;
    draw->blend = HL_ALPHA;
}

static bool same_camera(hl_cam a, hl_cam b)
{
    return a.x == b.x && a.y == b.y && a.zoom == b.zoom && a.angle == b.angle;
}

// Cameras and clips are searched from the newest: a frame sets the same few again and again.
void draw_camera(DrawList *draw, const hl_cam *camera)
{
    draw->camera = 0;
    if (!camera) {
        return;
    }
    hl_cam wanted = *camera;
    wanted.zoom = wanted.zoom == 0.0f ? 1.0f : wanted.zoom;
    draw->camera = DRAW_STATE_NONE;
    if (!draw_is_finite((float[]){wanted.x, wanted.y, wanted.zoom, wanted.angle}, 4)) {
        return;
    }
    for (uint32_t i = draw->camera_count; i-- > 1;) {
        if (same_camera(draw->cameras[i], wanted)) {
            draw->camera = (uint16_t)i;
            return;
        }
    }
    if (list_room(draw, ARRAY_CAMERAS, draw->camera_count, 1)) {
        draw->camera = (uint16_t)draw->camera_count;
        draw->cameras[draw->camera_count++] = wanted;
    }
}

static bool same_rect(hl_rectf a, hl_rectf b)
{
    return a.x == b.x && a.y == b.y && a.w == b.w && a.h == b.h;
}

void draw_clip(DrawList *draw, hl_rectf rect)
{
    draw->clip = DRAW_STATE_NONE;
    if (!draw_is_finite((float[]){rect.x, rect.y, rect.w, rect.h}, 4)) {
        return;
    }
    if (rect.w <= 0 || rect.h <= 0) {
        draw->clip = 0;
        return;
    }
    for (uint32_t i = draw->clip_count; i-- > 1;) {
        if (same_rect(draw->clips[i], rect)) {
            draw->clip = (uint16_t)i;
            return;
        }
    }
    if (list_room(draw, ARRAY_CLIPS, draw->clip_count, 1)) {
        draw->clip = (uint16_t)draw->clip_count;
        draw->clips[draw->clip_count++] = rect;
    }
}

void draw_layer(DrawList *draw, int layer)
{
    layer = layer < -DRAW_LAYER_MAX ? -DRAW_LAYER_MAX : layer;
    draw->layer = (int16_t)(layer > DRAW_LAYER_MAX ? DRAW_LAYER_MAX : layer);
}

void draw_blend(DrawList *draw, hl_blend_mode blend)
{
    // A game may hand us any number.
    bool known = blend == HL_ADD || blend == HL_MULTIPLY || blend == HL_NONE;
    draw->blend = (uint8_t)(known ? blend : HL_ALPHA);
}

// ------------------------------------------------------------------------------ simple commands

void draw_clear(DrawList *draw, uint32_t rgba)
{
    drop_commands(draw);
    // draw_open made room for one command, and the background knows no state.
    draw->cmds[draw->cmd_count++] = (DrawCmd){.kind = DRAW_CLEAR, .rgba = rgba};
}

void draw_pixel(DrawList *draw, float x, float y, uint32_t rgba)
{
    (void)add(draw, DRAW_PIXEL, rgba, (float[]){x, y}, 2);
}

static float or_one(float thick)
{
    return thick <= 0 ? 1.0f : thick; // what is no number stays none, and drops the command
}

void draw_line(DrawList *draw, float x0, float y0, float x1, float y1, float thick, uint32_t rgba)
{
    (void)add(draw, DRAW_LINE, rgba, (float[]){x0, y0, x1, y1, or_one(thick)}, 5);
}

void draw_rect(DrawList *draw, hl_rectf box, uint32_t rgba)
{
    if (box.w <= 0 || box.h <= 0) {
        return;
    }
    (void)add(draw, DRAW_RECT, rgba, (float[]){box.x, box.y, box.w, box.h}, 4);
}

void draw_rect_line(DrawList *draw, hl_rectf box, float thick, uint32_t rgba)
{
    if (box.w <= 0 || box.h <= 0) {
        return;
    }
    (void)add(draw, DRAW_RECT_LINE, rgba, (float[]){box.x, box.y, box.w, box.h, or_one(thick)}, 5);
}

void draw_circle(DrawList *draw, float x, float y, float r, uint32_t rgba)
{
    if (r <= 0) {
        return;
    }
    (void)add(draw, DRAW_CIRCLE, rgba, (float[]){x, y, r}, 3);
}

void draw_circle_line(DrawList *draw, float x, float y, float r, float thick, uint32_t rgba)
{
    if (r <= 0) {
        return;
    }
    (void)add(draw, DRAW_CIRCLE_LINE, rgba, (float[]){x, y, r, or_one(thick)}, 4);
}

void draw_triangle(DrawList *draw, hl_vec2 a, hl_vec2 b, hl_vec2 c, uint32_t rgba)
{
    (void)add(draw, DRAW_TRIANGLE, rgba, (float[]){a.x, a.y, b.x, b.y, c.x, c.y}, 6);
}

// ------------------------------------------------------------------------------------- pictures

static bool mesh_is_sound(const DrawList *draw, uint32_t image, const hl_vertex *vertices,
                          uint32_t vertex_count, const uint16_t *indices, uint32_t index_count)
{
    if (image >= draw->image_count || index_count % 3 != 0) {
        return false;
    }
    for (uint32_t i = 0; i < index_count; i++) {
        if (indices[i] >= vertex_count) {
            return false;
        }
    }
    for (uint32_t i = 0; i < vertex_count; i++) {
        const hl_vertex *v = &vertices[i];
        if (!draw_is_finite((float[]){v->x, v->y, v->u, v->v}, 4)) {
            return false;
        }
    }
    return true;
}

void draw_mesh(DrawList *draw, uint32_t image, const hl_vertex *vertices, uint32_t vertex_count,
               const uint16_t *indices, uint32_t index_count)
{
    if (index_count == 0) {
        return;
    }
    // Room first: it bounds how much of somebody's memory is read.
    if (!list_room(draw, ARRAY_VERTICES, draw->vertex_count, vertex_count)
        || !list_room(draw, ARRAY_INDICES, draw->index_count, index_count)
        || !mesh_is_sound(draw, image, vertices, vertex_count, indices, index_count)) {
        draw->dropped++;
        return;
    }
    DrawCmd *cmd = add(draw, DRAW_MESH, 0, NULL, 0);
    if (!cmd) {
        return;
    }
    cmd->image = image;
    cmd->first = draw->vertex_count;
    cmd->count = vertex_count;
    cmd->second = draw->index_count;
    cmd->second_count = index_count;
    memcpy(draw->vertices + draw->vertex_count, vertices, vertex_count * sizeof(*vertices));
    memcpy(draw->indices + draw->index_count, indices, index_count * sizeof(*indices));
    draw->vertex_count += vertex_count;
    draw->index_count += index_count;
}

// One side of a sheet's cell: 0 is the whole image, and a cell is at least a texel.
static float cell_side(float wanted, int32_t whole)
{
    float side = wanted <= 0 || wanted > (float)whole ? (float)whole : wanted;
    return side < 1.0f ? 1.0f : side;
}

static hl_rectf sprite_cell(const DrawImage *image, const hl_spr *how)
{
    float w = cell_side(how->fw, image->w), h = cell_side(how->fh, image->h);
    int64_t columns = (int64_t)((float)image->w / w), rows = (int64_t)((float)image->h / h);
    int64_t cells = columns * rows;
    int64_t cell = (how->frame % cells + cells) % cells;
    return (hl_rectf){(float)(cell % columns) * w, (float)(cell / columns) * h, w, h};
}

void draw_sprite(DrawList *draw, uint32_t image, float x, float y, hl_spr how)
{
    const float all[] = {x, y, how.fw, how.fh, how.ox, how.oy, how.sx, how.sy, how.angle};
    if (image == 0 || image >= draw->image_count || !draw_is_finite(all, COUNT_OF(all))
        || !list_room(draw, ARRAY_SPRITES, draw->sprite_count, 1)) {
        draw->dropped++;
        return;
    }
    DrawCmd *cmd = add(draw, DRAW_SPRITE, how.tint ? how.tint : HL_WHITE, NULL, 0);
    if (!cmd) {
        return;
    }
    DrawSprite *sprite = &draw->sprites[draw->sprite_count];
    *sprite = (DrawSprite){sprite_cell(&draw->images[image], &how), how, x, y};
    sprite->how.fw = sprite->source_px.w;
    sprite->how.fh = sprite->source_px.h;
    sprite->how.frame = 0;
    sprite->how.sx = how.sx == 0.0f ? 1.0f : how.sx;
    sprite->how.sy = how.sy == 0.0f ? 1.0f : how.sy;
    sprite->how.tint = cmd->rgba;
    cmd->image = image;
    cmd->first = draw->sprite_count++;
    cmd->count = 1;
}

void draw_pixels(DrawList *draw, const uint32_t *pixels, int w, int h, hl_rectf box)
{
    if (!pixels || w <= 0 || h <= 0 || box.w < 0 || box.h < 0) {
        return;
    }
    size_t count = (size_t)w * (size_t)h;
    if (!list_room(draw, ARRAY_PIXELS, draw->pixel_count, count)
        || !list_room(draw, ARRAY_IMAGES, draw->image_count, 1)) {
        draw->dropped++;
        return;
    }
    box.w = box.w == 0.0f ? (float)w : box.w;
    box.h = box.h == 0.0f ? (float)h : box.h;
    DrawCmd *cmd = add(draw, DRAW_PIXELS, HL_WHITE, (float[]){box.x, box.y, box.w, box.h}, 4);
    if (!cmd) {
        return;
    }
    uint32_t *copy = draw->pixels + draw->pixel_count;
    memcpy(copy, pixels, count * sizeof(*pixels));
    draw->pixel_count += (uint32_t)count;
    cmd->image = draw->image_count++;
    draw->images[cmd->image] =
        (DrawImage){.key = DRAW_KEY_STREAM | draw->stream_count++, .w = w, .h = h, .pixels = copy};
}

uint32_t draw_image(DrawList *draw, const DrawImage *image)
{
    if (!image->pixels || image->w <= 0 || image->h <= 0) {
        return 0;
    }
    // Half of the places stay free (_Static_assert below), so the search always ends.
    const uint32_t places = COUNT_OF(draw->image_at);
    uint32_t place = (uint32_t)(image->key * 2654435769u) % places;
    while (draw->image_at[place] != 0) {
        uint32_t at = draw->image_at[place];
        if (draw->images[at].key == image->key) {
            draw->images[at] = *image;
            return at;
        }
        place = (place + 1) % places;
    }
    if (!list_room(draw, ARRAY_IMAGES, draw->image_count, 1)) {
        return 0;
    }
    draw->images[draw->image_count] = *image;
    draw->image_at[place] = (uint16_t)draw->image_count;
    return draw->image_count++;
}
_Static_assert(sizeof(((DrawList *)0)->image_at) >= 2 * DRAW_IMAGES_MAX * sizeof(uint16_t),
               "image_at needs more places than there are images");

// ----------------------------------------------------------------------------------------- text

void draw_text(DrawList *draw, float x, float y, float size, uint32_t rgba, const char *text)
{
    size_t bytes = text ? strlen(text) : 0;
    if (bytes == 0) {
        return;
    }
    if (!list_room(draw, ARRAY_TEXT, draw->text_count, bytes + 1)) {
        draw->dropped++;
        return;
    }
    size = size <= 0 ? DRAW_TEXT_SIZE : size;
    DrawCmd *cmd = add(draw, DRAW_TEXT, rgba, (float[]){x, y, size}, 3);
    if (!cmd) {
        return;
    }
    cmd->first = draw->text_count;
    cmd->count = (uint32_t)bytes;
    memcpy(draw->text + draw->text_count, text, bytes + 1);
    draw->text_count += (uint32_t)bytes + 1;
}

float draw_text_width(float size, const char *text)
{
    uint32_t widest = 0, cells = 0, code_point;
    while (text && (code_point = text_next(&text)) != 0) {
        cells = code_point == '\n' ? 0 : cells + 1;
        widest = cells > widest ? cells : widest;
    }
    return (float)widest * (size > 0 && isfinite(size) ? size : DRAW_TEXT_SIZE);
}
