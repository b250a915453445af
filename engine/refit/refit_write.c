#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <string.h>
#include <unistd.h>

#include "refit_parts.h"

// The new object: parts, each with its relocations behind, then symbols and names. Symbols are
// numbered anew: the file, the parts, what is local, what is global.
//
// Contents: names, symbols, relocations, sections, the file.

typedef struct Texts {
    char *data;
    uint32_t used;
} Texts;

typedef struct Writer {
    RefitObject *object;
    Elf *elf;
    uint32_t *numbers;  // of symbols, by the old number or that of a part's
    uint32_t *sections; // of parts
    Elf64_Sym *symbols;
    uint32_t symbol_count, local_count;
    Texts names, section_names;
    bool is_gnu; // a section is to be kept whatever refers to it
} Writer;

// ---------------------------------------------------------------------------------------- names

static uint32_t add_text(Texts *texts, const char *text)
{
    size_t bytes = strlen(text) + 1;
    uint32_t at = texts->used;

    memcpy(texts->data + at, text, bytes);
    texts->used += (uint32_t)bytes;
    return at;
}

static bool has_relocations(const RefitPart *part)
{
    return part->rela_count > 0;
}

static void open_names(Writer *writer, const char *base_name)
{
    const RefitObject *object = writer->object;
    size_t bytes = 64;

    for (uint32_t i = 1; i < object->part_count; i++) {
        bytes += 2 * strlen(object->parts[i].name) + 16;
    }
    writer->section_names = (Texts){arena_push(object->arena, bytes, 1, 1), 1};
    // Symbols keep the places of their names.
    writer->names.data =
        arena_push(object->arena, object->names_bytes + strlen(base_name) + 1, 1, 1);
    memcpy(writer->names.data, object->names, object->names_bytes);
    writer->names.used = (uint32_t)object->names_bytes;
}

// -------------------------------------------------------------------------------------- symbols

static void add_symbol(Writer *writer, uint32_t old, Elf64_Sym symbol)
{
    writer->numbers[old] = writer->symbol_count;
    writer->symbols[writer->symbol_count++] = symbol;
}

// The section that a symbol names by its part.
static uint16_t section_of(const Writer *writer, uint16_t part)
{
    return part < writer->object->part_count ? (uint16_t)writer->sections[part] : part;
}

// tcc names each constant "L.12"; a name that no relocation needs says nothing to anybody.
static bool *find_needed(const RefitObject *object)
{
    bool *needed = ARENA_NEW(object->arena, bool, object->symbol_count + object->part_count);

    for (uint32_t i = 1; i < object->part_count; i++) {
        const RefitPart *part = &object->parts[i];
        for (uint32_t k = 0; k < part->rela_count; k++) {
            needed[ELF64_R_SYM(part->relas[k].r_info)] = true;
        }
    }
    for (uint32_t i = 1; i < object->symbol_count; i++) {
        needed[i] |= strncmp(refit_symbol_name(object, &object->symbols[i]), "L.", 2) != 0;
    }
    return needed;
}

static void add_symbols(Writer *writer, bool locals, const bool *needed)
{
    const RefitObject *object = writer->object;

    for (uint32_t i = 1; i < object->symbol_count; i++) {
        Elf64_Sym symbol = object->symbols[i];
        unsigned type = ELF64_ST_TYPE(symbol.st_info);
        if (type == STT_SECTION || type == STT_FILE || !needed[i]
            || (ELF64_ST_BIND(symbol.st_info) == STB_LOCAL) != locals) {
            continue;
        }
        symbol.st_shndx = section_of(writer, symbol.st_shndx);
        add_symbol(writer, i, symbol);
    }
}

