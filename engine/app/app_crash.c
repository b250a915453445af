// When a call into the game ended early: what is said about it and where, what is let go, and the
// guard's own affairs once a second.
#include "app.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

// A run that has an end has nobody to go on for, and its tick runs on while this is said.
static _Noreturn void end_hanging_run(const App *app, const GuardReport *report)
{
    char text[400];
    (void)text_format(text, sizeof(text),
                      "hotloop: error: %s() of the game was still running after %.1f s and cannot "
                      "be interrupted (it blocks signals, or waits for a lock), so this run ends "
                      "here, without a hash\n",
                      app->live.host->call, (double)report->ran_ns / (double)NS_PER_S);
    (void)!write(STDERR_FILENO, text, strlen(text));
    _exit(EXIT_GAME);
}

static _Noreturn void give_up_hang(void *with, const GuardReport *report)
{
    static GuardReport told; // on the watchdog's thread: the frame loop's is stuck
    App *app = with;
    if (app->options.ticks > 0 || app->replay) {
        end_hanging_run(app, report);
    }
    told = *report;
    (void)text_format(told.call, sizeof(told.call), "%s", app->live.host->call);
    app_restart_in_place(app, &told);
}

bool app_open_guard(App *app, Fault *fault)
{
    static const uint64_t HANG_NS = 2 * NS_PER_S;
    enum { PRINTS_PER_S = 10000 };
    bool is_bounded = app->options.ticks > 0 || app->replay; // its output may be what it is for
    GuardConfig config = {.hang_ns = app->options.has_hang ? app->options.hang_ns : HANG_NS,
#ifndef __SANITIZE_ADDRESS__ // it follows the stack that it knows
                          .own_stack = true,
#endif
                          .prints_per_s = is_bounded || app->options.quiet ? 0 : PRINTS_PER_S,
                          .give_up = app->options.quiet ? NULL : give_up_hang,
                          .with = app};
    app->guard = guard_open(&app->keep, &config, fault);
    return app->guard != NULL;
}

// ---------------------------------------------------------------------------------------- words

static void explain_address(void *with, uintptr_t address, char *out, size_t out_bytes)
{
    const App *app = with;
    if (!live_where(&app->live, address, out, out_bytes)) {
        out[0] = '\0';
    }
}

static void explain_gone(void *with, uintptr_t address, char *out, size_t out_bytes)
{
    const char *unit, *function;
    (void)with;
    if (carry_grave_at(address, &unit, &function)) {
        char file[256];
        file_base_name(file, sizeof(file), unit);
        (void)text_format(out, out_bytes, "%s()%s%s", function, unit[0] ? " of " : "",
                          unit[0] ? file : "");
    }
}

// What became of the tick, and how to go on from there.
static void tell_undone(const LiveEnd *end, Crash *crash)
{
    unsigned long long tick = (unsigned long long)crash->tick;
    if (strcmp(end->call, "init") == 0) {
        (void)text_format(crash->undone, sizeof(crash->undone),
                          "The game had not begun: the next save begins with fresh state.");
    } else if (strcmp(end->call, "draw") == 0) {
        (void)text_format(crash->undone, sizeof(crash->undone),
                          "Only the picture is lost: the state is that of tick %llu, untouched.",
                          tick);
    } else if (end->undone) {
        (void)text_format(crash->undone, sizeof(crash->undone),
                          "Tick %llu was undone: the state is exactly that of tick %llu.", tick,
                          tick - 1);
    } else {
        (void)text_format(
            crash->undone, sizeof(crash->undone),
            "Tick %llu could not be undone, because this session keeps no history: its "
            "state may be half changed. A restart (F9) is safe.",
            tick);
    }
}

static void explain(App *app, const Fault *fault, Crash *crash)
{
    const LiveEnd *end = &app->live.end;
    const GameLib *libs[LIVE_RETIRED_MAX + 1];
    bool is_draw = strcmp(end->call, "draw") == 0;
    uint64_t tick = live_tick_number(&app->live);
    CrashContext context = {.images = libs,
                            .image_count = live_libs(&app->live, end->generation, libs),
                            .game_folder = app->options.game,
                            .call = end->call,
                            .tick = end->undone && !is_draw ? tick + 1 : tick,
                            .generation = live_number(&app->live, end->generation),
                            .explain = explain_address,
                            .gone = explain_gone,
                            .with = app};
    if (end->report.end == GUARD_STOPPED) {
        crash_explain_fault(crash, fault, &end->report, &context);
    } else {
        crash_explain(crash, &end->report, &context);
    }
    tell_undone(end, crash);
}

// Line by line: the log makes everything harmless that is not one.
static void print_text(LogLevel level, const char *text)
{
    while (*text) {
        size_t length = strcspn(text, "\n");
        log_line(level, "%.*s", (int)length, text);
        text += length + (text[length] == '\n');
    }
}

