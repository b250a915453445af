// Drawing calls: names to images, then into the draw list.
#include "host_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_MAX = 4096, GLYPHS_AT_ONCE = 64 };

float hl_alpha(const hl_canvas *c)
{
    return c->alpha;
}

void hl_clear(hl_canvas *c, hl_color color)
{
    draw_clear(c->draw, color);
}

void hl_pixel(hl_canvas *c, float x, float y, hl_color color)
{
    draw_pixel(c->draw, x, y, color);
}

void hl_line(hl_canvas *c, float x0, float y0, float x1, float y1, float thick, hl_color color)
{
    draw_line(c->draw, x0, y0, x1, y1, thick, color);
}

void hl_rect(hl_canvas *c, float x, float y, float w, float h, hl_color color)
{
    draw_rect(c->draw, (hl_rectf){x, y, w, h}, color);
}

void hl_rect_line(hl_canvas *c, float x, float y, float w, float h, float thick, hl_color color)
{
    draw_rect_line(c->draw, (hl_rectf){x, y, w, h}, thick, color);
}

void hl_circle(hl_canvas *c, float x, float y, float r, hl_color color)
{
    draw_circle(c->draw, x, y, r, color);
}

void hl_circle_line(hl_canvas *c, float x, float y, float r, float thick, hl_color color)
{
    draw_circle_line(c->draw, x, y, r, thick, color);
}

void hl_triangle(hl_canvas *c, hl_vec2 p0, hl_vec2 p1, hl_vec2 p2, hl_color color)
{
    draw_triangle(c->draw, p0, p1, p2, color);
}

static uint32_t enter_image(hl_canvas *c, const AssetImage *image, bool smooth)
{
    return draw_image(c->draw, &(DrawImage){.key = image->key,
                                            .version = image->version,
                                            .w = image->w,
                                            .h = image->h,
                                            .pixels = image->pixels,
                                            .smooth = smooth});
}

void hl_mesh(hl_canvas *c, const char *sprite, const hl_vertex *vertices, int vertex_count,
             const uint16_t *indices, int index_count)
{
    uint32_t image = 0;
    if (vertex_count <= 0 || index_count <= 0) {
        return;
    }
    if (sprite) {
        AssetImage asset = asset_image(c->host->assets, sprite);
        image = asset.pixels ? enter_image(c, &asset, false) : 0;
    }
    draw_mesh(c->draw, image, vertices, (uint32_t)vertex_count, indices, (uint32_t)index_count);
}

// Once a picture for each name: a map of a hundred tiles needs to be told one name.
static void name_missing(hl_canvas *c, const char *name, float x, float y)
{
    uint64_t hash = hash_bytes(name, strlen(name));
    for (uint32_t i = 0; i < c->named_count; i++) {
        if (c->named[i] == hash) {
            return;
        }
    }
    if (c->named_count < COUNT_OF(c->named)) {
        int layer = c->draw->layer;
        c->named[c->named_count++] = hash;
        draw_layer(c->draw, 1000); // the next tile would hide it
        draw_rect(c->draw, (hl_rectf){x, y, draw_text_width(8, name) + 2, 10}, 0x200020ffu);
        draw_text(c->draw, x + 1, y + 1, 8, 0xff80ffffu, name);
        draw_layer(c->draw, layer);
    }
}

// Impossible to overlook, and it says what is missing.
static void draw_missing(hl_canvas *c, const char *name, float x, float y, hl_spr how)
{
    float w = how.fw > 0 ? how.fw : 16, h = how.fh > 0 ? how.fh : 16;
    float left = x - how.ox, top = y - how.oy;
    draw_rect(c->draw, (hl_rectf){left, top, w, h}, 0xff00ffffu);
    draw_rect(c->draw, (hl_rectf){left, top, w / 2, h / 2}, 0x200020ffu);
    draw_rect(c->draw, (hl_rectf){left + w / 2, top + h / 2, w / 2, h / 2}, 0x200020ffu);
    name_missing(c, name, left, top);
}

void hl_sprite(hl_canvas *c, const char *name, float x, float y)
{
    hl_sprite_ex(c, name, x, y, (hl_spr){0});
}

void hl_sprite_ex(hl_canvas *c, const char *name, float x, float y, hl_spr how)
{
    AssetImage asset = asset_image(c->host->assets, name);
    if (!asset.pixels) {
        draw_missing(c, name, x, y, how);
        return;
    }
    uint32_t image = enter_image(c, &asset, false);
    if (image != 0) {
        draw_sprite(c->draw, image, x, y, how);
    }
}

hl_vec2 hl_sprite_size(hl_canvas *c, const char *name)
{
    AssetImage asset = asset_image(c->host->assets, name);
    return asset.pixels ? (hl_vec2){(float)asset.w, (float)asset.h} : (hl_vec2){0};
}

static const AssetFont *font_of(hl_canvas *c, float size)
{
    return c->font[0] ? asset_font(c->host->assets, c->font, (int)(size + 0.5f)) : NULL;
}

