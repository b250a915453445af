// From text to events sorted by tick. The language is described at the top of script.c.
//
// Sections: words, parsing, the interface.
#include "script_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SCRIPT_FILE_MAX = 16 << 20,
    LINE_MAX_BYTES = 1024,
    WORDS_MAX = 8,
    TICK_MAX = 1000000000 // half a year at 60 Hz
};

// ---------------------------------------------------------------------------------------- words

// Lists of words.
// clang-format off
#define KEYS(EACH) \
    EACH(A) EACH(B) EACH(C) EACH(D) EACH(E) EACH(F) EACH(G) EACH(H) EACH(I) EACH(J) EACH(K) \
    EACH(L) EACH(M) EACH(N) EACH(O) EACH(P) EACH(Q) EACH(R) EACH(S) EACH(T) EACH(U) EACH(V) \
    EACH(W) EACH(X) EACH(Y) EACH(Z) EACH(0) EACH(1) EACH(2) EACH(3) EACH(4) EACH(5) EACH(6) \
    EACH(7) EACH(8) EACH(9) EACH(ENTER) EACH(ESCAPE) EACH(BACKSPACE) EACH(TAB) EACH(SPACE) \
    EACH(MINUS) EACH(EQUALS) EACH(LBRACKET) EACH(RBRACKET) EACH(BACKSLASH) EACH(SEMICOLON) \
    EACH(QUOTE) EACH(GRAVE) EACH(COMMA) EACH(PERIOD) EACH(SLASH) EACH(INSERT) EACH(HOME) \
    EACH(PAGEUP) EACH(DELETE) EACH(END) EACH(PAGEDOWN) EACH(RIGHT) EACH(LEFT) EACH(DOWN) \
    EACH(UP) EACH(LCTRL) EACH(LSHIFT) EACH(LALT) EACH(RCTRL) EACH(RSHIFT) EACH(RALT)
#define BUTTONS(EACH) \
    EACH(LEFT) EACH(MIDDLE) EACH(RIGHT) EACH(X1) EACH(X2)
#define PAD_BUTTONS(EACH) \
    EACH(A) EACH(B) EACH(X) EACH(Y) EACH(BACK) EACH(GUIDE) EACH(START) EACH(LSTICK) EACH(RSTICK) \
    EACH(LB) EACH(RB) EACH(UP) EACH(DOWN) EACH(LEFT) EACH(RIGHT)
#define ACTIONS(EACH) \
    EACH(PAUSE) EACH(STEP) EACH(LOOP) EACH(RESTART) EACH(SLOW) EACH(MUTE) EACH(HELP) \
    EACH(SCREENSHOT) EACH(QUIT) EACH(BACK) EACH(CLIP) EACH(BAR)
// clang-format on

#define NAME(word)        #word,
#define KEY_CODE(word)    HL_KEY_##word,
#define BUTTON_CODE(word) HL_MOUSE_##word,
#define PAD_CODE(word)    HL_PAD_##word,
#define ACTION_CODE(word) SCRIPT_##word,

typedef struct Words {
    const char *what; // for messages
    const char *const *names;
    const uint16_t *codes; // of the same length; NULL: the index is the code
    size_t count;
} Words;

#define WORDS(what, names, codes) ((Words){what, names, codes, COUNT_OF(names)})

static const char *const KEY_NAMES[] = {KEYS(NAME)};
static const uint16_t KEY_CODES[] = {KEYS(KEY_CODE)};
static const char *const BUTTON_NAMES[] = {BUTTONS(NAME)};
static const uint16_t BUTTON_CODES[] = {BUTTONS(BUTTON_CODE)};
static const char *const ACTION_NAMES[] = {ACTIONS(NAME)};
static const uint16_t ACTION_CODES[] = {ACTIONS(ACTION_CODE)};
static const char *const DOWN_UP[] = {"UP", "DOWN"};
static const char *const OFF_ON[] = {"OFF", "ON"};

enum { PAD_WORD_CONNECT = 100, PAD_WORD_DISCONNECT, PAD_WORD_LTRIGGER, PAD_WORD_RTRIGGER };
static const char *const PAD_WORD_NAMES[] = {"CONNECT", "DISCONNECT", "LTRIGGER", "RTRIGGER",
                                             PAD_BUTTONS(NAME)};
static const uint16_t PAD_WORD_CODES[] = {PAD_WORD_CONNECT, PAD_WORD_DISCONNECT, PAD_WORD_LTRIGGER,
                                          PAD_WORD_RTRIGGER, PAD_BUTTONS(PAD_CODE)};
