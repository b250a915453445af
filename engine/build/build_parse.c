// Contents: the report's list, places, lines of text, JSON, the whole stream
#include "build_report.h"

#include <ctype.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 2048, JSON_TRIES_MAX = 8, CHILD_NOTES_MAX = 8 };

// ------------------------------------------------------------------------------ the report's list

void build_report_add(BuildReport *report, const BuildDiagnostic *diagnostic)
{
    report->error_count += diagnostic->severity == BUILD_ERROR;
    report->warning_count += diagnostic->severity == BUILD_WARNING;
    if (report->diagnostic_count < BUILD_DIAGNOSTICS_MAX) {
        report->diagnostics[report->diagnostic_count++] = *diagnostic;
        return;
    }
    uint32_t least = 0, last = report->diagnostic_count - 1;
    for (uint32_t i = 1; i <= last; i++) {
        if (report->diagnostics[i].severity <= report->diagnostics[least].severity) {
            least = i;
        }
    }
    if (report->diagnostics[least].severity < diagnostic->severity) {
        BuildDiagnostic *gap = &report->diagnostics[least];
        memmove(gap, gap + 1, (last - least) * sizeof(*gap)); // order within one severity stays
        report->diagnostics[last] = *diagnostic;
    }
}

void build_report_say(BuildReport *report, BuildSeverity severity, const char *format, ...)
{
    char text[2048];
    BuildDiagnostic diagnostic = {.severity = severity};
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    text_clean(diagnostic.text, sizeof(diagnostic.text), text, false);
    build_report_add(report, &diagnostic);
}

void build_diagnostic_place(const BuildDiagnostic *diagnostic, char *out, size_t out_bytes)
{
    if (!diagnostic->file[0] || diagnostic->line == 0) {
        (void)text_format(out, out_bytes, "%s", diagnostic->file);
    } else if (diagnostic->column == 0) {
        (void)text_format(out, out_bytes, "%s:%d", diagnostic->file, diagnostic->line);
    } else {
        (void)text_format(out, out_bytes, "%s:%d:%d", diagnostic->file, diagnostic->line,
                          diagnostic->column);
    }
}

void build_report_sort(BuildReport *report)
{
    // A note belongs to the error or warning that it follows, and goes where that goes.
    BuildSeverity ranks[BUILD_DIAGNOSTICS_MAX], leader = BUILD_NOTE;
    for (uint32_t i = 0; i < report->diagnostic_count; i++) {
        BuildDiagnostic moved = report->diagnostics[i];
        BuildSeverity rank = moved.severity;
        rank = rank == BUILD_NOTE ? leader : rank;
        leader = rank;
        uint32_t at = i;
        while (at > 0 && ranks[at - 1] < rank) {
            report->diagnostics[at] = report->diagnostics[at - 1];
            ranks[at] = ranks[at - 1];
            at--;
        }
        report->diagnostics[at] = moved;
        ranks[at] = rank;
    }
}

// ------------------------------------------------------------------------------------------ places

// Takes ":123" off the end of place[0, *length); 0 when there is none.
static int take_number(const char *place, size_t *length)
{
    size_t at = *length;
    while (at > 0 && isdigit((unsigned char)place[at - 1])) {
        at--;
    }
    if (at == *length || at == 0 || place[at - 1] != ':' || *length - at > 9) {
        return 0;
    }
    *length = at - 1;
    return atoi(place + at);
}

// "file:line:column", "file:line" or "file:(.text+0x1f)".
static void set_place(BuildDiagnostic *diagnostic, const char *place, size_t length)
{
    if (length > 0 && place[length - 1] == ')') {
        while (length > 0 && place[length - 1] != '(') {
            length--;
        }
        length -= length > 1 ? 2 : length;
    }
    int last = take_number(place, &length), first = last ? take_number(place, &length) : 0;
    diagnostic->line = first ? first : last;
    diagnostic->column = first ? last : 0;
    char file[sizeof(diagnostic->file)];
    (void)text_format(file, sizeof(file), "%.*s", (int)length, place);
    text_clean(diagnostic->file, sizeof(diagnostic->file), file, false);
}

