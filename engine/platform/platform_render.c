// A draw list to any SDL_Renderer: textures that are uploaded when they change, triangles in as few
// calls as the list has batches, the canvas scaled into the window.
// Sections: textures, clipping, batches, the picture.
#include "platform_render.h"

#include <math.h>
#include <string.h>

// ---------------------------------------------------------------------------------------- textures

// Our pixels are 0xRRGGBBAA; ARGB8888 is what both the OpenGL and the software renderer keep, so
// turning the words here spares SDL a second copy of every texture.
static void convert(uint32_t *to, const uint32_t *from, size_t count, size_t step, bool premultiply)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t rgba = from[i * step], a = rgba & 255u;
        if (premultiply) {
            uint32_t r = (rgba >> 24) * a / 255u, g = ((rgba >> 16) & 255u) * a / 255u;
            uint32_t b = ((rgba >> 8) & 255u) * a / 255u;
            rgba = r << 24 | g << 16 | b << 8 | a;
        }
        to[i] = rgba >> 8 | a << 24;
    }
}

static bool is_stream(const DrawImage *image)
{
    return (image->key & DRAW_KEY_STREAM) != 0;
}

// Every step-th pixel of the image, so that one which is beyond the renderer's limit still shows.
static int step_for(const PlatformRender *render, const DrawImage *image)
{
    int larger = image->w > image->h ? image->w : image->h;
    return render->texture_max > 0 ? (larger + render->texture_max - 1) / render->texture_max : 1;
}

static void upload_stream(SDL_Texture *texture, const DrawImage *image, int step, int w, int h,
                          bool premultiply)
{
    void *pixels;
    int pitch;
    if (SDL_LockTexture(texture, NULL, &pixels, &pitch) != 0) {
        return;
    }
    for (int y = 0; y < h; y++) {
        convert((uint32_t *)((uint8_t *)pixels + (size_t)y * (size_t)pitch),
                image->pixels + (size_t)y * (size_t)step * (size_t)image->w, (size_t)w,
                (size_t)step, premultiply);
    }
    SDL_UnlockTexture(texture);
}

static void upload_kept(SDL_Texture *texture, const DrawImage *image, int step, int w, int h,
                        bool premultiply)
{
    uint32_t band[16384];
    int band_w = w < (int)COUNT_OF(band) ? w : (int)COUNT_OF(band);
    int band_h = (int)COUNT_OF(band) / band_w;
    for (int y = 0; y < h; y += band_h) {
        for (int x = 0; x < w; x += band_w) {
            SDL_Rect box = {x, y, w - x < band_w ? w - x : band_w, h - y < band_h ? h - y : band_h};
            for (int row = 0; row < box.h; row++) {
                size_t from =
                    (size_t)(y + row) * (size_t)step * (size_t)image->w + (size_t)x * (size_t)step;
                convert(band + (size_t)row * (size_t)box.w, image->pixels + from, (size_t)box.w,
                        (size_t)step, premultiply);
            }
            SDL_UpdateTexture(texture, &box, band, box.w * (int)sizeof band[0]);
        }
    }
}

static void upload(PlatformRender *render, PlatformTexture *texture, const DrawImage *image)
{
    int step = step_for(render, image), w = image->w / step, h = image->h / step;
    w = w > 0 ? w : 1;
    h = h > 0 ? h : 1;
    if (texture->sdl && (texture->w != image->w || texture->h != image->h)) {
        SDL_DestroyTexture(texture->sdl);
        texture->sdl = NULL;
    }
    texture->version = image->version;
    texture->w = image->w;
    texture->h = image->h;
    if (!texture->sdl) {
        texture->sdl = SDL_CreateTexture(
            render->sdl, SDL_PIXELFORMAT_ARGB8888,
            is_stream(image) ? SDL_TEXTUREACCESS_STREAMING : SDL_TEXTUREACCESS_STATIC, w, h);
        if (!texture->sdl) {
            platform_note(render->notes,
                          "an image of %d x %d pixels does not fit the graphics device (%s); it is "
                          "drawn as plain colour",
                          image->w, image->h, SDL_GetError());
            return;
        }
        if (step > 1) {
            platform_note(render->notes,
                          "an image of %d x %d pixels is beyond this device's %d; shown coarser",
                          image->w, image->h, render->texture_max);
        }
    }
    if (is_stream(image)) {
        upload_stream(texture->sdl, image, step, w, h, texture->premultiplied);
    } else {
        upload_kept(texture->sdl, image, step, w, h, texture->premultiplied);
    }
}

