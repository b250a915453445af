// The calls that led to a place, by libunwind, and what can be said about them: where the game's
// own code is, and whether a library's function was left in the middle that may hold a lock.
#include "guard_internal.h"

#include <dlfcn.h>
#include <link.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNW_LOCAL_ONLY
#include <libunwind.h>

// ------------------------------------------------------------------------- functions without locks

// libc's functions that take no lock and allocate nothing: left in the middle, they leave nothing
// behind but their output half written. Read from glibc 2.36's sources. Their real addresses are
// asked for once (many are chosen by CPU), because the library's table has no names for those.
static const char *const LOCKLESS[] = {"memcpy",
                                       "memmove",
                                       "memset",
                                       "memcmp",
                                       "memchr",
                                       "memrchr",
                                       "mempcpy",
                                       "memmem",
                                       "bcmp",
                                       "bzero",
                                       "strlen",
                                       "strnlen",
                                       "strcpy",
                                       "strncpy",
                                       "stpcpy",
                                       "stpncpy",
                                       "strcat",
                                       "strncat",
                                       "strcmp",
                                       "strncmp",
                                       "strcasecmp",
                                       "strncasecmp",
                                       "strchr",
                                       "strrchr",
                                       "strchrnul",
                                       "strstr",
                                       "strcasestr",
                                       "strspn",
                                       "strcspn",
                                       "strpbrk",
                                       "strtok",
                                       "strtok_r",
                                       "strsep",
                                       "wcslen",
                                       "wmemset",
                                       "wmemcpy",
                                       "wcscpy",
                                       "wcscmp",
                                       "rawmemchr",
                                       "atoi",
                                       "atol",
                                       "atoll",
                                       "atof",
                                       "strtol",
                                       "strtoul",
                                       "strtoll",
                                       "strtoull",
                                       "strtof",
                                       "strtod",
                                       "__isoc99_sscanf",
                                       "sscanf",
                                       "snprintf",
                                       "vsnprintf",
                                       "sprintf",
                                       "vsprintf",
                                       "__snprintf_chk",
                                       "__vsnprintf_chk",
                                       "__sprintf_chk",
                                       "__vsprintf_chk",
                                       "__memcpy_chk",
                                       "__memmove_chk",
                                       "__memset_chk",
                                       "__strcpy_chk",
                                       "__strcat_chk",
                                       "__strncpy_chk",
                                       "qsort",
                                       "qsort_r",
                                       "bsearch",
                                       "abs",
                                       "labs",
                                       "div",
                                       "ldiv",
                                       "clock_gettime",
                                       "time",
                                       "gettimeofday",
                                       "nanosleep",
                                       "clock_nanosleep",
                                       "usleep",
                                       "sleep",
                                       "poll",
                                       "read",
                                       "write",
                                       "getpid",
                                       "sched_yield",
                                       "pause",
                                       "select",
                                       "raise",
                                       "kill",
                                       "pthread_kill",
                                       "tolower",
                                       "toupper",
                                       "isalpha",
                                       "isdigit",
                                       "ffs",
                                       "memccpy",
                                       "swab",
                                       "syscall",
                                       "__errno_location",
                                       "abort",
                                       "__assert_fail",
                                       "__stack_chk_fail"};
// ... and those that make a function of the list above no longer harmless when they are below it.
static const char *const LOCKING[] = {"malloc",        "free",           "calloc",  "realloc",
                                      "aligned_alloc", "posix_memalign", "memalign"};

static struct {
    uintptr_t lockless[2 * COUNT_OF(LOCKLESS)], locking[COUNT_OF(LOCKING)];
    uintptr_t math_first, math_end; // libm and the kernel's own page have no locks at all
    uintptr_t self_first, self_end; // this program
    uintptr_t libc_first, libc_end;
} known;

// The executable part of the library around `of`.
typedef struct Search {
    uintptr_t of;
    uintptr_t *first, *end;
} Search;

