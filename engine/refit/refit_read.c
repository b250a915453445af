#include <gelf.h>
#include <string.h>

#include "refit_parts.h"

// The object taken apart. What is damaged is found here, so that nothing behind has to look again.

enum { PARTS_MAX = 4096 }; // a section an attribute names, or a few: tcc writes no others

static bool read_section(RefitObject *object, Elf *elf, size_t names, uint32_t number)
{
    RefitPart *part = &object->parts[number];
    Elf_Scn *section = elf_getscn(elf, number);
    GElf_Shdr head;
    Elf_Data *data;

    if (!section || !gelf_getshdr(section, &head)) {
        return false;
    }
    *part = (RefitPart){.name = elf_strptr(elf, names, head.sh_name),
                        .type = head.sh_type,
                        .flags = head.sh_flags,
                        .align = head.sh_addralign ? head.sh_addralign : 1,
                        .entry_bytes = head.sh_entsize,
                        .bytes = head.sh_size};
    if (!part->name || (part->align & (part->align - 1)) || part->align > PAGE_BYTES
        || part->bytes > UINT32_MAX) {
        return false;
    }
    if (part->type == SHT_NOBITS || part->type == SHT_NULL || part->bytes == 0) {
        return true;
    }
    data = elf_getdata(section, NULL);
    if (!data || data->d_size != part->bytes || !data->d_buf) {
        return false;
    }
    part->data = data->d_buf;
    part->room = part->bytes;
    return true;
}

// Sections that only say something about others, or that refit writes anew.
static bool is_bookkeeping(const RefitPart *part)
{
    return part->type == SHT_RELA || part->type == SHT_SYMTAB || part->type == SHT_STRTAB
           || part->type == SHT_NULL || strcmp(part->name, ".stab") == 0
           || strcmp(part->name, ".stabstr") == 0 || strcmp(part->name, ".note.GNU-stack") == 0;
}

static bool keep_symbols(RefitObject *object, uint32_t number, uint32_t strings)
{
    const RefitPart *table = &object->parts[number];
    uint32_t count = (uint32_t)(table->bytes / sizeof(Elf64_Sym));

    if (object->symbols || table->entry_bytes != sizeof(Elf64_Sym)
        || table->bytes % sizeof(Elf64_Sym) || count == 0 || strings >= object->file_parts
        || object->parts[strings].type != SHT_STRTAB || object->parts[strings].bytes == 0
        || object->parts[strings].data[object->parts[strings].bytes - 1] != 0) {
        return false;
    }
    object->symbols = ARENA_NEW(object->arena, Elf64_Sym, count);
    memcpy(object->symbols, table->data, table->bytes);
    object->symbol_count = count;
    object->names = (char *)object->parts[strings].data;
    object->names_bytes = object->parts[strings].bytes;
    return true;
}

static bool is_good_symbol(const RefitObject *object, const Elf64_Sym *symbol)
{
    const RefitPart *part;

    if (symbol->st_name >= object->names_bytes || ELF64_ST_BIND(symbol->st_info) > STB_WEAK) {
        return false;
    }
    if (symbol->st_shndx == SHN_UNDEF || symbol->st_shndx == SHN_ABS
        || symbol->st_shndx == SHN_COMMON) {
        return true;
    }
    if (symbol->st_shndx >= object->file_parts) {
        return false;
    }
    part = &object->parts[symbol->st_shndx];
    return !part->is_dropped && symbol->st_value <= part->bytes
           && symbol->st_size <= part->bytes - symbol->st_value;
}

// Symbols of sections are those of the writer: what names one names the part.
static uint32_t symbol_of(const RefitObject *object, uint64_t number)
{
    const Elf64_Sym *symbol = &object->symbols[number];

    return ELF64_ST_TYPE(symbol->st_info) == STT_SECTION && symbol->st_shndx < object->file_parts
               ? refit_part_symbol(object, symbol->st_shndx)
               : (uint32_t)number;
}

uint64_t refit_relocated_bytes(uint64_t type)
{
    return type == R_X86_64_64 || type == R_X86_64_PC64 || type == R_X86_64_GOTOFF64 ? 8 : 4;
}

