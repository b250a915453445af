// A moment as a file holds it (back into memory: live_state_put.c). What lies in the state is
// bytes, but for words that are addresses in the game's library: those are kept as the symbol, or
// the text, that they point at, and become addresses of the library that reads them. Addresses of
// anything else cannot be kept: they are zero afterwards, and counted.
#include "live_internal.h"

#include <string.h>

enum { POINTERS_MAX = 1 << 24, TEXT_MAX = 4096 };

typedef struct Taking {
    const LiveView *view;
    Arena *arena;
    Arena pointers; // ReplayPointer, one after the other
    uint32_t pointer_count, lost;
    bool full;
} Taking;

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
