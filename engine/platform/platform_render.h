// What platform_render.c and platform_soft.c share about one batch while it is drawn.
#ifndef PLATFORM_RENDER_H
#define PLATFORM_RENDER_H
#include "platform_internal.h"

typedef struct BatchTarget {
    int w, h;
    float lo_x, lo_y, hi_x, hi_y; // the band that coordinates are cut at
} BatchTarget;

typedef struct Batch {
    BatchTarget target;
    SDL_Texture *texture; // NULL: plain colours
    SDL_BlendMode blend;
    bool plain; // the built-in image: one texel for a whole shape means white
    DrawVertex *vertices;
    int vertex_count;
    const int32_t *indices;
    int index_count;
} Batch;

bool platform_batch_inside(const DrawVertex *vertex, const BatchTarget *target);
void platform_batch_geometry(PlatformRender *render, const Batch *batch, const DrawVertex *vertices,
                             int vertex_count, const int32_t *indices, int index_count);
// indices[first..end) on SDL's software renderer.
void platform_batch_soft(PlatformRender *render, const Batch *batch, int first, int end);

#endif
