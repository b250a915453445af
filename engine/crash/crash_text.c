#include <string.h>

#include "crash_parts.h"

// All of a crash as text for terminals and mails: 100 columns, what matters first.
//
// Contents: lines, the source, the calls, everything; changes.

enum { COLUMNS = 100, CELL_COLUMNS = 34 };

typedef struct Page {
    char *out;
    size_t used, room;
} Page;

// ------------------------------------------------------------------------------------------ lines

static size_t columns_of(const char *text)
{
    size_t columns = 0;

    while (text_next(&text) != 0) {
        columns++;
    }
    return columns;
}

// How many bytes of `text` fit into that many columns.
static size_t bytes_in(const char *text, size_t columns)
{
    const char *at = text;

    for (size_t i = 0; i < columns; i++) {
        if (text_next(&at) == 0) {
            break;
        }
    }
    return (size_t)(at - text);
}

static void put_bytes(Page *page, const char *text, size_t length)
{
    if (page->room - page->used <= length) {
        page->room = page->used + 1; // full: half a line later would look like a whole one
        return;
    }
    memcpy(page->out + page->used, text, length);
    page->used += length;
    page->out[page->used] = 0;
}

// A line, cut at the margin.
static void put_line(Page *page, const char *line)
{
    char whole[4 * COLUMNS + 8];
    size_t length = bytes_in(line, COLUMNS);

    if (length >= sizeof whole - 1) {
        length = sizeof whole - 2;
    }
    while (length > 0 && line[length - 1] == ' ') {
        length--;
    }
    memcpy(whole, line, length);
    whole[length] = '\n';
    put_bytes(page, whole, length + 1);
}

// Words wrapped at the margin, `indent` blanks before each line.
static void put_words(Page *page, const char *text, size_t indent)
{
    char line[4 * COLUMNS + 8];
    size_t fits;

    while (*text) {
        fits = bytes_in(text, COLUMNS - indent);
        if (text[fits]) {
            size_t blank = fits;
            while (blank > 0 && text[blank] != ' ') {
                blank--;
            }
            fits = blank > 0 ? blank : fits;
        }
        (void)text_format(line, sizeof line, "%*s%.*s", (int)indent, "", (int)fits, text);
        put_line(page, line);
        text += fits;
        text += strspn(text, " ");
    }
}

static void put_cell(char *line, size_t line_bytes, const char *text, size_t columns)
{
    size_t used = strlen(line), its = columns_of(text);

    (void)text_format(line + used, line_bytes - used, "%s%*s", text,
                      its < columns ? (int)(columns - its) : 0, "");
}

// ------------------------------------------------------------------------------------- the source

static void put_source(Page *page, const Crash *crash)
{
    char line[320];

    for (uint32_t i = 0; i < crash->source_count && i < CRASH_SOURCE_LINES; i++) {
        (void)text_format(line, sizeof line, "  %c %5d | %s",
                          (int)i == crash->source_at ? '>' : ' ', crash->source_first + (int)i,
                          crash->source[i]);
        put_line(page, line);
    }
    if (crash->source_count > 0) {
        put_line(page, "");
    }
}

// -------------------------------------------------------------------------------------- the calls

static void name_call(const CrashFrame *frame, char *out, size_t out_bytes)
{
    (void)text_format(out, out_bytes, "  %s%s%s", frame->function,
                      strcmp(frame->function, "?") == 0 ? "" : "()",
                      frame->is_inlined ? " inlined" : "");
}

static void name_place(const CrashFrame *frame, char *out, size_t out_bytes)
{
    if (frame->library[0]) {
        (void)text_format(out, out_bytes, "  %s", frame->library);
    } else if (frame->file[0] && frame->line > 0) {
        (void)text_format(out, out_bytes, "  %s:%d", frame->file, frame->line);
    } else {
        (void)text_format(out, out_bytes, "  %s", frame->file[0] ? frame->file : "no line known");
    }
}

// As wide as the widest, within limits: the source gets the rest.
static size_t width_of(const Crash *crash, void (*name)(const CrashFrame *, char *, size_t))
{
    char cell[512];
    size_t widest = 0;

    for (uint32_t i = 0; i < crash->frame_count && i < CRASH_FRAMES_MAX; i++) {
        name(&crash->frames[i], cell, sizeof cell);
        size_t columns = columns_of(cell);
        widest = columns > widest ? columns : widest;
    }
    return widest < CELL_COLUMNS ? widest : CELL_COLUMNS;
}

static void put_call(Page *page, const CrashFrame *frame, size_t call_columns, size_t place_columns)
{
    char line[1024] = "", cell[512];

    name_call(frame, cell, sizeof cell);
    put_cell(line, sizeof line, cell, call_columns);
    name_place(frame, cell, sizeof cell);
    put_cell(line, sizeof line, cell, place_columns);
    size_t used = strlen(line);
    (void)text_format(line + used, sizeof line - used, "  %s", frame->source);
    put_line(page, line);
}

