// What happened: to the screen (inspect), the terminal (log_line) and the events file, in one
// place, so that none of the three is told something else.
#include "app.h"

#include <stdio.h>
#include <string.h>

void app_note(App *app, LogLevel level, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    log_line(level, "%s", text);
    inspect_toast(&app->inspect, mono_ns(), level, text);
    app_panels_line(app, level, live_tick_number(&app->live), text);
}

json_t *app_text(const char *text)
{
    char clean[4096];
    text_clean(clean, sizeof(clean), text, true);
    return json_string(clean);
}

static const char *severity_name(BuildSeverity severity)
{
    return severity == BUILD_ERROR ? "error" : severity == BUILD_WARNING ? "warning" : "note";
}

static json_t *diagnostics_json(const BuildReport *report)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < report->diagnostic_count; i++) {
        const BuildDiagnostic *one = &report->diagnostics[i];
        json_array_append_new(list,
                              json_pack("{s:o,s:i,s:i,s:s,s:o,s:o}", "file", app_text(one->file),
                                        "line", one->line, "column", one->column, "severity",
                                        severity_name(one->severity), "text", app_text(one->text),
                                        "source", app_text(one->source_line)));
    }
    return list;
}

// The line, and a caret under the column: with its tabs, so that the terminal sets both alike.
static void print_source(const BuildDiagnostic *one)
{
    char caret[sizeof(one->source_line) + 2];
    size_t used = 0, bytes = one->column > 0 ? (size_t)one->column - 1 : 0;
    log_line(LOG_INFO, "  %s", one->source_line);
    if (one->column == 0 || bytes > strlen(one->source_line)) {
        return;
    }
    for (const char *at = one->source_line; (size_t)(at - one->source_line) < bytes;) {
        caret[used++] = *at == '\t' ? '\t' : ' ';
        (void)text_next(&at);
    }
    caret[used] = '\0';
    log_line(LOG_INFO, "  %s^", caret);
}

void app_print_diagnostics(const BuildReport *report)
{
    for (uint32_t i = 0; i < report->diagnostic_count; i++) {
        const BuildDiagnostic *one = &report->diagnostics[i];
        LogLevel level = one->severity == BUILD_ERROR     ? LOG_ERROR
                         : one->severity == BUILD_WARNING ? LOG_WARNING
                                                          : LOG_INFO;
        char place[600];
        build_diagnostic_place(one, place, sizeof(place));
        log_line(level, "%s%s%s", place, place[0] ? ": " : "", one->text);
        if (one->source_line[0]) {
            print_source(one);
        }
    }
    uint32_t all = report->error_count + report->warning_count;
    if (all > report->diagnostic_count) {
        log_line(LOG_INFO, "%u errors and %u warnings in all", report->error_count,
                 report->warning_count);
    }
}

static const char *what_still_works(const App *app, bool is_fast)
{
    return is_fast                 ? "what plays is the fast build of these sources"
           : live_game(&app->live) ? "the previous code plays on"
                                   : "waiting for the next save";
}

static void say_in_panel(App *app, const BuildDiagnostic *one)
{
    char text[1200], place[600];
    LogLevel level = one->severity == BUILD_ERROR     ? LOG_ERROR
                     : one->severity == BUILD_WARNING ? LOG_WARNING
                                                      : LOG_INFO;
    build_diagnostic_place(one, place, sizeof(place));
    (void)text_format(text, sizeof(text), "%s%s%s", place, place[0] ? ": " : "", one->text);
    app_panels_line(app, level, live_tick_number(&app->live), text);
}

static void report_failed_build(App *app, ChangeResult *result)
{
    const BuildReport *report = &result->report;
    bool is_fast = app_tiers_failed(app, result);
    app_print_diagnostics(report);
    log_line(LOG_ERROR, "build failed: %u error%s; %s", report->error_count,
             report->error_count == 1 ? "" : "s", what_still_works(app, is_fast));
    inspect_failed_build(&app->inspect, report);
    for (uint32_t i = 0; i < report->diagnostic_count; i++) {
        say_in_panel(app, &report->diagnostics[i]);
    }
    app_jump(app, report);
    events_put(&app->events, "build_failed", live_tick_number(&app->live),
               json_pack("{s:o,s:i,s:i,s:b}", "diagnostics", diagnostics_json(report), "errors",
                         (int)report->error_count, "warnings", (int)report->warning_count,
                         "plays_fast", is_fast));
}