static int find_text(struct dl_phdr_info *library, size_t size, void *with)
{
    (void)size;
    Search *search = with;
    for (int i = 0; i < library->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &library->dlpi_phdr[i];
        uintptr_t first = library->dlpi_addr + part->p_vaddr;
        if (part->p_type == PT_LOAD && (part->p_flags & PF_X)
            && search->of - first < part->p_memsz) {
            *search->first = first;
            *search->end = first + part->p_memsz;
            return 1;
        }
    }
    return 0;
}

void guard_forget_frames(void)
{
    unw_flush_cache(unw_local_addr_space, 0, 0);
}

// Some are a few instructions and a jump to what does the work (vsnprintf): the frame is that
// one's. Looks for such a jump to the first byte of a function; 0: there is none.
static uintptr_t tail_of(uintptr_t function)
{
    enum { LOOK_BYTES = 24, JUMP = 0xE9, JUMP_BYTES = 5 };
    unw_proc_info_t info;
    const uint8_t *code = (const uint8_t *)function;
    if (!function || unw_get_proc_info_by_ip(unw_local_addr_space, function, &info, NULL) != 0) {
        return 0;
    }
    for (size_t i = 0; i < LOOK_BYTES && function + i + JUMP_BYTES <= info.end_ip; i++) {
        int32_t distance;
        memcpy(&distance, code + i + 1, sizeof(distance));
        uintptr_t target = function + i + JUMP_BYTES + (uintptr_t)(intptr_t)distance;
        if (code[i] == JUMP && target - known.libc_first < known.libc_end - known.libc_first
            && unw_get_proc_info_by_ip(unw_local_addr_space, target, &info, NULL) == 0
            && info.start_ip == target) {
            return target;
        }
    }
    return 0;
}

// Everything that must not happen in a handler for the first time.
void guard_warm_up(void)
{
    Search searches[] = {
        {(uintptr_t)dlsym(RTLD_DEFAULT, "sinf"), &known.math_first, &known.math_end},
        {(uintptr_t)dlsym(RTLD_DEFAULT, "strtol"), &known.libc_first, &known.libc_end},
        {(uintptr_t)guard_warm_up, &known.self_first, &known.self_end}};
    for (size_t i = 0; i < COUNT_OF(searches); i++) {
        (void)dl_iterate_phdr(find_text, &searches[i]);
    }
    for (size_t i = 0; i < COUNT_OF(LOCKLESS); i++) {
        known.lockless[2 * i] = (uintptr_t)dlsym(RTLD_DEFAULT, LOCKLESS[i]);
        known.lockless[2 * i + 1] = tail_of(known.lockless[2 * i]);
    }
    for (size_t i = 0; i < COUNT_OF(LOCKING); i++) {
        known.locking[i] = (uintptr_t)dlsym(RTLD_DEFAULT, LOCKING[i]);
    }
    unw_context_t context;
    unw_cursor_t cursor;
    unw_proc_info_t info;
    (void)unw_getcontext(&context);
    (void)unw_init_local(&cursor, &context);
    do {
        (void)unw_get_proc_info(&cursor, &info);
    } while (unw_step(&cursor) > 0);
}

// ------------------------------------------------------------------------------------- the calls

typedef enum Owner { OWNER_NONE, OWNER_GAME, OWNER_US, OWNER_HARMLESS, OWNER_LIBRARY } Owner;

// A function of a library, as its unwind table knows it.
typedef struct Function {
    uintptr_t first, end; // 0: not known
} Function;

static Owner owner_of(const Guard *guard, uintptr_t pc)
{
    for (size_t i = 0; i < guard->code_count; i++) {
        if (pc - guard->code[i].first < guard->code[i].end - guard->code[i].first) {
            return OWNER_GAME;
        }
    }
    if (pc - known.self_first < known.self_end - known.self_first) {
        return OWNER_US;
    }
    if (pc - known.math_first < known.math_end - known.math_first) {
        return OWNER_HARMLESS;
    }
    return OWNER_LIBRARY;
}

