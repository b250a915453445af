// A moment as a file holds it, and back into memory. What lies in the state is bytes, but for words
// that are addresses in the game's library: those are kept as the symbol, or the text, that they
// point at, and become addresses of the library that reads them. Addresses of anything else cannot
// be kept: they are zero afterwards, and counted.
#include "live_internal.h"

#include <stdlib.h>
#include <string.h>

enum { POINTERS_MAX = 1 << 24, TEXT_MAX = 4096 };

typedef struct Taking {
    const LiveView *view;
    Arena *arena;
    Arena pointers; // ReplayPointer, one after the other
    uint32_t pointer_count, lost;
    bool full;
} Taking;

// ---------------------------------------------------------------------------------------- taking

// "name", or "name#n" for the n-th of several that are called so (static ones of different files).
static const char *symbol_label(Arena *arena, const GameLib *lib, const char *name, uintptr_t first)
{
    size_t size_bytes;
    uintptr_t address;
    for (uint32_t nth = 0; (address = gamelib_symbol(lib, name, nth, &size_bytes)) != 0; nth++) {
        if (address == first) {
            return nth == 0 ? arena_copy_text(arena, name)
                            : arena_format(arena, "%s#%u", name, nth);
        }
    }
    return NULL;
}

static bool text_is_plain(const char *text, size_t length)
{
    char clean[TEXT_MAX];
    text_clean(clean, sizeof(clean), text, false);
    return length > 0 && strcmp(clean, text) == 0;
}

// The string literal that `word` lies in: from the byte after the last zero before it.
static bool name_text(Taking *taking, const GameLib *lib, uint64_t word, ReplayPointer *pointer)
{
    const char *text = (const char *)(uintptr_t)word;
    if (word - lib->text_first >= lib->text_end - lib->text_first) {
        return false;
    }
    size_t length = strnlen(text, lib->text_end - word);
    if (length >= TEXT_MAX || word + length >= lib->text_end || !text_is_plain(text, length)) {
        return false;
    }
    pointer->kind = REPLAY_POINTER_TEXT;
    pointer->name = arena_copy_text(taking->arena, text);
    return true;
}

// False: it cannot be kept.
static bool name_word(Taking *taking, uint64_t word, ReplayPointer *pointer)
{
    for (uint32_t i = 0; i < taking->view->image_count; i++) {
        const GameLib *lib = taking->view->images[i];
        if (word - lib->image_first >= lib->image_end - lib->image_first) {
            continue;
        }
        uintptr_t offset = 0;
        const char *name = gamelib_symbol_at(lib, (uintptr_t)word, &offset);
        if (!name) {
            return name_text(taking, lib, word, pointer);
        }
        pointer->kind = REPLAY_POINTER_SYMBOL;
        pointer->addend = offset;
        pointer->name = symbol_label(taking->arena, lib, name, (uintptr_t)word - offset);
        return pointer->name != NULL;
    }
    return false;
}

// Takes addresses out of a row of words that begins `at` bytes into the arena or the global.
static void take_words(Taking *taking, uint8_t *memory, size_t bytes, int32_t global, uint64_t at)
{
    for (size_t i = 0; i + 8 <= bytes; i += 8) {
        uint64_t word;
        memcpy(&word, memory + i, 8);
        if (!live_is_address(taking->view, word)) {
            continue;
        }
        ReplayPointer pointer = {.global = global, .at = at + i};
        bool is_ours = word - taking->view->images_first < taking->view->images_span;
        if (!is_ours && live_token(taking->view, word) == word) {
            continue; // looks like an address, and is none
        }
        if (taking->pointer_count < POINTERS_MAX && name_word(taking, word, &pointer)) {
            *ARENA_NEW(&taking->pointers, ReplayPointer, 1) = pointer;
            taking->pointer_count++;
        } else {
            taking->lost++;
        }
        memset(memory + i, 0, 8);
    }
}

static void take_pages(Taking *taking, const uint32_t *pages, size_t count, ReplayState *state)
{
    uint32_t *kept = arena_push(taking->arena, 4, 4, count + 1);
    uint8_t *data = arena_push(taking->arena, PAGE_BYTES, 16, count);
    for (size_t i = 0; i < count; i++) {
        uint64_t at = (uint64_t)pages[i] * PAGE_BYTES;
        if (pages[i] >= TIMELINE_GLOBALS_FIRST || at >= state->used_bytes) {
            continue;
        }
        uint8_t *page = data + (size_t)state->page_count * PAGE_BYTES;
        uint64_t inside = state->used_bytes - at;
        memcpy(page, taking->view->page(taking->view->with, pages[i]), PAGE_BYTES);
        if (inside < PAGE_BYTES) {
            memset(page + inside, 0, PAGE_BYTES - inside); // nothing depends on what lies there
        }
        take_words(taking, page, PAGE_BYTES, -1, at);
        kept[state->page_count++] = pages[i];
    }
    state->pages = kept;
    state->data = data;
}