static void drop_texture(PlatformRender *render, uint32_t at)
{
    if (render->textures[at].sdl) {
        SDL_DestroyTexture(render->textures[at].sdl);
    }
    render->textures[at] = render->textures[--render->texture_count];
}

static PlatformTexture *new_texture(PlatformRender *render)
{
    if (render->texture_count == PLATFORM_TEXTURES_MAX) {
        uint32_t oldest = 0;
        for (uint32_t i = 1; i < render->texture_count; i++) {
            if (render->textures[i].used_frame < render->textures[oldest].used_frame) {
                oldest = i;
            }
        }
        drop_texture(render, oldest);
    }
    PlatformTexture *texture = &render->textures[render->texture_count++];
    *texture = (PlatformTexture){0};
    return texture;
}

static void drop_idle(PlatformRender *render)
{
    for (uint32_t i = render->texture_count; i-- > 0;) {
        if (render->frame - render->textures[i].used_frame > PLATFORM_TEXTURE_IDLE_FRAMES) {
            drop_texture(render, i);
        }
    }
}

// Keys are the asset module's; what else tells two textures apart goes above them. Streams are
// numbered in each list by itself.
static uint64_t texture_id(const DrawImage *image, bool builtin, bool over, bool premultiplied)
{
    return (uint64_t)image->key | (uint64_t)builtin << 32 | (uint64_t)premultiplied << 33
           | (uint64_t)(over && is_stream(image)) << 34;
}

// The texture for an image, uploaded when it is new or has changed. NULL: draw plain colours.
static SDL_Texture *texture_for(PlatformRender *render, const DrawImage *image, uint64_t id,
                                bool premultiplied)
{
    if (!image->pixels || image->w <= 0 || image->h <= 0) {
        return NULL;
    }
    PlatformTexture *texture = NULL;
    for (uint32_t i = 0; i < render->texture_count && !texture; i++) {
        texture = render->textures[i].id == id ? &render->textures[i] : NULL;
    }
    bool fresh = !texture;
    if (fresh) {
        texture = new_texture(render);
        texture->id = id;
        texture->premultiplied = premultiplied;
    }
    bool changed = texture->version != image->version || texture->w != image->w
                   || texture->h != image->h
                   || (is_stream(image) && texture->used_frame != render->frame);
    texture->used_frame = render->frame;
    if (fresh || changed) {
        upload(render, texture, image);
    }
    if (texture->sdl) {
        SDL_SetTextureScaleMode(texture->sdl,
                                image->smooth ? SDL_ScaleModeLinear : SDL_ScaleModeNearest);
    }
    return texture->sdl;
}

// ---------------------------------------------------------------------------------------- clipping

// Polygons are cut at a band around the target: a game may draw a rectangle from -1e9 to 1e9, and
// renderers count in integers of limited size. The software renderer multiplies edges in 32 bits
// (SDL 2.26 SDL_triangle.c, cross_product), so its band is narrow.
static float band_px(const PlatformRender *render)
{
    return render->software ? 256.0f : 16384.0f;
}

static float beyond(const DrawVertex *v, int side, const BatchTarget *target)
{
    switch (side) {
    case 0:
        return target->lo_x - v->x;
    case 1:
        return v->x - target->hi_x;
    case 2:
        return target->lo_y - v->y;
    default:
        return v->y - target->hi_y;
    }
}

static uint8_t mix_byte(uint8_t a, uint8_t b, float t)
{
    return (uint8_t)((float)a + ((float)b - (float)a) * t + 0.5f);
}

