// Breaks beyond the command line: as panels show them, what panels want of them, and how they come
// into the process after this one.
#include "app.h"

#include <stdio.h>
#include <string.h>

// Contents: panels, the process after this one.

enum { TEXT_MAX = 512 };

// ----------------------------------------------------------------------------------------- panels

uint32_t app_breaks_list(const App *app, PanelBreak rows[PANEL_BREAKS_MAX])
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < app->breaks.count && count < PANEL_BREAKS_MAX; i++) {
        const LiveBreak *point = &app->breaks.points[i];
        PanelBreak *row = &rows[count++];
        *row = (PanelBreak){.number = point->number, .hits = point->hits};
        live_condition_text(&point->condition, row->condition, sizeof(row->condition));
    }
    return count;
}

static void break_on(App *app, const char *condition)
{
    Fault fault;
    if (!app_break_on(app, condition, &fault)) {
        app_note(app, LOG_WARNING, "%s", fault.text);
        return;
    }
    LiveBreak *point = &app->breaks.points[app->breaks.count - 1];
    live_break_before(&app->live, point);
    app_note(app, LOG_INFO,
             point->held ? "it pauses when %s: that is so now, and has to become so again"
                         : "it pauses when %s; Shift+F5 lists what it pauses for",
             condition);
}

// Goes to the moment at which it became so, and says which that is.
static void find_when(App *app, const char *condition)
{
    char text[TEXT_MAX * 2];
    LiveWhen when;
    LiveSpan span;
    Fault fault;
    if (!app_when(app, condition, &when, &span, text, sizeof(text), &fault)) {
        app_note(app, LOG_WARNING, "%s", fault.text);
        return;
    }
    if (when.found) {
        app_time_show(app, (LivePlace){span.branch, when.after.moment});
    }
    app_note(app, when.found ? LOG_INFO : LOG_WARNING, "%s", text);
}

void app_breaks_wishes(App *app, PanelRequests *wishes)
{
    if (wishes->breaks) {
        break_on(app, wishes->break_on);
    }
    if (wishes->finds) {
        find_when(app, wishes->find_when);
    }
    if (wishes->break_off) {
        (void)app_break_off(app, wishes->break_off);
    }
    wishes->breaks = wishes->finds = false;
    wishes->break_off = 0;
}

// ------------------------------------------------------------------- the process after this one

static bool kept_path(const App *app, char out[FILE_PATH_MAX])
{
    return app->link.page >= 0 && app->paths.session[0]
           && text_format(out, FILE_PATH_MAX, "%s/breaks", app->paths.session);
}

// A line each. Whoever comes after this process has the same folder.
void app_breaks_keep(App *app)
{
    char path[FILE_PATH_MAX], text[APP_BREAKS_MAX * TEXT_MAX] = "", one[TEXT_MAX];
    size_t used = 0;
    Fault fault;
    if (!kept_path(app, path)) {
        return;
    }
    for (uint32_t i = 0; i < app->breaks.count; i++) {
        live_condition_text(&app->breaks.points[i].condition, one, sizeof(one));
        (void)text_format(text + used, sizeof(text) - used, "%s\n", one);
        used += strlen(text + used);
    }
    if (!file_write(path, text, used, &fault)) {
        log_line(LOG_WARNING, "breaks would not survive the end of this process: %s", fault.text);
    }
}

void app_breaks_recall(App *app)
{
    char path[FILE_PATH_MAX];
    Arena scratch;
    FileBytes bytes;
    Fault fault;
    if (!kept_path(app, path) || !file_exists(path) || !arena_open(&scratch, 0, 1u << 20, NULL)) {
        return;
    }
    if (file_read(&scratch, path, 256u << 10, &bytes, NULL)) {
        const char *text = (const char *)bytes.data;
        for (size_t at = 0; at < bytes.size_bytes;) {
            char line[TEXT_MAX];
            const char *end = memchr(text + at, '\n', bytes.size_bytes - at);
            size_t length = end ? (size_t)(end - text) - at : bytes.size_bytes - at;
            (void)text_format(line, sizeof(line), "%.*s", (int)length, text + at);
            if (line[0] && !app_break_on(app, line, &fault)) {
                app_note(app, LOG_WARNING, "%s", fault.text);
            }
            at += length + 1;
        }
    }
    arena_close(&scratch);
}
