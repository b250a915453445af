#include "refit.h"

#include <stdlib.h>

#include "refit_parts.h"

enum { OBJECT_MAX = 256 << 20 };
// What is made of an object is some of its own size; address space costs nothing.
static const size_t ROOM_BYTES = (size_t)16 << 30;

// Sections that attributes name have none of the flags that their contents need.
static void fix_parts(RefitObject *object)
{
    for (uint32_t i = 1; i < object->file_parts; i++) {
        RefitPart *part = &object->parts[i];
        if (!part->is_dropped && part->name[0] != '.' && part->flags == SHF_ALLOC) {
            part->flags |= SHF_WRITE | SHF_GNU_RETAIN;
        }
    }
    for (uint32_t i = 1; i < object->symbol_count; i++) {
        const Elf64_Sym *symbol = &object->symbols[i];
        if (ELF64_ST_TYPE(symbol->st_info) == STT_FUNC && symbol->st_shndx != SHN_UNDEF
            && symbol->st_shndx < object->file_parts) {
            RefitPart *part = &object->parts[symbol->st_shndx];
            part->flags = (part->flags | SHF_EXECINSTR) & ~(uint64_t)SHF_WRITE;
        }
    }
}

// As -fvisibility=hidden does it, which tcc does not know: one name is a game's to show.
static void hide_symbols(RefitObject *object)
{
    for (uint32_t i = 1; i < object->symbol_count; i++) {
        Elf64_Sym *symbol = &object->symbols[i];
        if (ELF64_ST_BIND(symbol->st_info) != STB_LOCAL && symbol->st_shndx != SHN_UNDEF
            && ELF64_ST_VISIBILITY(symbol->st_other) == STV_DEFAULT
            && strcmp(refit_symbol_name(object, symbol), "hotloop_game") != 0) {
            symbol->st_other = STV_HIDDEN;
        }
    }
}

// An object without it asks for a stack that can be executed.
static void add_stack_note(RefitObject *object)
{
    (void)refit_add_part(object,
                         &(RefitPart){.name = ".note.GNU-stack", .type = SHT_PROGBITS, .align = 1});
}

static bool refit(RefitObject *object, const RefitSource *source, const char *to, Fault *fault)
{
    RefitStabs stabs;
    char base_name[256];

    fix_parts(object);
    if (!refit_read_stabs(object, source, &stabs, fault) || !refit_move_literals(object, fault)) {
        return false;
    }
    hide_symbols(object);
    refit_write_dwarf(object, source, &stabs);
    refit_write_unwinding(object, &stabs);
    add_stack_note(object);
    refit_settle(object);
    file_base_name(base_name, sizeof base_name, source->path);
    return refit_write(object, base_name, to, fault);
}

bool refit_object(const char *from, const RefitSource *source, const char *to, Fault *fault)
{
    Arena arena;
    FileBytes file;
    Elf *elf = NULL;
    RefitObject object = {.path = from, .arena = &arena};
    bool is_done;

    (void)elf_version(EV_CURRENT);
    if (!arena_open(&arena, 0, ROOM_BYTES, fault)) {
        return false;
    }
    is_done = file_read(&arena, from, OBJECT_MAX, &file, fault);
    object.file_bytes = file.size_bytes;
    is_done =
        is_done && refit_read(&object, &file, &elf, fault) && refit(&object, source, to, fault);
    (void)elf_end(elf);
    arena_close(&arena);
    return is_done;
}

bool refit_wrap(const char *from, const char *section, const char *to, Fault *fault)
{
    Arena arena;
    FileBytes file;
    Elf64_Sym none = {0};
    RefitObject object = {.path = from, .arena = &arena, .symbols = &none, .symbol_count = 1};
    char base_name[256];
    bool is_done;

    (void)elf_version(EV_CURRENT);
    if (!arena_open(&arena, 0, ROOM_BYTES, fault)) {
        return false;
    }
    object.parts = ARENA_NEW(&arena, RefitPart, 1 + PARTS_MORE);
    object.parts[0] = (RefitPart){.name = "", .is_dropped = true};
    object.part_count = 1;
    object.names = arena_push(&arena, 1, 1, 1);
    object.names_bytes = 1;
    file_base_name(base_name, sizeof base_name, from);
    is_done = file_read(&arena, from, OBJECT_MAX, &file, fault);
    if (is_done) {
        // Aligned, so that what is in it can be read in place.
        uint32_t part = refit_add_part(
            &object, &(RefitPart){.name = section, .type = SHT_PROGBITS, .align = 16});
        memcpy(refit_grow(&object, part, file.size_bytes), file.data, file.size_bytes);
        add_stack_note(&object);
        is_done = refit_write(&object, base_name, to, fault);
    }
    arena_close(&arena);
    return is_done;
}