static void write_symbols(Writer *writer, const char *base_name)
{
    const RefitObject *object = writer->object;
    size_t room = (size_t)object->symbol_count + object->part_count + 2;
    const bool *needed = find_needed(object);

    writer->numbers = ARENA_NEW(object->arena, uint32_t, room);
    writer->symbols = ARENA_NEW(object->arena, Elf64_Sym, room);
    writer->symbols[1] = (Elf64_Sym){.st_name = add_text(&writer->names, base_name),
                                     .st_info = ELF64_ST_INFO(STB_LOCAL, STT_FILE),
                                     .st_shndx = SHN_ABS};
    writer->symbol_count = 2;
    for (uint32_t i = 1; i < object->part_count; i++) {
        if (writer->sections[i]) {
            add_symbol(writer, refit_part_symbol(object, i),
                       (Elf64_Sym){.st_info = ELF64_ST_INFO(STB_LOCAL, STT_SECTION),
                                   .st_shndx = (uint16_t)writer->sections[i]});
        }
    }
    add_symbols(writer, true, needed);
    writer->local_count = writer->symbol_count;
    add_symbols(writer, false, needed);
}

// ---------------------------------------------------------------------------------- relocations

static void renumber(const Writer *writer, RefitPart *part)
{
    for (uint32_t i = 0; i < part->rela_count; i++) {
        uint64_t symbol = ELF64_R_SYM(part->relas[i].r_info);
        part->relas[i].r_info =
            ELF64_R_INFO((uint64_t)writer->numbers[symbol], ELF64_R_TYPE(part->relas[i].r_info));
    }
}

// ------------------------------------------------------------------------------------- sections

// One section of the new file: its head as given, and its bytes.
static bool add_section(Writer *writer, GElf_Shdr head, const char *name, void *bytes,
                        Elf_Type type)
{
    Elf_Scn *section = elf_newscn(writer->elf);
    Elf_Data *data = section ? elf_newdata(section) : NULL;
    GElf_Shdr all;

    if (!data || !gelf_getshdr(section, &all)) {
        return false;
    }
    *data = (Elf_Data){.d_buf = bytes,
                       .d_type = type,
                       .d_size = head.sh_size,
                       .d_align = head.sh_addralign,
                       .d_version = EV_CURRENT};
    all.sh_name = add_text(&writer->section_names, name);
    all.sh_type = head.sh_type;
    all.sh_flags = head.sh_flags;
    all.sh_addralign = head.sh_addralign;
    all.sh_entsize = head.sh_entsize;
    all.sh_link = head.sh_link;
    all.sh_info = head.sh_info;
    return gelf_update_shdr(section, &all) != 0;
}

// The numbers are those that add_parts makes.
static uint32_t number_sections(Writer *writer)
{
    const RefitObject *object = writer->object;
    uint32_t next = 1;

    writer->sections = ARENA_NEW(object->arena, uint32_t, object->part_count);
    for (uint32_t i = 1; i < object->part_count; i++) {
        if (!object->parts[i].is_dropped) {
            writer->sections[i] = next;
            next += has_relocations(&object->parts[i]) ? 2 : 1;
        }
    }
    return next;
}

static bool add_parts(Writer *writer, uint32_t symbols)
{
    RefitObject *object = writer->object;

    for (uint32_t i = 1; i < object->part_count; i++) {
        RefitPart *part = &object->parts[i];
        char name[256] = ".rela";
        GElf_Shdr head = {.sh_type = part->type,
                          .sh_flags = part->flags,
                          .sh_size = part->bytes,
                          .sh_addralign = part->align,
                          .sh_entsize = part->entry_bytes};
        if (part->is_dropped) {
            continue;
        }
        if (!add_section(writer, head, part->name, part->data, ELF_T_BYTE)) {
            return false;
        }
        if (!has_relocations(part)) {
            continue;
        }
        renumber(writer, part);
        (void)text_format(name, sizeof name, ".rela%s", part->name);
        head = (GElf_Shdr){.sh_type = SHT_RELA,
                           .sh_flags = SHF_INFO_LINK,
                           .sh_size = part->rela_count * sizeof(Elf64_Rela),
                           .sh_addralign = 8,
                           .sh_entsize = sizeof(Elf64_Rela),
                           .sh_link = symbols,
                           .sh_info = writer->sections[i]};
        if (!add_section(writer, head, name, part->relas, ELF_T_RELA)) {
            return false;
        }
    }
    return true;
}

