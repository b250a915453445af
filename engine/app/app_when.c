// Conditions on a field: `ctl break` stands still where one becomes true, `ctl when` looks for the
// moment at which it did, `ctl plot` shows a field over time.
#include "app.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

// Contents: breaks around a tick, ctl break, ctl when, ctl plot.

enum { TEXT_MAX = 1024, VALUE_MAX = 160 };

// ---------------------------------------------------------------------------- breaks around a tick

void app_breaks_before(App *app)
{
    for (uint32_t i = 0; i < app->breaks.count; i++) {
        live_break_before(&app->live, &app->breaks.points[i]);
    }
}

// "hero.hp <= 0 became true: 0 (it was 3)"
static void say_hit(const LiveBreak *point, char *out, size_t out_bytes)
{
    char was[VALUE_MAX], is[VALUE_MAX], what[TEXT_MAX];
    bool changed = point->condition.compare == LIVE_CHANGES;
    live_sample_text(&point->before, was, sizeof(was));
    live_sample_text(&point->now, is, sizeof(is));
    live_condition_text(&point->condition, what, sizeof(what));
    (void)text_format(out, out_bytes, "%s %s: %s (it was %s)",
                      changed ? point->condition.path : what, changed ? "changed" : "became true",
                      is, was);
}

static void report_hit(App *app, const LiveBreak *point, const char *text)
{
    char was[VALUE_MAX], is[VALUE_MAX], what[TEXT_MAX];
    live_sample_text(&point->before, was, sizeof(was));
    live_sample_text(&point->now, is, sizeof(is));
    live_condition_text(&point->condition, what, sizeof(what));
    log_line(LOG_INFO, "paused: %s", text);
    app_panels_line(app, LOG_WARNING, live_tick_number(&app->live), text);
    events_put(&app->events, "break", live_tick_number(&app->live),
               json_pack("{s:i,s:o,s:o,s:o,s:I}", "number", (int)point->number, "condition",
                         app_text(what), "was", app_text(was), "value", app_text(is), "moment",
                         (json_int_t)app->live.moment));
}

void app_breaks_after(App *app)
{
    char text[TEXT_MAX];
    for (uint32_t i = 0; i < app->breaks.count; i++) {
        LiveBreak *point = &app->breaks.points[i];
        if (live_break_after(&app->live, point)) {
            say_hit(point, text, sizeof(text));
            report_hit(app, point, text);
            app_set_paused(app, true, text);
            app->steps = 0; // further ones are asked for anew
        }
    }
}

bool app_break_on(App *app, const char *text, Fault *fault)
{
    LiveCondition condition;
    if (app->breaks.count == APP_BREAKS_MAX) {
        return fault_set(fault, FAULT_USAGE,
                         "there are %d breaks, and not more at a time; `break off N` removes one",
                         APP_BREAKS_MAX);
    }
    if (!live_condition(&app->live, text, &condition, fault)) {
        return false;
    }
    app->breaks.points[app->breaks.count++] =
        (LiveBreak){.number = ++app->breaks.last_number, .condition = condition};
    app_breaks_keep(app);
    return true;
}

bool app_break_off(App *app, uint64_t number)
{
    uint32_t kept = 0, before = app->breaks.count;
    for (uint32_t i = 0; i < before; i++) {
        if (number != 0 && app->breaks.points[i].number != number) {
            app->breaks.points[kept++] = app->breaks.points[i];
        }
    }
    app->breaks.count = kept;
    app_breaks_keep(app);
    return number == 0 || kept < before;
}

// --------------------------------------------------------------------------------------- ctl break

// The words of a request from `first` on, with a blank between each.
static bool join_words(const ControlRequest *request, int first, char *out, size_t out_bytes)
{
    size_t used = 0;
    out[0] = '\0';
    for (int i = first; i < request->argc; i++) {
        if (!text_format(out + used, out_bytes - used, "%s%s", used ? " " : "", request->argv[i])) {
            return false;
        }
        used += strlen(out + used);
    }
    return true;
}

// What it is now, for people.
static void value_now(App *app, const LiveBreak *point, char *out, size_t out_bytes)
{
    LiveWay way;
    LiveSample sample = {0};
    Fault ignored;
    if (live_way(&app->live, 0, point->condition.path, &way, &ignored)) {
        live_sample(&app->live, &way, &sample);
    }
    live_sample_text(&sample, out, out_bytes);
}

static json_t *break_row(App *app, const LiveBreak *point, char *line, size_t line_bytes)
{
    char what[TEXT_MAX], is[VALUE_MAX];
    live_condition_text(&point->condition, what, sizeof(what));
    value_now(app, point, is, sizeof(is));
    (void)text_format(line, line_bytes, "%u: %s (it is %s now; hit %llu time%s)", point->number,
                      what, is, (unsigned long long)point->hits, point->hits == 1 ? "" : "s");
    return json_pack("{s:i,s:o,s:o,s:I,s:o}", "number", (int)point->number, "condition",
                     app_text(what), "value", app_text(is), "hits", (json_int_t)point->hits, "text",
                     app_text(line));
}

