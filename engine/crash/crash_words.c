#include <string.h>

#include "crash_parts.h"

// What happened, in a title of one line - place, deed, function, reason - and what to look at. What
// signals mean is told in crash_signal.c.
//
// Contents: the title, asserts, the stack, the ways out, the choice.

// ------------------------------------------------------------------------------------- the title

const CrashFrame *crash_place(const Teller *teller)
{
    return teller->place >= 0 ? &teller->crash->frames[teller->place] : NULL;
}

// The library function that the game was in, right inside of the title's place; NULL: none.
const CrashFrame *crash_inside(const Teller *teller)
{
    const CrashFrame *frames = teller->crash->frames;

    if (teller->place == NO_FRAME) {
        return teller->crash->frame_count > 0 ? &frames[0] : NULL;
    }
    return teller->place > 0 && frames[teller->place - 1].library[0] ? &frames[teller->place - 1]
                                                                     : NULL;
}

static void put_function(const CrashFrame *frame, char *out, size_t out_bytes)
{
    if (strcmp(frame->function, "?") == 0) {
        (void)text_format(out, out_bytes, "%s",
                          frame->library[0] ? frame->library : "a function without a name");
    } else {
        (void)text_format(out, out_bytes, "%s()", frame->function);
    }
}

// "in strlen(), called by step()"
static void put_who(const Teller *teller, char *out, size_t out_bytes)
{
    const CrashFrame *place = crash_place(teller), *inside = crash_inside(teller);
    char in[192] = "", by[192] = "";

    if (inside) {
        put_function(inside, in, sizeof in);
    }
    if (place) {
        put_function(place, by, sizeof by);
    }
    (void)text_format(out, out_bytes, "%s%s%s%s", in[0] || by[0] ? " in " : "", in,
                      in[0] && by[0] ? ", called by " : "", by);
}

void crash_title(Teller *teller, const char *what, const char *why)
{
    Crash *crash = teller->crash;
    const CrashFrame *place = crash_place(teller);
    char who[512], where[300] = "the game";

    put_who(teller, who, sizeof who);
    if (place && place->file[0] && place->line > 0) {
        (void)text_format(where, sizeof where, "%s:%d", place->file, place->line);
    }
    (void)text_format(crash->title, sizeof crash->title, "%s %s%s%s%s%s", where, what, who,
                      teller->report->stray ? ", on a thread that the game started" : "",
                      why[0] ? ": " : "", why);
}

void crash_hint(Teller *teller, const char *text)
{
    (void)text_format(teller->crash->hint, sizeof teller->crash->hint, "%s", text);
}

// Once more behind what is there.
static void hint_also(Teller *teller, const char *text)
{
    char *hints = teller->crash->hint;
    size_t used = strlen(hints);

    (void)text_format(hints + used, sizeof teller->crash->hint - used, "%s%s", used > 0 ? " " : "",
                      text);
}

// ---------------------------------------------------------------------------------------- asserts

// "assert(EXPRESSION) failed in FUNCTION()", as guard words it: only what stands between.
static bool take_expression(char *text)
{
    static const char BEFORE[] = "assert(", BEHIND[] = ") failed";
    char *end = NULL;

    if (strncmp(text, BEFORE, sizeof BEFORE - 1) != 0) {
        return false;
    }
    for (char *at = strstr(text, BEHIND); at; at = strstr(at + 1, BEHIND)) {
        end = at; // the expression may have those words in it
    }
    if (!end) {
        return false;
    }
    *end = 0;
    memmove(text, text + sizeof BEFORE - 1, strlen(text + sizeof BEFORE - 1) + 1);
    return true;
}

static void tell_aborted(Teller *teller)
{
    const GuardReport *report = teller->report;
    const CrashFrame *place = crash_place(teller);
    char text[400], what[200], file[128];

    text_clean(text, sizeof text, report->text, false);
    if (!text[0] || strncmp(text, "abort()", 7) == 0) {
        crash_title(teller, "called abort()", "");
    } else if (!take_expression(text)) {
        crash_title(teller, "was stopped", text);
    } else if (report->file[0] && report->line > 0 && (!place || place->line == 0)) {
        file_base_name(file, sizeof file, report->file);
        (void)text_format(what, sizeof what, "failed the assert of %s:%d", file, report->line);
        crash_title(teller, what, text);
    } else {
        crash_title(teller, "assert failed", text);
    }
}

// ------------------------------------------------------------------------------------------ stack

// The frames that repeat: the first, and how many there are in the round.
static const CrashFrame *recursion_of(const Crash *crash, uint32_t *period)
{
    const CrashFrame *first = NULL;

    *period = 0;
    for (uint32_t i = 0; i < crash->frame_count; i++) {
        const CrashFrame *frame = &crash->frames[i];
        if (frame->repeats > 0 && !frame->library[0]) {
            first = first ? first : frame;
            *period += !frame->is_inlined;
        } else if (first) {
            break;
        }
    }
    return first;
}