static DrawVertex between(const DrawVertex *a, const DrawVertex *b, float t)
{
    return (DrawVertex){.x = a->x * (1 - t) + b->x * t,
                        .y = a->y * (1 - t) + b->y * t,
                        .u = a->u * (1 - t) + b->u * t,
                        .v = a->v * (1 - t) + b->v * t,
                        .r = mix_byte(a->r, b->r, t),
                        .g = mix_byte(a->g, b->g, t),
                        .b = mix_byte(a->b, b->b, t),
                        .a = mix_byte(a->a, b->a, t)};
}

enum { POLYGON_MAX = 8 }; // a triangle cut by four lines has at most seven corners

// Sutherland and Hodgman, "Reentrant polygon clipping" (1974), one side.
static int cut_side(const DrawVertex *in, int count, DrawVertex *out, int side,
                    const BatchTarget *target)
{
    int kept = 0;
    for (int i = 0; i < count; i++) {
        const DrawVertex *a = &in[i], *b = &in[(i + 1) % count];
        float from = beyond(a, side, target), to = beyond(b, side, target);
        if (from <= 0 && kept < POLYGON_MAX) {
            out[kept++] = *a;
        }
        if ((from > 0) != (to > 0) && kept < POLYGON_MAX) {
            out[kept++] = between(a, b, from / (from - to));
        }
    }
    return kept;
}

bool platform_batch_inside(const DrawVertex *v, const BatchTarget *target)
{
    return v->x >= target->lo_x && v->x <= target->hi_x && v->y >= target->lo_y
           && v->y <= target->hi_y;
}

static void draw_cut(PlatformRender *render, const Batch *batch, const int32_t *index)
{
    DrawVertex polygon[2][POLYGON_MAX];
    int count = 3;
    for (int i = 0; i < 3; i++) {
        const DrawVertex *v = &batch->vertices[index[i]];
        // Beyond this, differences of coordinates overflow to infinity.
        if (!(fabsf(v->x) < 1e18f && fabsf(v->y) < 1e18f)) {
            return;
        }
        polygon[0][i] = *v;
    }
    for (int side = 0; side < 4 && count > 0; side++) {
        count = cut_side(polygon[side & 1], count, polygon[(side + 1) & 1], side, &batch->target);
    }
    for (int32_t i = 2; i < count; i++) {
        int32_t fan[3] = {0, i - 1, i};
        platform_batch_geometry(render, batch, polygon[0], count, fan, 3);
    }
}

// ----------------------------------------------------------------------------------------- batches

static SDL_BlendMode blend_mode(uint8_t blend)
{
    switch (blend) {
    case HL_ADD:
        return SDL_BLENDMODE_ADD;
    case HL_MULTIPLY:
        return SDL_BLENDMODE_MUL; // with premultiplied colours: clear texels change nothing
    case HL_NONE:
        return SDL_BLENDMODE_NONE;
    default:
        return SDL_BLENDMODE_BLEND;
    }
}

// False when nothing of the batch can show.
static bool set_clip(PlatformRender *render, const DrawBatch *batch, const BatchTarget *target)
{
    if (!(batch->clip.w > 0)) {
        SDL_RenderSetClipRect(render->sdl, NULL);
        return true;
    }
    float edges[4] = {batch->clip.x, batch->clip.y, batch->clip.x + batch->clip.w,
                      batch->clip.y + batch->clip.h};
    int px[4];
    for (int i = 0; i < 4; i++) {
        float limit = (float)(i & 1 ? target->h : target->w);
        float edge = floorf(edges[i] + 0.5f);
        px[i] = (int)(edge > 0 ? edge < limit ? edge : limit : 0.0f); // NaN becomes 0
    }
    SDL_Rect box = {px[0], px[1], px[2] - px[0], px[3] - px[1]};
    SDL_RenderSetClipRect(render->sdl, &box);
    return box.w > 0 && box.h > 0;
}

// What every renderer must be spared: one coordinate outside 0..1 makes SDL refuse the whole batch.
static float unit(float value)
{
    return value > 0 ? value < 1 ? value : 1.0f : 0.0f; // NaN becomes 0
}

