#include <ctype.h>
#include <signal.h>
#include <string.h>

#include "crash_parts.h"

// What happened, in a title of one line - place, deed, function, reason - and what to look at.
//
// Contents: the title, the suspect, bad addresses, arithmetic, traps, abort, stack, the ways out,
// the choice.

#define SANITIZE "`hotloop run GAME --cflags -fsanitize=address` with hotloop's asan preset"

// ------------------------------------------------------------------------------------- the title

static const CrashFrame *place_of(const Teller *teller)
{
    return teller->place >= 0 ? &teller->crash->frames[teller->place] : NULL;
}

// The library function that the game was in, right inside of the title's place; NULL: none.
static const CrashFrame *inside_of(const Teller *teller)
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
    const CrashFrame *place = place_of(teller), *inside = inside_of(teller);
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
    const CrashFrame *place = place_of(teller);
    char who[512], where[300] = "the game";

    put_who(teller, who, sizeof who);
    if (place && place->file[0] && place->line > 0) {
        (void)text_format(where, sizeof where, "%s:%d", place->file, place->line);
    }
    (void)text_format(crash->title, sizeof crash->title, "%s %s%s%s%s%s", where, what, who,
                      teller->report->stray ? ", on a thread that the game started" : "",
                      why[0] ? ": " : "", why);
}

static void hint(Teller *teller, const char *text)
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

// ----------------------------------------------------------------------------------- the suspect

// Without the registers that a frame further out had when it made its call.
static void find_suspect(Teller *teller, const CrashWant *want)
{
    const GuardReport *report = teller->report;
    const CrashFrame *place = place_of(teller);
    uint64_t registers[GUARD_REGISTERS];
    uint32_t raw = teller->place >= 0 ? teller->raw_of[teller->place] : 0;
    int image = place ? crash_image_at(teller, crash_pc(report, raw)) : -1;
    Reflect *reflect = image >= 0 ? crash_reflect(teller, (size_t)image) : NULL;

    if (!reflect || !place->source[0] || !want->has_address) {
        return;
    }
    memcpy(registers, report->registers, sizeof registers);
    bool was_called = raw == 1 && teller->jumped_nowhere;
    registers[7] += was_called ? sizeof(uintptr_t) : 0; // without the return address
    // Compilers end the life of registers at the last byte of a call, which takes two at least;
    // here it has not happened yet.
    ReflectMachine machine = {
        .pc = crash_pc(report, raw) - (was_called ? 1 : 0),
        .registers = report->has_registers && (raw == 0 || was_called) ? registers : NULL,
        .cfa = report->frame_sp[raw],
        .read = crash_read_memory,
        .with = (void *)(uintptr_t)report};
    if (reflect_suspect(reflect, &machine, place->source, want->address, teller->suspect,
                        sizeof teller->suspect)) {
        return;
    }
    machine.read = crash_read_stack; // the tick may be undone by now, and the pointer set again
    if (crash_is_null(want->address)) {
        (void)reflect_suspect(reflect, &machine, place->source, want->address, teller->suspect,
                              sizeof teller->suspect);
    }
}

// --------------------------------------------------------------------------------- bad addresses

static const char *verb_of(GuardAccess access)
{
    switch (access) {
    case GUARD_READ:
        return "read";
    case GUARD_WRITE:
        return "wrote to";
    case GUARD_EXECUTE:
        return "called";
    case GUARD_UNKNOWN:
        break;
    }
    return "used";
}

// What the report leaves open the instruction may say.
static CrashWant want_of(const Teller *teller, const CrashCode *code)
{
    const GuardReport *report = teller->report;
    CrashWant want = {report->access, report->has_address, report->address};

    if (teller->jumped_nowhere && report->frame_count > 0) {
        return (CrashWant){GUARD_EXECUTE, true, report->frames[0]};
    }
    if (!want.has_address && code->is_known
        && (code->is_jump || code->is_return || code->has_address)) {
        want.has_address = true;
        want.address = code->address;
        want.access = code->is_jump || code->is_return ? GUARD_EXECUTE
                      : code->is_write                 ? GUARD_WRITE
                      : code->is_read                  ? GUARD_READ
                                                       : GUARD_UNKNOWN;
        // The instruction may be one of a kind that is not read here.
        want.has_address = !crash_is_canonical(want.address) || code->wants_alignment;
    }
    return want;
}

