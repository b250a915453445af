#include "gamelib_globals.h"

#include <stdlib.h>
#include <string.h>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

// Contents: places, memory of our own, symbols by name, the list of globals, questions.

// One of the variables that gamelib_next_global tells.
typedef struct GameLibGlobal {
    uint32_t symbol, nth;
} GameLibGlobal;

// --------------------------------------------------------------------------------------- places

static uintptr_t page_down(uintptr_t address)
{
    return address & ~(uintptr_t)(PAGE_BYTES - 1);
}

static uintptr_t page_up(uintptr_t address)
{
    return page_down(address + PAGE_BYTES - 1);
}

// The pages of a writable segment that stay writable. The loader protects the whole pages of
// PT_GNU_RELRO, its end rounded down. Source: glibc, elf/dl-reloc.c, _dl_protect_relro.
static void writable_pages(const GameElf *elf, const Elf64_Phdr *segment, uint64_t *first,
                           uint64_t *end)
{
    Elf64_Phdr relro;

    *first = page_down(segment->p_vaddr);
    *end = page_up(segment->p_vaddr + segment->p_memsz);
    for (uint32_t i = 0; gamelib_elf_segment(elf, i, &relro); i++) {
        uint64_t relro_end = page_down(relro.p_vaddr + relro.p_memsz);
        if (relro.p_type == PT_GNU_RELRO && relro.p_vaddr < *end && relro_end > *first) {
            *first = relro_end < *end ? relro_end : *end;
        }
    }
}

// Linkers make one such run of pages. If there should be several with room between them (a linker
// script), the last one holds .data and .bss.
static void place_globals(GameLib *lib, const GameElf *elf, uintptr_t bias, const char *path)
{
    Elf64_Phdr segment;
    uint64_t first, end;

    for (uint32_t i = 0; gamelib_elf_segment(elf, i, &segment); i++) {
        if (segment.p_type != PT_LOAD || (segment.p_flags & (PF_W | PF_X)) != PF_W) {
            continue;
        }
        writable_pages(elf, &segment, &first, &end);
        if (first >= end) {
            continue;
        }
        if (lib->globals_end != bias + first) {
            if (lib->globals_end > lib->globals_first) {
                log_line(LOG_WARNING,
                         "%s: its variables are in several places; only those of the last one go "
                         "back with a rewind (does it need its linker script?)",
                         path);
            }
            lib->globals_first = bias + first;
        }
        lib->globals_end = bias + end;
    }
}

// The segment of .rodata, even if it holds code as well (ld -z noseparate-code); the last read-only
// one when the file does not say where .rodata is.
static void place_text(GameLib *lib, const GameElf *elf, uintptr_t bias)
{
    Elf64_Phdr segment;
    Elf64_Shdr rodata = {0};
    bool known = gamelib_elf_find(elf, ".rodata", &rodata), found = false;

    for (uint32_t i = 0; !found && gamelib_elf_segment(elf, i, &segment); i++) {
        if (segment.p_type != PT_LOAD || (segment.p_flags & (PF_R | PF_W)) != PF_R) {
            continue;
        }
        found = known && rodata.sh_addr >= segment.p_vaddr
                && rodata.sh_addr - segment.p_vaddr < segment.p_memsz;
        if (found || (segment.p_flags & PF_X) == 0) {
            lib->text_first = bias + segment.p_vaddr;
            lib->text_end = lib->text_first + segment.p_memsz;
        }
    }
}

void gamelib_globals_place(GameLib *lib, const GameElf *elf, uintptr_t bias, const char *path)
{
    place_globals(lib, elf, bias, path);
    place_text(lib, elf, bias);
}

// --------------------------------------------------------------------------- memory of our own

static size_t count_symbols(const GameElf *elf)
{
    Elf64_Shdr table, strings;

    return gamelib_elf_symbols(elf, &table, &strings) ? table.sh_size / sizeof(Elf64_Sym) : 0;
}

size_t gamelib_globals_bytes(const GameLib *lib, const GameElf *elf)
{
    size_t copy_bytes = lib->globals_end - lib->globals_first + PAGE_BYTES; // and its alignment

    return copy_bytes + count_symbols(elf) * (sizeof(uint32_t) + sizeof(GameLibGlobal));
}