static void prepare(Batch *batch)
{
    for (int i = 0; i < batch->vertex_count; i++) {
        DrawVertex *v = &batch->vertices[i];
        v->u = unit(v->u);
        v->v = unit(v->v);
        if (batch->blend == SDL_BLENDMODE_MUL) {
            v->r = (uint8_t)(v->r * v->a / 255);
            v->g = (uint8_t)(v->g * v->a / 255);
            v->b = (uint8_t)(v->b * v->a / 255);
        }
    }
}

// Only the vertices that the batch uses, with indices from 0: SDL looks at all that it is given.
static void narrow(Batch *batch, DrawTriangles *triangles, const DrawBatch *from)
{
    int32_t *indices = triangles->indices + from->first_index;
    int32_t lo = indices[0], hi = indices[0];
    for (uint32_t i = 1; i < from->index_count; i++) {
        lo = indices[i] < lo ? indices[i] : lo;
        hi = indices[i] > hi ? indices[i] : hi;
    }
    for (uint32_t i = 0; i < from->index_count; i++) {
        indices[i] -= lo;
    }
    batch->vertices = triangles->vertices + lo;
    batch->vertex_count = hi - lo + 1;
    batch->indices = indices;
    batch->index_count = (int)(from->index_count - from->index_count % 3);
}

void platform_batch_geometry(PlatformRender *render, const Batch *batch, const DrawVertex *vertices,
                             int vertex_count, const int32_t *indices, int index_count)
{
    SDL_Color *colors = (SDL_Color *)(uintptr_t)&vertices->r; // the same four bytes
    if (!batch->texture) {
        SDL_SetRenderDrawBlendMode(render->sdl, batch->blend);
    }
    SDL_RenderGeometryRaw(render->sdl, batch->texture, &vertices->x, sizeof *vertices, colors,
                          sizeof *vertices, &vertices->u, sizeof *vertices, vertex_count, indices,
                          index_count, sizeof *indices);
}

static bool all_inside(const Batch *batch, const int32_t *index)
{
    return platform_batch_inside(&batch->vertices[index[0]], &batch->target)
           && platform_batch_inside(&batch->vertices[index[1]], &batch->target)
           && platform_batch_inside(&batch->vertices[index[2]], &batch->target);
}

static void flush_run(PlatformRender *render, const Batch *batch, int first, int end)
{
    if (end == first) {
        return;
    }
    if (render->software) {
        platform_batch_soft(render, batch, first, end);
    } else {
        platform_batch_geometry(render, batch, batch->vertices, batch->vertex_count,
                                batch->indices + first, end - first);
    }
    render->draw_calls++;
}

static void draw_batch(PlatformRender *render, const DrawList *list, const DrawBatch *from,
                       const BatchTarget *target, bool over)
{
    if (from->index_count < 3 || !set_clip(render, from, target)) {
        return;
    }
    bool plain = from->image == 0 || from->image >= list->image_count;
    const DrawImage *image = plain ? draw_builtin_image() : &list->images[from->image];
    Batch batch = {.target = *target, .blend = blend_mode(from->blend), .plain = plain};
    bool premultiplied = batch.blend == SDL_BLENDMODE_MUL;
    batch.texture =
        texture_for(render, image, texture_id(image, plain, over, premultiplied), premultiplied);
    if (batch.texture) {
        SDL_SetTextureBlendMode(batch.texture, batch.blend);
    }
    narrow(&batch, &render->triangles, from);
    prepare(&batch);
    int first = 0;
    for (int i = 0; i < batch.index_count; i += 3) {
        if (!all_inside(&batch, batch.indices + i)) {
            flush_run(render, &batch, first, i);
            draw_cut(render, &batch, batch.indices + i);
            first = i + 3;
        }
    }
    flush_run(render, &batch, first, batch.index_count);
}