static json_t *list_breaks(App *app)
{
    char text[APP_BREAKS_MAX * 256] = "", line[TEXT_MAX];
    json_t *rows = json_array();
    for (uint32_t i = 0; i < app->breaks.count; i++) {
        size_t used = strlen(text);
        json_array_append_new(rows, break_row(app, &app->breaks.points[i], line, sizeof(line)));
        (void)text_format(text + used, sizeof(text) - used, "%s%s", used ? "\n" : "", line);
    }
    return json_pack("{s:b,s:o,s:o}", "ok", 1, "breaks", rows, "text",
                     app_text(text[0] ? text : "no breaks"));
}

static json_t *remove_breaks(App *app, const ControlRequest *request)
{
    uint64_t number = 0;
    bool all = request->argc == 2;
    if (!all && !text_to_u64(request->argv[2], 1, UINT32_MAX, &number)) {
        return app_failed("break off %s: expected the number of a break; `break` lists them",
                          request->argv[2]);
    }
    return app_break_off(app, number)
               ? list_breaks(app)
               : app_failed("there is no break %s; `break` lists them", request->argv[2]);
}

json_t *app_ctl_break(App *app, const ControlRequest *request)
{
    char text[TEXT_MAX], line[TEXT_MAX];
    Fault fault;
    if (request->argc == 1) {
        return list_breaks(app);
    }
    if (strcmp(request->argv[1], "off") == 0 && request->argc <= 3) {
        return remove_breaks(app, request);
    }
    if (!join_words(request, 1, text, sizeof(text))) {
        return app_failed("break: a condition can have %d letters", TEXT_MAX - 1);
    }
    if (!app_break_on(app, text, &fault)) {
        return app_failed("%s", fault.text);
    }
    const LiveBreak *point = &app->breaks.points[app->breaks.count - 1];
    json_t *reply = json_pack("{s:b}", "ok", 1);
    json_t *row = break_row(app, point, line, sizeof(line));
    json_object_update(reply, row);
    json_decref(row);
    return reply;
}

// ---------------------------------------------------------------------------------------- ctl when

static void say_when(const LiveCondition *condition, const LiveWhen *when, char *out,
                     size_t out_bytes)
{
    char what[TEXT_MAX], was[VALUE_MAX], is[VALUE_MAX];
    bool changed = condition->compare == LIVE_CHANGES;
    live_condition_text(condition, what, sizeof(what));
    live_sample_text(&when->before, was, sizeof(was));
    live_sample_text(&when->after, is, sizeof(is));
    unsigned long long after = when->after.moment, before = when->before.moment;
    const char *which = changed ? condition->path : what;
    if (when->found && after - before == 1) {
        (void)text_format(out, out_bytes, "%s %s at moment %llu: %s (it was %s)", which,
                          changed ? "changed" : "became true", after, is, was);
    } else if (when->found) {
        (void)text_format(out, out_bytes,
                          "%s %s at moment %llu or up to %llu before it, which are no longer "
                          "remembered: %s (at %llu it was %s)",
                          which, changed ? "changed" : "became true", after, after - before - 1, is,
                          before, was);
    } else {
        const char *how = when->since_oldest ? "was true already at"
                          : changed          ? "did not change since"
                                             : "did not become true since";
        (void)text_format(out, out_bytes, "%s %s moment %llu, the oldest that is remembered", which,
                          how, (unsigned long long)when->oldest);
    }
}

static json_t *when_reply(const LiveSpan *span, const LiveWhen *when, const char *text)
{
    char was[VALUE_MAX], is[VALUE_MAX];
    json_t *reply =
        json_pack("{s:b,s:b,s:b,s:I,s:I,s:o}", "ok", 1, "found", when->found, "since_oldest",
                  when->since_oldest, "oldest", (json_int_t)when->oldest, "looked_at",
                  (json_int_t)when->moments, "text", app_text(text));
    if (when->found) {
        live_sample_text(&when->before, was, sizeof(was));
        live_sample_text(&when->after, is, sizeof(is));
        json_object_update_new(reply, json_pack("{s:I,s:I,s:I,s:o,s:o}", "moment",
                                                (json_int_t)when->after.moment, "moment_before",
                                                (json_int_t)when->before.moment, "branch",
                                                (json_int_t)span->branch, "was", app_text(was),
                                                "value", app_text(is)));
    }
    return reply;
}