// Pages of nothing but zeros (most of .bss) are left untouched, so that they take no memory.
static void copy_pages(uint8_t *to, const uint8_t *from, size_t size_bytes)
{
    for (size_t at = 0; at < size_bytes; at += PAGE_BYTES) {
        if (from[at] != 0 || memcmp(from + at, from + at + 1, PAGE_BYTES - 1) != 0) {
            memcpy(to + at, from + at, PAGE_BYTES);
        }
    }
}

static bool own_globals(GameLib *lib, const char *path, Fault *fault)
{
    void *globals = (void *)lib->globals_first;
    size_t size_bytes = lib->globals_end - lib->globals_first;
    Fault why = {0};

    if (size_bytes == 0) {
        return true;
    }
#ifdef __SANITIZE_ADDRESS__
    // A game built with it has red zones between its variables. Whole pages of them are copied,
    // compared and put back from here on, which is no overflow.
    __asan_unpoison_memory_region(globals, size_bytes);
#endif
    if (!arena_make_anonymous(globals, size_bytes, &why)) {
        return fault_set(fault, FAULT_MEMORY,
                         "%s: its variables cannot be followed (%s); previous code kept", path,
                         why.text);
    }
    uint8_t *copy = arena_push(&lib->memory, 1, PAGE_BYTES, size_bytes);
    copy_pages(copy, globals, size_bytes);
    lib->globals_initial = copy;
    return true;
}

// ------------------------------------------------------------------------------- symbols by name

static const char *name_of(const GameLib *lib, uint32_t symbol)
{
    return lib->symbol_names + lib->symbols[symbol].name;
}

// Symbols are in address order, so their indices are.
static int by_name_and_address(const void *left, const void *right, void *of)
{
    const GameLib *lib = of;
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    int names = strcmp(name_of(lib, a), name_of(lib, b));

    return names ? names : (a > b) - (a < b);
}

static void sort_names(GameLib *lib)
{
    uint32_t *order = ARENA_NEW(&lib->memory, uint32_t, lib->symbol_count);

    for (uint32_t i = 0; i < lib->symbol_count; i++) {
        order[i] = i;
    }
    qsort_r(order, lib->symbol_count, sizeof *order, by_name_and_address, lib);
    lib->symbols_by_name = order;
}

// ---------------------------------------------------------------------------- the list of globals

// gcc's start-up code has a variable "completed.0", and so may a game: the file tells them apart.
// The local symbols of a source file follow its STT_FILE. 0: there is none.
static uintptr_t find_crt_variable(const GameLib *lib, const GameElf *elf, uintptr_t bias)
{
    Elf64_Shdr table, strings;
    bool is_crt = false;

    if (!gamelib_elf_symbols(elf, &table, &strings)) {
        return 0;
    }
    const uint8_t *from = gamelib_elf_contents(elf, &table);
    for (size_t i = 0; i < table.sh_size / sizeof(Elf64_Sym); i++) {
        Elf64_Sym symbol;
        memcpy(&symbol, from + i * sizeof symbol, sizeof symbol);
        if (symbol.st_name >= strings.sh_size) {
            continue;
        }
        const char *name = lib->symbol_names + symbol.st_name;
        if (ELF64_ST_TYPE(symbol.st_info) == STT_FILE) {
            is_crt = strcmp(name, "crtstuff.c") == 0;
        } else if (is_crt && ELF64_ST_TYPE(symbol.st_info) == STT_OBJECT
                   && strncmp(name, "completed.", 10) == 0) {
            return bias + symbol.st_value;
        }
    }
    return 0;
}