static json_t *frames_json(const Crash *crash)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < crash->frame_count; i++) {
        const CrashFrame *frame = &crash->frames[i];
        json_array_append_new(
            list, json_pack("{s:o,s:o,s:i,s:o,s:b,s:I}", "function", app_text(frame->function),
                            "file", app_text(frame->file[0] ? frame->file : frame->library), "line",
                            frame->line, "source", app_text(frame->source), "inlined",
                            frame->is_inlined, "repeats", (json_int_t)frame->repeats));
    }
    return list;
}

static const char *end_name(GuardEnd end)
{
    static const char *const NAMES[] = {"returned", "stopped", "signal",  "stack",
                                        "hang",     "exit",    "aborted", "longjmp"};
    return NAMES[end];
}

static void put_event(App *app, const Fault *fault, const Crash *crash, const char *text)
{
    const LiveEnd *end = &app->live.end;
    char place[300] = "";
    fault_place(fault, place, sizeof(place));
    for (uint32_t i = 0; i < crash->frame_count && !place[0]; i++) {
        if (crash->frames[i].line > 0) {
            (void)text_format(place, sizeof(place), "%s:%d", crash->frames[i].file,
                              crash->frames[i].line);
        }
    }
    json_t *event = json_pack(
        "{s:s,s:o,s:o,s:o,s:o,s:s,s:s,s:I,s:b,s:I,s:b,s:o}", "kind", fault_kind_name(fault->kind),
        "where", app_text(place), "text", app_text(crash->title), "report", app_text(text),
        "undone", app_text(crash->undone), "call", crash->call, "end", end_name(crash->end),
        "generation", (json_int_t)crash->generation, "is_undone", end->undone, "put_aside",
        (json_int_t)live_number(&app->live, end->put_aside), "plays_fast", end->is_tier, "frames",
        frames_json(crash));
    events_put(&app->events, "fault", live_tick_number(&app->live), event);
    app_mark(app, INSPECT_MARK_FAULT, crash->title);
}

// ------------------------------------------------------------------------------------- what is
// done

static void put_aside(App *app, const Crash *crash)
{
    char title[256], text[INSPECT_REPORT_BYTES];
    const LiveEnd *end = &app->live.end;
    unsigned long long bad = (unsigned long long)live_number(&app->live, end->put_aside);
    unsigned long long now = (unsigned long long)live_number(&app->live, app->live.generation);
    if (end->is_tier) {
        (void)text_format(title, sizeof(title),
                          "The full compiler's build %llu was put aside after %.1f s; the fast "
                          "build of the same sources plays on",
                          bad, end->after_seconds);
    } else {
        (void)text_format(title, sizeof(title),
                          "Build %llu was put aside after %.1f s; build %llu plays on", bad,
                          end->after_seconds, now);
    }
    (void)text_format(text, sizeof(text), "%s", crash->title); // the terminal has the rest
    inspect_report(&app->inspect, title, text);
    log_line(LOG_ERROR, "%s", title);
    app->reload.waits = false;
    app_fit_canvas(app);
}

static void stand_still(App *app, const Crash *crash)
{
    app->crash = *crash;
    (void)text_format(app->live.stopped.text, sizeof(app->live.stopped.text), "%s", crash->title);
    log_line(LOG_ERROR,
             "the game stands still at tick %llu until the next save, F9 (restart) or F8 "
             "(back in time)",
             (unsigned long long)live_tick_number(&app->live));
    app->had_mouse |= platform_captures_mouse(app->platform);
    platform_release(app->platform);
    if (app->options.ticks > 0 || app->replay) { // nobody is there to save a fix
        app->quit = true;
        app->exit_code = EXIT_GAME;
    }
}

// A run that has an end, and a lock of a library that may be held for ever: there is nobody for
// whom to go on, and no asking for memory, which a proper end would need. Files on disk are whole.
static _Noreturn void end_without_memory(App *app)
{
    char text[512];
    const LiveEnd *end = &app->live.end;
    const GameLib *libs[LIVE_RETIRED_MAX + 1];
    size_t count = live_libs(&app->live, end->generation, libs);
    const char *function = NULL;
    for (uint32_t i = 0; i < end->report.frame_count && !function && count > 0; i++) {
        uintptr_t offset;
        function = gamelib_symbol_at(libs[0], end->report.frames[i] - (i > 0), &offset);
    }
    if (function && strncmp(function, "hl_thunk_", 9) == 0) {
        function += 9;
    }
    char what[300];
    bool hung = end->report.end == GUARD_HUNG;
    (void)text_format(
        what, sizeof(what), "%s() of the game %s inside %s%s%s, which may hold a lock for ever",
        function ? function : end->call, hung ? "did not return: it was" : "died",
        end->report.doubt_in, hung ? "" : " of SIG", hung ? "" : sigabbrev_np(end->report.signal));
    (void)text_format(text, sizeof(text),
                      "hotloop: error: %s, so this run ends here; `hotloop run` without --ticks "
                      "shows all of it\n",
                      what);
    (void)!write(STDERR_FILENO, text, strlen(text));
    // By hand, because jansson asks for memory. The text has nothing in it that JSON would mind.
    (void)text_format(text, sizeof(text),
                      "{\"event\":\"fault\",\"tick\":%llu,\"mono_ns\":%llu,\"kind\":\"crash\","
                      "\"where\":\"\",\"text\":\"%s\"}\n",
                      (unsigned long long)live_tick_number(&app->live),
                      (unsigned long long)mono_ns(), what);
    (void)!write(app->events.fd, text, strlen(text));
    (void)text_format(text, sizeof(text), "hash %016llx after %llu ticks\n",
                      (unsigned long long)live_hash(&app->live),
                      (unsigned long long)live_tick_number(&app->live));
    (void)!write(STDOUT_FILENO, text, strlen(text));
    _exit(EXIT_GAME);
}