static void draw_list(PlatformRender *render, const DrawList *list, int w, int h, bool over)
{
    DrawTriangles *triangles = &render->triangles;
    float band = band_px(render);
    BatchTarget target = {w, h, -band, -band, (float)w + band, (float)h + band};
    draw_triangulate(list, triangles);
    if (triangles->clears) {
        uint32_t rgba = triangles->clear_rgba;
        SDL_SetRenderDrawBlendMode(render->sdl, over ? SDL_BLENDMODE_BLEND : SDL_BLENDMODE_NONE);
        SDL_SetRenderDrawColor(render->sdl, (uint8_t)(rgba >> 24), (uint8_t)(rgba >> 16),
                               (uint8_t)(rgba >> 8), over ? (uint8_t)rgba : 255);
        SDL_RenderFillRect(render->sdl, NULL);
    }
    for (uint32_t i = 0; i < triangles->batch_count; i++) {
        draw_batch(render, list, &triangles->batches[i], &target, over);
    }
    SDL_RenderSetClipRect(render->sdl, NULL);
}

// ------------------------------------------------------------------------------------- the picture

static void clear_black(PlatformRender *render)
{
    SDL_SetRenderDrawColor(render->sdl, 0, 0, 0, 255);
    SDL_RenderClear(render->sdl);
}

static bool ready_canvas(PlatformRender *render, const PlatformFit *fit)
{
    bool same = render->canvas_w == fit->canvas_w && render->canvas_h == fit->canvas_h;
    if (same && (render->canvas || render->canvas_refused)) {
        return render->canvas != NULL;
    }
    if (render->canvas) {
        SDL_DestroyTexture(render->canvas);
    }
    render->canvas = NULL;
    render->canvas_w = fit->canvas_w;
    render->canvas_h = fit->canvas_h;
    int larger = fit->canvas_w > fit->canvas_h ? fit->canvas_w : fit->canvas_h;
    if (SDL_RenderTargetSupported(render->sdl)
        && (render->texture_max <= 0 || larger <= render->texture_max)) {
        render->canvas = SDL_CreateTexture(render->sdl, SDL_PIXELFORMAT_ARGB8888,
                                           SDL_TEXTUREACCESS_TARGET, fit->canvas_w, fit->canvas_h);
    }
    render->canvas_refused = !render->canvas;
    if (render->canvas) {
        // Whatever a game leaves in the canvas' alpha, the picture is opaque.
        SDL_SetTextureBlendMode(render->canvas, SDL_BLENDMODE_NONE);
    } else {
        platform_note(render->notes,
                      "a canvas of %d x %d is beyond this graphics device (largest texture %d); "
                      "drawn in the window's own pixels instead",
                      fit->canvas_w, fit->canvas_h, render->texture_max);
    }
    return render->canvas != NULL;
}

static void draw_canvas(PlatformRender *render, const DrawList *game, const PlatformFit *fit,
                        bool smooth)
{
    SDL_Texture *screen = SDL_GetRenderTarget(render->sdl);
    SDL_SetRenderTarget(render->sdl, render->canvas);
    clear_black(render);
    draw_list(render, game, fit->canvas_w, fit->canvas_h, false);
    SDL_SetRenderTarget(render->sdl, screen);
    clear_black(render);
    SDL_SetTextureScaleMode(render->canvas,
                            smooth || fit->scale == 0 ? SDL_ScaleModeLinear : SDL_ScaleModeNearest);
    SDL_RenderCopy(render->sdl, render->canvas, NULL, &fit->box_px);
}

static void draw_direct(PlatformRender *render, const DrawList *game, const PlatformFit *fit)
{
    clear_black(render);
    SDL_RenderSetViewport(render->sdl, &fit->box_px); // in pixels, so before the scale
    SDL_RenderSetScale(render->sdl, (float)fit->box_px.w / (float)fit->canvas_w,
                       (float)fit->box_px.h / (float)fit->canvas_h);
    draw_list(render, game, fit->canvas_w, fit->canvas_h, false);
    SDL_RenderSetScale(render->sdl, 1, 1);
    SDL_RenderSetViewport(render->sdl, NULL);
}

