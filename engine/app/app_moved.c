// What is pinned, plotted or waited for goes by names: when a build gives a field another one, they
// follow it.
#include "app.h"

#include <string.h>

typedef struct Names {
    ReflectMatch *match;
    uint32_t from, to; // the types of the states
} Names;

static bool moved(void *with, const char *path, char *out, size_t out_bytes)
{
    const Names *names = with;
    return field_path_moved(names->match, names->from, names->to, path, out, out_bytes)
           && strcmp(path, out) != 0;
}

static void follow_breaks(App *app, Names *names)
{
    char path[LIVE_PATH_MAX];
    for (uint32_t i = 0; i < app->breaks.count; i++) {
        LiveBreak *point = &app->breaks.points[i];
        if (moved(names, point->condition.path, path, sizeof(path))) {
            memcpy(point->condition.path, path, sizeof(path));
            point->has_way = false;
        }
    }
    app_breaks_keep(app);
}

void app_follow_names(App *app, const GameLib *was)
{
    const GameLib *is = &app->live.now;
    const ReflectTable *from = was->about, *to = is->about;
    Arena arena;
    if (!from || !to || from == to || !was->game || !is->game
        || !arena_open(&arena, 0, 256u << 20, NULL)) {
        return;
    }
    Names names = {
        .match = reflect_match_open(&arena, from, to, NULL, 0),
        .from = field_tag_type(from, was->game->state_type, was->game->state_size),
        .to = field_tag_type(to, is->game->state_type, is->game->state_size),
    };
    panels_follow(app->panels, moved, &names);
    follow_breaks(app, &names);
    arena_close(&arena);
}