// ----------------------------------------------------------------------------------- lines of text

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

// What compilers and linkers say around the message itself.
static bool is_noise(const char *line)
{
    static const char *const PARTS[] = {
        "In file included from ",
        "compilation terminated",
        "ld returned ",
        "linker command failed",
        "warnings being treated as errors",
        " generated.",
        ": in function `",
        ": In function ",
        ": At top level:",
        ": more undefined references to ",
    };
    for (size_t i = 0; i < COUNT_OF(PARTS); i++) {
        if (strstr(line, PARTS[i])) {
            return true;
        }
    }
    return starts_with(line, "   ");
}

typedef struct SeverityWord {
    const char *word;
    BuildSeverity severity;
} SeverityWord;

static const SeverityWord SEVERITY_WORDS[] = {
    {": fatal error: ", BUILD_ERROR}, {": internal compiler error: ", BUILD_ERROR},
    {": error: ", BUILD_ERROR},       {": warning: ", BUILD_WARNING},
    {": note: ", BUILD_NOTE},
};

static bool parse_compiler_line(BuildReport *report, const char *line)
{
    const char *first = NULL;
    const SeverityWord *word = NULL;
    for (size_t i = 0; i < COUNT_OF(SEVERITY_WORDS); i++) {
        const char *at = strstr(line, SEVERITY_WORDS[i].word);
        if (at && (!first || at < first)) {
            first = at;
            word = &SEVERITY_WORDS[i];
        }
    }
    if (!first || first == line) {
        return false;
    }
    BuildDiagnostic diagnostic = {.severity = word->severity};
    set_place(&diagnostic, line, (size_t)(first - line));
    const char *text = first + strlen(word->word);
    if (diagnostic.line == 0) { // a program's own trouble: "cc1: out of memory"
        char whole[LINE_BYTES], program[256];
        (void)text_format(program, sizeof(program), "%s",
                          strrchr(diagnostic.file, '/') ? strrchr(diagnostic.file, '/') + 1
                                                        : diagnostic.file);
        (void)text_format(whole, sizeof(whole), "%s: %s", program, text);
        diagnostic.file[0] = '\0';
        text_clean(diagnostic.text, sizeof(diagnostic.text), whole, false);
    } else {
        text_clean(diagnostic.text, sizeof(diagnostic.text), text, false);
    }
    build_report_add(report, &diagnostic);
    return true;
}

// "/usr/bin/ld: rest" to "rest"; NULL when the line does not begin with a linker's name.
static const char *after_linker_name(const char *line)
{
    const char *colon = strstr(line, ": ");
    if (!colon) {
        return NULL;
    }
    const char *name = line;
    for (const char *at = line; at < colon; at++) {
        name = *at == '/' ? at + 1 : name;
    }
    bool is_linker = starts_with(name, "ld") && (name + 2 == colon || name[2] == '.');
    bool is_other = starts_with(name, "mold:") || starts_with(name, "collect2:");
    return is_linker || is_other ? colon + 2 : NULL;
}

// "objects/0a.o:/game/b.c:3: text" to "/game/b.c:3: text", everywhere: the names of our object
// files mean nothing to the game's author.
static void drop_object_names(char *text)
{
    for (char *at = strstr(text, ".o:/"); at; at = strstr(text, ".o:/")) {
        char *start = at;
        while (start > text && start[-1] != ' ') {
            start--;
        }
        memmove(start, at + 3, strlen(at + 3) + 1);
    }
}

// ld's messages about names, the ones with a place: "place: undefined reference to `x'".
static const char *find_name_message(const char *text)
{
    static const char *const MESSAGES[] = {": undefined reference to ", ": multiple definition of ",
                                           ": undefined symbol: "};
    for (size_t i = 0; i < COUNT_OF(MESSAGES); i++) {
        const char *at = strstr(text, MESSAGES[i]);
        if (at) {
            return at;
        }
    }
    return NULL;
}

