// The panels of a session: what they are given, what they want, and what is remembered of them. All
// of it costs nothing while none is open.
#include "app.h"

#include <stdio.h>
#include <string.h>

// Contents: opening, remembering, input, the picture, wishes, times, ctl.

enum { KEEP_EVERY_S = 1, LARGE_W = 2200, LARGE_H = 1300 };

// ---------------------------------------------------------------------------------------- opening

bool app_open_panels(App *app, Fault *fault)
{
    app->panels = panels_open(fault);
    return app->panels != NULL;
}

static bool kept_path(const App *app, char out[FILE_PATH_MAX])
{
    return app->paths.window[0] && text_format(out, FILE_PATH_MAX, "%s.panels", app->paths.window);
}

void app_recall_panels(App *app)
{
    char path[FILE_PATH_MAX];
    Arena scratch;
    FileBytes bytes;
    if (!kept_path(app, path) || !file_exists(path) || !arena_open(&scratch, 0, 1u << 20, NULL)) {
        return;
    }
    if (file_read(&scratch, path, 512u << 10, &bytes, NULL)) {
        panels_put_kept(app->panels, (const char *)bytes.data);
    }
    arena_close(&scratch);
}

static void keep(App *app)
{
    char path[FILE_PATH_MAX];
    Fault fault;
    bool changed;
    const char *text = panels_kept(app->panels, &changed);
    if (changed && kept_path(app, path) && !file_write(path, text, strlen(text), &fault)) {
        log_line(LOG_WARNING, "where the panels are is not kept: %s", fault.text);
    }
}

void app_close_panels(App *app)
{
    if (app->panels) {
        keep(app);
    }
    panels_close(app->panels);
    app->panels = NULL;
}

// ------------------------------------------------------------------------------------------ input

// A mouse that the game has caught is nobody's to point with.
static void share_mouse(App *app, bool open)
{
    AppPanels *state = &app->panel;
    if (open && platform_captures_mouse(app->platform)) {
        platform_capture_mouse(app->platform, false);
        state->had_mouse = true;
    } else if (!open && state->had_mouse) {
        state->had_mouse = false;
        platform_capture_mouse(app->platform, live_game(&app->live) != NULL);
    }
}

void app_toggle_panel(App *app, PanelKind kind)
{
    panel_set_open(app->panels, kind, !panel_is_open(app->panels, kind));
}

void app_walk_panels(App *app)
{
    AppPanels *state = &app->panel;
    state->walks = !state->walks || !panels_any_open(app->panels);
    if (state->walks && !panels_any_open(app->panels)) {
        panel_set_open(app->panels, PANEL_INSPECTOR, true);
    }
    app_note(app, LOG_INFO,
             state->walks
                 ? "keys are the panels': arrows, Space goes in and presses, Esc goes out, "
                   "Enter types, M opens a menu, Ctrl+Tab; Ctrl+F1 gives them back"
                 : "keys are the game's");
}

void app_panels_input(App *app)
{
    AppPanels *state = &app->panel;
    bool open = panels_any_open(app->panels);
    if (!open && !state->was_open) {
        return;
    }
    share_mouse(app, open);
    if (open) {
        platform_take_panels(app->platform, &state->input);
    } else {
        platform_forget_panels(app->platform);
        state->measured = false;
    }
    state->walks &= open;
    platform_keep_keys(app->platform, open && panels_want_keys(app->panels));
    uint64_t now_ns = mono_ns();
    if (now_ns - state->kept_ns >= KEEP_EVERY_S * NS_PER_S || !open) {
        state->kept_ns = now_ns;
        keep(app);
    }
    state->was_open = open;
}

bool app_panels_have_mouse(const App *app)
{
    return panels_want_mouse(app->panels);
}

bool app_panels_have_keys(const App *app)
{
    return panels_want_keys(app->panels);
}

// ------------------------------------------------------------------------------------ the picture

// A tap that was over before the frame was held in it.
static bool was_held(const PlatformPanels *input, int key)
{
    return input->key[key].down || input->key[key].changes > 1;
}

