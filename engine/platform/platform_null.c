// The twin without a screen: no SDL video, no sound, a clock that is turned by hand when nobody
// paces it. Only a screenshot makes a picture, on a plain surface.
#include "platform_internal.h"

enum { SHOT_W = 960, SHOT_H = 720 };

static int shot_scale(const PlatformConfig *config)
{
    int x = SHOT_W / config->canvas_w, y = SHOT_H / config->canvas_h;
    int scale = x < y ? x : y;
    return scale > 1 ? scale : 1;
}

void platform_null_measure(Platform *platform)
{
    const PlatformConfig *config = &platform->config;
    PlatformInfo *info = &platform->info;
    int scale = shot_scale(config);
    info->window_w = config->canvas_w * scale;
    info->window_h = config->canvas_h * scale;
    platform->fit = platform_fit(config->canvas_w, config->canvas_h, info->window_w, info->window_h,
                                 config->smooth);
    info->scale = platform->fit.scale;
}

void platform_null_open(Platform *platform)
{
    platform->info.video = "null";
    platform->info.renderer = "none";
    platform->nothing.clock_ns = mono_ns();
    platform_null_measure(platform);
}

static void drop_picture(PlatformNull *nothing)
{
    platform_render_close(&nothing->render);
    SDL_FreeSurface(nothing->surface); // NULL is fine
    nothing->surface = NULL;
}

void platform_null_close(Platform *platform)
{
    drop_picture(&platform->nothing);
}

static bool ready_picture(Platform *platform, Fault *fault)
{
    PlatformNull *nothing = &platform->nothing;
    int w = platform->info.window_w, h = platform->info.window_h;
    if (nothing->surface && nothing->surface->w == w && nothing->surface->h == h) {
        return true;
    }
    drop_picture(nothing);
    nothing->surface = SDL_CreateRGBSurfaceWithFormat(0, w, h, 32, SDL_PIXELFORMAT_ARGB8888);
    SDL_Renderer *sdl = nothing->surface ? SDL_CreateSoftwareRenderer(nothing->surface) : NULL;
    if (!sdl) {
        drop_picture(nothing);
        return fault_set(fault, FAULT_DEVICE, "no picture of %d x %d pixels can be made: %s", w, h,
                         SDL_GetError());
    }
    if (!platform_render_open(&nothing->render, platform->textures, sdl, &platform->notes, fault)) {
        drop_picture(nothing);
        return false;
    }
    return true;
}

bool platform_null_screenshot(Platform *platform, const DrawList *game, const DrawList *over,
                              const char *path, Fault *fault)
{
    if (!ready_picture(platform, fault)) {
        return false;
    }
    PlatformRender *render = &platform->nothing.render;
    platform_render_picture(render, game, over, &platform->fit, platform->config.smooth);
    platform->draw_calls = render->draw_calls;
    return platform_render_save(render, path, fault);
}
