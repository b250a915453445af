// Numbers to play with: `hotloop ctl tweak`, and "keep" of the panel, which writes what a variable
// is now into the source file in place of what it begins with. The build that follows from that
// begins with the value that is there already.
#include "app.h"
#include "tweak.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Contents: one of them, keeping, setting, all of them.

enum { TWEAKS_MAX = 2000, LINE_MAX_BYTES = 512 };

// ------------------------------------------------------------------------------------ one of them

static bool find(App *app, const char *path, TweakOf *of, Fault *fault)
{
    FieldView view;
    Field field;
    if (!live_fields(&app->live, &view, fault) || !field_find(&view, path, &field, fault)) {
        return false;
    }
    const ReflectVariable *variable;
    uint64_t offset;
    variable = reflect_variable_at(view.table, field.address, &offset);
    if (variable && field.type != variable->type) { // the first of a table lies where that does
        return fault_set(fault, FAULT_USAGE,
                         "%s is a part of %s: only a variable that is one number can be kept", path,
                         variable->name);
    }
    return tweak_of(&app->live.now, view.table, field.address, path, of, fault);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static json_t *json_of(const TweakValue *value)
{
    if (value->kind == TWEAK_BOOL) {
        return json_boolean(value->whole != 0);
    }
    if (value->kind == TWEAK_REAL) {
        char text[64];
        tweak_text(value, text, sizeof(text)); // of a float its own digits, not a double's
        double real = strtod(text, NULL);
        return isfinite(real) ? json_real(real) : app_text(text);
    }
    return json_integer((json_int_t)value->whole);
}

// "JUMP = 315 (50 to 600; it began as 300) hero.c"
static json_t *row_of(const char *path, const TweakOf *of, char line[LINE_MAX_BYTES])
{
    char now[64], loaded[64], limits[80] = "", moved[96] = "";
    TweakValue value = tweak_now(of);
    bool is_moved = !tweak_is_equal(&value, &of->loaded);
    tweak_text(&value, now, sizeof(now));
    tweak_text(&of->loaded, loaded, sizeof(loaded));
    json_t *row = json_pack("{s:o,s:o,s:o,s:o,s:b}", "name", app_text(path), "file",
                            app_text(of->variable->unit), "value", json_of(&value), "loaded",
                            json_of(&of->loaded), "moved", is_moved);
    if (of->declared) {
        json_object_set_new(row, "min", json_real((double)of->declared->min));
        json_object_set_new(row, "max", json_real((double)of->declared->max));
        (void)text_format(limits, sizeof(limits), "%g to %g", (double)of->declared->min,
                          (double)of->declared->max);
    }
    if (is_moved) {
        (void)text_format(moved, sizeof(moved), "%sit began as %s", limits[0] ? "; " : "", loaded);
    }
    bool has_more = limits[0] || moved[0];
    (void)text_format(line, LINE_MAX_BYTES, "%s = %s%s%s%s%s  %s", path, now, has_more ? " (" : "",
                      limits, moved, has_more ? ")" : "", base_name(of->variable->unit));
    return row;
}

// ---------------------------------------------------------------------------------------- keeping

static bool keep(App *app, const char *path, TweakKept *kept, Fault *fault)
{
    TweakOf of;
    if (!find(app, path, &of, fault)) {
        return false;
    }
    TweakKeep wish = {.path = of.variable->unit,
                      .name = of.variable->name,
                      .function = of.variable->function,
                      .loaded = of.loaded,
                      .value = tweak_now(&of)};
    if (!tweak_keep(&wish, kept, fault)) {
        return false;
    }
    events_put(&app->events, "keep", live_tick_number(&app->live),
               json_pack("{s:o,s:o,s:i,s:o,s:o}", "name", app_text(path), "file",
                         app_text(kept->path), "line", (int)kept->line, "was", app_text(kept->was),
                         "value", app_text(kept->now)));
    return true;
}

static void kept_text(const char *path, const TweakKept *kept, char out[LINE_MAX_BYTES])
{
    if (kept->is_same) {
        (void)text_format(out, LINE_MAX_BYTES, "%s:%u says %s = %s already", base_name(kept->path),
                          kept->line, path, kept->now);
    } else {
        (void)text_format(out, LINE_MAX_BYTES, "%s:%u: %s = %s (it was %s)", base_name(kept->path),
                          kept->line, path, kept->now, kept->was);
    }
}

void app_keep_tweak(App *app, const char *path)
{
    TweakKept kept;
    Fault fault;
    char text[LINE_MAX_BYTES];
    if (!keep(app, path, &kept, &fault)) {
        app_note(app, LOG_WARNING, "%s", fault.text);
        return;
    }
    kept_text(path, &kept, text);
    app_note(app, LOG_INFO, "%s", text);
}

static json_t *ctl_keep(App *app, const char *path)
{
    TweakKept kept;
    Fault fault;
    char text[LINE_MAX_BYTES];
    if (!keep(app, path, &kept, &fault)) {
        return app_failed("%s", fault.text);
    }
    kept_text(path, &kept, text);
    app_note(app, LOG_INFO, "%s", text);
    json_t *reply = app_done(app);
    json_object_update_new(reply, json_pack("{s:o,s:o,s:i,s:o,s:o,s:b,s:o}", "name", app_text(path),
                                            "file", app_text(kept.path), "line", (int)kept.line,
                                            "was", app_text(kept.was), "value", app_text(kept.now),
                                            "written", !kept.is_same, "text", app_text(text)));
    return reply;
}

// ---------------------------------------------------------------------------------------- setting

// HL_TWEAK's limits are what its author can vouch for.
static bool is_within(const TweakOf *of, const char *path, const char *value, Fault *fault)
{
    char *end;
    double number = strtod(value, &end);
    if (!of->declared || end == value || *end != '\0') {
        return true; // what is no number is refused by whoever sets it
    }
    double low = (double)of->declared->min, high = (double)of->declared->max;
    if (number >= low && number <= high) {
        return true;
    }
    return fault_set(fault, FAULT_USAGE, "%s goes from %g to %g; `set` gives it any value", path,
                     low, high);
}

static json_t *ctl_move(App *app, const char *path, const char *value)
{
    TweakOf of;
    Fault fault;
    if (!find(app, path, &of, &fault) || !is_within(&of, path, value, &fault)) {
        return app_failed("%s", fault.text);
    }
    ControlRequest set = {.argc = 3, .argv = {"set", path, value}};
    return app_ctl_set(app, &set);
}

// ------------------------------------------------------------------------------------- all of them

typedef struct Listed {
    TweakOf of;
    const char *path;
    bool is_sure; // it begins with something else than 0
    bool is_looked, is_written;
} Listed;

static bool is_zero(const TweakValue *value)
{
    return value->kind == TWEAK_REAL ? value->real == 0 : value->whole == 0;
}

static uint32_t list_all(App *app, const FieldView *view, Arena *arena, Listed *all)
{
    uint64_t cursor = 0;
    uint32_t count = 0;
    FieldRoot kind;
    Field field;
    char name[FIELD_NAME_MAX];
    while (count < TWEAKS_MAX && field_next_root(view, &cursor, &kind, &field, name, sizeof(name))
           && kind != FIELD_ALLOCATION) {
        Listed *one = &all[count];
        if (kind == FIELD_VARIABLE
            && tweak_of(&app->live.now, view->table, field.address, name, &one->of, NULL)) {
            one->path = arena_copy_text(arena, name);
            one->is_sure = one->of.declared || !is_zero(&one->of.loaded);
            count++;
        }
    }
    return count;
}

static int compare_listed(const void *a, const void *b)
{
    const Listed *left = a, *right = b;
    int order = strcmp(left->of.variable->unit, right->of.variable->unit);
    return order ? order : strcmp(left->path, right->path);
}

// What begins with 0 counts where somebody wrote that 0: each source is looked into once.
static void look_at_zeros(Listed *all, uint32_t count, uint32_t from, Arena *arena)
{
    const char **names = ARENA_NEW(arena, const char *, count);
    bool *declared = ARENA_NEW(arena, bool, count);
    const char *unit = all[from].of.variable->unit;
    uint32_t asked = 0;
    for (int pass = 0; pass < 2; pass++) {
        uint32_t at = 0;
        for (uint32_t i = from; i < count; i++) {
            Listed *one = &all[i];
            const ReflectVariable *variable = one->of.variable;
            if (one->is_sure || variable->function[0] || strcmp(variable->unit, unit) != 0) {
                continue;
            }
            if (pass == 0) {
                names[asked++] = variable->name;
                one->is_looked = true;
            } else {
                one->is_written = declared[at++];
            }
        }
        if (pass == 0) {
            tweak_declared(unit, names, asked, declared);
        }
    }
}

static json_t *ctl_list(App *app)
{
    FieldView view;
    Arena arena;
    Fault fault;
    char line[LINE_MAX_BYTES];
    if (!live_fields(&app->live, &view, &fault) || !arena_open(&arena, 0, 256u << 20, &fault)) {
        return app_failed("%s", fault.text);
    }
    Listed *all = ARENA_NEW(&arena, Listed, TWEAKS_MAX);
    uint32_t count = list_all(app, &view, &arena, all);
    qsort(all, count, sizeof(*all), compare_listed);
    json_t *rows = json_array();
    char *text = arena_format(&arena, "%s", "");
    for (uint32_t i = 0; i < count; i++) {
        if (!all[i].is_sure && !all[i].is_looked && !all[i].of.variable->function[0]) {
            look_at_zeros(all, count, i, &arena);
        }
        if (all[i].is_sure || all[i].is_written) {
            json_array_append_new(rows, row_of(all[i].path, &all[i].of, line));
            text = arena_format(&arena, "%s%s%s", text, text[0] ? "\n" : "", line);
        }
    }
    json_t *reply = app_done(app);
    json_object_set_new(reply, "tweaks", rows);
    json_object_set_new(
        reply, "text",
        app_text(text[0] ? text
                         : "there is nothing to play with: no HL_TWEAK, no `static float "
                           "SPEED = 90;`"));
    arena_close(&arena);
    return reply;
}

json_t *app_ctl_tweak(App *app, const ControlRequest *request)
{
    TweakOf of;
    Fault fault;
    char line[LINE_MAX_BYTES];
    if (request->argc > 3) {
        return app_failed("tweak: expected nothing, or a name; behind it a value, or keep");
    }
    if (request->argc == 1) {
        return ctl_list(app);
    }
    const char *path = request->argv[1];
    if (request->argc == 3) {
        return strcmp(request->argv[2], "keep") == 0 ? ctl_keep(app, path)
                                                     : ctl_move(app, path, request->argv[2]);
    }
    if (!find(app, path, &of, &fault)) {
        return app_failed("%s", fault.text);
    }
    json_t *row = row_of(path, &of, line), *reply = app_done(app);
    json_object_update_new(reply, row);
    json_object_set_new(reply, "text", app_text(line));
    return reply;
}