static void tell_bad_address(Teller *teller, const CrashCode *code)
{
    CrashWant want = want_of(teller, code);
    char what[96], why[320];

    find_suspect(teller, &want);
    if (want.has_address) {
        (void)text_format(what, sizeof what, "%s address 0x%zx", verb_of(want.access),
                          (size_t)want.address);
    } else {
        (void)text_format(what, sizeof what, "used a wild address");
    }
    if (code->is_return && !teller->report->has_address && !teller->jumped_nowhere) {
        crash_title(teller, "could not return",
                    "the return address on the stack is overwritten, mostly by a local array "
                    "written over its end");
        hint(teller, "Which local array of that function is written beyond its end?");
        return;
    }
    if (code->wants_alignment && want.has_address && crash_is_canonical(want.address)
        && !teller->report->has_address) {
        crash_title(teller, what, "the instruction needs an address that is a multiple of 16");
        hint(teller, "A pointer to a type with a larger alignment was made from an address that "
                     "has not got it (a cast, packed struct or byte buffer).");
        return;
    }
    crash_tell_address(teller, &want, why, sizeof why);
    crash_title(teller, what, why);
    crash_hint_address(teller, &want, teller->crash->hint, sizeof teller->crash->hint);
}

static void tell_bus(Teller *teller, const CrashCode *code)
{
    const GuardReport *report = teller->report;
    CrashWant want = want_of(teller, code);
    char what[96];

    (void)text_format(what, sizeof what, "%s address 0x%zx", verb_of(want.access),
                      (size_t)want.address);
    if (report->code == BUS_ADRALN) {
        crash_title(teller, what, "it is not aligned as its type needs it");
        hint(teller, "A pointer was made from an address that its type cannot be at.");
    } else {
        crash_title(teller, what, "a file is mapped there, and it has become shorter");
        hint(teller, "A file that is mapped with mmap() was cut off by somebody. hl_file() reads "
                     "files without that danger.");
    }
}

// ------------------------------------------------------------------------------------- arithmetic

// What stands behind the only / or % of a line; false: there is not exactly one with a name.
static bool find_divisor(const char *line, char *name, size_t name_bytes)
{
    const char *at = NULL;
    size_t length = 0;

    for (const char *c = line; *c; c++) {
        if (c[0] == '/' && (c[1] == '/' || c[1] == '*')) {
            break;
        }
        if (*c == '/' || *c == '%') {
            if (at || *c == '\0') {
                return false;
            }
            at = c + 1 + (c[1] == '=');
        } else if (*c == '"') {
            return false;
        }
    }
    at = at ? at + strspn(at, " ") : "";
    while (isalnum((unsigned char)at[length]) || at[length] == '_' || at[length] == '.'
           || (at[length] == '-' && at[length + 1] == '>')) {
        length += at[length] == '-' ? 2 : 1;
    }
    return length > 0 && at[length] != '(' && at[length] != '[' && !isdigit((unsigned char)*at)
           && text_format(name, name_bytes, "%.*s", (int)length, at);
}

static void tell_arithmetic(Teller *teller, const CrashCode *code)
{
    const CrashFrame *place = place_of(teller);
    char why[128] = "", name[64] = "";

    if (place && find_divisor(place->source, name, sizeof name)) {
        (void)text_format(why, sizeof why, "likely `%s`", name);
    }
    if (teller->report->code != FPE_INTDIV) {
        crash_title(teller, "calculated with floats what traps",
                    "the game turned on floating-point exceptions (feenableexcept)");
        hint(teller,
             "Without feenableexcept() the result is infinite or NaN, and the tick goes on.");
    } else if (code->has_divisor && code->divisor == -1) {
        crash_title(teller, "divided the lowest integer by -1", "the result has no room");
        hint(teller, "-INT_MIN is larger than INT_MAX; test for that pair, or use a wider type.");
    } else if (code->has_divisor && code->divisor != 0) {
        crash_title(teller, "divided integers whose result has no room", why);
    } else {
        crash_title(teller, "divided an integer by zero", why);
        hint(teller, "Division and % by 0 have no result for integers. Test the divisor first.");
    }
}

// ------------------------------------------------------------------------------------------ traps

// Source: LLVM, clang/lib/CodeGen/CodeGenFunction.h, LIST_SANITIZER_CHECKS.
static const char *check_words(int check)
{
    switch (check) {
    case 0:
    case 12:
    case 13:
    case 21:
        return "an integer overflow";
    case 1:
        return "it came to __builtin_unreachable()";
    case 3:
        return "a division by zero, or without room for its result";
    case 5:
        return "a float that does not fit into the integer";
    case 10:
        return "a bool or enum with a value that it cannot have";
    case 11:
        return "it came to its end without a return";
    case 18:
        return "an index outside of its array";
    case 19:
        return "a pointer moved outside of its object";
    case 20:
        return "a shift by too much, or of a negative number";
    case 22:
        return "a null or misaligned pointer";
    default:
        return "a check of -fsanitize=undefined";
    }
}

static void tell_illegal(Teller *teller, const CrashCode *code)
{
    if (teller->jumped_nowhere) {
        tell_bad_address(teller, code);
    } else if (code->is_trap && code->check >= 0) {
        crash_title(teller, "was stopped by -fsanitize=undefined", check_words(code->check));
    } else if (code->is_trap) {
        crash_title(teller, "stopped itself",
                    "__builtin_trap(), code that can never be reached, or an end without return");
        hint(teller, "Compilers put such a stop where the program has no meaning: behind a null "
                     "pointer that they see coming, or a function that ends without its return.");
    } else {
        crash_title(teller, "ran into what is no instruction",
                    "a wild function pointer, or code for another processor (-march)");
        hint(teller, "A function pointer that is off by some bytes lands between instructions.");
    }
}