static bool keep_relocations(RefitObject *object, uint32_t number, uint32_t of)
{
    const RefitPart *table = &object->parts[number];
    uint32_t count = (uint32_t)(table->bytes / sizeof(Elf64_Rela));
    RefitPart *part = &object->parts[of < object->file_parts ? of : 0];

    if (of == 0 || of >= object->file_parts || part->relas || part->type == SHT_NOBITS
        || table->entry_bytes != sizeof(Elf64_Rela) || table->bytes % sizeof(Elf64_Rela)) {
        return false;
    }
    part->relas = ARENA_NEW(object->arena, Elf64_Rela, count + 1u);
    for (uint32_t i = 0; i < count; i++) {
        Elf64_Rela rela;
        memcpy(&rela, table->data + i * sizeof rela, sizeof rela);
        uint64_t symbol = ELF64_R_SYM(rela.r_info), type = ELF64_R_TYPE(rela.r_info);
        if (symbol >= object->symbol_count || rela.r_offset > part->bytes
            || part->bytes - rela.r_offset < refit_relocated_bytes(type)) {
            return false;
        }
        rela.r_info = ELF64_R_INFO((uint64_t)symbol_of(object, symbol), type);
        part->relas[i] = rela;
    }
    part->rela_count = part->rela_room = count;
    return true;
}

static void find_parts(RefitObject *object)
{
    const struct {
        const char *name;
        uint32_t *number;
    } known[] = {{".text", &object->text},
                 {".data", &object->data},
                 {".stab", &object->stab},
                 {".stabstr", &object->stabstr}};

    for (uint32_t i = 1; i < object->part_count; i++) {
        RefitPart *part = &object->parts[i];
        for (size_t k = 0; k < COUNT_OF(known); k++) {
            if (strcmp(part->name, known[k].name) == 0 && *known[k].number == 0) {
                *known[k].number = i;
            }
        }
        part->is_dropped = is_bookkeeping(part);
    }
}

static bool read_tables(RefitObject *object, Elf *elf)
{
    GElf_Shdr head;

    for (uint32_t i = 1; i < object->file_parts; i++) {
        if (object->parts[i].type == SHT_SYMTAB
            && (!gelf_getshdr(elf_getscn(elf, i), &head)
                || !keep_symbols(object, i, head.sh_link))) {
            return false;
        }
    }
    if (!object->symbols) {
        return false;
    }
    for (uint32_t i = 1; i < object->symbol_count; i++) {
        if (!is_good_symbol(object, &object->symbols[i])) {
            return false;
        }
    }
    for (uint32_t i = 1; i < object->file_parts; i++) {
        if (object->parts[i].type == SHT_RELA
            && (!gelf_getshdr(elf_getscn(elf, i), &head)
                || !keep_relocations(object, i, head.sh_info))) {
            return false;
        }
    }
    return true;
}

static bool read_object(RefitObject *object, Elf *elf, Fault *fault)
{
    GElf_Ehdr head;
    size_t count = 0, names = 0;

    if (elf_kind(elf) != ELF_K_ELF || gelf_getclass(elf) != ELFCLASS64 || !gelf_getehdr(elf, &head)
        || head.e_ident[EI_DATA] != ELFDATA2LSB || head.e_type != ET_REL
        || head.e_machine != EM_X86_64) {
        return refit_refuse(object, fault, "no object for x86-64");
    }
    if (elf_getshdrnum(elf, &count) != 0 || elf_getshdrstrndx(elf, &names) != 0 || count < 2
        || count > PARTS_MAX) {
        return refit_refuse(object, fault, "the object is damaged (its table of sections)");
    }
    object->parts = ARENA_NEW(object->arena, RefitPart, count + PARTS_MORE);
    object->parts[0] = (RefitPart){.name = "", .is_dropped = true};
    object->file_parts = object->part_count = (uint32_t)count;
    for (uint32_t i = 1; i < object->file_parts; i++) {
        if (!read_section(object, elf, names, i)) {
            return refit_refuse(object, fault, "the object is damaged (a section)");
        }
    }
    find_parts(object);
    if (!read_tables(object, elf)) {
        return refit_refuse(object, fault, "the object is damaged (symbols or relocations)");
    }
    return true;
}

bool refit_read(RefitObject *object, const FileBytes *file, Elf **elf, Fault *fault)
{
    // elf_memory may write into what it is given (byte order), which is the arena's and ours.
    *elf = elf_memory((char *)(uintptr_t)file->data, file->size_bytes);
    if (!*elf) {
        return refit_refuse(object, fault, "no object for x86-64");
    }
    return read_object(object, *elf, fault);
}
