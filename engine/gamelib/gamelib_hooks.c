#include "gamelib_hooks.h"

#include <dlfcn.h>
#include <string.h>

// All of it rests on the library being loaded with RTLD_NOW: every word of the import table holds
// its address by now, and the loader does not come back to it. Sources: System V ABI for x86-64,
// "Relocation"; glibc, elf/dl-machine.h.

// The pages that the loader made read-only once it had filled them. Its rounding: glibc,
// elf/dl-reloc.c, _dl_protect_relro.
static bool open_relro(const GameElf *elf, uintptr_t bias, bool writable, Fault *fault)
{
    Elf64_Phdr segment;
    const uintptr_t in_page = PAGE_BYTES - 1;

    for (uint32_t i = 0; gamelib_elf_segment(elf, i, &segment); i++) {
        uintptr_t first = (bias + segment.p_vaddr) & ~in_page;
        uintptr_t end = (bias + segment.p_vaddr + segment.p_memsz) & ~in_page;
        if (segment.p_type == PT_GNU_RELRO && first < end
            && !arena_set_writable((void *)first, end - first, writable, fault)) {
            return false;
        }
    }
    return true;
}

// A whole word of a segment that the loader could write to. Text relocations are not.
static bool is_in_data(const GameElf *elf, uint64_t address)
{
    Elf64_Phdr segment;

    for (uint32_t i = 0; gamelib_elf_segment(elf, i, &segment); i++) {
        if (segment.p_type == PT_LOAD && (segment.p_flags & (PF_W | PF_X)) == PF_W
            && address >= segment.p_vaddr && address - segment.p_vaddr < segment.p_memsz
            && segment.p_memsz - (address - segment.p_vaddr) >= sizeof(uintptr_t)) {
            return true;
        }
    }
    return false;
}

// Constructors have run already, and may have put something else there. The loader looks in the
// program first or, with RTLD_DEEPBIND, in the library's own needs.
static bool holds_import(const GameElfImport *import, uintptr_t word, void *handle)
{
    uintptr_t target = word - (uintptr_t)import->addend;

    return target == (uintptr_t)dlsym(RTLD_DEFAULT, import->name)
           || target == (uintptr_t)dlsym(handle, import->name);
}

// What the word is to hold instead; NULL: it stays. The hl_ functions are the program's: a library
// that was linked against libhotloop.so and looks in its own needs first has found the empty ones
// that are only there for the linker.
static void *replacement_for(const NamedFunction *hooks, const char *name)
{
    if (strncmp(name, "hl_", 3) == 0) {
        return dlsym(RTLD_DEFAULT, name);
    }
    for (const NamedFunction *hook = hooks; hook && hook->name; hook++) {
        if (strcmp(hook->name, name) == 0) {
            return hook->function;
        }
    }
    return NULL;
}

static void put_all(const GameElf *elf, const GameElfDynamic *dynamic, void *handle, uintptr_t bias,
                    const NamedFunction *hooks)
{
    GameElfImport import;

    for (uint64_t i = 0; gamelib_elf_import(elf, dynamic, i, &import); i++) {
        void *function = import.name ? replacement_for(hooks, import.name) : NULL;
        uintptr_t word, address = bias + import.address;
        if (!function || !is_in_data(elf, import.address)) {
            continue;
        }
        memcpy(&word, (void *)address, sizeof word); // packed structs are not aligned
        if (import.is_variable && !holds_import(&import, word, handle)) {
            continue;
        }
        word = (uintptr_t)function;
        if (import.is_variable) { // the import table's entries ignore their addend
            word += (uintptr_t)import.addend;
        }
        memcpy((void *)address, &word, sizeof word);
    }
}

bool gamelib_hooks_put(const GameElf *elf, void *handle, uintptr_t bias, const NamedFunction *hooks,
                       Fault *fault)
{
    GameElfDynamic dynamic;

    if (!gamelib_elf_dynamic(elf, &dynamic)) {
        return true;
    }
    if (!open_relro(elf, bias, true, fault)) {
        return false;
    }
    put_all(elf, &dynamic, handle, bias, hooks);
    return open_relro(elf, bias, false, fault);
}

// Counts them, and with a list fills it.
static uint32_t find_imports(const GameElf *elf, const GameElfDynamic *dynamic, uintptr_t bias,
                             const GameLib *lib, GameLibImport *list)
{
    GameElfImport import;
    uint32_t count = 0;

    for (uint64_t i = 0; gamelib_elf_import(elf, dynamic, i, &import); i++) {
        uintptr_t address = bias + import.address;
        if (!import.name || address < lib->globals_first
            || address + sizeof(uintptr_t) > lib->globals_end) {
            continue;
        }
        if (list) {
            list[count] = (GameLibImport){address, import.is_variable};
        }
        count++;
    }
    return count;
}

void gamelib_imports_find(const GameElf *elf, uintptr_t bias, GameLib *lib)
{
    GameElfDynamic dynamic;

    if (gamelib_elf_dynamic(elf, &dynamic) && lib->globals_end > lib->globals_first) {
        uint32_t count = find_imports(elf, &dynamic, bias, lib, NULL);
        GameLibImport *list = ARENA_NEW(&lib->memory, GameLibImport, (size_t)count + 1);
        lib->import_count = find_imports(elf, &dynamic, bias, lib, list);
        lib->imports = list;
    }
}
