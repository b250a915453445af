#include <dlfcn.h>
#include <signal.h>
#include <string.h>

#include "crash_parts.h"

// Addresses to calls. The game's frames are told with all that is known; what lies between and
// inside of them in libraries is told by the one function that the game called. What led into the
// game - loader, hotloop's frame loop - is left out.
//
// Contents: addresses, adding, the game's frames, libraries' frames, the place of the title.

static const char THUNK[] = "hl_thunk_";

// ------------------------------------------------------------------------------------- addresses

int crash_image_at(const Teller *teller, uintptr_t address)
{
    for (size_t i = 0; i < teller->context->image_count; i++) {
        const GameLib *lib = teller->context->images[i];
        if (lib && address >= lib->image_first && address < lib->image_end) {
            return (int)i;
        }
    }
    return -1;
}

// Only an instruction that was interrupted is named by its own address.
uintptr_t crash_pc(const GuardReport *report, uint32_t raw)
{
    bool is_interrupted = report->end == GUARD_STACK_FULL || report->end == GUARD_HUNG
                          || (report->end == GUARD_SIGNAL && report->signal != SIGTRAP);

    return report->frames[raw] - (raw == 0 && is_interrupted ? 0 : 1);
}

Reflect *crash_reflect(Teller *teller, size_t image)
{
    Fault fault;
    const GameLib *lib = teller->context->images[image];

    // libdw allocates: whoever was stopped inside malloc holds its lock for ever.
    if (!teller->reflect_tried[image] && !teller->report->doubt) {
        teller->reflect_tried[image] = true;
        teller->reflects[image] = reflect_open(lib->path, lib->image_first, &fault);
    }
    return teller->reflects[image];
}

// ---------------------------------------------------------------------------------------- adding

static bool is_same(const CrashFrame *a, const CrashFrame *b)
{
    return a->line == b->line && a->is_inlined == b->is_inlined
           && strcmp(a->function, b->function) == 0 && strcmp(a->library, b->library) == 0
           && strcmp(a->path, b->path) == 0;
}

// Functions that call each other without end: the newest `period` frames are those before them.
static bool fold(Crash *crash, uint32_t period)
{
    CrashFrame *newest = crash->frames + crash->frame_count - period;

    if (crash->frame_count < 2 * period) {
        return false;
    }
    for (uint32_t i = 0; i < period; i++) {
        if (!is_same(&newest[i], &newest[(int)i - (int)period])) {
            return false;
        }
    }
    for (uint32_t i = 0; i < period; i++) {
        newest[(int)i - (int)period].repeats++;
    }
    crash->frame_count -= period;
    return true;
}

static void add_frame(Teller *teller, const CrashFrame *frame, uint32_t raw)
{
    enum { PERIOD_MAX = 6 };
    Crash *crash = teller->crash;

    if (crash->frame_count == CRASH_FRAMES_MAX) {
        crash->frames_cut = true;
        return;
    }
    teller->raw_of[crash->frame_count] = raw;
    crash->frames[crash->frame_count++] = *frame;
    for (uint32_t period = 1; period <= PERIOD_MAX && !fold(crash, period); period++) {
    }
}

// ------------------------------------------------------------------------------ the game's frames

// HL_GAME's wrapper is nobody's function: the game's own one stands before it, or is inlined into
// it.
static bool take_thunk(Teller *teller, CrashFrame *frame)
{
    const char *name = frame->function + sizeof THUNK - 1;
    Crash *crash = teller->crash;
    CrashFrame *last = crash->frame_count > 0 ? &crash->frames[crash->frame_count - 1] : NULL;

    if (strncmp(frame->function, THUNK, sizeof THUNK - 1) != 0) {
        return false;
    }
    // Without debug information an inlined function leaves the wrapper only.
    if (last && !last->library[0] && (frame->line > 0 || strcmp(last->function, name) == 0)) {
        last->is_inlined = false;
        return true;
    }
    memmove(frame->function, name, strlen(name) + 1);
    return false;
}

static void add_game_frame(Teller *teller, CrashFrame *frame, uint32_t raw)
{
    size_t length = strcspn(frame->function, "."); // ".part.0", ".cold": compilers' names

    frame->function[length > 0 ? length : strlen(frame->function)] = 0;
    if (!frame->function[0]) {
        (void)text_format(frame->function, sizeof frame->function, "?");
    }
    if (!take_thunk(teller, frame)) {
        add_frame(teller, frame, raw);
    }
}

static void set_source(Teller *teller, const GameLib *lib, CrashFrame *frame)
{
    char line[sizeof frame->source + 64];

    if (crash_source_line(teller, lib, frame->path, frame->line, line, sizeof line)) {
        text_clean(frame->source, sizeof frame->source, line + strspn(line, " "), false);
    }
}

static void add_game_frames(Teller *teller, size_t image, uint32_t raw)
{
    const GameLib *lib = teller->context->images[image];
    uintptr_t pc = crash_pc(teller->report, raw);
    Reflect *reflect = crash_reflect(teller, image);
    ReflectPlace *places = teller->places;
    size_t count = reflect ? reflect_places(reflect, pc, places, REFLECT_INLINE_MAX) : 0;
    const char *symbol = gamelib_symbol_at(lib, pc, NULL);

    if (count == 0) {
        places[0] = (ReflectPlace){0};
    }

    for (size_t i = 0; i < count || i == 0; i++) {
        CrashFrame frame = {.line = places[i].line,
                            .column = places[i].column,
                            .is_inlined = places[i].is_inlined && i + 1 < count};
        bool has_name = places[i].function[0] || i + 1 < count;
        text_clean(frame.function, sizeof frame.function,
                   has_name ? places[i].function
                   : symbol ? symbol
                            : "",
                   false);
        (void)text_format(frame.path, sizeof frame.path, "%s", places[i].file);
        crash_show_path(teller, frame.path, frame.file, sizeof frame.file);
        set_source(teller, lib, &frame);
        add_game_frame(teller, &frame, raw);
    }
}