static bool is_about(const CarryItem *item, CarryFate fate)
{
    return fate == CARRY_LOST ? item->fate == CARRY_LOST || item->fate == CARRY_GONE
                              : item->fate == fate;
}

void app_carry_words(const CarryItem *item, char *out, size_t out_bytes)
{
    bool has_name = strncmp(item->text, item->name, strlen(item->name)) == 0;
    (void)text_format(out, out_bytes, "%s%s%s", has_name ? "" : item->name, has_name ? "" : ": ",
                      item->text);
}

// What became of the game's variables and pointers: names that went on, and texts of the rest.
static json_t *carried_json(const App *app, CarryFate fate)
{
    const CarryReport *report = &app->live.carried;
    json_t *list = json_array();
    for (uint32_t i = 0; i < report->item_count && app->live.generations > 1; i++) {
        if (is_about(&report->items[i], fate)) {
            char words[512];
            app_carry_words(&report->items[i], words, sizeof(words));
            json_array_append_new(list, app_text(fate == CARRIED ? report->items[i].name : words));
        }
    }
    return list;
}

static void report_refused(App *app, const Fault *fault)
{
    app->refused = *fault;
    if (app->options.quiet) {
        return; // who opened the session says it
    }
    log_line(LOG_ERROR, "%s", fault->text);
    app_panels_line(app, LOG_ERROR, live_tick_number(&app->live), fault->text);
    inspect_refused(&app->inspect, fault);
    // What the structs of a build could not take is named field by field.
    bool is_layout = fault->kind == FAULT_LAYOUT;
    const CarryReport *report = &app->live.carried;
    for (uint32_t i = 0; is_layout && i < report->item_count; i++) {
        if (is_about(&report->items[i], CARRY_LOST)) {
            char words[512];
            app_carry_words(&report->items[i], words, sizeof(words));
            inspect_refused_field(&app->inspect, words);
            app_panels_line(app, LOG_ERROR, live_tick_number(&app->live), words);
        }
    }
    events_put(&app->events, "refused", live_tick_number(&app->live),
               json_pack("{s:o,s:s,s:o}", "reason", app_text(fault->text), "kind",
                         fault_kind_name(fault->kind), "fields",
                         is_layout ? carried_json(app, CARRY_LOST) : json_array()));
}

static void report_warnings(App *app, const BuildReport *report)
{
    app_print_diagnostics(report);
    if (report->diagnostic_count > 0) {
        const BuildDiagnostic *first = &report->diagnostics[0];
        char text[INSPECT_TOAST_BYTES], place[600];
        build_diagnostic_place(first, place, sizeof(place));
        (void)text_format(text, sizeof(text), "%u warning%s: %s%s%s", report->warning_count,
                          report->warning_count == 1 ? "" : "s", place, place[0] ? ": " : "",
                          first->text);
        inspect_toast(&app->inspect, mono_ns(), LOG_WARNING, text);
    }
    events_put(&app->events, "warnings", live_tick_number(&app->live),
               json_pack("{s:o}", "diagnostics", diagnostics_json(report)));
}

json_t *app_ns_or_null(uint64_t ns)
{
    return ns ? json_integer((json_int_t)ns) : json_null();
}

static const hl_tweak *tweak_named(const GameLib *lib, const char *name)
{
    for (uint32_t i = 0; i < lib->tweak_count; i++) {
        if (strcmp(lib->tweaks[i].name, name) == 0) {
            return &lib->tweaks[i];
        }
    }
    return NULL;
}

void app_say_quietly(App *app, LogLevel level, const char *text)
{
    log_line(level, "%s", text);
    app_panels_line(app, level, live_tick_number(&app->live), text);
}

// One line on screen, and the key to the panel that has all of it.
static void say_migrated(App *app)
{
    const char *text = app->live.migrated;
    uint32_t lost = app->live.carried.lost + app->live.carried.gone;
    app_say_quietly(app, LOG_INFO, text);
    inspect_summary(&app->inspect, mono_ns(), lost > 0 ? LOG_WARNING : LOG_INFO, text, "Shift+F3",
                    "details");
}