bool app_when(App *app, const char *words, LiveWhen *when, LiveSpan *span, char *text,
              size_t text_bytes, Fault *fault)
{
    LiveCondition condition;
    if (!live_condition(&app->live, words, &condition, fault) || !live_remember(&app->live, fault)
        || !live_span(&app->live, span)
        || !live_when(&app->live, &condition, (LivePlace){span->branch, span->here}, when, fault)) {
        return false;
    }
    say_when(&condition, when, text, text_bytes);
    return true;
}

json_t *app_ctl_when(App *app, const ControlRequest *request)
{
    char text[TEXT_MAX], said[TEXT_MAX];
    LiveWhen when;
    LiveSpan span;
    Fault fault;
    ControlRequest words = *request;
    bool seeks = false;
    for (int i = words.argc = 1; i < request->argc; i++) {
        bool is_option = strcmp(request->argv[i], "--seek") == 0;
        seeks |= is_option;
        if (!is_option) {
            words.argv[words.argc++] = request->argv[i];
        }
    }
    if (!join_words(&words, 1, text, sizeof(text))) {
        return app_failed("when: a condition can have %d letters", TEXT_MAX - 1);
    }
    if (!app_when(app, text, &when, &span, said, sizeof(said), &fault)) {
        return app_failed("%s", fault.text);
    }
    if (seeks && when.found) {
        app_time_show(app, (LivePlace){span.branch, when.after.moment});
    }
    return when_reply(&span, &when, said);
}

// ---------------------------------------------------------------------------------------- ctl plot

typedef struct Curve {
    uint64_t values, nans;
    double low, high;
} Curve;

static bool add_to_curve(void *with, const LiveSample *sample)
{
    Curve *curve = with;
    bool is_nan = sample->has && isnan(sample->value);
    curve->nans += is_nan;
    if (sample->has && !is_nan) {
        curve->low = fmin(curve->low, sample->value);
        curve->high = fmax(curve->high, sample->value);
        curve->values++;
    }
    return true;
}

// What it was in the last `seconds`.
static json_t *curve_reply(App *app, const char *path, uint64_t seconds)
{
    LiveSpan span;
    Fault fault;
    char text[TEXT_MAX];
    Curve curve = {.low = INFINITY, .high = -INFINITY};
    uint64_t moments = seconds * (uint64_t)live_tick_rate(&app->live);
    if (!live_remember(&app->live, &fault) || !live_span(&app->live, &span)) {
        return app_failed("%s", fault.text);
    }
    uint64_t first = span.here - span.first > moments ? span.here - moments : span.first;
    if (!live_trace(&app->live, path, (LivePlace){span.branch, span.here}, first, add_to_curve,
                    &curve, &fault)) {
        return app_failed("%s", fault.text);
    }
    bool any = curve.values > 0;
    char range[80] = "", nans[48] = "";
    if (any) {
        (void)text_format(range, sizeof(range), "%g to %g", curve.low, curve.high);
    }
    if (curve.nans > 0 || !any) {
        (void)text_format(nans, sizeof(nans), "%s%llu times nan", any ? ", " : "",
                          (unsigned long long)curve.nans);
    }
    (void)text_format(text, sizeof(text), "%s in moments %llu to %llu: %s%s", path,
                      (unsigned long long)first, (unsigned long long)span.here, range, nans);
    return json_pack("{s:b,s:o,s:I,s:I,s:I,s:I,s:o,s:o,s:o}", "ok", 1, "path", app_text(path),
                     "first", (json_int_t)first, "last", (json_int_t)span.here, "values",
                     (json_int_t)curve.values, "nans", (json_int_t)curve.nans, "low",
                     any ? json_real(curve.low) : json_null(), "high",
                     any ? json_real(curve.high) : json_null(), "text", app_text(text));
}

json_t *app_ctl_plot(App *app, const ControlRequest *request)
{
    uint64_t seconds = 20;
    bool off = request->argc == 3 && strcmp(request->argv[1], "off") == 0;
    if (request->argc < 2 || request->argc > 3
        || (request->argc == 3 && !off && !text_to_u64(request->argv[2], 1, 86400, &seconds))) {
        return app_failed(
            "plot: expected a path and seconds, or off and a path: plot hero.vel.y 20");
    }
    const char *path = request->argv[off ? 2 : 1];
    if (off && !panel_has_plot(app->panels, path)) {
        return app_failed("there is no plot of %s", path);
    }
    json_t *reply = off ? app_done(app) : curve_reply(app, path, seconds);
    bool ok = json_is_true(json_object_get(reply, "ok"));
    if (ok && !panel_plot(app->panels, path, !off)) {
        json_decref(reply);
        return app_failed("there are %d plots, and not more at a time", PANEL_PLOTS_MAX);
    }
    if (ok && !off) {
        panel_set_open(app->panels, PANEL_WATCH, true);
    }
    return reply;
}