static bool add_tables(Writer *writer, uint32_t symbols)
{
    GElf_Shdr head = {.sh_type = SHT_SYMTAB,
                      .sh_size = writer->symbol_count * sizeof(Elf64_Sym),
                      .sh_addralign = 8,
                      .sh_entsize = sizeof(Elf64_Sym),
                      .sh_link = symbols + 1,
                      .sh_info = writer->local_count};
    GElf_Shdr texts = {.sh_type = SHT_STRTAB, .sh_size = writer->names.used, .sh_addralign = 1};

    if (!add_section(writer, head, ".symtab", writer->symbols, ELF_T_SYM)
        || !add_section(writer, texts, ".strtab", writer->names.data, ELF_T_BYTE)) {
        return false;
    }
    texts.sh_size = writer->section_names.used + sizeof ".shstrtab";
    return add_section(writer, texts, ".shstrtab", writer->section_names.data, ELF_T_BYTE);
}

// ------------------------------------------------------------------------------------- the file

static bool add_head(Writer *writer, uint32_t sections)
{
    GElf_Ehdr head;

    if (!gelf_newehdr(writer->elf, ELFCLASS64) || !gelf_getehdr(writer->elf, &head)) {
        return false;
    }
    head.e_ident[EI_DATA] = ELFDATA2LSB;
    head.e_ident[EI_OSABI] = writer->is_gnu ? ELFOSABI_GNU : ELFOSABI_NONE;
    head.e_type = ET_REL;
    head.e_machine = EM_X86_64;
    head.e_version = EV_CURRENT;
    head.e_shstrndx = (uint16_t)(sections - 1);
    return gelf_update_ehdr(writer->elf, &head) != 0;
}

// All but the writing. False: what was read does not make an object again.
static bool lay_out(Writer *writer, const char *base_name)
{
    RefitObject *object = writer->object;
    uint32_t symbols = number_sections(writer);

    for (uint32_t i = 1; i < object->part_count; i++) {
        writer->is_gnu |= (object->parts[i].flags & SHF_GNU_RETAIN) != 0;
    }
    open_names(writer, base_name);
    write_symbols(writer, base_name);
    return add_head(writer, symbols + 3) && add_parts(writer, symbols)
           && add_tables(writer, symbols) && elf_update(writer->elf, ELF_C_NULL) > 0;
}

static bool write_file(Writer *writer, int fd, const char *base_name, const char *to, Fault *fault)
{
    writer->elf = elf_begin(fd, ELF_C_WRITE, NULL);
    if (!writer->elf || !lay_out(writer, base_name)) {
        return refit_refuse(writer->object, fault, "the object is damaged");
    }
    if (elf_update(writer->elf, ELF_C_WRITE) < 0) {
        return fault_set(fault, FAULT_FILE, "%s cannot be written: %s", to, elf_errmsg(-1));
    }
    return true;
}

bool refit_write(RefitObject *object, const char *base_name, const char *to, Fault *fault)
{
    Writer writer = {.object = object};
    bool is_written;
    int fd;

    // A file that was there is not cut and written again: ext4 waits for the disk then.
    (void)unlink(to);
    fd = open(to, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0) {
        return fault_set(fault, FAULT_FILE, "%s cannot be written: %s", to, strerror(errno));
    }
    is_written = write_file(&writer, fd, base_name, to, fault);
    (void)elf_end(writer.elf);
    if (close(fd) != 0 && is_written) {
        is_written = fault_set(fault, FAULT_FILE, "%s cannot be written: %s", to, strerror(errno));
    }
    if (!is_written) {
        (void)unlink(to);
    }
    return is_written;
}