// On screen the first of them; the log has all.
static void say_lost(App *app)
{
    const CarryReport *report = &app->live.carried;
    uint32_t lost = report->lost + report->gone;
    bool is_first = true, is_first_guess = true;
    if (app->live.migrated[0]) {
        say_migrated(app);
    }
    for (uint32_t i = 0; i < report->item_count; i++) {
        const CarryItem *item = &report->items[i];
        char words[512];
        app_carry_words(item, words, sizeof(words));
        // What a tweak was is said as such.
        bool is_told = item->fate == CARRY_GUESSED
                       || (item->fate == CARRY_CHANGED && !tweak_named(&app->live.now, item->name));
        if (is_told) {
            app_say_quietly(app, LOG_INFO, words);
            if (item->fate == CARRY_GUESSED && is_first_guess) { // to be confirmed in the source
                inspect_toast(&app->inspect, mono_ns(), LOG_INFO, words);
                is_first_guess = false;
            }
        } else if (is_about(item, CARRY_LOST)) {
            app_say_quietly(app, LOG_WARNING, words);
            char text[INSPECT_TOAST_BYTES], more[64] = "";
            if (lost > 1) {
                (void)text_format(more, sizeof(more), " (and %u more: Shift+F3 has them)",
                                  lost - 1);
            }
            (void)text_format(text, sizeof(text), "%s%s", words, more);
            if (is_first) {
                inspect_toast(&app->inspect, mono_ns(), LOG_WARNING, text);
            }
            is_first = false;
        }
    }
}

static void report_reload(App *app, uint64_t first_tick_ns)
{
    const AppReload *reload = &app->reload;
    uint64_t generation = live_number(&app->live, app->live.end.is_new ? app->live.end.generation
                                                                       : app->live.generation);
    events_put(
        &app->events, "reload", live_tick_number(&app->live),
        json_pack("{s:I,s:s,s:o,s:o,s:o,s:o,s:I,s:o,s:o,s:o,s:o,s:o}", "generation",
                  (json_int_t)generation, "tier", reload->is_fast ? "fast" : "full", "saved_ns",
                  app_ns_or_null(reload->saved_ns), "built_ns", app_ns_or_null(reload->built_ns),
                  "ready_ns", app_ns_or_null(reload->ready_ns), "first_tick_ns",
                  app_ns_or_null(first_tick_ns), "swap_ns", (json_int_t)reload->swap_ns, "carried",
                  carried_json(app, CARRIED), "changed", carried_json(app, CARRY_CHANGED), "lost",
                  carried_json(app, CARRY_LOST), "guessed", carried_json(app, CARRY_GUESSED),
                  "migrated", app_text(app->live.migrated)));
    uint64_t now_ns = first_tick_ns ? first_tick_ns : mono_ns();
    unsigned long long number = (unsigned long long)generation;
    if (number == 1) {
        log_line(LOG_INFO, "%s runs", app->paths.game_id);
    } else if (reload->saved_ns) {
        app_note(app, LOG_INFO, "build %llu runs, %.0f ms after the save", number,
                 (double)(now_ns - reload->saved_ns) / 1e6);
    } else {
        app_note(app, LOG_INFO, "build %llu runs", number);
    }
    if (number > 1 && !reload->is_fresh) {
        say_lost(app);
    }
    app->reload.waits = false;
}

static void mark_reload(App *app)
{
    char text[80];
    (void)text_format(text, sizeof(text), "build %llu",
                      (unsigned long long)live_number(&app->live, app->live.generation));
    app_mark(app, INSPECT_MARK_RELOAD, text);
}

void app_report_ticked(App *app, const LiveTick *did)
{
    if (did->first_of_build && app->reload.waits) {
        report_reload(app, mono_ns());
        mark_reload(app);
    }
    LiveSpan span;
    if (did->forked && live_span(&app->live, &span)) {
        app_note(app, LOG_INFO, "played on from moment %llu: branch %u; what was to come is kept",
                 (unsigned long long)(span.here - 1), span.branch);
        events_put(&app->events, "branch", live_tick_number(&app->live),
                   json_pack("{s:I,s:I}", "branch", (json_int_t)span.branch, "from",
                             (json_int_t)(span.here - 1)));
    }
}

