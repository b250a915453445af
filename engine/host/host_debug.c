// What a game tells its programmer: lines, watches, plots, and drawing from inside update().
#include "host_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void hl_log(hl_tick *t, const char *format, ...)
{
    char text[HOST_LINE_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    host_say(host_of(t), LOG_INFO, "%s", text);
}

void hl_pause(hl_tick *t, const char *format, ...)
{
    HostWishes *wishes = &host_of(t)->wishes;
    char text[HOST_LINE_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    wishes->any = wishes->pause = true;
    text_clean(wishes->pause_text, sizeof(wishes->pause_text), text, false);
}

_Noreturn void hl_assert_fail(hl_tick *t, const char *expression, const char *file, int line)
{
    host_stop(t, file, line, "HL_ASSERT(%s) does not hold", expression);
}

static HostWatch *watch_of(Host *host, const char *name, bool is_plot)
{
    for (uint32_t i = 0; i < host->watch_count; i++) {
        HostWatch *watch = &host->watches[i];
        if (watch->is_plot == is_plot && strncmp(watch->name, name, sizeof(watch->name) - 1) == 0) {
            return watch;
        }
    }
    if (host->watch_count == HOST_WATCHES_MAX) {
        return NULL;
    }
    HostWatch *watch = &host->watches[host->watch_count++];
    *watch = (HostWatch){.is_plot = is_plot, .lowest = INFINITY, .highest = -INFINITY};
    (void)text_format(watch->name, sizeof(watch->name), "%s", name);
    return watch;
}

// At most once a second of game time each.
static bool is_due(const Host *host, const HostWatch *watch)
{
    return watch->said_tick == 0 || host->state->tick - watch->said_tick >= host->state->tick_rate;
}

static void say_quietly(Host *host, const char *text)
{
    uint32_t before = host->line_count;
    host_say(host, LOG_INFO, "%s", text);
    if (host->line_count > before) {
        host->lines[before].quiet = true;
    }
}

static void say_watch(hl_tick *t, const char *name, const char *text)
{
    Host *host = host_of(t);
    HostWatch *watch = watch_of(host, name, false);
    if (watch) {
        (void)text_format(watch->now, sizeof(watch->now), "%s", text);
        watch->seen_tick = t->tick;
    }
    if (watch && is_due(host, watch) && strcmp(watch->text, text) != 0) {
        (void)text_format(watch->text, sizeof(watch->text), "%s", text);
        watch->said_tick = t->tick > 0 ? t->tick : 1;
        char line[HOST_LINE_BYTES];
        (void)text_format(line, sizeof(line), "watch %s = %s", name, text);
        say_quietly(host, line);
    }
}

void hl_watch_f(hl_tick *t, const char *name, double value)
{
    char text[64];
    (void)text_format(text, sizeof(text), "%g", value);
    say_watch(t, name, text);
}

void hl_watch_i(hl_tick *t, const char *name, long long value)
{
    char text[64];
    (void)text_format(text, sizeof(text), "%lld", value);
    say_watch(t, name, text);
}

void hl_watch_v(hl_tick *t, const char *name, hl_vec2 value)
{
    char text[64];
    (void)text_format(text, sizeof(text), "(%g, %g)", (double)value.x, (double)value.y);
    say_watch(t, name, text);
}

void hl_watch_s(hl_tick *t, const char *name, const char *value)
{
    char text[128];
    (void)text_format(text, sizeof(text), "\"%s\"", value ? value : "(null)");
    say_watch(t, name, text);
}

void hl_plot(hl_tick *t, const char *name, double value)
{
    Host *host = host_of(t);
    HostWatch *watch = watch_of(host, name, true);
    if (!watch) {
        return;
    }
    watch->lowest = fmin(watch->lowest, value);
    watch->highest = fmax(watch->highest, value);
    watch->last = value;
    watch->seen_tick = t->tick;
    if (is_due(host, watch)) {
        watch->said_tick = t->tick > 0 ? t->tick : 1;
        char line[HOST_LINE_BYTES];
        (void)text_format(line, sizeof(line), "plot %s: %g .. %g, now %g", name, watch->lowest,
                          watch->highest, watch->last);
        say_quietly(host, line);
        watch->lowest = INFINITY;
        watch->highest = -INFINITY;
    }
}

void hl_debug_line(hl_tick *t, float x0, float y0, float x1, float y1, hl_color color)
{
    draw_line(&host_of(t)->debug, x0, y0, x1, y1, 1, color);
}

void hl_debug_rect(hl_tick *t, float x, float y, float w, float h, hl_color color)
{
    draw_rect_line(&host_of(t)->debug, (hl_rectf){x, y, w, h}, 1, color);
}

void hl_debug_circle(hl_tick *t, float x, float y, float r, hl_color color)
{
    draw_circle_line(&host_of(t)->debug, x, y, r, 1, color);
}

void hl_debug_text(hl_tick *t, float x, float y, hl_color color, const char *format, ...)
{
    char text[HOST_LINE_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    draw_text(&host_of(t)->debug, x, y, 8, color, text);
}

// Replays the commands that update() left into the picture, above all layers of the game.
void host_draw_debug(Host *host, DrawList *draw, const hl_cam *camera)
{
    const DrawList *debug = &host->debug;
    if (debug->cmd_count == 0 && host->trail_count == 0) {
        return;
    }
    draw_camera(draw, camera);
    draw_layer(draw, 1001);
    draw_blend(draw, HL_ALPHA);
    draw_clip(draw, (hl_rectf){0});
    host_trails_draw(host, draw);
    for (uint32_t i = 0; i < debug->cmd_count; i++) {
        const DrawCmd *cmd = &debug->cmds[i];
        const float *p = cmd->p;
        if (cmd->kind == DRAW_LINE) {
            draw_line(draw, p[0], p[1], p[2], p[3], p[4], cmd->rgba);
        } else if (cmd->kind == DRAW_RECT_LINE) {
            draw_rect_line(draw, (hl_rectf){p[0], p[1], p[2], p[3]}, p[4], cmd->rgba);
        } else if (cmd->kind == DRAW_CIRCLE_LINE) {
            draw_circle_line(draw, p[0], p[1], p[2], p[3], cmd->rgba);
        } else if (cmd->kind == DRAW_TEXT) {
            char text[HOST_LINE_BYTES];
            (void)text_format(text, sizeof(text), "%.*s", (int)cmd->count,
                              debug->text + cmd->first);
            draw_text(draw, p[0], p[1], p[2], cmd->rgba, text);
        }
    }
}