static bool is_one_of(const uintptr_t *addresses, size_t count, Function function)
{
    for (size_t i = 0; i < count; i++) {
        if (addresses[i] && addresses[i] >= function.first && addresses[i] < function.end) {
            return true;
        }
    }
    return false;
}

static void doubt(GuardReport *report, uintptr_t pc)
{
    Dl_info place = {0};
    if (!report->doubt) {
        report->doubt = true;
        bool named = dladdr((void *)pc, &place) && place.dli_sname;
        (void)text_format(report->doubt_in, sizeof(report->doubt_in), "%s",
                          named             ? place.dli_sname
                          : place.dli_fname ? place.dli_fname
                                            : "?");
    }
}

// Libraries' frames come in runs; the outermost of a run is what the game called, and that decides.
static void judge(const Guard *guard, const Function *functions, GuardReport *report)
{
    uint32_t count = report->frame_count;
    for (uint32_t i = 0; i < count; i++) {
        uintptr_t pc = report->frames[i] - (i > 0);
        if (owner_of(guard, pc) != OWNER_LIBRARY || (i == 0 && functions[0].first == 0)) {
            continue; // the first has no function when it is a jump to nowhere
        }
        if (is_one_of(known.locking, COUNT_OF(LOCKING), functions[i])) {
            doubt(report, pc);
        }
        bool is_outermost =
            i + 1 == count || owner_of(guard, report->frames[i + 1] - 1) != OWNER_LIBRARY;
        if (is_outermost && !is_one_of(known.lockless, COUNT_OF(known.lockless), functions[i])) {
            doubt(report, pc);
        }
    }
}

// ------------------------------------------------------------------------- in another process

// One library: the part of it that holds code, and which it is.
typedef struct Module {
    uintptr_t of, first, end;
    uint64_t name_hash;
} Module;

static uint64_t hash_of_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return hash_bytes(slash ? slash + 1 : path, strlen(slash ? slash + 1 : path));
}

// Fills in the library around `of`, or (0) the one of that name.
static int find_module(struct dl_phdr_info *library, size_t size, void *with)
{
    (void)size;
    Module *module = with;
    uint64_t name_hash = hash_of_name(library->dlpi_name);
    for (int i = 0; i < library->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &library->dlpi_phdr[i];
        uintptr_t first = library->dlpi_addr + part->p_vaddr;
        bool has_code = part->p_type == PT_LOAD && (part->p_flags & PF_X);
        bool is_it =
            module->of ? module->of - first < part->p_memsz : name_hash == module->name_hash;
        if (has_code && is_it) {
            *module = (Module){module->of, first, first + part->p_memsz, name_hash};
            return 1;
        }
    }
    return 0;
}

static void note_modules(const Guard *guard, GuardReport *report)
{
    for (uint32_t i = 0; i < report->frame_count; i++) {
        uintptr_t pc = report->frames[i] - (i > 0);
        bool known_already = owner_of(guard, pc) == OWNER_GAME;
        for (uint32_t k = 0; k < report->module_count; k++) {
            known_already |=
                pc - report->modules[k].first < report->modules[k].end - report->modules[k].first;
        }
        Module module = {.of = pc};
        if (!known_already && report->module_count < GUARD_MODULES_MAX
            && dl_iterate_phdr(find_module, &module) == 1) {
            uint32_t at = report->module_count++;
            report->modules[at].first = module.first;
            report->modules[at].end = module.end;
            report->modules[at].name_hash = module.name_hash;
        }
    }
}

void guard_rebase(GuardReport *report)
{
    for (uint32_t k = 0; k < report->module_count && k < GUARD_MODULES_MAX; k++) {
        Module here = {.name_hash = report->modules[k].name_hash};
        uintptr_t was = report->modules[k].first, span = report->modules[k].end - was;
        if (dl_iterate_phdr(find_module, &here) != 1) {
            continue;
        }
        for (uint32_t i = 0; i < report->frame_count && i < GUARD_FRAMES_MAX; i++) {
            if (report->frames[i] - (i > 0) - was < span) {
                report->pc += report->pc == report->frames[i] ? here.first - was : 0;
                report->frames[i] += here.first - was;
            }
        }
        report->modules[k].first = here.first;
        report->modules[k].end = here.end;
    }
}