// Sliders come with the panels; until then the log says what there is to tweak...
static void report_tweaks(const GameLib *lib)
{
    char text[2000];
    size_t used = 0;
    for (uint32_t i = 0; i < lib->tweak_count && used < sizeof(text) - 100; i++) {
        const hl_tweak *tweak = &lib->tweaks[i];
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%.40s %g", used ? ", " : "",
                                 tweak->name, (double)tweak->initial);
    }
    if (used > 0) {
        log_line(LOG_INFO, "to tweak: %s", text);
    }
}

// ... and what a save has changed.
static void report_tweaked(App *app, const GameLib *was, const GameLib *is)
{
    for (uint32_t i = 0; i < is->tweak_count; i++) {
        const hl_tweak *tweak = &is->tweaks[i], *before = tweak_named(was, tweak->name);
        if (before && before->initial != tweak->initial) {
            app_note(app, LOG_INFO, "%s: %g -> %g", tweak->name, (double)before->initial,
                     (double)tweak->initial);
        }
    }
}

static bool open_live(App *app, const hl_game *game, Fault *fault)
{
    if (app->live.host) {
        return true;
    }
    if (!app->guard && !app_open_guard(app, fault)) {
        return false;
    }
    if (game->id) {
        (void)text_format(app->paths.game_id, sizeof(app->paths.game_id), "%s", game->id);
    }
    if (!file_home(app->paths.saves, FILE_HOME_DATA, app->paths.game_id, fault)) {
        log_line(LOG_WARNING, "%s; the game runs, but cannot save", fault->text);
        app->paths.saves[0] = '\0';
    }
    LiveConfig config = {.game_id = app->paths.game_id,
                         .save_folder = app->paths.saves,
                         .guard = app->guard,
                         .assets = app->assets,
                         .sound = &app->sound,
                         .arena_bytes = app->options.arena_bytes,
                         .seed = app->options.seed,
                         .record_path = app->options.record,
                         .made_by = "hotloop " HOTLOOP_VERSION,
                         .compiler = app->compiler,
                         .history_bytes = app->options.history_bytes,
                         .history_on_demand = app->options.headless && app->options.fast
                                              && !app->options.has_history
                                              && app->options.synctest == 0,
                         .kept = app->link.page >= 0 && app->options.ticks == 0 && !app->replay,
                         .dirty = app->options.dirty,
                         .synctest = app->options.synctest,
                         .replay = app->replay};
    app_compiler(&app->options, app->compiler, sizeof(app->compiler));
    return live_open(&app->live, &config, fault) && app_wake_on(app, live_prepared_fd(&app->live));
}

// A replay of one game is no replay of another: said before the first tick.
static bool replay_fits(const App *app, const GameLib *lib, Fault *fault)
{
    const ReplayFacts *facts = app->replay ? replay_facts(app->replay) : NULL;
    if (!facts || live_can_play(lib, app->replay)) {
        return true;
    }
    return fault_set(
        fault, FAULT_FORMAT,
        "%s was recorded with a %s of %llu bytes; this build's %s has %zu, and one of the two does "
        "not say what it is made of, so it cannot play it",
        app->options.replay, facts->state_type, (unsigned long long)facts->state_size,
        lib->game->state_type, lib->game->state_size);
}

// The build that waits, if one does, is overtaken or not wanted any more.
static void drop_ready(App *app)
{
    if (app->ready.waits) {
        live_prepare_forget(&app->live);
        (void)gamelib_close(&app->ready.lib);
        app->ready.waits = false;
    }
}

static void swap_ready(App *app)
{
    Fault fault;
    AppReady *ready = &app->ready;
    uint64_t swap_ns, ready_ns = ready->lib.ready_ns;
    GameLib was = app->live.now;
    bool is_first = live_game(&app->live) == NULL, is_fast = ready->lib.is_fast;
    bool is_tier = ready->lib.sources != 0 && ready->lib.sources == was.sources && was.is_fast;
    // Of both builds of the same sources one is told.
    bool is_told = ready->lib.sources != 0 && ready->lib.sources == app->live.pending.sources;
    ready->waits = false;
    if (!live_swap(&app->live, &ready->lib, &swap_ns, &fault)) {
        if (app->live.end.is_new) { // a tick of the fast build, run again
            app_report_fault(app, &fault);
        } else if (is_tier) {
            app_report_tier_refused(app, &fault);
        } else if (!is_told) {
            report_refused(app, &fault);
        }
        return;
    }
    inspect_good_build(&app->inspect);
    if (app->live.was_quiet) {
        app_report_tier(app, ready, ready_ns, swap_ns);
        return;
    }
    app->reload = (AppReload){.waits = true,
                              .is_fast = is_fast,
                              .saved_ns = ready->saved_ns,
                              .built_ns = ready->built_ns,
                              .ready_ns = ready_ns,
                              .swap_ns = swap_ns};
    if (is_first && !app->options.quiet) {
        report_tweaks(&app->live.now);
    } else if (!is_first) {
        report_tweaked(app, &was, &app->live.now);
        app_follow_names(app, &was);
    }
    app_fit_canvas(app);
    if (app->platform && is_first) {
        app->due_ns = platform_now_ns(app->platform);
    }
    if (app->paused) { // its first tick comes when the pause ends, and the swap is news now
        report_reload(app, 0);
    }
}

