// The twin without a screen: no SDL video, no sound device, a clock that is turned by hand when
// nobody paces it. Only a screenshot makes a picture.
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

bool platform_null_screenshot(Platform *platform, const DrawList *game, const DrawList *over,
                              const char *path, Fault *fault)
{
    const PlatformInfo *info = &platform->info;
    if (!platform_picture_draw(platform, game, over, info->window_w, info->window_h, fault)) {
        return false;
    }
    platform->draw_calls = platform->picture.render.draw_calls;
    return platform_render_save(&platform->picture.render, path, fault);
}
