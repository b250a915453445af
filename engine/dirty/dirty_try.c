// Does a method work here? Not by asking for versions: by writing and looking.
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "dirty_parts.h"

// Contents: what is seen of one page, the trial, the names of the methods, the probe.

enum { TRIAL_PAGES = 6, BY_CPU = 1, BY_KERNEL = 4, ONLY_READ = 2, LEFT_ALONE = 3 };

typedef struct Trial {
    Arena keep, memory, shadow;
    Dirty *dirty;
    uint8_t *pages;
} Trial;

// Lets the kernel write `byte` into memory, as a game does that reads a file.
static bool kernel_writes(uint8_t *memory, uint8_t byte, Fault *fault)
{
    int ends[2];
    bool done;

    if (pipe(ends) != 0) {
        return fault_set(fault, FAULT_MEMORY, "no pipe to try it out: %s", strerror(errno));
    }
    done = write(ends[1], &byte, 1) == 1 && read(ends[0], memory, 1) == 1;
    if (!done) {
        fault_set(fault, FAULT_MEMORY, "read() into watched memory fails: %s", strerror(errno));
    }
    close(ends[0]);
    close(ends[1]);
    return done;
}

static bool holds_page(const DirtySpan *spans, size_t count, const uint8_t *page)
{
    for (size_t i = 0; i < count; i++) {
        if ((uintptr_t)page >= spans[i].first && (uintptr_t)page < spans[i].end) {
            return true;
        }
    }
    return false;
}

static bool take_is_right(Trial *trial, bool by_cpu, bool by_kernel, Fault *fault)
{
    const DirtySpan *spans;
    size_t count;

    if (!dirty_take(trial->dirty, &spans, &count, fault)) {
        return false;
    }
    for (uint32_t i = 0; i < TRIAL_PAGES; i++) {
        bool written = (i == BY_CPU && by_cpu) || (i == BY_KERNEL && by_kernel);
        if (holds_page(spans, count, trial->pages + i * PAGE_BYTES) != written) {
            return fault_set(fault, FAULT_MEMORY, "%s",
                             !written         ? "takes pages for written that were not"
                             : i == BY_KERNEL ? "does not see what the kernel writes"
                                              : "does not see what is written");
        }
    }
    memcpy(trial->shadow.base, trial->pages, TRIAL_PAGES * PAGE_BYTES);
    return dirty_settle(trial->dirty, fault);
}

static bool try_pages(Trial *trial, Fault *fault)
{
    uint8_t *pages = trial->pages;

    for (uint8_t round = 1; round < 3; round++) {
        pages[BY_CPU * PAGE_BYTES] = round;
        (void)*(volatile uint8_t *)(pages + ONLY_READ * PAGE_BYTES);
        if (!kernel_writes(pages + BY_KERNEL * PAGE_BYTES, round, fault)
            || !take_is_right(trial, true, true, fault)) {
            return false;
        }
        if (pages[BY_CPU * PAGE_BYTES] != round || pages[BY_KERNEL * PAGE_BYTES] != round) {
            return fault_set(fault, FAULT_MEMORY, "loses what was written");
        }
    }
    return take_is_right(trial, false, false, fault);
}

bool dirty_try(DirtyMethod method, Fault *fault)
{
    Trial trial = {0};
    size_t bytes = TRIAL_PAGES * PAGE_BYTES;
    bool works = false;

    if (arena_open(&trial.keep, 0, (size_t)1 << 20, fault)
        && arena_open(&trial.memory, 0, bytes, fault)
        && arena_open(&trial.shadow, 0, bytes, fault)) {
        trial.pages = arena_push(&trial.memory, bytes, PAGE_BYTES, 1);
        (void)arena_push(&trial.shadow, bytes, PAGE_BYTES, 1);
        trial.dirty = dirty_open_untried(&trial.keep, method, fault);
        works = trial.dirty
                && dirty_watch(trial.dirty, trial.pages, bytes, trial.shadow.base, false, fault)
                && try_pages(&trial, fault);
    }
    dirty_close(trial.dirty);
    arena_close(&trial.shadow);
    arena_close(&trial.memory);
    arena_close(&trial.keep);
    return works;
}

// ------------------------------------------------------------------------ the names of the methods

static const char *const NAMES[] = {
    [DIRTY_BEST] = "best",
    [DIRTY_UFFD] = "uffd",
    [DIRTY_MEMFD] = "memfd",
    [DIRTY_MEMCMP] = "memcmp",
};

const char *dirty_method_name(DirtyMethod method)
{
    return NAMES[method];
}

bool dirty_method_from(const char *name, DirtyMethod *method)
{
    for (uint32_t i = 0; i < COUNT_OF(NAMES); i++) {
        if (strcmp(name, NAMES[i]) == 0) {
            *method = (DirtyMethod)i;
            return true;
        }
    }
    return false;
}

// --------------------------------------------------------------------------------------- the probe

DirtyMethod dirty_probe(char *why, size_t why_bytes)
{
    static const DirtyMethod better[] = {DIRTY_UFFD, DIRTY_MEMFD};
    char reasons[256] = "";
    DirtyMethod works = DIRTY_MEMCMP;

    for (uint32_t i = 0; i < COUNT_OF(better) && works == DIRTY_MEMCMP; i++) {
        Fault fault = {0};
        size_t used = strlen(reasons);
        if (dirty_try(better[i], &fault)) {
            works = better[i];
        } else {
            text_format(reasons + used, sizeof reasons - used, "%s%s: %s", used ? "; " : "",
                        dirty_method_name(better[i]), fault.text);
        }
    }
    if (why) {
        text_format(why, why_bytes, "%s", reasons);
    }
    return works;
}