// Swapped at once if it is the first, else as soon as the swap is prepared, some frames' part
// later.
static void take_ready(App *app, ChangeResult *result)
{
    Fault fault;
    if (!app_tiers_take(app, result)) {
        (void)gamelib_close(&result->lib);
        return;
    }
    drop_ready(app);
    if (!replay_fits(app, &result->lib, &fault) || !open_live(app, result->lib.game, &fault)) {
        (void)gamelib_close(&result->lib);
        report_refused(app, &fault);
        if (app->replay) {
            app->quit = true;
            app->exit_code = EXIT_GAME;
        }
        return;
    }
    app->ready = (AppReady){true, result->lib, result->saved_ns, result->built_ns};
    if (!live_prepare(&app->live, &app->ready.lib)) {
        swap_ready(app);
    }
}

// The fast build that waits for its swap, now.
static void swap_fast(App *app)
{
    if (app->ready.waits && app->ready.lib.is_fast) {
        live_prepare_forget(&app->live);
        swap_ready(app);
    }
}

void app_drop_ready(App *app)
{
    drop_ready(app);
}

static bool is_final(ChangeKind kind)
{
    return kind == CHANGE_READY || kind == CHANGE_BUILD_FAILED || kind == CHANGE_REFUSED;
}

static void take_change(App *app, ChangeResult *result)
{
    uint64_t tick = live_tick_number(&app->live);
    switch (result->kind) {
    case CHANGE_BUILD_STARTED:
        app->rebuilding = true;
        events_put(&app->events, "build", tick, NULL);
        break;
    case CHANGE_BUILD_FAILED:
        swap_fast(app); // its card shall not go as that comes
        report_failed_build(app, result);
        break;
    case CHANGE_READY:
        take_ready(app, result);
        break;
    case CHANGE_REFUSED:
        report_refused(app, &result->fault);
        break;
    case CHANGE_WARNINGS:
        report_warnings(app, &result->report);
        break;
    case CHANGE_UNCHANGED:
        if (result->fault.kind != FAULT_NONE) { // the same content as was refused before
            report_refused(app, &result->fault);
            break;
        }
        if (!app->live.pending.game) { // what waits for a restart still does
            inspect_good_build(&app->inspect);
        }
        events_put(&app->events, "unchanged", tick, NULL);
        log_line(LOG_INFO, "saved, and nothing has changed");
        break;
    case CHANGE_NOTE:
        if (app->options.quiet) {
            break;
        }
        log_line(LOG_INFO, "%s", result->fault.text);
        // What is said before the first picture is no news on it.
        if (live_game(&app->live) || app->options.so) {
            inspect_toast(&app->inspect, mono_ns(), LOG_INFO, result->fault.text);
        }
        break;
    }
    if (is_final(result->kind) || result->kind == CHANGE_UNCHANGED) {
        app->rebuilding = false;
    }
}

// Without a game, or with a recording that it cannot play and nobody who looks at it, a run that
// has an end would never reach it.
static void give_up_without_game(App *app)
{
    bool has_end = app->options.ticks > 0 || app->replay;
    bool cannot_begin = app->replay && app->options.headless && app->ticks_run == 0
                        && app->live.stopped.kind != FAULT_NONE;
    if ((!live_game(&app->live) || cannot_begin) && has_end) {
        log_line(LOG_ERROR, "there is no game to run for --%s", app->replay ? "replay" : "ticks");
        app->quit = true;
        app->exit_code = EXIT_GAME;
    }
}