void platform_render_picture(PlatformRender *render, const DrawList *game, const DrawList *over,
                             const PlatformFit *fit, bool smooth)
{
    int w = 0, h = 0;
    render->frame++;
    render->draw_calls = 0;
    SDL_GetRendererOutputSize(render->sdl, &w, &h);
    if (fit->box_px.w <= 0 || fit->box_px.h <= 0) {
        return; // a window without a pixel
    }
    if (ready_canvas(render, fit)) {
        draw_canvas(render, game, fit, smooth);
    } else {
        draw_direct(render, game, fit);
    }
    if (over) {
        draw_list(render, over, w, h, true);
    }
    if (render->frame % 64 == 0) {
        drop_idle(render);
    }
}

bool platform_render_open(PlatformRender *render, PlatformTexture *textures, SDL_Renderer *sdl,
                          PlatformNotes *notes, Fault *fault)
{
    *render = (PlatformRender){.sdl = sdl, .textures = textures, .notes = notes};
    SDL_RendererInfo info;
    if (SDL_GetRendererInfo(sdl, &info) == 0) {
        int w = info.max_texture_width, h = info.max_texture_height;
        render->software = (info.flags & SDL_RENDERER_SOFTWARE) != 0;
        render->texture_max = w < h ? w : h;
    }
    if (!draw_triangles_open(&render->triangles, fault)) {
        platform_render_close(render);
        return false;
    }
    return true;
}

void platform_render_reset(PlatformRender *render)
{
    while (render->texture_count > 0) {
        drop_texture(render, render->texture_count - 1);
    }
    if (render->canvas) {
        SDL_DestroyTexture(render->canvas);
    }
    render->canvas = NULL;
    render->canvas_refused = false;
}

void platform_render_close(PlatformRender *render)
{
    if (render->sdl) {
        platform_render_reset(render);
        SDL_DestroyRenderer(render->sdl);
    }
    draw_triangles_close(&render->triangles);
    *render = (PlatformRender){0};
}

bool platform_render_save(PlatformRender *render, const char *path, Fault *fault)
{
    int w = 0, h = 0;
    if (SDL_GetRendererOutputSize(render->sdl, &w, &h) != 0 || w <= 0 || h <= 0) {
        return fault_set(fault, FAULT_DEVICE,
                         "%s: not written: the window shows no pixels; make "
                         "it larger and try again",
                         path);
    }
    // RGB24: a screenshot has no holes.
    SDL_Surface *surface = SDL_CreateRGBSurfaceWithFormat(0, w, h, 24, SDL_PIXELFORMAT_RGB24);
    bool read = surface
                && SDL_RenderReadPixels(render->sdl, NULL, SDL_PIXELFORMAT_RGB24, surface->pixels,
                                        surface->pitch)
                       == 0;
    bool ok = read ? platform_png_write(surface, path, fault)
                   : fault_set(fault, FAULT_DEVICE,
                               "%s: not written: the picture cannot be read "
                               "back (%s)",
                               path, SDL_GetError());
    SDL_FreeSurface(surface);
    return ok;
}

bool platform_render_shot(PlatformRender *render, const DrawList *game, const DrawList *over,
                          const PlatformFit *fit, bool smooth, const char *path, Fault *fault)
{
    int w = 0, h = 0;
    SDL_Texture *screen = NULL;
    // The window's own pixels are read only where there is no other way: between a wish for another
    // size and its coming true the back buffer has less of them than SDL says.
    if (SDL_GetRendererOutputSize(render->sdl, &w, &h) == 0 && w > 0 && h > 0
        && SDL_RenderTargetSupported(render->sdl)) {
        screen = SDL_CreateTexture(render->sdl, SDL_PIXELFORMAT_ARGB8888, SDL_TEXTUREACCESS_TARGET,
                                   w, h);
    }
    if (screen) {
        SDL_SetRenderTarget(render->sdl, screen);
    }
    platform_render_picture(render, game, over, fit, smooth);
    bool ok = platform_render_save(render, path, fault);
    if (screen) {
        SDL_SetRenderTarget(render->sdl, NULL);
        SDL_DestroyTexture(screen);
    }
    return ok;
}