void app_report_end(App *app, const Fault *fault)
{
    static Crash crash; // some 200 KB, of the frame loop's thread only
    char text[16384];
    if (app->live.end.report.doubt && (app->options.ticks > 0 || app->replay)) {
        end_without_memory(app);
    } else if (app->live.end.report.doubt) {
        app_restart_in_place(app, &app->live.end.report);
    }
    app->live.end.is_new = false;
    explain(app, fault, &crash);
    (void)crash_text(&crash, text, sizeof(text));
    print_text(LOG_ERROR, text);
    put_event(app, fault, &crash, text);
    app_panels_line(app, LOG_ERROR, crash.tick, crash.title);
    if (app->live.end.put_aside) {
        put_aside(app, &crash);
    } else {
        stand_still(app, &crash);
    }
}

void app_crash_resumed(App *app)
{
    Fault fault;
    app->resumed.has_report = false;
    guard_rebase(&app->resumed.report);
    app->resumed.report.doubt = false; // that process is gone, and its locks with it
    live_end_elsewhere(&app->live, &app->resumed.report, &fault);
    app_report_end(app, &fault);
}

const Crash *app_crash_shown(const App *app)
{
    return app->crash.is_set && app->live.stopped.kind != FAULT_NONE ? &app->crash : NULL;
}

void app_copy_crash(App *app)
{
    char text[16384];
    const Crash *crash = app_crash_shown(app);
    if (crash) {
        (void)crash_text(crash, text, sizeof(text));
        bool ok = platform_copy_text(app->platform, text);
        app_note(app, ok ? LOG_INFO : LOG_WARNING, "%s",
                 ok ? "copied" : "there is no clipboard to copy to; the terminal has the text");
    }
}

// ------------------------------------------------------------------------------------ once a
// second

// Somebody with a debugger wants to see crashes himself, and to take his time.
static void look_for_debugger(App *app)
{
    char who[80] = "";
    bool traced = guard_is_traced(who, sizeof(who));
    if (traced != app->traced) {
        app->traced = traced;
        guard_stand_back(app->guard, traced);
        if (traced) {
            app_note(app, LOG_INFO,
                     "%s is attached: crashes and endless loops are its own to show, nothing is "
                     "contained",
                     who);
        } else {
            app_note(app, LOG_INFO, "no debugger any more: the game is contained again");
        }
    }
}

static void tell_changes(App *app, unsigned changes, const char *by)
{
    char text[600];
    unsigned known = app->changes_of == app->live.generation ? app->changes_told : 0;
    app->changes_of = app->live.generation;
    app->changes_told = known | changes;
    if ((changes & ~known) == 0) {
        return; // once for each build
    }
    const char *call = app->live.host && app->live.host->call ? app->live.host->call : "the game";
    crash_changes(changes & ~known, by, call, text, sizeof(text));
    if (text[0]) {
        app_note(app, LOG_WARNING, "%s", text);
        events_put(&app->events, "warning", live_tick_number(&app->live),
                   json_pack("{s:o}", "text", app_text(text)));
    }
}

void app_guard_frame(App *app)
{
    const char *by = NULL;
    static GuardReport stray; // large
    if (!app->guard) {
        return;
    }
    unsigned changes = guard_take_changes(app->guard, &by);
    uint64_t now_ns = mono_ns();
    if (now_ns - app->guard_checked_ns >= NS_PER_S) {
        app->guard_checked_ns = now_ns;
        look_for_debugger(app);
        changes |= guard_check_process(app->guard);
    }
    if (changes) {
        tell_changes(app, changes, by);
    }
    if (live_game(&app->live) && guard_take_stray(app->guard, &stray)) {
        Fault fault;
        live_end_elsewhere(&app->live, &stray, &fault);
        app_report_end(app, &fault);
    }
}
