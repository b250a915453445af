// A moment out of a file into memory: as it is, where the build that plays has the structs that it
// was made with, else by way of live_state_old.c. Functions and texts that this build has not are
// no reason to refuse it: what pointed at them is named.
#include "live_internal.h"

#include "live_types.h"

#include <stdio.h>
#include <string.h>

// ---------------------------------------------------------------------------------------- losses

static bool is_lost(const LiveLosses *losses, const char *text)
{
    uint32_t kept = losses->count < LIVE_LOSSES_SAID ? losses->count : LIVE_LOSSES_SAID;
    for (uint32_t i = 0; i < kept; i++) {
        if (strcmp(losses->texts[i], text) == 0) {
            return true;
        }
    }
    return false;
}

void live_lose(LiveLosses *losses, const char *format, ...)
{
    char text[sizeof(losses->texts[0])];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (is_lost(losses, text)) {
        return;
    }
    if (losses->count < LIVE_LOSSES_SAID) {
        memcpy(losses->texts[losses->count], text, sizeof(text));
    }
    losses->count++;
}

static void say_losses(const LiveLosses *losses)
{
    for (uint32_t i = 0; i < losses->count && i < LIVE_LOSSES_SAID; i++) {
        log_line(LOG_WARNING, "the recording's state: %s", losses->texts[i]);
    }
    if (losses->count > LIVE_LOSSES_SAID) {
        log_line(LOG_WARNING, "the recording's state: %u more that are not in this build",
                 losses->count - LIVE_LOSSES_SAID);
    }
}

// -------------------------------------------------------------------------------------- addresses

static bool is_in(uintptr_t address, uintptr_t first, uintptr_t end)
{
    return address - first < end - first;
}

// "name#n" in its parts.
static bool split_label(const char *label, char *name, size_t name_bytes, uint32_t *nth)
{
    uint64_t number = 0;
    if (!text_format(name, name_bytes, "%s", label)) {
        return false;
    }
    char *mark = strrchr(name, '#');
    if (mark && text_to_u64(mark + 1, 0, 1 << 20, &number)) {
        *mark = '\0';
    }
    *nth = (uint32_t)number;
    return true;
}

// The variable that the old symbol is today, and how far into it; 0: it is none, or is no more.
static uint64_t address_in_variable(const LivePutting *putting, const char *name, uint32_t nth,
                                    uint64_t addend, bool *was_variable)
{
    const LiveTypes *types = putting->types;
    const ReflectVariable *was = types ? live_types_variable(types, name, nth) : NULL;
    const ReflectTable *now = putting->live->now.about;
    const ReflectVariable *is = was ? live_types_counterpart(now, was) : NULL;
    uint64_t offset = addend;
    *was_variable = was != NULL;
    if (!is || !is->address) {
        return 0;
    }
    if (putting->match && !reflect_place(putting->match, was->type, is->type, addend, 0, &offset)) {
        return 0;
    }
    return offset <= is->bytes ? is->address + offset : 0;
}

static uint64_t address_of_symbol(LivePutting *putting, const ReplayPointer *pointer,
                                  bool *was_variable)
{
    const GameLib *lib = &putting->live->now;
    char name[512];
    uint32_t nth;
    size_t size_bytes;
    *was_variable = false;
    if (!split_label(pointer->name, name, sizeof(name), &nth)) {
        return 0;
    }
    uint64_t found = address_in_variable(putting, name, nth, pointer->addend, was_variable);
    if (*was_variable) {
        return found;
    }
    uintptr_t address = gamelib_symbol(lib, name, nth, &size_bytes);
    // Into a function at its first byte only; into an object up to its end.
    bool is_object = is_in(address, lib->globals_first, lib->globals_end)
                     || is_in(address, lib->text_first, lib->text_end);
    bool inside = pointer->addend == 0 || (is_object && pointer->addend <= size_bytes);
    return address && inside ? address + pointer->addend : 0;
}

// A text that this build has not stays readable: it is put into the state, where it has the same
// address in every process, and is part of every moment.
static uint64_t keep_text(LivePutting *putting, const ReplayPointer *pointer)
{
    size_t length = strlen(pointer->name);
    char *text = pointer->addend <= length
                     ? heap_alloc(putting->live->host->heap, "char", 1, 1, length + 1)
                     : NULL;
    if (!text) {
        live_lose(&putting->losses, "the text \"%.100s\" is not in this build, and finds no room",
                  pointer->name);
        return 0;
    }
    memcpy(text, pointer->name, length);
    return (uint64_t)(uintptr_t)text + pointer->addend;
}

// A pointer to a function that is called in another way now must not be called.
static bool is_called_so(const Live *live, uint64_t address, uint32_t want)
{
    const ReflectTable *table = live->now.about;
    if (want == 0 || table->types[want].kind != REFLECT_FUNCTION) {
        return true;
    }
    const ReflectFunction *function = reflect_function_at(table, address);
    return !function || reflect_same_signature(table, want, table, function->type);
}

