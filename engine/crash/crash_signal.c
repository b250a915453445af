#include <ctype.h>
#include <signal.h>
#include <string.h>

#include "crash_parts.h"

// What a signal means: which address, which pointer, which check.
//
// Contents: the suspect, bad addresses, arithmetic, traps, abort, the choice.

#define SANITIZE "`hotloop run GAME --cflags -fsanitize=address` with hotloop's asan preset"

// ----------------------------------------------------------------------------------- the suspect

// Without the registers that a frame further out had when it made its call.
static void find_suspect(Teller *teller, const CrashWant *want)
{
    const GuardReport *report = teller->report;
    const CrashFrame *place = crash_place(teller);
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

// The processor tells of an address that no page table can have without saying which it was.
static bool report_is_wild(const GuardReport *report)
{
    return !report->has_address;
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
        crash_hint(teller, "Which local array of that function is written beyond its end?");
        return;
    }
    if (code->wants_alignment && want.has_address && crash_is_canonical(want.address)
        && !teller->report->has_address) {
        crash_title(teller, what, "the instruction needs an address that is a multiple of 16");
        crash_hint(teller,
                   "A pointer to a type with a larger alignment was made from an address that "
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
        crash_hint(teller, "A pointer was made from an address that its type cannot be at.");
    } else {
        crash_title(teller, what, "a file is mapped there, and it has become shorter");
        crash_hint(teller,
                   "A file that is mapped with mmap() was cut off by somebody. hl_file() reads "
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
    const CrashFrame *place = crash_place(teller);
    char why[128] = "", name[64] = "";

    if (place && find_divisor(place->source, name, sizeof name)) {
        (void)text_format(why, sizeof why, "likely `%s`", name);
    }
    if (teller->report->code != FPE_INTDIV) {
        crash_title(teller, "calculated with floats what traps",
                    "the game turned on floating-point exceptions (feenableexcept)");
        crash_hint(teller,
                   "Without feenableexcept() the result is infinite or NaN, and the tick goes on.");
    } else if (code->has_divisor && code->divisor == -1) {
        crash_title(teller, "divided the lowest integer by -1", "the result has no room");
        crash_hint(teller,
                   "-INT_MIN is larger than INT_MAX; test for that pair, or use a wider type.");
    } else {
        crash_title(teller,
                    code->has_divisor ? "divided an integer by zero"
                                      : "divided an integer by zero, or the lowest one by -1",
                    why);
        crash_hint(teller,
                   "Division and % by 0 have no result for integers. Test the divisor first.");
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
        crash_hint(teller,
                   "Compilers put such a stop where the program has no meaning: behind a null "
                   "pointer that they see coming, or a function that ends without its return.");
    } else {
        crash_title(teller, "ran into what is no instruction",
                    "a wild function pointer, or code for another processor (-march)");
        crash_hint(teller,
                   "A function pointer that is off by some bytes lands between instructions.");
    }
}

static void tell_trap(Teller *teller, const CrashCode *code)
{
    crash_title(teller, "stopped",
                code->is_breakpoint ? "a breakpoint in the code" : "SIGTRAP was raised");
    crash_hint(teller,
               "int3, __builtin_debugtrap() or raise(SIGTRAP) is left in the code: under gdb it "
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
    const CrashFrame *inside = crash_inside(teller);
    const char *name = inside ? inside->function : "";

    if (is_one_of(name, HEAP, COUNT_OF(HEAP))) {
        crash_title(teller, "found the heap damaged",
                    "a block was freed twice, was none, or was written over its end");
        crash_hint(teller, "The line is where it came out, not where it was done. " SANITIZE
                           " names the line that did it.");
    } else if (strcmp(name, "__stack_chk_fail") == 0) {
        crash_title(teller, "wrote over the end of a local array",
                    "found as the function returned");
        crash_hint(teller, "Which local array of that function is written beyond its end? " SANITIZE
                           " names the line.");
    } else if (strlen(name) > 4 && strcmp(name + strlen(name) - 4, "_chk") == 0) {
        crash_title(teller, "was stopped", "it would have written over the end of a buffer");
        crash_hint(teller, "The buffer that is written to is smaller than what is put into it.");
    } else {
        crash_title(teller,
                    is_one_of(name, RAISE, COUNT_OF(RAISE)) ? "raised SIGABRT" : "was aborted",
                    inside && inside->library[0] ? "the library refuses to go on" : "");
    }
}

// ------------------------------------------------------------------------------------ the choice

// Nothing failed: raise(), kill() of the game's own or of another program.
static void tell_sent(Teller *teller)
{
    static const char *const RAISE[] = {"raise", "kill", "pthread_kill", "killpg", "sigqueue"};
    const CrashFrame *inside = crash_inside(teller);
    const char *name = sigabbrev_np(teller->report->signal);
    bool is_own = inside && is_one_of(inside->function, RAISE, COUNT_OF(RAISE));
    char what[64];

    (void)text_format(what, sizeof what, "%s SIG%s", is_own ? "raised" : "was sent",
                      name ? name : "?");
    crash_title(teller, what, is_own ? "" : "by kill(), or by another program");
}

void crash_tell_signal(Teller *teller)
{
    const GuardReport *report = teller->report;
    CrashCode code = crash_read_code(report);
    char what[64];

    // Source: sigaction(2): si_code is positive for what the kernel itself found wrong.
    if (report->code <= 0 && report->signal != SIGABRT && report->signal != SIGTRAP) {
        tell_sent(teller);
        return;
    }
    switch (report->signal) {
    case SIGSEGV:
        tell_bad_address(teller, &code);
        break;
    case SIGBUS: // a wild address that goes through rsp or rbp is a fault of the stack segment
        if (report_is_wild(report)) {
            tell_bad_address(teller, &code);
        } else {
            tell_bus(teller, &code);
        }
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