// ------------------------------------------------------------------------------ libraries' frames

// Base name of the library without "lib" and what follows ".so"; false: no library.
static bool find_library(uintptr_t pc, char *name, size_t name_bytes, const char **function)
{
    Dl_info at, own;
    bool is_own;

    if (!dladdr((void *)pc, &at) || !at.dli_fname) {
        return false;
    }
    is_own = dladdr((void *)(uintptr_t)find_library, &own) && own.dli_fbase == at.dli_fbase;
    *function = at.dli_sname;
    if (is_own) {
        (void)text_format(name, name_bytes, "hotloop");
        // Of the runtime only what a game can call has a meaning for it.
        *function = at.dli_sname && strncmp(at.dli_sname, "hl_", 3) == 0 ? at.dli_sname : NULL;
    } else {
        file_base_name(name, name_bytes, at.dli_fname);
        if (at.dli_sname && strcmp(at.dli_sname, "gsignal") == 0) {
            *function = "raise"; // the same function, whichever of its names is found first
        }
    }
    return true;
}

// Of a run of frames in one library from `raw` on its outermost, which the game called. Returns
// the frame after the run.
static uint32_t add_library_run(Teller *teller, uint32_t raw)
{
    const GuardReport *report = teller->report;
    char library[64], next[64], called[128];
    const char *function = NULL, *name = NULL;
    CrashFrame frame = {.line = 0};
    uint32_t at = raw;

    if (!find_library(crash_pc(report, raw), library, sizeof library, &function)) {
        teller->jumped_nowhere = teller->jumped_nowhere || raw == 0;
        return raw + 1;
    }
    while (at < report->frame_count && crash_image_at(teller, crash_pc(report, at)) < 0
           && find_library(crash_pc(report, at), next, sizeof next, &function)
           && strcmp(next, library) == 0) {
        name = function ? function : name;
        at++;
    }
    int caller = at < report->frame_count ? crash_image_at(teller, crash_pc(report, at)) : -1;
    if (caller >= 0
        && crash_called_name(teller->context->images[caller], report->frames[at], called,
                             sizeof called)) {
        name = called;
    }
    if (!name && caller < 0 && at < report->frame_count) {
        return at; // what one library calls in another, without a name, says nothing
    }
    if (strcmp(library, "hotloop") == 0 && (!name || strncmp(name, "hl_", 3) != 0)) {
        return at; // a hook: the game called something else, and the title says what
    }
    text_clean(frame.library, sizeof frame.library, library, false);
    text_clean(frame.function, sizeof frame.function, name ? name : "?", false);
    add_frame(teller, &frame, at - 1);
    return at;
}

// ---------------------------------------------------------------------------- the title's place

static bool is_in_folder(const Teller *teller, const CrashFrame *frame)
{
    return !frame->library[0] && frame->file[0] && frame->file[0] != '/'
           && strcmp(frame->file, "hotloop.h") != 0 && teller->folder[0];
}

static bool is_in_source(const CrashFrame *frame)
{
    return !frame->library[0] && frame->file[0] && strcmp(frame->file, "hotloop.h") != 0
           && strncmp(frame->file, "/usr/", 5) != 0;
}

// The one of a recursion that calls on, not the one that found no room any more.
static bool find_recursion(Teller *teller)
{
    const Crash *crash = teller->crash;

    for (uint32_t i = 0; crash->end == GUARD_STACK_FULL && i < crash->frame_count; i++) {
        if (crash->frames[i].repeats > 0 && !crash->frames[i].library[0]) {
            teller->place = (int)i;
            return true;
        }
    }
    return false;
}

static void find_place(Teller *teller)
{
    Crash *crash = teller->crash;

    if (find_recursion(teller)) {
        return;
    }
    for (int round = 0; round < 3; round++) {
        for (uint32_t i = 0; i < crash->frame_count; i++) {
            const CrashFrame *frame = &crash->frames[i];
            if (round == 0   ? is_in_folder(teller, frame)
                : round == 1 ? is_in_source(frame)
                             : !frame->library[0]) {
                teller->place = (int)i;
                return;
            }
        }
    }
}

void crash_find_frames(Teller *teller)
{
    const GuardReport *report = teller->report;
    uint32_t count =
        report->frame_count < GUARD_FRAMES_MAX ? report->frame_count : GUARD_FRAMES_MAX;
    uint32_t end = count;

    while (end > 0 && crash_image_at(teller, crash_pc(report, end - 1)) < 0) {
        end--;
    }
    end = end > 0 ? end : count; // nothing of the game's in it: all there is
    for (uint32_t raw = 0; raw < end;) {
        int image = crash_image_at(teller, crash_pc(report, raw));
        if (image < 0) {
            raw = add_library_run(teller, raw);
        } else {
            add_game_frames(teller, (size_t)image, raw);
            raw++;
        }
    }
    find_place(teller);
}