uint64_t live_pointer_word(LivePutting *putting, const ReplayPointer *pointer, uint32_t want)
{
    const GameLib *lib = &putting->live->now;
    bool was_variable;
    if (pointer->kind == REPLAY_POINTER_TEXT) {
        uintptr_t text = gamelib_text(lib, pointer->name);
        return text && pointer->addend <= strlen(pointer->name) ? text + pointer->addend
                                                                : keep_text(putting, pointer);
    }
    uint64_t address = address_of_symbol(putting, pointer, &was_variable);
    if (address && is_called_so(putting->live, address, want)) {
        return address;
    }
    if (was_variable) {
        live_lose(&putting->losses, "something pointed at %.100s, which is no more: NULL",
                  pointer->name);
        return 0;
    }
    live_lose(&putting->losses,
              "something pointed at %.100s(), which %s: it cannot be called from there",
              pointer->name, address ? "is called in another way now" : "is not in this build");
    return carry_grave("", pointer->name);
}

// -------------------------------------------------------------------------------------- as it is

bool live_put_global(LivePutting *putting, const ReplayGlobal *global, uint8_t **memory)
{
    const GameLib *lib = &putting->live->now;
    size_t size_bytes;
    uintptr_t address = gamelib_symbol(lib, global->name, global->nth, &size_bytes);
    if (!address || size_bytes != global->size_bytes || address < lib->globals_first
        || address + size_bytes > lib->globals_end) {
        *memory = NULL; // this build has no such variable: its value is not needed
        return false;
    }
    *memory = (uint8_t *)address;
    memcpy(*memory, global->data, size_bytes);
    return true;
}

static void put_as_it_is(LivePutting *putting)
{
    const ReplayState *state = putting->state;
    for (uint32_t i = 0; i < state->global_count; i++) {
        (void)live_put_global(putting, &state->globals[i], &putting->globals[i]);
    }
    for (uint32_t i = 0; i < state->pointer_count; i++) {
        const ReplayPointer *pointer = &state->pointers[i];
        uint8_t *memory =
            pointer->global < 0 ? putting->live->state.base : putting->globals[pointer->global];
        if (memory) {
            uint64_t word = live_pointer_word(putting, pointer, 0);
            memcpy(memory + pointer->at, &word, sizeof(word));
        }
    }
}

static void put_pages(Live *live, const ReplayState *state)
{
    memset(live->state.base, 0, live->state_top);
    live->state_top = state->used_bytes;
    for (uint32_t i = 0; i < state->page_count; i++) {
        size_t at = (size_t)state->pages[i] * PAGE_BYTES;
        size_t bytes = state->used_bytes - at < PAGE_BYTES ? state->used_bytes - at : PAGE_BYTES;
        memcpy(live->state.base + at, state->data + (size_t)i * PAGE_BYTES, bytes);
    }
    host_attach(live->host, live->state.base, live->state.reserve_bytes);
}

// The heap, and the root as the build had it that made the state.
static bool check_as_made(const LivePutting *putting, Fault *fault)
{
    const ReplayFacts *facts = replay_facts(putting->live->config.replay);
    hl_game was = *putting->live->now.game;
    if (putting->types) {
        was.state_type = facts->state_type;
        was.state_size = facts->state_size;
        was.state_align = 1;
    }
    return host_check(putting->live->host, &was, fault);
}

static bool put_all(LivePutting *putting, Fault *fault)
{
    Live *live = putting->live;
    size_t count = (size_t)putting->state->global_count + 1;
    putting->globals = arena_try_push(&putting->arena, sizeof(uint8_t *), 8, count);
    if (!putting->globals) {
        return fault_set(fault, FAULT_MEMORY, "no memory for the replay's state");
    }
    put_pages(live, putting->state);
    if (!check_as_made(putting, fault)) {
        return false;
    }
    if (putting->types && !live_put_old(putting, fault)) {
        return false;
    }
    if (!putting->types) {
        put_as_it_is(putting);
    }
    size_t used = host_state_bytes(live->host);
    live->state_top = used > live->state_top ? used : live->state_top;
    return host_check(live->host, live->now.game, fault);
}

bool live_state_put(Live *live, const ReplayState *state, Fault *fault)
{
    LivePutting putting = {.live = live, .state = state};
    if (state->used_bytes < host_heap_offset() + PAGE_BYTES
        || state->used_bytes > live->state.reserve_bytes) {
        return fault_set(fault, FAULT_FORMAT, "its state of %llu bytes is none of this game's",
                         (unsigned long long)state->used_bytes);
    }
    if (!arena_open(&putting.arena, 0, (8ull << 30) + 4 * live->state.reserve_bytes, fault)) {
        return false;
    }
    live->files->is_other = false;
    putting.types = live_files_types(live, replay_types_of_state(live->config.replay, state->at));
    bool ok = put_all(&putting, fault);
    if (ok) {
        say_losses(&putting.losses);
        live->files->is_other |= putting.losses.count > 0;
    } else {
        Fault ignored;
        (void)live_restart_state(live, &ignored);
    }
    arena_close(&putting.arena);
    return ok;
}
