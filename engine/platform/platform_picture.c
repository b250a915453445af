// A draw list to bytes in memory: SDL's software renderer on a plain surface. Knows no window, so
// it works without a display, and beside one.
#include "platform_internal.h"

enum { SIDE_MAX = 16384 };

void platform_picture_close(PlatformPicture *picture)
{
    platform_render_close(&picture->render);
    SDL_FreeSurface(picture->surface); // NULL is fine
    arena_close(&picture->memory);
    *picture = (PlatformPicture){0};
}

static bool make_picture(PlatformPicture *picture, int w, int h, PlatformNotes *notes, Fault *fault)
{
    size_t textures_bytes = PLATFORM_TEXTURES_MAX * sizeof(PlatformTexture);
    if (!arena_open(&picture->memory, 0, textures_bytes, fault)) {
        return false;
    }
    PlatformTexture *textures = ARENA_NEW(&picture->memory, PlatformTexture, PLATFORM_TEXTURES_MAX);
    picture->surface = SDL_CreateRGBSurfaceWithFormat(0, w, h, 32, SDL_PIXELFORMAT_ARGB8888);
    SDL_Renderer *sdl = picture->surface ? SDL_CreateSoftwareRenderer(picture->surface) : NULL;
    if (!sdl) {
        return fault_set(fault, FAULT_DEVICE, "no picture of %d x %d pixels can be made: %s", w, h,
                         SDL_GetError());
    }
    return platform_render_open(&picture->render, textures, sdl, notes, fault);
}

static bool ready_picture(Platform *platform, int w, int h, Fault *fault)
{
    PlatformPicture *picture = &platform->picture;
    if (picture->surface && picture->surface->w == w && picture->surface->h == h) {
        return true;
    }
    platform_picture_close(picture);
    if (!make_picture(picture, w, h, &platform->notes, fault)) {
        platform_picture_close(picture);
        return false;
    }
    return true;
}

bool platform_picture_draw(Platform *platform, const DrawList *game, const DrawList *over, int w,
                           int h, Fault *fault)
{
    const PlatformConfig *config = &platform->config;
    if (w < 1 || h < 1 || w > SIDE_MAX || h > SIDE_MAX) {
        return fault_set(fault, FAULT_USAGE,
                         "no picture of %d x %d pixels is made: each side may be 1 to %d", w, h,
                         SIDE_MAX);
    }
    if (!ready_picture(platform, w, h, fault)) {
        return false;
    }
    PlatformFit fit = platform_fit(config->canvas_w, config->canvas_h, w, h, config->smooth);
    platform_render_picture(&platform->picture.render, game, over, &fit, config->smooth);
    return true;
}

// The alpha is whatever a game left in the canvas; a picture has no holes.
static void turn_row(uint8_t *rgba, const uint8_t *argb_words, int w)
{
    for (int x = 0; x < w; x++) {
        uint32_t argb;
        SDL_memcpy(&argb, argb_words + (size_t)x * sizeof argb, sizeof argb);
        uint8_t *out = rgba + (size_t)x * 4;
        out[0] = (uint8_t)(argb >> 16);
        out[1] = (uint8_t)(argb >> 8);
        out[2] = (uint8_t)argb;
        out[3] = 255;
    }
}

bool platform_pixels(Platform *platform, const DrawList *game, const DrawList *over, int width,
                     int height, uint8_t *rgba, Fault *fault)
{
    if (!platform_picture_draw(platform, game, over, width, height, fault)) {
        return false;
    }
    const SDL_Surface *surface = platform->picture.surface;
    SDL_RenderFlush(platform->picture.render.sdl); // what SDL has queued lands in the surface
    for (int y = 0; y < height; y++) {
        turn_row(rgba + (size_t)y * (size_t)width * 4,
                 (const uint8_t *)surface->pixels + (size_t)y * (size_t)surface->pitch, width);
    }
    return true;
}