static void add_name_message(BuildReport *report, const char *text, const char *message)
{
    char whole[LINE_BYTES];
    BuildDiagnostic diagnostic = {.severity = BUILD_ERROR};
    bool is_missing = starts_with(message, ": undefined");
    set_place(&diagnostic, text, (size_t)(message - text));
    (void)text_format(whole, sizeof(whole), "%s%s", message + 2,
                      is_missing ? "; neither this game nor hotloop.h has it" : "");
    text_clean(diagnostic.text, sizeof(diagnostic.text), whole, false);
    build_report_add(report, &diagnostic);
}

static bool parse_linker_line(BuildReport *report, const char *line)
{
    char text[LINE_BYTES];
    const char *rest = after_linker_name(line);
    (void)text_format(text, sizeof(text), "%s", rest ? rest : line);
    drop_object_names(text);
    const char *message = find_name_message(text);
    if (message) {
        add_name_message(report, text, message);
        return true;
    }
    if (!rest) {
        return false;
    }
    BuildSeverity severity =
        starts_with(text, "warning: ") || starts_with(text, "NOTE: ") ? BUILD_WARNING : BUILD_ERROR;
    build_report_say(report, severity, "linker: %s", text);
    return true;
}

// "Makefile:3: *** missing separator.  Stop."; "CMake Error at CMakeLists.txt:5 (add_library):",
// whose reason is in the lines that follow.
static bool parse_build_tool_line(BuildReport *report, const char *line, const char *next_line)
{
    static const char CMAKE[] = "CMake Error at ";
    BuildDiagnostic diagnostic = {.severity = BUILD_ERROR};
    const char *stars = strstr(line, ": *** "), *place = line, *text = stars ? stars + 6 : NULL;
    size_t length = stars ? (size_t)(stars - line) : 0;
    if (starts_with(line, CMAKE)) {
        place = line + strlen(CMAKE);
        length = strcspn(place, " (");
        next_line += strspn(next_line, "\n");
        text = next_line + strspn(next_line, " ");
    } else if (!stars || starts_with(line, "make")) {
        return false;
    }
    char what[LINE_BYTES];
    (void)text_format(what, sizeof(what), "%.*s", (int)strcspn(text, "\n"), text);
    set_place(&diagnostic, place, length);
    text_clean(diagnostic.text, sizeof(diagnostic.text), what, false);
    if (diagnostic.line > 0) {
        build_report_add(report, &diagnostic);
    }
    return diagnostic.line > 0;
}

static void parse_line(BuildReport *report, const char *text, size_t length)
{
    char line[LINE_BYTES];
    (void)text_format(line, sizeof(line), "%.*s", (int)(length < LINE_BYTES ? length : LINE_BYTES),
                      text);
    if (line[0] == '\0' || is_noise(line) || parse_build_tool_line(report, line, text + length)) {
        return;
    }
    // A linker names itself first, also in front of "error: ".
    if (after_linker_name(line) || find_name_message(line)) {
        (void)parse_linker_line(report, line);
    } else {
        (void)parse_compiler_line(report, line);
    }
}

// -------------------------------------------------------------------------------------------- JSON

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static int number_of(const json_t *object, const char *key)
{
    json_int_t number = json_integer_value(json_object_get(object, key));
    return number > 0 && number < INT32_MAX ? (int)number : 0;
}

// In bytes, as editors, clang and the caret under the line count. gcc's "column" counts each tab up
// to the next multiple of 8. Source: gcc's manual, -fdiagnostics-column-unit (gcc 11 and later).
static int column_of(const json_t *caret)
{
    int bytes = number_of(caret, "byte-column");
    return bytes > 0 ? bytes : number_of(caret, "column");
}

static BuildSeverity severity_of(const char *kind)
{
    if (strcmp(kind, "note") == 0) {
        return BUILD_NOTE;
    }
    return strcmp(kind, "warning") == 0 ? BUILD_WARNING : BUILD_ERROR;
}