// One corner of a glyph's quad.
static hl_vertex corner(const AssetFont *font, float x, float y, float u, float v, hl_color color)
{
    return (hl_vertex){x, y, u / (float)font->atlas.w, v / (float)font->atlas.h, color};
}

static void glyph_quad(const AssetFont *font, AssetGlyph glyph, float x, float y, float scale,
                       hl_color color, hl_vertex out[4])
{
    float left = x + glyph.bearing_x * scale, top = y + glyph.top * scale;
    float right = left + (float)glyph.w * scale, bottom = top + (float)glyph.h * scale;
    float u0 = glyph.x, v0 = glyph.y, u1 = u0 + glyph.w, v1 = v0 + glyph.h;
    out[0] = corner(font, left, top, u0, v0, color);
    out[1] = corner(font, right, top, u1, v0, color);
    out[2] = corner(font, right, bottom, u1, v1, color);
    out[3] = corner(font, left, bottom, u0, v1, color);
}

static void draw_font_text(hl_canvas *c, const AssetFont *font, float x, float y, float size,
                           hl_color color, const char *text)
{
    hl_vertex vertices[GLYPHS_AT_ONCE * 4];
    uint16_t indices[GLYPHS_AT_ONCE * 6];
    float scale = size / font->line_px, pen = x;
    // Glyphs that are new go into the atlas first: adding one may change its size.
    for (const char *at = text; *at;) {
        (void)asset_glyph(c->host->assets, font, text_next(&at));
    }
    uint32_t image = enter_image(c, &font->atlas, true);
    uint32_t count = 0;
    while (*text) {
        uint32_t code_point = text_next(&text);
        if (code_point == '\n') {
            pen = x;
            y += size;
        } else {
            AssetGlyph glyph = asset_glyph(c->host->assets, font, code_point);
            glyph_quad(font, glyph, pen, y, scale, color, &vertices[count * 4]);
            static const uint16_t QUAD[] = {0, 1, 2, 0, 2, 3};
            for (uint32_t i = 0; i < 6; i++) {
                indices[count * 6 + i] = (uint16_t)(count * 4 + QUAD[i]);
            }
            pen += glyph.advance * scale;
            count++;
        }
        if (count == GLYPHS_AT_ONCE || (!*text && count > 0)) {
            draw_mesh(c->draw, image, vertices, count * 4, indices, count * 6);
            count = 0;
        }
    }
}

void hl_text(hl_canvas *c, float x, float y, float size, hl_color color, const char *format, ...)
{
    char text[TEXT_MAX];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    size = size > 0 ? size : 8;
    const AssetFont *font = font_of(c, size);
    if (font) {
        draw_font_text(c, font, x, y, size, color, text);
    } else {
        draw_text(c->draw, x, y, size, color, text);
    }
}

float hl_text_width(hl_canvas *c, float size, const char *text)
{
    size = size > 0 ? size : 8;
    const AssetFont *font = font_of(c, size);
    if (!font) {
        return draw_text_width(size, text);
    }
    float widest = 0, width = 0;
    while (*text) {
        uint32_t code_point = text_next(&text);
        width =
            code_point == '\n' ? 0 : width + asset_glyph(c->host->assets, font, code_point).advance;
        widest = fmaxf(widest, width);
    }
    return widest * size / font->line_px;
}

void hl_font(hl_canvas *c, const char *ttf)
{
    (void)text_format(c->font, sizeof(c->font), "%s", ttf ? ttf : "");
}

void hl_pixels(hl_canvas *c, const uint32_t *pixels, int w, int h, float x, float y, float dw,
               float dh)
{
    draw_pixels(c->draw, pixels, w, h,
                (hl_rectf){x, y, dw == 0 ? (float)w : dw, dh == 0 ? (float)h : dh});
}

void hl_camera(hl_canvas *c, hl_cam camera)
{
    if (!c->has_camera) {
        c->has_camera = true;
        c->first_camera = camera;
    }
    draw_camera(c->draw, &camera);
}

void hl_camera_off(hl_canvas *c)
{
    draw_camera(c->draw, NULL);
}

hl_vec2 hl_to_world(hl_cam camera, float canvas_w, float canvas_h, hl_vec2 on_canvas)
{
    float zoom = camera.zoom == 0 ? 1 : camera.zoom;
    float x = (on_canvas.x - canvas_w / 2) / zoom, y = (on_canvas.y - canvas_h / 2) / zoom;
    // The camera turns the world by `angle`, so the way back turns by the opposite.
    float cosine = hl_cos(-camera.angle), sine = hl_sin(-camera.angle);
    return (hl_vec2){camera.x + x * cosine - y * sine, camera.y + x * sine + y * cosine};
}

void hl_layer(hl_canvas *c, int z)
{
    draw_layer(c->draw, z < -1000 ? -1000 : z > 1000 ? 1000 : z);
}

void hl_blend(hl_canvas *c, hl_blend_mode mode)
{
    draw_blend(c->draw, mode);
}

void hl_clip(hl_canvas *c, hl_rectf rect)
{
    draw_clip(c->draw, rect);
}