// What linkers, start-up code and instrumentation put among the variables.
static bool is_toolchain_name(const char *name)
{
    static const char *const names[] = {"_GLOBAL_OFFSET_TABLE_",
                                        "_DYNAMIC",
                                        "__TMC_END__",
                                        "__dso_handle",
                                        "_end",
                                        "_edata",
                                        "__bss_start"};
    static const char *const beginnings[] = {"__odr_asan", "__gcov"};

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < COUNT_OF(beginnings); i++) {
        if (strncmp(name, beginnings[i], strlen(beginnings[i])) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_global(const GameLib *lib, uint32_t index, uintptr_t crt_variable)
{
    const GameLibSymbol *symbol = &lib->symbols[index];

    return symbol->size_bytes > 0 && symbol->address >= lib->globals_first
           && symbol->address < lib->globals_end
           && symbol->size_bytes <= lib->globals_end - symbol->address
           && symbol->address != crt_variable && !is_toolchain_name(name_of(lib, index));
}

static int by_symbol(const void *left, const void *right)
{
    const GameLibGlobal *a = left, *b = right;

    return (a->symbol > b->symbol) - (a->symbol < b->symbol);
}

// Going through the names in order tells how many equal ones lie before each.
static void list_globals(GameLib *lib, uintptr_t crt_variable)
{
    const uint32_t *order = lib->symbols_by_name;
    GameLibGlobal *globals = ARENA_NEW(&lib->memory, GameLibGlobal, lib->symbol_count);
    uint32_t nth = 0;

    for (uint32_t i = 0; i < lib->symbol_count; i++) {
        bool again = i > 0 && strcmp(name_of(lib, order[i - 1]), name_of(lib, order[i])) == 0;
        nth = again ? nth + 1 : 0;
        if (is_global(lib, order[i], crt_variable)) {
            globals[lib->global_count++] = (GameLibGlobal){order[i], nth};
        }
    }
    if (lib->global_count > 0) {
        qsort(globals, lib->global_count, sizeof *globals, by_symbol);
    }
    lib->globals = globals;
}

bool gamelib_globals_take(GameLib *lib, const GameElf *elf, uintptr_t bias, const char *path,
                          Fault *fault)
{
    if (!own_globals(lib, path, fault)) {
        return false;
    }
    if (lib->symbol_count > 0) {
        sort_names(lib);
        list_globals(lib, find_crt_variable(lib, elf, bias));
    }
    return true;
}

// ------------------------------------------------------------------------------------ questions

// The first place in symbols_by_name whose name is not below `name`.
static uint32_t first_of_name(const GameLib *lib, const char *name)
{
    uint32_t low = 0, high = lib->symbol_count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (strcmp(name_of(lib, lib->symbols_by_name[middle]), name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

uintptr_t gamelib_symbol(const GameLib *lib, const char *name, uint32_t nth, size_t *size_bytes)
{
    uint32_t first = first_of_name(lib, name);

    if (nth >= lib->symbol_count - first) {
        return 0;
    }
    uint32_t index = lib->symbols_by_name[first + nth];
    if (strcmp(name_of(lib, index), name) != 0) {
        return 0;
    }
    if (size_bytes) {
        *size_bytes = lib->symbols[index].size_bytes;
    }
    return lib->symbols[index].address;
}

// Byte by byte and not by memmem: under the address sanitizer a game's literals have red zones
// around them, which memmem may not read.
__attribute__((no_sanitize_address)) uintptr_t gamelib_text(const GameLib *lib, const char *text)
{
    size_t size_bytes = strlen(text) + 1, all_bytes = lib->text_end - lib->text_first;
    const char *bytes = (const char *)lib->text_first;

    for (size_t at = 0; size_bytes <= all_bytes && at <= all_bytes - size_bytes; at++) {
        size_t same = 0;
        while (same < size_bytes && bytes[at + same] == text[same]) {
            same++;
        }
        if (same == size_bytes) {
            return lib->text_first + at;
        }
    }
    return 0;
}

bool gamelib_next_global(const GameLib *lib, uint32_t *cursor, const GameLibSymbol **symbol,
                         const char **name, uint32_t *nth)
{
    if (*cursor >= lib->global_count) {
        return false;
    }
    const GameLibGlobal *global = &lib->globals[(*cursor)++];
    *symbol = &lib->symbols[global->symbol];
    *name = name_of(lib, global->symbol);
    *nth = global->nth;
    return true;
}