static uint64_t largest_frame(const GuardReport *report)
{
    uint64_t largest = report->has_registers ? report->frame_sp[0] - report->registers[7] : 0;

    largest = report->frame_sp[0] && largest < UINT32_MAX ? largest : 0;
    for (uint32_t i = 1; i < report->frame_count && i < GUARD_FRAMES_MAX; i++) {
        uint64_t bytes = report->frame_sp[i] - report->frame_sp[i - 1];
        if (report->frame_sp[i] > report->frame_sp[i - 1] && report->frame_sp[i - 1] != 0) {
            largest = bytes > largest ? bytes : largest;
        }
    }
    return largest;
}

static void tell_stack(Teller *teller)
{
    Crash *crash = teller->crash;
    uint32_t period;
    const CrashFrame *frame = recursion_of(crash, &period);
    unsigned long long kib = largest_frame(teller->report) >> 10;
    char what[200], why[200] = "the stack is used up";

    if (!frame) {
        (void)text_format(why, sizeof why, "a function has %llu KiB of local variables", kib);
        crash_title(teller, "used up the stack", kib >= 256 ? why : "");
        crash_hint(teller,
                   "Large arrays belong into the state (hl_new) or into hl_temp(), not into local "
                   "variables.");
        return;
    }
    const char *file = frame->file[0] ? frame->file : "no line known";
    char line[16] = "";
    if (frame->line > 0) {
        (void)text_format(line, sizeof line, ":%d", frame->line);
    }
    (void)text_format(what, sizeof what,
                      period > 1 ? "%s%s calls on, back to itself" : "%s%s calls itself", file,
                      line);
    (void)text_format(crash->title, sizeof crash->title,
                      "recursion without end in %s() (%s), all of the stack is used up",
                      frame->function, what);
    crash_hint(teller,
               "What is to end the recursion, and why does it not come to that? A depth that is "
               "passed on and tested ends it in any case.");
}

// -------------------------------------------------------------------------------- the ways out

static void tell_hang(Teller *teller)
{
    const GuardReport *report = teller->report;
    char what[96];

    (void)text_format(what, sizeof what, "was still running after %.1f s",
                      (double)report->ran_ns / (double)NS_PER_S);
    crash_title(teller, what, "a loop that never ends?");
    crash_hint(teller,
               "The line is where it was when it was stopped; the loop around it is what to look "
               "at. If it needs that long, --hang MS gives it more.");
}

// Guard says "exit(3)", or "errx(1): the words that came with it".
static void tell_exit(Teller *teller)
{
    const GuardReport *report = teller->report;
    char text[400], what[420];

    text_clean(text, sizeof text, report->text, false);
    char *words = strstr(text, "): ");
    if (words) {
        words[1] = 0;
        words += 3;
    }
    if (text[0]) {
        (void)text_format(what, sizeof what, "called %s", text);
    } else {
        (void)text_format(what, sizeof what, "called exit(%d)", report->exit_code);
    }
    crash_title(teller, what, words ? words : "the game wanted to end the program");
    crash_hint(teller, "hl_quit(t) ends the session after the tick, with everything saved.");
}

static void tell_jump(Teller *teller)
{
    static const char BEFORE[] = "longjmp() ";
    char text[400];

    text_clean(text, sizeof text, teller->report->text, false);
    const char *why =
        strncmp(text, BEFORE, sizeof BEFORE - 1) == 0 ? text + sizeof BEFORE - 1 : text;
    crash_title(teller, "called longjmp()",
                why[0] ? why : "its setjmp() has returned, or was in another call");
    crash_hint(teller,
               "longjmp() may only go to a setjmp() of a function that still runs, within one "
               "call of update() or draw().");
}

static void tell_stopped(Teller *teller)
{
    char text[400];

    text_clean(text, sizeof text, teller->report->text, false);
    crash_title(teller, "was stopped", text);
}

// ------------------------------------------------------------------------------------ the choice

// What holds for any crash, behind the hint for this one.
static void add_general(Teller *teller)
{
    const GuardReport *report = teller->report;
    const CrashFrame *place = crash_place(teller);
    char text[240], name[64];

    if (report->doubt) {
        const CrashFrame *inside = crash_inside(teller);
        bool is_known = inside && inside->library[0] && strcmp(inside->function, "?") != 0;
        text_clean(name, sizeof name, is_known ? inside->function : report->doubt_in, false);
        (void)text_format(text, sizeof text,
                          "It was stopped inside of %s, which may hold a lock: the session goes on "
                          "in a new process.",
                          name[0] ? name : "a library");
        hint_also(teller, text);
    }
    if (report->stray) {
        hint_also(teller, "That thread is stopped for good; the game goes on without it.");
    }
    if (place && place->line == 0 && !report->doubt) {
        hint_also(teller, "The game was built without debug information: with -g file and line are "
                          "named.");
    }
}

void crash_find_words(Teller *teller)
{
    switch (teller->report->end) {
    case GUARD_SIGNAL:
        crash_tell_signal(teller);
        break;
    case GUARD_STACK_FULL:
        tell_stack(teller);
        break;
    case GUARD_HUNG:
        tell_hang(teller);
        break;
    case GUARD_EXITED:
        tell_exit(teller);
        break;
    case GUARD_ABORTED:
        tell_aborted(teller);
        break;
    case GUARD_JUMPED:
        tell_jump(teller);
        break;
    case GUARD_RETURNED:
    case GUARD_STOPPED:
        tell_stopped(teller);
        break;
    }
    add_general(teller);
}