static void fill_input(const App *app, UiInput *input)
{
    const PlatformInfo *info = platform_info(app->platform);
    const PlatformPanels *from = &app->panel.input;
    *input = (UiInput){.width_px = (float)info->window_w,
                       .height_px = (float)info->window_h,
                       .scale = info->window_w >= LARGE_W && info->window_h >= LARGE_H ? 2 : 1,
                       .mouse_inside = from->mouse_inside,
                       .mouse_px = from->mouse_px,
                       .wheel = from->wheel,
                       .key = from->key,
                       .walks = app->panel.walks};
    for (int i = 0; i < 3; i++) {
        input->button[i] = (from->mouse_held >> i & 1) != 0;
        input->clicked[i] = (from->mouse_pressed >> i & 1) != 0;
    }
    memcpy(input->text, from->text, sizeof(input->text));
    input->ctrl = was_held(from, HL_KEY_LCTRL) || was_held(from, HL_KEY_RCTRL);
    input->shift = was_held(from, HL_KEY_LSHIFT) || was_held(from, HL_KEY_RSHIFT);
    input->alt = was_held(from, HL_KEY_LALT) || was_held(from, HL_KEY_RALT);
}

// A second picture of this frame, for a screenshot, is none of these things again.
static void forget_what_passed(PlatformPanels *input)
{
    input->wheel = (hl_vec2){0};
    input->mouse_pressed = 0;
    input->text[0] = '\0';
    for (int i = 0; i < HL_KEYS; i++) {
        input->key[i].changes = 0;
    }
}

void app_panels_picture(App *app, float free_bottom_px)
{
    AppPanels *state = &app->panel;
    FieldView fields;
    Fault fault;
    UiInput input;
    if (!panels_any_open(app->panels)) {
        return;
    }
    uint64_t now_ns = mono_ns();
    bool has_fields = live_fields(&app->live, &fields, &fault);
    PanelView view = {.live = &app->live,
                      .fields = has_fields ? &fields : NULL,
                      .no_fields = has_fields ? NULL : fault.text,
                      .now_ns = now_ns,
                      .paused = app->paused,
                      .free_bottom_px = free_bottom_px,
                      .times = state->has_times ? &state->times : NULL,
                      .draw_commands = app->game_draw.cmd_count,
                      .draw_dropped = app->game_draw.dropped,
                      .draw_calls = platform_draw_calls(app->platform),
                      .refresh_hz = platform_info(app->platform)->refresh_hz};
    PanelBreak breaks[PANEL_BREAKS_MAX];
    view.has_span = live_span(&app->live, &view.span);
    view.break_count = app_breaks_list(app, breaks);
    view.breaks = breaks;
    fill_input(app, &input);
    input.bottom_px = app_shows_bar(app) ? free_bottom_px : 0;
    input.mouse_inside = input.mouse_inside && !app->bar.is_hovered;
    input.dt_s = state->drawn_ns ? (float)(now_ns - state->drawn_ns) / 1e9f : 0;
    state->drawn_ns = now_ns;
    state->has_times = false;
    panels_frame(app->panels, &view, &input, &app->over_draw, &state->wishes);
    forget_what_passed(&state->input);
}

// ----------------------------------------------------------------------------------------- wishes

static void edit(App *app, const PanelEdit *wish)
{
    char was[PANEL_VALUE_MAX];
    LiveTick did;
    Fault fault;
    app_field_value(app, wish->path, was, sizeof(was));
    if (strcmp(was, wish->value) == 0) {
        return;
    }
    if (!live_edit(&app->live, wish->path, wish->value, &did, &fault)) {
        app_note(app, LOG_WARNING, "%s", fault.text);
        return;
    }
    if (did.forked) {
        app_report_ticked(app, &did);
    }
    app_report_edit(app, wish->path, was);
}

void app_panels_apply(App *app)
{
    PanelRequests *wishes = &app->panel.wishes;
    for (uint32_t i = 0; i < wishes->edit_count; i++) {
        edit(app, &wishes->edits[i]);
    }
    for (uint32_t i = 0; i < wishes->keep_count; i++) {
        app_keep_tweak(app, wishes->keeps[i]);
    }
    wishes->keep_count = 0;
    if (wishes->seek) {
        app_time_show(app, wishes->seek_to);
    }
    if (wishes->copy && !platform_copy_text(app->platform, wishes->copy_text)) {
        app_note(app, LOG_WARNING, "the system does not take what was to be copied");
    }
    app_breaks_wishes(app, wishes);
    wishes->edit_count = 0;
    wishes->seek = wishes->copy = false;
}