_Static_assert(HL_PAD_RIGHT == 14, "a pad button was added: add it to PAD_BUTTONS above");
_Static_assert(HL_KEY_RALT == 230, "a key was added: add it to KEYS above");

// -------------------------------------------------------------------------------------- parsing

typedef struct Parser {
    Script *script;
    Fault *fault;
    int32_t line;
    int word_count;
    char *word[WORDS_MAX];
    char room[LINE_MAX_BYTES + WORDS_MAX + 1];
} Parser;

static bool refuse(Parser *parser, const char *format, ...) BASE_PRINTF(2, 3);
static bool refuse(Parser *parser, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    const char *name = parser->script->name;
    (void)fault_set(parser->fault, FAULT_FORMAT, "%s:%d: %s", name, parser->line, text);
    if (parser->fault) {
        (void)text_format(parser->fault->file, sizeof(parser->fault->file), "%s", name);
        parser->fault->line = parser->line;
    }
    return false;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

// Copies the word at *at to *out. A quoted word may be empty and hold blanks.
static bool read_word(Parser *parser, const char **at, const char *end, char **out)
{
    const char *from = *at;
    char *to = *out;
    if (*from != '"') {
        while (from < end && !is_blank(*from)) {
            *to++ = *from++;
        }
    } else {
        for (from++; from < end && *from != '"'; from++) {
            from += *from == '\\' && from + 1 < end ? 1 : 0;
            *to++ = *from;
        }
        if (from >= end) {
            return refuse(parser, "the closing \" is missing");
        }
        from++;
    }
    *to++ = '\0';
    *at = from;
    *out = to;
    return true;
}

static bool split_line(Parser *parser, const char *at, const char *end)
{
    parser->word_count = 0;
    if (end - at > LINE_MAX_BYTES) {
        return refuse(parser, "the line is longer than %d bytes", LINE_MAX_BYTES);
    }
    char *out = parser->room;
    for (;;) {
        while (at < end && is_blank(*at)) {
            at++;
        }
        if (at >= end || *at == '#') {
            return true;
        }
        if (parser->word_count == WORDS_MAX) {
            return refuse(parser, "too many words on one line");
        }
        parser->word[parser->word_count++] = out;
        if (!read_word(parser, &at, end, &out)) {
            return false;
        }
    }
}

static bool same_word(const char *a, const char *b)
{
    for (; *a && *b; a++, b++) {
        int low = *a >= 'A' && *a <= 'Z' ? *a + 32 : *a,
            other = *b >= 'A' && *b <= 'Z' ? *b + 32 : *b;
        if (low != other) {
            return false;
        }
    }
    return *a == *b;
}

// The code of `word`, or a refusal that names the nearest right one.
static bool find_word(Parser *parser, Words words, const char *word, uint16_t *code)
{
    for (size_t i = 0; i < words.count; i++) {
        if (same_word(word, words.names[i])) {
            *code = words.codes ? words.codes[i] : (uint16_t)i;
            return true;
        }
    }
    char clean[64];
    text_clean(clean, sizeof(clean), word, false);
    const char *nearest = text_nearest(word, words.names, words.count);
    if (nearest) {
        return refuse(parser, "there is no %s \"%s\"; did you mean %s?", words.what, clean,
                      nearest);
    }
    char all[400];
    size_t used = 0;
    for (size_t i = 0; i < words.count && used + 24 < sizeof(all); i++) {
        (void)text_format(all + used, sizeof(all) - used, " %s", words.names[i]);
        used += strlen(all + used);
    }
    return refuse(parser, "there is no %s \"%s\"; known are:%s%s", words.what, clean, all,
                  used + 24 >= sizeof(all) ? " ..." : "");
}

static bool find_bool(Parser *parser, const char *what, const char *const two[2], const char *word,
                      bool *value)
{
    uint16_t code = 0;
    bool ok = find_word(parser, (Words){what, two, NULL, 2}, word, &code);
    *value = code != 0;
    return ok;
}

// A plain decimal number: no "inf", no "0x1p3", whatever strtof would also take.
static bool read_number(Parser *parser, const char *word, float lo, float hi, float *value)
{
    char *end = NULL;
    if (word[0] && strspn(word, "+-.0123456789eE") == strlen(word)) {
        *value = strtof(word, &end);
    }
    if (!end || *end || !isfinite(*value)) {
        char clean[64];
        text_clean(clean, sizeof(clean), word, false);
        return refuse(parser, "\"%s\" is not a number", clean);
    }
    if (*value < lo || *value > hi) {
        return refuse(parser, "%g is out of range: %g .. %g", (double)*value, (double)lo,
                      (double)hi);
    }
    return true;
}

static bool wants(Parser *parser, int words, const char *usage)
{
    if (parser->word_count == words) {
        return true;
    }
    return refuse(parser, "%s: the line should read TICK %s",
                  parser->word_count < words ? "something is missing" : "there is too much", usage);
}

static void add(Parser *parser, Event event)
{
    Script *script = parser->script;
    event.line = parser->line;
    event.order = script->count;
    Event *slot = ARENA_NEW(&script->arena, Event, 1);
    *slot = event;
    script->events = script->events ? script->events : slot;
    script->count++;
    script->last_tick = event.tick > script->last_tick ? event.tick : script->last_tick;
}

static bool parse_key(Parser *parser, uint64_t tick)
{
    Event event = {.tick = tick, .kind = EVENT_BUTTON};
    bool ok = wants(parser, 4, "key NAME down|up")
              && find_word(parser, WORDS("key", KEY_NAMES, KEY_CODES), parser->word[2], &event.code)
              && find_bool(parser, "state", DOWN_UP, parser->word[3], &event.down);
    if (ok) {
        add(parser, event);
    }
    return ok;
}

static bool parse_tap(Parser *parser, uint64_t tick)
{
    Event event = {.tick = tick, .kind = EVENT_BUTTON, .down = true};
    uint64_t held_ticks = 1;
    if (parser->word_count == 4) {
        if (!text_to_u64(parser->word[3], 1, TICK_MAX, &held_ticks)) {
            return refuse(parser, "tap NAME TICKS: for how many ticks, 1 or more?");
        }
    } else if (!wants(parser, 3, "tap NAME [TICKS]")) {
        return false;
    }
    if (!find_word(parser, WORDS("key", KEY_NAMES, KEY_CODES), parser->word[2], &event.code)) {
        return false;
    }
    add(parser, event);
    event.tick += held_ticks;
    event.down = false;
    event.is_after = true;
    add(parser, event);
    return true;
}

static bool parse_button(Parser *parser, uint64_t tick)
{
    Event event = {.tick = tick, .kind = EVENT_BUTTON};
    Words words = WORDS("mouse button", BUTTON_NAMES, BUTTON_CODES);
    bool ok = wants(parser, 4, "button NAME down|up")
              && find_word(parser, words, parser->word[2], &event.code)
              && find_bool(parser, "state", DOWN_UP, parser->word[3], &event.down);
    if (ok) {
        add(parser, event);
    }
    return ok;
}

static bool parse_mouse(Parser *parser, uint64_t tick)
{
    Event event = {.tick = tick, .kind = EVENT_MOUSE};
    bool ok = wants(parser, 4, "mouse X Y")
              && read_number(parser, parser->word[2], -1e6f, 1e6f, &event.x)
              && read_number(parser, parser->word[3], -1e6f, 1e6f, &event.y);
    if (ok) {
        add(parser, event);
    }
    return ok;
}

static bool parse_wheel(Parser *parser, uint64_t tick)
{
    Event event = {.tick = tick, .kind = EVENT_WHEEL};
    bool ok = wants(parser, 4, "wheel X Y")
              && read_number(parser, parser->word[2], -1000, 1000, &event.x)
              && read_number(parser, parser->word[3], -1000, 1000, &event.y);
    if (ok) {
        add(parser, event);
    }
    return ok;
}

static bool parse_text(Parser *parser, uint64_t tick)
{
    if (!wants(parser, 3, "text \"what is typed\"")) {
        return false;
    }
    const char *text = parser->word[2];
    char clean[LINE_MAX_BYTES + 1];
    text_clean(clean, sizeof(clean), text, false);
    if (strcmp(clean, text) != 0 || strchr(text, '\t')) {
        return refuse(parser, "the text holds control characters or is not UTF-8; for Enter or Tab "
                              "use: tap ENTER, tap TAB");
    }
    add(parser, (Event){.tick = tick,
                        .kind = EVENT_TEXT,
                        .text = arena_copy_text(&parser->script->texts, text),
                        .text_bytes = (uint32_t)strlen(text)});
    return true;
}

static bool parse_stick(Parser *parser, Event event, bool is_right)
{
    event.kind = EVENT_PAD_STICK;
    event.code = is_right;
    if (!wants(parser, 6, "pad N left|right X Y")
        || !read_number(parser, parser->word[4], -1, 1, &event.x)
        || !read_number(parser, parser->word[5], -1, 1, &event.y)) {
        return false;
    }
    double square = (double)event.x * event.x + (double)event.y * event.y;
    if (square > 1) {
        // Newton's square root of 1..2; a library's sqrt may differ in the last bit elsewhere, and
        // one script should be one input everywhere.
        double length = square;
        for (int i = 0; i < 8; i++) {
            length = 0.5 * (length + square / length);
        }
        event.x = (float)(event.x / length);
        event.y = (float)(event.y / length);
    }
    add(parser, event);
    return true;
}

static bool parse_pad(Parser *parser, uint64_t tick)
{
    static const char USAGE[] = "pad N connect|disconnect|BUTTON down|left X Y|ltrigger X";
    Event event = {.tick = tick};
    uint64_t pad = 0;
    uint16_t code = 0;
    if (parser->word_count < 4) {
        return wants(parser, 5, USAGE);
    }
    if (!text_to_u64(parser->word[2], 0, PADS - 1, &pad)) {
        return refuse(parser, "pads are numbered 0 to %d", PADS - 1);
    }
    event.pad = (uint8_t)pad;
    Words words = WORDS("pad button or word", PAD_WORD_NAMES, PAD_WORD_CODES);
    if (!find_word(parser, words, parser->word[3], &code)) {
        return false;
    }
    // LEFT and RIGHT are buttons of the cross as well; two numbers make them sticks.
    if ((code == HL_PAD_LEFT || code == HL_PAD_RIGHT) && parser->word_count == 6) {
        return parse_stick(parser, event, code == HL_PAD_RIGHT);
    }
    bool ok;
    if (code == PAD_WORD_CONNECT || code == PAD_WORD_DISCONNECT) {
        event.kind = EVENT_PAD_CONNECT;
        event.down = code == PAD_WORD_CONNECT;
        ok = wants(parser, 4, "pad N connect|disconnect");
    } else if (code == PAD_WORD_LTRIGGER || code == PAD_WORD_RTRIGGER) {
        event.kind = EVENT_PAD_TRIGGER;
        event.code = code == PAD_WORD_RTRIGGER;
        ok = wants(parser, 5, "pad N ltrigger|rtrigger X")
             && read_number(parser, parser->word[4], 0, 1, &event.x);
    } else {
        event.kind = EVENT_PAD_BUTTON;
        event.code = code;
        ok = wants(parser, 5, "pad N BUTTON down|up")
             && find_bool(parser, "state", DOWN_UP, parser->word[4], &event.down);
    }
    if (ok) {
        add(parser, event);
    }
    return ok;
}

static bool parse_focus(Parser *parser, uint64_t tick)
{
    Event event = {.tick = tick, .kind = EVENT_FOCUS};
    bool ok = wants(parser, 3, "focus on|off")
              && find_bool(parser, "state", OFF_ON, parser->word[2], &event.down);
    if (ok) {
        add(parser, event);
    }
    return ok;
}

static bool parse_do(Parser *parser, uint64_t tick)
{
    Event event = {.tick = tick, .kind = EVENT_DO};
    Words words = WORDS("action", ACTION_NAMES, ACTION_CODES);
    bool ok =
        wants(parser, 3, "do ACTION") && find_word(parser, words, parser->word[2], &event.code);
    if (ok) {
        add(parser, event);
    }
    return ok;
}

static bool parse_line(Parser *parser)
{
    typedef bool ParseFunction(Parser *, uint64_t);
    static const char *const NAMES[] = {"KEY",  "TAP", "MOUSE", "BUTTON", "WHEEL",
                                        "TEXT", "PAD", "FOCUS", "DO"};
    static ParseFunction *const FUNCTIONS[] = {parse_key,    parse_tap,   parse_mouse,
                                               parse_button, parse_wheel, parse_text,
                                               parse_pad,    parse_focus, parse_do};
    if (parser->word_count == 0) {
        return true;
    }
    uint64_t tick;
    if (!text_to_u64(parser->word[0], 1, TICK_MAX, &tick)) {
        char clean[64];
        text_clean(clean, sizeof(clean), parser->word[0], false);
        return refuse(parser, "a line begins with its tick, 1 or more; \"%s\" is none", clean);
    }
    if (parser->word_count == 1) {
        return refuse(parser, "what happens at tick %s? For example: %s tap SPACE", parser->word[0],
                      parser->word[0]);
    }
    uint16_t code;
    return find_word(parser, (Words){"event", NAMES, NULL, COUNT_OF(NAMES)}, parser->word[1], &code)
           && FUNCTIONS[code](parser, tick);
}

static int compare_events(const void *left, const void *right)
{
    const Event *a = left, *b = right;
    if (a->tick != b->tick) {
        return a->tick < b->tick ? -1 : 1;
    }
    if (a->is_after != b->is_after) {
        return a->is_after ? -1 : 1;
    }
    return a->order < b->order ? -1 : a->order > b->order;
}

static bool parse_lines(Parser *parser, const char *text)
{
    static const char BYTE_ORDER_MARK[] = "\xef\xbb\xbf";
    if (strncmp(text, BYTE_ORDER_MARK, 3) == 0) {
        text += 3;
    }
    while (*text) {
        const char *end = text + strcspn(text, "\n");
        parser->line++;
        if (!split_line(parser, text, end) || !parse_line(parser)) {
            return false;
        }
        text = *end ? end + 1 : end;
    }
    return true;
}

// A pad that nobody connected would swallow its events without a word.
static bool check_pads(Parser *parser)
{
    bool connected[PADS] = {0};
    for (uint32_t i = 0; i < parser->script->count; i++) {
        const Event *event = &parser->script->events[i];
        if (event->kind == EVENT_PAD_CONNECT) {
            connected[event->pad] = event->down;
        } else if (event->kind >= EVENT_PAD_BUTTON && event->kind <= EVENT_PAD_TRIGGER
                   && !connected[event->pad]) {
            parser->line = event->line;
            return refuse(parser,
                          "pad %d is not connected at tick %llu; put `pad %d connect` "
                          "before it",
                          event->pad, (unsigned long long)event->tick, event->pad);
        }
    }
    return true;
}

// Moves the actions out of the events and joins the texts, both in the order they are due.
static void sort_out(Script *script)
{
    uint32_t events = 0, typed = 0;
    size_t typed_bytes = 1;
    for (uint32_t i = 0; i < script->count; i++) {
        typed_bytes += script->events[i].text_bytes;
        script->action_count += script->events[i].kind == EVENT_DO;
    }
    script->typed = ARENA_NEW(&script->texts, char, typed_bytes);
    script->actions = ARENA_NEW(&script->texts, Event, script->action_count);
    script->action_count = 0;
    for (uint32_t i = 0; i < script->count; i++) {
        const Event event = script->events[i];
        if (event.kind == EVENT_DO) {
            script->actions[script->action_count++] = event;
            continue;
        }
        if (event.kind == EVENT_TEXT) {
            memcpy(script->typed + typed, event.text, event.text_bytes);
            typed += event.text_bytes;
        }
        script->events[events++] = event;
    }
    script->count = events;
}

// ------------------------------------------------------------------------------- the interface

static Script *new_script(const char *name, Fault *fault)
{
    // The shortest line that makes two events ("1 tap A") has 8 bytes, which bounds all of this.
    enum { EVENTS_MAX = SCRIPT_FILE_MAX / 8 * 2 + 2 };
    Arena arena;
    if (!arena_open(&arena, 0, sizeof(Script) + EVENTS_MAX * sizeof(Event), fault)) {
        return NULL;
    }
    Script *script = ARENA_NEW(&arena, Script, 1);
    script->arena = arena;
    if (!arena_open(&script->texts, 0,
                    3 * SCRIPT_FILE_MAX + EVENTS_MAX * sizeof(Event) + FILE_PATH_MAX, fault)) {
        script_close(script);
        return NULL;
    }
    script->name = arena_copy_text(&script->texts, name);
    return script;
}

Script *script_parse(const char *text, const char *name, Fault *fault)
{
    if (strlen(text) > SCRIPT_FILE_MAX) {
        (void)fault_set(fault, FAULT_FORMAT, "%s: longer than %d MiB", name, SCRIPT_FILE_MAX >> 20);
        return NULL;
    }
    Script *script = new_script(name, fault);
    if (!script) {
        return NULL;
    }
    Parser parser = {.script = script, .fault = fault};
    bool ok = parse_lines(&parser, text);
    if (ok && script->count > 0) {
        qsort(script->events, script->count, sizeof(Event), compare_events);
    }
    if (!ok || !check_pads(&parser)) {
        script_close(script);
        return NULL;
    }
    sort_out(script);
    return script;
}

Script *script_open(const char *path, Fault *fault)
{
    Arena arena;
    FileBytes bytes;
    Script *script = NULL;
    if (!arena_open(&arena, 0, SCRIPT_FILE_MAX + PAGE_BYTES, fault)) {
        return NULL;
    }
    if (file_read(&arena, path, SCRIPT_FILE_MAX, &bytes, fault)) {
        if (memchr(bytes.data, 0, bytes.size_bytes)) {
            (void)fault_set(fault, FAULT_FORMAT, "%s: not a text file: it holds zero bytes", path);
        } else {
            script = script_parse((const char *)bytes.data, path, fault);
        }
    }
    arena_close(&arena);
    return script;
}