void app_take_changes(App *app)
{
    bool was_final = false, waits_for_file = false;
    if (app->ready.waits && live_is_prepared(&app->live)) {
        swap_ready(app);
    }
    app_jump_poll(app);
    while (change_take(app->change, &app->change_result)) {
        take_change(app, &app->change_result);
        was_final |= is_final(app->change_result.kind);
        // A library that is not there yet may take long to come: the window does not wait for it.
        waits_for_file |= app->options.so && app->change_result.kind == CHANGE_NOTE;
    }
    if (was_final) {
        give_up_without_game(app);
    }
    if (app->wants_first && (was_final || waits_for_file)) {
        Fault fault;
        app->wants_first = false;
        if (!app->options.quiet && !app_open_platform(app, &fault)) {
            log_line(LOG_ERROR, "cannot open a window or run without one: %s", fault.text);
            app->quit = true;
            app->exit_code = EXIT_GAME;
        }
        if (app->guard) { // all is open, and no code of the game has run
            guard_keep_descriptors(app->guard);
        }
    }
}

void app_report_fault(App *app, const Fault *fault)
{
    char where[300];
    if (app->live.end.is_new) {
        app_report_end(app, fault);
        return;
    }
    fault_place(fault, where, sizeof(where));
    log_line(LOG_ERROR, "%s%stick %llu: %s; the game stands still until the next save or a restart",
             where, where[0] ? ": " : "", (unsigned long long)live_tick_number(&app->live),
             fault->text);
    events_put(&app->events, "fault", live_tick_number(&app->live),
               json_pack("{s:s,s:o,s:o}", "kind", fault_kind_name(fault->kind), "where",
                         app_text(where), "text", app_text(fault->text)));
    app_mark(app, INSPECT_MARK_FAULT, fault->text);
    platform_silence(app->platform);
    platform_capture_mouse(app->platform, false);
    if (app->options.ticks > 0 || app->replay) { // nobody is there to save a fix
        app->quit = true;
        app->exit_code = EXIT_GAME;
    }
}

enum { DESYNCS_SHOWN = 10 };

void app_report_desync(App *app)
{
    LiveDesync *desync = &app->live.desync;
    desync->is_new = false;
    app->exit_code = EXIT_DIVERGED;
    if (app->live.desyncs <= DESYNCS_SHOWN) {
        app_note(app, LOG_ERROR, "%s", desync->text);
        events_put(&app->events, "desync", live_tick_number(&app->live),
                   json_pack("{s:I,s:o}", "moment", (json_int_t)desync->moment, "text",
                             app_text(desync->text)));
    } else if (app->live.desyncs == DESYNCS_SHOWN + 1) {
        log_line(LOG_ERROR, "more ticks differ; they are counted");
    }
}

static void report_recording(App *app)
{
    const Fault *fault = &app->live.writer_fault;
    if (fault->kind != FAULT_NONE && !app->live.writer_failed) {
        app->live.writer_failed = true;
        app_note(app, LOG_ERROR, "%s; recording has stopped, the game plays on", fault->text);
    }
}

void app_report_lines(App *app)
{
    char note[512];
    while (asset_take_note(app->assets, note, sizeof(note))) {
        app_note(app, LOG_WARNING, "%s", note);
    }
    while (watch_take_note(app->watch, note, sizeof(note))) {
        app_note(app, LOG_WARNING, "%s", note);
    }
    Host *host = app->live.host;
    if (!host) {
        return;
    }
    for (uint32_t i = 0; i < host->line_count; i++) {
        const HostLine *line = &host->lines[i];
        log_line(line->level, "[%llu] %s", (unsigned long long)line->tick, line->text);
        if (!line->quiet) { // what is watched has a panel of its own
            app_panels_line(app, line->level, line->tick, line->text);
            inspect_line(&app->inspect, mono_ns(), line->level, line->text);
            app_mark(app, INSPECT_MARK_LOG, line->text);
        }
        events_put(&app->events, "log", line->tick,
                   json_pack("{s:o}", "text", app_text(line->text)));
    }
    if (host->lines_dropped > 0) {
        log_line(LOG_WARNING, "%u more lines in one frame were dropped", host->lines_dropped);
    }
    host->line_count = 0;
    host->lines_dropped = 0;
    report_recording(app);
}