void app_panels_line(App *app, LogLevel level, uint64_t tick, const char *text)
{
    LiveSpan span;
    if (!app->panels) { // it is said before there is a session, or after it
        return;
    }
    bool has_place = live_span(&app->live, &span);
    panels_log(app->panels, level, tick, has_place, (LivePlace){span.branch, span.here}, text);
}

// ------------------------------------------------------------------------------------------ times

// Begins a frame, and says what the one before was.
void app_time_frame_begin(App *app)
{
    AppPanels *state = &app->panel;
    bool measured = panel_is_open(app->panels, PANEL_SPEED);
    app->live.timed = measured;
    if (!measured && !state->measured) {
        return;
    }
    uint64_t now_ns = mono_ns();
    if (state->measured) {
        state->next.frame = (float)(now_ns - state->frame_ns) / 1e6f;
        state->next.reload = live_number(&app->live, app->live.generation) != state->generation;
        state->times = state->next;
        state->has_times = true;
    }
    state->next = (PanelTimes){0};
    state->generation = live_number(&app->live, app->live.generation);
    state->measured = measured;
    state->frame_ns = state->mark_ns = now_ns;
    app->live.capture_ns = 0;
}

void app_time_spent(App *app, float *on)
{
    AppPanels *state = &app->panel;
    if (state->measured) {
        uint64_t now_ns = mono_ns();
        if (on) {
            *on += (float)(now_ns - state->mark_ns) / 1e6f;
        }
        state->mark_ns = now_ns;
    }
}

void app_time_ticked(App *app)
{
    PanelTimes *next = &app->panel.next;
    app_time_spent(app, &next->ticks);
    next->capture += (float)app->live.capture_ns / 1e6f;
    next->ticks -= (float)app->live.capture_ns / 1e6f;
    app->live.capture_ns = 0;
}

// Of what waiting for the screen takes nothing is work.
void app_time_presented(App *app)
{
    PanelTimes *next = &app->panel.next;
    app_time_spent(app, &next->present);
    if (app->panel.measured) {
        float waited = (float)platform_flip_ns(app->platform) / 1e6f;
        waited = waited < next->present ? waited : next->present;
        next->present -= waited;
        next->idle += waited;
    }
}

// -------------------------------------------------------------------------------------------- ctl

static json_t *items_of(const App *app)
{
    uint32_t count;
    const UiItem *items = panels_items(app->panels, &count);
    json_t *rows = json_array();
    for (uint32_t i = 0; i < count; i++) {
        const hl_rectf *box = &items[i].box;
        json_array_append_new(rows, json_pack("{s:o,s:[f,f,f,f]}", "text", app_text(items[i].text),
                                              "box", (double)box->x, (double)box->y, (double)box->w,
                                              (double)box->h));
    }
    return rows;
}

json_t *app_ctl_panel(App *app, const ControlRequest *request)
{
    PanelKind kind;
    const char *word = request->argc > 2 ? request->argv[2] : "";
    bool on = strcmp(word, "on") == 0;
    if (request->argc > 3 || (word[0] && !on && strcmp(word, "off") != 0)) {
        return app_failed("panel: expected nothing, or inspector, tweaks, log, speed or watch, and "
                          "on or off");
    }
    if (request->argc > 1 && !panel_by_name(request->argv[1], &kind)) {
        return app_failed("%s is no panel; there are inspector, tweaks, log, speed and watch",
                          request->argv[1]);
    }
    if (request->argc > 1) {
        panel_set_open(app->panels, kind, word[0] ? on : !panel_is_open(app->panels, kind));
    }
    json_t *open = json_array();
    for (int i = 0; i < PANEL_KINDS; i++) {
        if (panel_is_open(app->panels, (PanelKind)i)) {
            json_array_append_new(open, json_string(panel_name((PanelKind)i)));
        }
    }
    app_picture(app);
    hl_vec2 mouse = platform_mouse_px(app->platform);
    return json_pack("{s:b,s:o,s:[f,f],s:i,s:b,s:o}", "ok", 1, "open", open, "mouse",
                     (double)mouse.x, (double)mouse.y, "held", (int)app->panel.input.mouse_held,
                     "typing", app_panels_have_keys(app), "items", items_of(app));
}