// ----------------------------------------------------------------------------------------- reading

static bool is_code(const Guard *guard, uintptr_t pc)
{
    Dl_info place;
    return owner_of(guard, pc) != OWNER_LIBRARY || dladdr((void *)pc, &place) != 0;
}

// A call to a place where there is no code: the return address is what was pushed last.
GUARD_UNCHECKED static void step_out_of_nowhere(const Guard *guard, unw_context_t *context,
                                                GuardReport *report)
{
    uintptr_t sp = (uintptr_t)context->uc_mcontext.gregs[REG_RSP];
    uintptr_t pc = (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
    if (is_code(guard, pc) || sp < guard->stack_first || sp + 8 > guard->stack_end || sp % 8) {
        return;
    }
    report->frames[0] = pc;
    report->frame_sp[0] = sp + 8;
    report->frame_count = 1;
    context->uc_mcontext.gregs[REG_RIP] = (greg_t) * (const uintptr_t *)sp;
    context->uc_mcontext.gregs[REG_RSP] = (greg_t)(sp + 8);
}

// Reads until the frames that belong to the runtime's way into the call.
static void read_frames(unw_cursor_t *cursor, Function *functions, GuardReport *report)
{
    do {
        unw_word_t pc = 0, sp = 0;
        unw_proc_info_t info = {0};
        uint32_t at = report->frame_count;
        if (unw_get_reg(cursor, UNW_REG_IP, &pc) != 0 || pc == 0) {
            return;
        }
        (void)unw_get_reg(cursor, UNW_REG_SP, &sp);
        if (at > 0) {
            report->frame_sp[at - 1] = sp;
        }
        if (guard_is_way_in(pc)) {
            return;
        }
        if (at == GUARD_FRAMES_MAX) {
            report->frames_cut = true;
            return;
        }
        if (unw_get_proc_info(cursor, &info) == 0) {
            functions[at] = (Function){info.start_ip, info.end_ip};
        }
        report->frames[at] = pc;
        report->frame_count = at + 1;
    } while (unw_step(cursor) > 0);
}

// From a hook: without the runtime's own frames at its inner end.
static void drop_own_frames(const Guard *guard, Function *functions, GuardReport *report)
{
    uint32_t own = 0;
    while (own < report->frame_count && owner_of(guard, report->frames[own] - 1) == OWNER_US) {
        own++;
    }
    if (own == report->frame_count) {
        return;
    }
    report->frame_count -= own;
    memmove(report->frames, report->frames + own, report->frame_count * sizeof(uintptr_t));
    memmove(report->frame_sp, report->frame_sp + own, report->frame_count * sizeof(uintptr_t));
    memmove(functions, functions + own, report->frame_count * sizeof(Function));
}

void guard_frames(Guard *guard, const ucontext_t *machine, GuardReport *report)
{
    Function functions[GUARD_FRAMES_MAX + 1] = {0};
    unw_context_t context;
    unw_cursor_t cursor;
    if (machine) {
        memcpy(&context, machine, sizeof(context));
        step_out_of_nowhere(guard, &context, report);
    } else {
        (void)unw_getcontext(&context);
    }
    // The stack may be anything by now: a fault in here ends the reading, see on_fault.
    bool is_thread = pthread_equal(pthread_self(), guard->thread);
    if (!is_thread || sigsetjmp(guard->told, 1) == 0) {
        guard->is_telling = is_thread;
        if (unw_init_local2(&cursor, &context, machine ? UNW_INIT_SIGNAL_FRAME : 0) == 0) {
            read_frames(&cursor, functions, report);
        }
    }
    guard->is_telling = false;
    if (!machine) {
        drop_own_frames(guard, functions, report);
        report->pc = report->frame_count > 0 ? report->frames[0] : 0;
        return; // called by the game on purpose: no library is in the middle of anything
    }
    judge(guard, functions, report);
    if (report->doubt) {
        note_modules(guard, report);
    }
}