static void put_calls(Page *page, const Crash *crash)
{
    char line[96];
    size_t call_columns = width_of(crash, name_call), place_columns = width_of(crash, name_place);

    for (uint32_t i = 0; i < crash->frame_count && i < CRASH_FRAMES_MAX; i++) {
        const CrashFrame *frame = &crash->frames[i];
        bool is_last = i + 1 == crash->frame_count || i + 1 == CRASH_FRAMES_MAX
                       || frame[1].repeats != frame->repeats;
        put_call(page, frame, call_columns, place_columns);
        if (frame->repeats > 0 && is_last) {
            (void)text_format(line, sizeof line, "    ... %u more of the same", frame->repeats);
            put_line(page, line);
        }
    }
    if (crash->frames_cut) {
        put_line(page, "    ... and deeper ones");
    }
    if (crash->frame_count > 0) {
        put_line(page, "");
    }
}

// ------------------------------------------------------------------------------------- everything

static void put_head(Page *page, const Crash *crash)
{
    char line[160];

    put_words(page, crash->title, 0);
    if (crash->call[0]) {
        (void)text_format(line, sizeof line, "in %s%s, build %llu, tick %llu", crash->call,
                          strcmp(crash->call, "constructor") == 0 ? "" : "()",
                          (unsigned long long)crash->generation, (unsigned long long)crash->tick);
        put_line(page, line);
    }
    put_line(page, "");
}

size_t crash_text(const Crash *crash, char *out, size_t out_bytes)
{
    Page page = {.out = out, .room = out_bytes};

    if (out_bytes == 0) {
        return 0;
    }
    out[0] = 0;
    if (!crash->is_set) {
        return 0;
    }
    put_head(&page, crash);
    put_source(&page, crash);
    put_calls(&page, crash);
    put_words(&page, crash->hint, 0);
    put_words(&page, crash->undone, 0);
    return page.used;
}

// ---------------------------------------------------------------------------------------- changes

typedef struct Change {
    unsigned bit;
    bool is_put_back;
    const char *what;
} Change;

static const Change CHANGES[] = {
    {GUARD_FPU, true, "changed how floats are rounded or trap"},
    {GUARD_MASK, true, "blocked signals"},
    {GUARD_HANDLERS, true, "set handlers of signals"},
    {GUARD_LOCALE, true, "set another locale"},
    {GUARD_FOLDER, true, "changed the working folder"},
    {GUARD_LIMITS, true, "changed resource limits"},
    {GUARD_TIMERS, true, "set a timer"},
    {GUARD_UMASK, true, "changed the umask"},
    {GUARD_CHILD, false, "started another process, which keeps running when the tick is undone"},
    {GUARD_THREADS, false, "started a thread, which no rewind and no replay knows of"},
    {GUARD_AT_EXIT, false,
     "wanted a function called at exit; it is not, because builds come and go"},
    {GUARD_DESCRIPTOR, false, "wanted to close a descriptor of hotloop's, which was refused"},
    {GUARD_PROGRAM, false, "wanted to become another program (exec), which was refused"},
    {GUARD_PRINTS, false,
     "printed more than anybody reads; what is too much in a second is dropped"},
};

static size_t list_changes(unsigned changes, bool put_back, char *out, size_t out_bytes)
{
    size_t count = 0, left = 0;

    for (size_t i = 0; i < COUNT_OF(CHANGES); i++) {
        left += (changes & CHANGES[i].bit) && CHANGES[i].is_put_back == put_back;
    }
    out[0] = 0;
    for (size_t i = 0; i < COUNT_OF(CHANGES); i++) {
        if ((changes & CHANGES[i].bit) && CHANGES[i].is_put_back == put_back) {
            size_t used = strlen(out);
            count++;
            (void)text_format(out + used, out_bytes - used, "%s%s",
                              count == 1      ? ""
                              : count == left ? " and "
                                              : ", ",
                              CHANGES[i].what);
        }
    }
    return count;
}

void crash_changes(unsigned changes, const char *by, const char *call, char *out, size_t out_bytes)
{
    char back[512], kept[512], clean[64], name[80] = "", who[64] = "the game";
    size_t back_count = list_changes(changes, true, back, sizeof back);
    size_t kept_count = list_changes(changes, false, kept, sizeof kept);

    if (out_bytes > 0) {
        out[0] = 0;
    }
    if (back_count + kept_count == 0) {
        return;
    }
    if (call && call[0]) {
        (void)text_format(who, sizeof who, "%s%s", call,
                          strcmp(call, "constructor") == 0 ? "" : "()");
    }
    if (by && by[0]) {
        text_clean(clean, sizeof clean, by, false);
        (void)text_format(name, sizeof name, " (%s)", clean);
    }
    (void)text_format(out, out_bytes, "%s %s%s%s%s%s", who, back, back_count > 0 ? name : "",
                      back_count == 0  ? ""
                      : back_count > 1 ? "; all of it was put back"
                                       : "; it was put back",
                      back_count > 0 && kept_count > 0 ? ". It also " : "", kept);
    if (back_count == 0) {
        size_t used = strlen(out);
        (void)text_format(out + used, out_bytes > used ? out_bytes - used : 0, "%s", name);
    }
}
