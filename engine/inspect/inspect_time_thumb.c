// A whole picture drawn small into another list. Its commands are given again under cameras that
// lead into the box, sorted by layer here, for in the other list they are all on one.
#include "inspect_time.h"

#include <math.h>

enum { THUMB_LAYER = 900, ORDER_MAX = 20000 }; // above panels; more commands make no picture

typedef struct Thumb {
    const DrawList *from;
    DrawList *over;
    hl_rectf box;
    float by; // canvas units to pixels
} Thumb;

// A point p of the world is at box + by * (canvas / 2 + zoom * turn(p - camera)). The other list
// has canvas / 2 of its own in that place, so the camera is moved by the difference, turned back.
static void put_camera(const Thumb *thumb, uint16_t which)
{
    const DrawList *from = thumb->from;
    hl_cam camera = {.x = from->width / 2, .y = from->height / 2, .zoom = 1};
    if (which > 0 && which < from->camera_count) {
        camera = from->cameras[which];
    }
    camera.zoom = camera.zoom * thumb->by;
    float dx = thumb->over->width / 2 - thumb->box.x - thumb->by * from->width / 2;
    float dy = thumb->over->height / 2 - thumb->box.y - thumb->by * from->height / 2;
    float c = cosf(camera.angle), s = sinf(camera.angle);
    camera.x += (dx * c + dy * s) / camera.zoom;
    camera.y += (dy * c - dx * s) / camera.zoom;
    draw_camera(thumb->over, &camera);
}

// The box, and in it what the picture itself is cut to. False: nothing is left.
static bool put_clip(const Thumb *thumb, uint16_t which)
{
    hl_rectf box = thumb->box;
    if (which > 0 && which < thumb->from->clip_count) {
        hl_rectf clip = thumb->from->clips[which];
        float x0 = box.x + clip.x * thumb->by, y0 = box.y + clip.y * thumb->by;
        float x1 = fminf(x0 + clip.w * thumb->by, box.x + box.w);
        float y1 = fminf(y0 + clip.h * thumb->by, box.y + box.h);
        x0 = fmaxf(x0, box.x);
        y0 = fmaxf(y0, box.y);
        box = (hl_rectf){x0, y0, x1 - x0, y1 - y0};
    }
    if (!(box.w > 0 && box.h > 0)) {
        return false;
    }
    draw_clip(thumb->over, box);
    return true;
}

static uint32_t image_of(const Thumb *thumb, uint32_t image)
{
    return image > 0 && image < thumb->from->image_count
               ? draw_image(thumb->over, &thumb->from->images[image])
               : 0;
}

static void put_shape(const Thumb *thumb, const DrawCmd *cmd)
{
    const DrawList *from = thumb->from;
    DrawList *over = thumb->over;
    const float *p = cmd->p;
    hl_rectf rect = {p[0], p[1], p[2], p[3]};
    switch ((DrawKind)cmd->kind) {
    case DRAW_CLEAR:
        break;
    case DRAW_PIXEL:
        draw_pixel(over, p[0], p[1], cmd->rgba);
        break;
    case DRAW_LINE:
        draw_line(over, p[0], p[1], p[2], p[3], p[4], cmd->rgba);
        break;
    case DRAW_RECT:
        draw_rect(over, rect, cmd->rgba);
        break;
    case DRAW_RECT_LINE:
        draw_rect_line(over, rect, p[4], cmd->rgba);
        break;
    case DRAW_CIRCLE:
        draw_circle(over, p[0], p[1], p[2], cmd->rgba);
        break;
    case DRAW_CIRCLE_LINE:
        draw_circle_line(over, p[0], p[1], p[2], p[3], cmd->rgba);
        break;
    case DRAW_TRIANGLE:
        draw_triangle(over, (hl_vec2){p[0], p[1]}, (hl_vec2){p[2], p[3]}, (hl_vec2){p[4], p[5]},
                      cmd->rgba);
        break;
    case DRAW_MESH:
        draw_mesh(over, image_of(thumb, cmd->image), from->vertices + cmd->first, cmd->count,
                  from->indices + cmd->second, cmd->second_count);
        break;
    case DRAW_SPRITE: {
        const DrawSprite *sprite = &from->sprites[cmd->first];
        uint32_t before = over->sprite_count;
        draw_sprite(over, image_of(thumb, cmd->image), sprite->x, sprite->y, sprite->how);
        if (over->sprite_count > before) { // its cell has been found already
            over->sprites[before].source_px = sprite->source_px;
        }
        break;
    }
    case DRAW_TEXT:
        draw_text(over, p[0], p[1], p[2], cmd->rgba, from->text + cmd->first);
        break;
    case DRAW_PIXELS:
        if (cmd->image > 0 && cmd->image < from->image_count) {
            const DrawImage *image = &from->images[cmd->image];
            draw_pixels(over, image->pixels, image->w, image->h, rect);
        }
        break;
    }
}

static void put_layer(const Thumb *thumb, int layer)
{
    const DrawList *from = thumb->from;
    int camera = -1, clip = -1;
    bool is_seen = false;
    for (uint32_t i = 0; i < from->cmd_count; i++) {
        const DrawCmd *cmd = &from->cmds[i];
        if (cmd->kind == DRAW_CLEAR || cmd->layer != layer) {
            continue;
        }
        if (cmd->camera != camera) {
            camera = cmd->camera;
            put_camera(thumb, cmd->camera);
        }
        if (cmd->clip != clip) {
            clip = cmd->clip;
            is_seen = put_clip(thumb, cmd->clip);
        }
        if (is_seen) {
            draw_blend(thumb->over, (hl_blend_mode)cmd->blend);
            put_shape(thumb, cmd);
        }
    }
}

// The lowest layer above `layer`; false: there is none.
static bool next_layer(const DrawList *from, int *layer)
{
    int best = INT32_MAX;
    for (uint32_t i = 0; i < from->cmd_count; i++) {
        int one = from->cmds[i].layer;
        best = one > *layer && one < best ? one : best;
    }
    *layer = best;
    return best != INT32_MAX;
}

static uint32_t background(const DrawList *from)
{
    for (uint32_t i = 0; i < from->cmd_count; i++) {
        if (from->cmds[i].kind == DRAW_CLEAR) {
            return from->cmds[i].rgba;
        }
    }
    return HL_BLACK;
}

void inspect_time_thumb(const DrawList *picture, hl_rectf box, DrawList *over)
{
    Thumb thumb = {.from = picture, .over = over, .box = box, .by = box.w / picture->width};
    int layer = INT32_MIN, kept = over->layer;
    draw_layer(over, THUMB_LAYER);
    draw_rect(over, box, background(picture));
    while (picture->cmd_count <= ORDER_MAX && next_layer(picture, &layer)) {
        put_layer(&thumb, layer);
    }
    draw_camera(over, NULL);
    draw_clip(over, (hl_rectf){0});
    draw_blend(over, HL_ALPHA);
    draw_layer(over, kept);
}
