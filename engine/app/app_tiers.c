// Two compilers: a save runs the fast one's code at once and the full one's when it is ready. That
// change is no news: it is in the events, in the status, and a small mark on the bar of time. News
// is only that the two do not do the same.
#include "app.h"

#include <stdio.h>
#include <string.h>

enum { FILES_SHOWN = 3 };

BuildTiers app_tiers(const RunOptions *options)
{
    // What is compared with a recording, or comes from somebody's own compiler, is made one way.
    bool is_full_only = options->so || options->replay || options->quiet;
    return is_full_only ? BUILD_TIERS_FULL : options->has_tier ? options->tier : BUILD_TIERS_BOTH;
}

bool app_tiers_take(App *app, const ChangeResult *result)
{
    const GameLib *lib = &result->lib, *now = &app->live.now;
    bool is_known = lib->sources != 0 && lib->sources == now->sources;
    if (lib->is_fast && is_known && !now->is_fast) {
        return false;
    }
    if (lib->is_fast || result->report.fast.fast + result->report.fast.slow > 0
        || result->report.fast.why_not[0]) {
        app->tiers.fast = result->report.fast;
    }
    if (lib->is_fast) {
        app->tiers.fast_saved_ns = result->saved_ns;
    }
    return true;
}

bool app_tiers_failed(App *app, ChangeResult *result)
{
    const GameLib *now = &app->live.now;
    BuildReport *report = &result->report;
    bool is_fast = now->is_fast && now->sources != 0
                   && (report->sources ? report->sources == now->sources
                                       : result->saved_ns == app->tiers.fast_saved_ns);
    report->sources = is_fast ? now->sources : report->sources; // for the screen
    return is_fast;
}

// ------------------------------------------------------------------------------------- taking over

// Nothing should be: what is, is named all the same.
static json_t *lost_json(App *app)
{
    const CarryReport *report = &app->live.tier_carried;
    json_t *list = json_array();
    for (uint32_t i = 0; i < report->item_count; i++) {
        const CarryItem *item = &report->items[i];
        if (item->fate == CARRY_LOST || item->fate == CARRY_GONE || item->fate == CARRY_CHANGED) {
            char words[512];
            app_carry_words(item, words, sizeof(words));
            app_say_quietly(app, LOG_WARNING, words);
            json_array_append_new(list, app_text(words));
        }
    }
    return list;
}

static json_t *fast_files(const BuildFast *fast)
{
    json_t *files = json_array();
    for (uint32_t i = 0; i < BUILD_FAST_MAX && fast->files[i].file[0]; i++) {
        if (!fast->files[i].is_slow) {
            json_array_append_new(files, app_text(fast->files[i].file));
        }
    }
    return files;
}

// "hero.c, mobs.c and 3 more"
static void name_files(const BuildFast *fast, char *out, size_t out_bytes)
{
    size_t used = 0;
    uint32_t shown = 0;
    (void)text_format(out, out_bytes, "%s", "");
    for (uint32_t i = 0; i < BUILD_FAST_MAX && fast->files[i].file[0]; i++) {
        if (!fast->files[i].is_slow && shown < FILES_SHOWN) {
            (void)text_format(out + used, out_bytes - used, "%s%s", shown ? ", " : "",
                              fast->files[i].file);
            used = strlen(out);
            shown++;
        }
    }
    if (fast->fast > shown && shown > 0) {
        (void)text_format(out + used, out_bytes - used, " and %u more", fast->fast - shown);
    } else if (shown == 0) {
        (void)text_format(out, out_bytes, "the files of this save");
    }
}

static void distrust(App *app, const char *why)
{
    const BuildFast *fast = &app->tiers.fast;
    for (uint32_t i = 0; i < BUILD_FAST_MAX && fast->files[i].file[0]; i++) {
        if (!fast->files[i].is_slow) {
            change_distrust(app->change, fast->files[i].file, why);
        }
    }
}

static void report_seam(App *app)
{
    LiveSeam *seam = &app->live.seam;
    static const char FOOT[] = "The compiler's code plays on, and tcc is left out.";
    char files[1600], title[256], done[1800];
    seam->is_new = false;
    name_files(&app->tiers.fast, files, sizeof(files));
    (void)text_format(title, sizeof(title), "tcc's code of %s did not do what the compiler's does",
                      files);
    (void)text_format(done, sizeof(done),
                      "the compiler's code plays on from the state as it is; %s: tcc is left out "
                      "until it changes",
                      files);
    inspect_report_warning(&app->inspect, title, seam->text, FOOT);
    app_say_quietly(app, LOG_WARNING, title);
    app_say_quietly(app, LOG_WARNING, seam->text);
    app_say_quietly(app, LOG_WARNING, done);
    distrust(app, seam->text);
    events_put(&app->events, "seam", live_tick_number(&app->live),
               json_pack("{s:I,s:I,s:o,s:o,s:o,s:I,s:o,s:o}", "seam_tick", (json_int_t)seam->tick,
                         "moment", (json_int_t)seam->moment, "field", app_text(seam->field), "fast",
                         app_text(seam->fast), "full", app_text(seam->full), "more",
                         (json_int_t)seam->more, "files", fast_files(&app->tiers.fast), "text",
                         app_text(seam->text)));
    if (app->options.synctest > 0) {
        app->exit_code = EXIT_DIVERGED;
    }
}