static void tell_trap(Teller *teller, const CrashCode *code)
{
    crash_title(teller, "stopped",
                code->is_breakpoint ? "a breakpoint in the code" : "SIGTRAP was raised");
    hint(teller, "int3, __builtin_debugtrap() or raise(SIGTRAP) is left in the code: under gdb it "
                 "stops there, without it it ends the tick. hl_pause() stops in both.");
}

// ------------------------------------------------------------------------------------------ abort

static bool is_one_of(const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(word, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

// libc stops the program where it finds its own data damaged.
static void tell_abort_signal(Teller *teller)
{
    static const char *const HEAP[] = {"free",    "malloc",        "calloc",         "realloc",
                                       "fclose",  "fopen",         "strdup",         "reallocarray",
                                       "getline", "aligned_alloc", "posix_memalign", "asprintf"};
    static const char *const RAISE[] = {"raise", "kill", "pthread_kill", "abort"};
    const CrashFrame *inside = inside_of(teller);
    const char *name = inside ? inside->function : "";

    if (is_one_of(name, HEAP, COUNT_OF(HEAP))) {
        crash_title(teller, "found the heap damaged",
                    "a block was freed twice, was none, or was written over its end");
        hint(teller, "The line is where it came out, not where it was done. " SANITIZE
                     " names the line that did it.");
    } else if (strcmp(name, "__stack_chk_fail") == 0) {
        crash_title(teller, "wrote over the end of a local array",
                    "found as the function returned");
        hint(teller, "Which local array of that function is written beyond its end? " SANITIZE
                     " names the line.");
    } else if (strlen(name) > 4 && strcmp(name + strlen(name) - 4, "_chk") == 0) {
        crash_title(teller, "was stopped", "it would have written over the end of a buffer");
        hint(teller, "The buffer that is written to is smaller than what is put into it.");
    } else {
        crash_title(teller,
                    is_one_of(name, RAISE, COUNT_OF(RAISE)) ? "raised SIGABRT" : "was aborted",
                    inside && inside->library[0] ? "the library refuses to go on" : "");
    }
}

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
    const CrashFrame *place = place_of(teller);
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
        hint(teller,
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
    hint(teller, "What is to end the recursion, and why does it not come to that? A depth that is "
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
    hint(teller, "The line is where it was when it was stopped; the loop around it is what to look "
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
    hint(teller, "hl_quit(t) ends the session after the tick, with everything saved.");
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
    hint(teller, "longjmp() may only go to a setjmp() of a function that still runs, within one "
                 "call of update() or draw().");
}

static void tell_stopped(Teller *teller)
{
    char text[400];

    text_clean(text, sizeof text, teller->report->text, false);
    crash_title(teller, "was stopped", text);
}

// ------------------------------------------------------------------------------------ the choice

static void tell_signal(Teller *teller)
{
    const GuardReport *report = teller->report;
    CrashCode code = crash_read_code(report);
    char what[64];

    switch (report->signal) {
    case SIGSEGV:
        tell_bad_address(teller, &code);
        break;
    case SIGBUS:
        tell_bus(teller, &code);
        break;
    case SIGFPE:
        tell_arithmetic(teller, &code);
        break;
    case SIGILL:
        tell_illegal(teller, &code);
        break;
    case SIGTRAP:
        tell_trap(teller, &code);
        break;
    case SIGABRT:
        tell_abort_signal(teller);
        break;
    default:
        (void)text_format(what, sizeof what, "was ended by SIG%s",
                          sigabbrev_np(report->signal) ? sigabbrev_np(report->signal) : "?");
        crash_title(teller, what, strsignal(report->signal));
    }
}

// What holds for any crash, behind the hint for this one.
static void add_general(Teller *teller)
{
    const GuardReport *report = teller->report;
    const CrashFrame *place = place_of(teller);
    char text[240], name[64];

    if (report->doubt) {
        text_clean(name, sizeof name, report->doubt_in, false);
        (void)text_format(text, sizeof text,
                          "It was stopped inside of %s, which may hold a lock: the session goes on "
                          "in a new process.",
                          name[0] ? name : "a library");
        hint_also(teller, text);
    }
    if (report->stray) {
        hint_also(teller, "That thread is stopped for good; the game goes on without it.");
    }
    if (place && place->line == 0) {
        hint_also(teller, "The game was built without debug information: with -g file and line are "
                          "named.");
    }
}

void crash_find_words(Teller *teller)
{
    switch (teller->report->end) {
    case GUARD_SIGNAL:
        tell_signal(teller);
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
