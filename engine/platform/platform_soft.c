// Batches on SDL's software renderer. SDL 2.26 reads two neighbouring triangles as a rectangle
// there (SDL_render.c, SDL_SW_RenderGeometryRaw) and then forgets the blend mode of plain ones and
// the turn of textured ones; it also cuts coordinates off to whole pixels and texels. So rectangles
// are recognised here, rounded as a graphics card would, and given to it as rectangles; the rest
// goes one triangle at a time, which it takes as it is.
#include "platform_render.h"

#include <math.h>

static int round_px(float value)
{
    return (int)floorf(value + 0.5f); // pixel centres decide, as on a graphics card
}

typedef struct Quad {
    float x0, y0, x1, y1; // canvas units
    float u0, v0, u1, v1; // at x0, y0 and at x1, y1
    const DrawVertex *any;
} Quad;

static bool same_color(const DrawVertex *a, const DrawVertex *b)
{
    return a->r == b->r && a->g == b->g && a->b == b->b && a->a == b->a;
}

// Which corner of the box: 0..3, -1 for none.
static int corner_of(const DrawVertex *v, const Quad *quad)
{
    bool right = v->x == quad->x1, bottom = v->y == quad->y1;
    if ((!right && v->x != quad->x0) || (!bottom && v->y != quad->y0)) {
        return -1;
    }
    return (right ? 1 : 0) + (bottom ? 2 : 0);
}

static void bounds(Quad *quad, const Batch *batch, const int32_t *index)
{
    const DrawVertex *v = &batch->vertices[index[0]];
    *quad = (Quad){.x0 = v->x, .y0 = v->y, .x1 = v->x, .y1 = v->y, .any = v};
    for (int i = 1; i < 6; i++) {
        v = &batch->vertices[index[i]];
        quad->x0 = fminf(quad->x0, v->x);
        quad->x1 = fmaxf(quad->x1, v->x);
        quad->y0 = fminf(quad->y0, v->y);
        quad->y1 = fmaxf(quad->y1, v->y);
    }
}

// Two triangles that are an upright rectangle of one colour, with its texture upright or mirrored.
static bool find_quad(Quad *quad, const Batch *batch, const int32_t *index)
{
    int seen[2] = {0};
    const DrawVertex *corners[4] = {0};
    bounds(quad, batch, index);
    if (quad->x0 == quad->x1 || quad->y0 == quad->y1) {
        return false;
    }
    for (int i = 0; i < 6; i++) {
        const DrawVertex *v = &batch->vertices[index[i]];
        int corner = corner_of(v, quad);
        if (corner < 0 || !same_color(v, quad->any)) {
            return false;
        }
        if (corners[corner] && (corners[corner]->u != v->u || corners[corner]->v != v->v)) {
            return false;
        }
        seen[i / 3] |= 1 << corner;
        corners[corner] = v;
    }
    // Each triangle misses one corner, and the two missing ones lie opposite each other.
    int missing = (15 & ~seen[0]) | (15 & ~seen[1]);
    if ((seen[0] | seen[1]) != 15 || (missing != 9 && missing != 6)) {
        return false;
    }
    quad->u0 = corners[0]->u;
    quad->v0 = corners[0]->v;
    quad->u1 = corners[3]->u;
    quad->v1 = corners[3]->v;
    return corners[1]->u == quad->u1 && corners[1]->v == quad->v0 && corners[2]->u == quad->u0
           && corners[2]->v == quad->v1;
}

static void fill(PlatformRender *render, const Batch *batch, const Quad *quad, const SDL_Rect *to)
{
    const DrawVertex *c = quad->any;
    SDL_SetRenderDrawBlendMode(render->sdl, batch->blend);
    SDL_SetRenderDrawColor(render->sdl, c->r, c->g, c->b, c->a);
    SDL_RenderFillRect(render->sdl, to);
}

// False when the source is no whole texels: the triangles then come closer to it.
static bool copy(PlatformRender *render, const Batch *batch, const Quad *quad, const SDL_Rect *to)
{
    int w = 0, h = 0, flip = SDL_FLIP_NONE;
    SDL_QueryTexture(batch->texture, NULL, NULL, &w, &h);
    int u0 = round_px(quad->u0 * (float)w), u1 = round_px(quad->u1 * (float)w);
    int v0 = round_px(quad->v0 * (float)h), v1 = round_px(quad->v1 * (float)h);
    if (u0 == u1 || v0 == v1) {
        return false;
    }
    flip |= u1 < u0 ? SDL_FLIP_HORIZONTAL : 0;
    flip |= v1 < v0 ? SDL_FLIP_VERTICAL : 0;
    SDL_Rect from = {u0 < u1 ? u0 : u1, v0 < v1 ? v0 : v1, abs(u1 - u0), abs(v1 - v0)};
    const DrawVertex *c = quad->any;
    SDL_SetTextureColorMod(batch->texture, c->r, c->g, c->b);
    SDL_SetTextureAlphaMod(batch->texture, c->a);
    if (flip == SDL_FLIP_NONE) {
        SDL_RenderCopy(render->sdl, batch->texture, &from, to);
    } else {
        SDL_RenderCopyEx(render->sdl, batch->texture, &from, to, 0, NULL, (SDL_RendererFlip)flip);
    }
    // Triangles carry their colours themselves and would be tinted twice.
    SDL_SetTextureColorMod(batch->texture, 255, 255, 255);
    SDL_SetTextureAlphaMod(batch->texture, 255);
    return true;
}

static bool draw_quad(PlatformRender *render, const Batch *batch, const Quad *quad)
{
    SDL_Rect to = {round_px(quad->x0), round_px(quad->y0), 0, 0};
    to.w = round_px(quad->x1) - to.x;
    to.h = round_px(quad->y1) - to.y;
    if (to.w <= 0 || to.h <= 0) {
        return true; // thinner than a pixel and between two centres
    }
    bool one_texel = quad->u0 == quad->u1 && quad->v0 == quad->v1;
    if (!batch->texture || (batch->plain && one_texel)) {
        fill(render, batch, quad, &to);
        return true;
    }
    return copy(render, batch, quad, &to);
}

// Texel edges come as k / size, a little less or more in binary; SDL cuts them off.
static float snap(float value, int size)
{
    float texel = value * (float)size, whole = floorf(texel + 0.5f);
    if (size <= 0 || fabsf(texel - whole) > 1.0f / 64 || whole >= (float)size) {
        return value;
    }
    return (whole + 1.0f / 256) / (float)size;
}

static void draw_triangle_soft(PlatformRender *render, const Batch *batch, const int32_t *index)
{
    DrawVertex corners[3];
    const int32_t order[3] = {0, 1, 2};
    int w = 0, h = 0;
    if (batch->texture) {
        SDL_QueryTexture(batch->texture, NULL, NULL, &w, &h);
    }
    for (int i = 0; i < 3; i++) {
        corners[i] = batch->vertices[index[i]];
        corners[i].x = floorf(corners[i].x + 0.5f);
        corners[i].y = floorf(corners[i].y + 0.5f);
        corners[i].u = snap(corners[i].u, w);
        corners[i].v = snap(corners[i].v, h);
    }
    platform_batch_geometry(render, batch, corners, 3, order, 3);
}

void platform_batch_soft(PlatformRender *render, const Batch *batch, int first, int end)
{
    int i = first;
    while (i < end) {
        Quad quad;
        if (i + 6 <= end && find_quad(&quad, batch, batch->indices + i)
            && draw_quad(render, batch, &quad)) {
            i += 6;
            continue;
        }
        draw_triangle_soft(render, batch, batch->indices + i);
        i += 3;
    }
}