// The format: gcc's manual, "Options to Control Diagnostic Messages Formatting",
// -fdiagnostics-format=json (gcc 9 and later).
static void add_json(BuildReport *report, const json_t *object)
{
    char text[LINE_BYTES];
    const json_t *place = json_array_get(json_object_get(object, "locations"), 0);
    const json_t *caret = json_object_get(place, "caret");
    const char *option = text_of(object, "option");
    BuildDiagnostic diagnostic = {.severity = severity_of(text_of(object, "kind")),
                                  .line = number_of(caret, "line"),
                                  .column = column_of(caret)};
    (void)text_format(text, sizeof(text), "%s%s%s%s", text_of(object, "message"),
                      option[0] ? " [" : "", option, option[0] ? "]" : "");
    text_clean(diagnostic.text, sizeof(diagnostic.text), text, false);
    text_clean(diagnostic.file, sizeof(diagnostic.file), text_of(caret, "file"), false);
    build_report_add(report, &diagnostic);
}

static void add_json_with_notes(BuildReport *report, const json_t *object)
{
    if (!json_is_object(object) || !json_object_get(object, "message")) {
        return;
    }
    add_json(report, object);
    const json_t *children = json_object_get(object, "children");
    for (size_t i = 0; i < json_array_size(children) && i < CHILD_NOTES_MAX; i++) {
        const json_t *note = json_array_get(children, i);
        if (text_of(note, "message")[0]) {
            add_json(report, note);
        }
    }
}

// Reads "[{...}, {...}" element by element: the end of a long list may have been thrown away.
// Returns how many bytes it understood; 0: this is not JSON.
static size_t parse_json(BuildReport *report, const char *text, size_t length)
{
    size_t at = 1, understood = 0; // behind the '['
    while (at < length) {
        json_error_t error;
        while (at < length && strchr(" ,\n", text[at])) {
            at++;
        }
        if (at < length && text[at] == ']') {
            return at + 1;
        }
        if (at >= length || text[at] != '{') {
            break;
        }
        json_t *object =
            json_loadb(text + at, length - at, JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, &error);
        if (!object || error.position <= 0) {
            json_decref(object);
            break;
        }
        add_json_with_notes(report, object);
        json_decref(object);
        at += (size_t)error.position;
        understood = at;
    }
    return understood;
}

// -------------------------------------------------------------------------------- the whole stream

static void parse_clean(BuildReport *report, const char *text, size_t length)
{
    unsigned failed = 0;
    for (size_t at = 0; at < length;) {
        size_t line = strcspn(text + at, "\n");
        size_t understood = 0;
        if (text[at] == '[' && failed < JSON_TRIES_MAX) {
            understood = parse_json(report, text + at, length - at);
            failed += understood == 0;
        }
        if (understood) {
            at += understood;
        } else {
            parse_line(report, text + at, line);
            at += line + 1;
        }
    }
}

// Colours: "\033[1;31m", in place.
static void drop_colours(char *text)
{
    char *to = text;
    for (const char *at = text; *at;) {
        if (at[0] == '\033' && at[1] == '[') {
            at += 2 + strspn(at + 2, "0123456789;");
            at += *at != '\0';
        } else {
            *to++ = *at++;
        }
    }
    *to = '\0';
}

void build_parse(BuildReport *report, const char *output, size_t output_bytes)
{
    Arena memory;
    Fault fault;
    output_bytes = output_bytes < BUILD_OUTPUT_MAX ? output_bytes : BUILD_OUTPUT_MAX;
    if (output_bytes == 0) {
        return;
    }
    if (!arena_open(&memory, 0, 2 * (output_bytes + 64), &fault)) {
        build_report_say(report, BUILD_ERROR, "what the compiler said was lost: %s", fault.text);
        return;
    }
    // Cleaned first: a JSON reader refuses bytes that are not UTF-8, and gcc quotes the source.
    char *raw = ARENA_NEW(&memory, char, output_bytes + 1);
    char *clean = ARENA_NEW(&memory, char, output_bytes + 8);
    memcpy(raw, output, output_bytes);
    for (size_t i = 0; i < output_bytes; i++) {
        raw[i] = raw[i] == '\0' || raw[i] == '\r' ? ' ' : raw[i];
    }
    drop_colours(raw);
    text_clean(clean, output_bytes + 8, raw, true);
    parse_clean(report, clean, strlen(clean));
    build_report_sort(report);
    arena_close(&memory);
}