void app_report_tier(App *app, const AppReady *ready, uint64_t ready_ns, uint64_t swap_ns)
{
    const LiveSeam *seam = &app->live.seam;
    unsigned long long number = (unsigned long long)live_number(&app->live, app->live.generation);
    double ms = ready->saved_ns ? (double)(mono_ns() - ready->saved_ns) / 1e6 : 0;
    char text[80];
    app->tiers.fast_saved_ns = 0;
    json_t *event =
        json_pack("{s:I,s:s,s:o,s:o,s:o,s:I,s:o,s:I,s:I,s:o,s:o}", "generation", (json_int_t)number,
                  "tier", "full", "saved_ns", app_ns_or_null(ready->saved_ns), "built_ns",
                  app_ns_or_null(ready->built_ns), "ready_ns", app_ns_or_null(ready_ns), "swap_ns",
                  (json_int_t)swap_ns, "ms", ready->saved_ns ? json_real(ms) : json_null(),
                  "checked", (json_int_t)seam->checked, "differed", (json_int_t)seam->differed,
                  "skipped", app_text(seam->skipped), "lost", lost_json(app));
    events_put(&app->events, "tier", live_tick_number(&app->live), event);
    log_line(LOG_INFO, "build %llu: the compiler's code plays now%s", number,
             seam->checked > 0 && seam->differed == 0 ? ", and does what tcc's did" : "");
    (void)text_format(text, sizeof(text), "build %llu, by the compiler", number);
    app_mark(app, INSPECT_MARK_TIER, text);
    if (seam->is_new) {
        report_seam(app);
    }
}

void app_report_tier_refused(App *app, const Fault *fault)
{
    app->refused = *fault;
    char text[1200];
    (void)text_format(text, sizeof(text),
                      "the compiler's code of build %llu cannot take the place of tcc's, which "
                      "plays on: %s",
                      (unsigned long long)live_number(&app->live, app->live.generation),
                      fault->text);
    app_say_quietly(app, LOG_WARNING, text);
    events_put(&app->events, "refused", live_tick_number(&app->live),
               json_pack("{s:o,s:s,s:o}", "reason", app_text(fault->text), "kind",
                         fault_kind_name(fault->kind), "fields", json_array()));
}

// ------------------------------------------------------------------------------------------ status

static json_t *files_json(const BuildFast *fast)
{
    json_t *files = json_array();
    for (uint32_t i = 0; i < BUILD_FAST_MAX && fast->files[i].file[0]; i++) {
        json_array_append_new(files,
                              json_pack("{s:o,s:s,s:o}", "file", app_text(fast->files[i].file),
                                        "tier", fast->files[i].is_slow ? "full" : "fast", "why",
                                        app_text(fast->files[i].why)));
    }
    return files;
}

void app_tiers_status(const App *app, json_t *status)
{
    static const char *const NAMES[] = {
        [BUILD_TIERS_FULL] = "full", [BUILD_TIERS_BOTH] = "both", [BUILD_TIERS_FAST] = "fast"};
    const Live *live = &app->live;
    const LiveSeam *seam = &live->seam;
    const BuildFast *fast = &app->tiers.fast;
    json_object_set_new(status, "tier",
                        live_game(live) ? json_string(live->now.is_fast ? "fast" : "full")
                                        : json_null());
    json_object_set_new(status, "tiers", json_string(NAMES[app_tiers(&app->options)]));
    json_object_set_new(status, "tier_files", files_json(fast));
    json_object_set_new(status, "tier_why_not", app_text(fast->why_not));
    json_object_set_new(status, "seam",
                        json_pack("{s:I,s:I,s:o,s:o,s:I,s:I}", "checked", (json_int_t)seam->checked,
                                  "differed", (json_int_t)seam->differed, "skipped",
                                  app_text(seam->skipped), "text", app_text(seam->text),
                                  "all_checked", (json_int_t)live->seams_checked, "all_differed",
                                  (json_int_t)live->seams));
}