static void take_globals(Taking *taking, ReplayState *state)
{
    const GameLib *lib = taking->view->images[0];
    uint32_t cursor = 0, nth, count = 0;
    const GameLibSymbol *symbol;
    const char *name;
    while (gamelib_next_global(lib, &cursor, &symbol, &name, &nth)) {
        count++;
    }
    ReplayGlobal *globals = arena_push(taking->arena, sizeof(ReplayGlobal), 8, count + 1);
    for (cursor = 0; gamelib_next_global(lib, &cursor, &symbol, &name, &nth);) {
        size_t before = taking->arena->used_bytes;
        uint8_t *data = arena_push(taking->arena, 1, 16, symbol->size_bytes);
        live_read_global(taking->view, symbol->address, data, symbol->size_bytes);
        const uint8_t *initial = lib->globals_initial + (symbol->address - lib->globals_first);
        if (memcmp(data, initial, symbol->size_bytes) == 0) {
            arena_reset(taking->arena, before);
            continue;
        }
        if (symbol->address % 8 == 0) {
            take_words(taking, data, symbol->size_bytes, (int32_t)state->global_count, 0);
        }
        globals[state->global_count++] =
            (ReplayGlobal){.name = arena_copy_text(taking->arena, name),
                           .nth = nth,
                           .size_bytes = symbol->size_bytes,
                           .data = data};
    }
    state->globals = globals;
}

void live_state_take(const LiveView *view, const uint32_t *pages, size_t count, bool is_whole,
                     uint64_t at, Arena *arena, ReplayState *state, uint32_t *lost)
{
    Fault fault;
    Taking taking = {.view = view, .arena = arena};
    *state = (ReplayState){.at = at, .used_bytes = live_used_bytes(view), .is_whole = is_whole};
    if (!arena_open(&taking.pointers, 0, (size_t)POINTERS_MAX * sizeof(ReplayPointer), &fault)) {
        return; // no address space: a state of nothing, which readers refuse
    }
    take_pages(&taking, pages, count, state);
    take_globals(&taking, state);
    size_t bytes = (size_t)taking.pointer_count * sizeof(ReplayPointer);
    ReplayPointer *pointers = arena_push(arena, 1, 16, bytes + 1);
    if (bytes > 0) {
        memcpy(pointers, taking.pointers.base, bytes);
    }
    state->pointers = pointers;
    state->pointer_count = taking.pointer_count;
    *lost += taking.lost;
    arena_close(&taking.pointers);
}

// --------------------------------------------------------------------------------------- putting

// The address that `pointer` means in the library that plays; 0: it has none.
static uint64_t address_of(const GameLib *lib, const ReplayPointer *pointer)
{
    char name[512];
    if (pointer->kind == REPLAY_POINTER_TEXT) {
        uintptr_t text = gamelib_text(lib, pointer->name);
        return text && pointer->addend <= strlen(pointer->name) ? text + pointer->addend : 0;
    }
    if (!text_format(name, sizeof(name), "%s", pointer->name)) {
        return 0;
    }
    uint64_t nth = 0;
    char *mark = strrchr(name, '#');
    if (mark && text_to_u64(mark + 1, 0, 1 << 20, &nth)) {
        *mark = '\0';
    }
    size_t size_bytes;
    uintptr_t address = gamelib_symbol(lib, name, (uint32_t)nth, &size_bytes);
    // Into a function at its first byte only; into an object up to its end.
    bool is_object = address - lib->globals_first < lib->globals_end - lib->globals_first
                     || address - lib->text_first < lib->text_end - lib->text_first;
    bool inside = pointer->addend == 0 || (is_object && pointer->addend <= size_bytes);
    return address && inside ? address + pointer->addend : 0;
}

static bool put_global(const GameLib *lib, const ReplayGlobal *global, uint8_t **memory)
{
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

static bool put_pointers(Live *live, const ReplayState *state, uint8_t *const *globals,
                         Fault *fault)
{
    for (uint32_t i = 0; i < state->pointer_count; i++) {
        const ReplayPointer *pointer = &state->pointers[i];
        uint8_t *memory = pointer->global < 0 ? live->state.base : globals[pointer->global];
        uint64_t address = address_of(&live->now, pointer);
        if (memory && address) {
            memcpy(memory + pointer->at, &address, 8);
        } else if (memory) {
            return fault_set(
                fault, FAULT_FORMAT,
                "its state points at %s%s%s, which this build of the game does not have",
                pointer->kind == REPLAY_POINTER_TEXT ? "the text \"" : "", pointer->name,
                pointer->kind == REPLAY_POINTER_TEXT ? "\"" : "()");
        }
    }
    return true;
}

bool live_state_put(Live *live, const ReplayState *state, Fault *fault)
{
    if (state->used_bytes < host_heap_offset() + PAGE_BYTES
        || state->used_bytes > live->state.reserve_bytes) {
        return fault_set(fault, FAULT_FORMAT, "its state of %llu bytes is none of this game's",
                         (unsigned long long)state->used_bytes);
    }
    memset(live->state.base, 0, live->state_top);
    live->state_top = state->used_bytes;
    for (uint32_t i = 0; i < state->page_count; i++) {
        size_t at = (size_t)state->pages[i] * PAGE_BYTES;
        size_t bytes = state->used_bytes - at < PAGE_BYTES ? state->used_bytes - at : PAGE_BYTES;
        memcpy(live->state.base + at, state->data + (size_t)i * PAGE_BYTES, bytes);
    }
    Arena arena;
    if (!arena_open(&arena, 0, ((size_t)state->global_count + 1) * sizeof(void *), fault)) {
        return false;
    }
    uint8_t **globals = arena_push(&arena, sizeof(void *), 8, (size_t)state->global_count + 1);
    for (uint32_t i = 0; i < state->global_count; i++) {
        (void)put_global(&live->now, &state->globals[i], &globals[i]);
    }
    bool ok = put_pointers(live, state, globals, fault);
    arena_close(&arena);
    if (ok) {
        host_attach(live->host, live->state.base, live->state.reserve_bytes);
        ok = host_check(live->host, live->now.game, fault);
    }
    if (!ok) {
        Fault ignored;
        (void)live_restart_state(live, &ignored);
    }
    return ok;
}
