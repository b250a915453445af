#include "crash.h"
#include <ctype.h>
#include <string.h>

#include "crash_parts.h"

// All that is made here lives in one arena, closed at the end: explanations are rare, and what they
// need - the debug information of a library or two - is large.

enum { SCRATCH_MIB = 64 };

static bool begin(Teller *teller)
{
    Fault fault;

    if (!arena_open(&teller->scratch, 0, (size_t)SCRATCH_MIB << 20, &fault)) {
        return false;
    }
    teller->reflects = ARENA_NEW(&teller->scratch, Reflect *, teller->context->image_count + 1);
    teller->reflect_tried = ARENA_NEW(&teller->scratch, bool, teller->context->image_count + 1);
    teller->places = ARENA_NEW(&teller->scratch, ReflectPlace, REFLECT_INLINE_MAX);
    teller->files = ARENA_NEW(&teller->scratch, SourceFile, SOURCE_FILES_MAX);
    crash_open_folder(teller);
    return true;
}

static void finish(Teller *teller)
{
    for (size_t i = 0; i < teller->context->image_count; i++) {
        reflect_close(teller->reflects[i]);
    }
    arena_close(&teller->scratch);
}

static void put_head(Crash *crash, const GuardReport *report, const CrashContext *context)
{
    memset(crash, 0, sizeof *crash);
    crash->is_set = true;
    crash->end = report->end;
    crash->tick = context->tick;
    crash->generation = context->generation;
    crash->frames_cut = report->frames_cut;
    (void)text_format(crash->call, sizeof crash->call, "%s", context->call ? context->call : "");
}

void crash_explain(Crash *crash, const GuardReport *report, const CrashContext *context)
{
    Teller teller = {.crash = crash, .report = report, .context = context, .place = NO_FRAME};

    put_head(crash, report, context);
    if (!begin(&teller)) { // out of memory: what needs none
        crash_find_words(&teller);
        return;
    }
    crash_find_frames(&teller);
    crash_find_source(&teller);
    crash_find_words(&teller);
    finish(&teller);
}

static bool is_file(const Fault *fault)
{
    return fault->file[0] && fault->line > 0;
}

// The fault's own place is exact; the calls say whose it is.
void crash_explain_fault(Crash *crash, const Fault *fault, const GuardReport *report,
                         const CrashContext *context)
{
    static const GuardReport NONE = {.end = GUARD_STOPPED};
    char text[sizeof crash->title], place[300];

    crash_explain(crash, report ? report : &NONE, context);
    text_clean(text, sizeof text, fault->text, false);
    const CrashFrame *frame = NULL;
    for (uint32_t i = 0; i < crash->frame_count && !frame; i++) {
        frame = crash->frames[i].library[0] ? NULL : &crash->frames[i];
    }
    if (is_file(fault)) {
        file_base_name(place, sizeof place, fault->file);
        const char *shown =
            frame && frame->file[0] && frame->line == fault->line ? frame->file : place;
        (void)text_format(crash->title, sizeof crash->title, "%s:%d %s%s%s%s", shown, fault->line,
                          frame ? "in " : "", frame ? frame->function : "", frame ? "(): " : "",
                          text);
    } else if (frame && frame->line > 0) {
        (void)text_format(crash->title, sizeof crash->title, "%s:%d in %s(): %s", frame->file,
                          frame->line, frame->function, text);
    } else {
        (void)text_format(crash->title, sizeof crash->title, "%s%s%s", frame ? frame->function : "",
                          frame ? "(): " : "", text);
    }
    crash->hint[0] = 0;
}
