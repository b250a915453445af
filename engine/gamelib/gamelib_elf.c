#include "gamelib_elf.h"
#include <inttypes.h>
#include <string.h>

// Sources: elf(5); System V ABI, "Object Files" and "Dynamic Linking". Contents: header, sections,
// segments, dynamic section, symbols and notes.

#if defined(__x86_64__)
#define HOST_MACHINE   EM_X86_64
#define HOST_IRELATIVE R_X86_64_IRELATIVE
#define HOST_JUMP_SLOT R_X86_64_JUMP_SLOT
#define HOST_GLOB_DAT  R_X86_64_GLOB_DAT
#define HOST_WORD      R_X86_64_64
#elif defined(__aarch64__)
#define HOST_MACHINE   EM_AARCH64
#define HOST_IRELATIVE R_AARCH64_IRELATIVE
#define HOST_JUMP_SLOT R_AARCH64_JUMP_SLOT
#define HOST_GLOB_DAT  R_AARCH64_GLOB_DAT
#define HOST_WORD      R_AARCH64_ABS64
#else
#error "add this machine's number and its relocations"
#endif

static bool range_fits(uint64_t first, uint64_t size_bytes, uint64_t limit)
{
    return first <= limit && size_bytes <= limit - first;
}

static bool copy_out(const GameElf *elf, uint64_t offset, void *out, size_t size_bytes)
{
    if (!range_fits(offset, size_bytes, elf->size_bytes)) {
        return false;
    }
    memcpy(out, elf->bytes + offset, size_bytes);
    return true;
}

// --------------------------------------------------------------------------------------- header

static void machine_words(unsigned machine, char *out, size_t out_bytes)
{
    static const struct {
        unsigned machine;
        const char *words;
    } known[] = {
        {EM_386, "32-bit x86"},  {EM_X86_64, "x86-64"},       {EM_ARM, "32-bit arm"},
        {EM_AARCH64, "aarch64"}, {EM_RISCV, "riscv"},         {EM_PPC64, "ppc64"},
        {EM_S390, "s390"},       {EM_LOONGARCH, "loongarch"}, {EM_MIPS, "mips"},
        {EM_BPF, "bpf"},         {EM_SPARCV9, "sparc"},
    };

    for (size_t i = 0; i < COUNT_OF(known); i++) {
        if (known[i].machine == machine) {
            text_format(out, out_bytes, "%s", known[i].words);
            return;
        }
    }
    text_format(out, out_bytes, "machine number %u", machine);
}

static bool incomplete(Fault *fault, const char *path, const char *what)
{
    return fault_set(fault, FAULT_INCOMPLETE,
                     "%s: incomplete (%s); waiting for the rest, previous code kept", path, what);
}

static bool refused(Fault *fault, const char *path, const char *what)
{
    return fault_set(fault, FAULT_LIBRARY, "%s: %s; previous code kept", path, what);
}

// A file that will never be a library, by its first bytes; or one of which too little is there.
static bool judge_magic(const uint8_t *bytes, size_t size_bytes, const char *path, Fault *fault)
{
    size_t seen = size_bytes < SELFMAG ? size_bytes : SELFMAG, good = 0;

    if (size_bytes == 0) {
        return incomplete(fault, path, "it is empty");
    }
    while (good < seen && bytes[good] == (uint8_t)ELFMAG[good]) {
        good++;
    }
    if (good < seen && memcmp(bytes + good, "\0\0\0\0", seen - good) == 0) {
        return incomplete(fault, path, "it begins with zeros");
    }
    if (size_bytes >= 8 && memcmp(bytes, "!<arch>\n", 8) == 0) {
        return refused(fault, path, "a static archive (.a); link it with -shared");
    }
    if (good < seen) {
        return refused(fault, path, "not a library (no ELF header)");
    }
    if (size_bytes < sizeof(Elf64_Ehdr)) {
        return incomplete(fault, path, "shorter than its header");
    }
    return true;
}

static bool judge_machine(const Elf64_Ehdr *head, const char *path, Fault *fault)
{
    char theirs[64], ours[64];
    const unsigned char *id = head->e_ident;

    if (id[EI_CLASS] == ELFCLASSNONE || id[EI_DATA] == ELFDATANONE || head->e_machine == EM_NONE
        || head->e_type == ET_NONE) {
        return incomplete(fault, path, "its header is partly zero");
    }
    machine_words(HOST_MACHINE, ours, sizeof ours);
    if (id[EI_DATA] != ELFDATA2LSB) {
        return fault_set(fault, FAULT_LIBRARY,
                         "%s: built for a big-endian machine, this is %s; previous code kept", path,
                         ours);
    }
    machine_words(head->e_machine, theirs, sizeof theirs);
    if (head->e_machine != HOST_MACHINE) {
        return fault_set(fault, FAULT_LIBRARY, "%s: built for %s, this is %s; previous code kept",
                         path, theirs, ours);
    }
    if (id[EI_CLASS] != ELFCLASS64) {
        return fault_set(fault, FAULT_LIBRARY,
                         "%s: built for 32-bit pointers, this is 64-bit %s; previous code kept",
                         path, ours);
    }
    return true;
}

static bool judge_type(const Elf64_Ehdr *head, const char *path, Fault *fault)
{
    switch (head->e_type) {
    case ET_DYN:
        return true;
    case ET_EXEC:
        return refused(fault, path, "an executable, not a library; link it with -shared");
    case ET_REL:
        return refused(fault, path, "an object file (.o), not a library; link it with -shared");
    case ET_CORE:
        return refused(fault, path, "a core dump, not a library");
    default:
        return refused(fault, path, "an ELF file of an unknown type, not a library");
    }
}

// ------------------------------------------------------------------------------------- sections

bool gamelib_elf_section(const GameElf *elf, uint64_t index, Elf64_Shdr *section)
{
    return index < elf->section_count
           && copy_out(elf, elf->head.e_shoff + index * sizeof *section, section, sizeof *section);
}

const uint8_t *gamelib_elf_contents(const GameElf *elf, const Elf64_Shdr *section)
{
    bool inside = section->sh_type != SHT_NOBITS && section->sh_type != SHT_NULL
                  && range_fits(section->sh_offset, section->sh_size, elf->size_bytes);

    return inside ? elf->bytes + section->sh_offset : NULL;
}

static bool name_is(const GameElf *elf, const Elf64_Shdr *names, uint64_t at, const char *name)
{
    const uint8_t *text = gamelib_elf_contents(elf, names);
    size_t size_bytes = strlen(name) + 1;

    return text && range_fits(at, size_bytes, names->sh_size)
           && memcmp(text + at, name, size_bytes) == 0;
}

bool gamelib_elf_find(const GameElf *elf, const char *name, Elf64_Shdr *section)
{
    Elf64_Shdr names;

    if (!gamelib_elf_section(elf, elf->names_section, &names)) {
        return false;
    }
    for (uint64_t i = 1; i < elf->section_count; i++) {
        if (gamelib_elf_section(elf, i, section) && name_is(elf, &names, section->sh_name, name)) {
            return true;
        }
    }
    return false;
}

// More sections than a 16-bit field can say are counted in section 0 (elf(5), e_shnum).
static bool read_section_count(GameElf *elf)
{
    Elf64_Shdr zeroth;

    if (!copy_out(elf, elf->head.e_shoff, &zeroth, sizeof zeroth)) {
        return false;
    }
    elf->section_count = elf->head.e_shnum ? elf->head.e_shnum : zeroth.sh_size;
    elf->names_section = elf->head.e_shstrndx == SHN_XINDEX ? zeroth.sh_link : elf->head.e_shstrndx;
    return elf->section_count > 0
           && elf->section_count <= (elf->size_bytes - elf->head.e_shoff) / sizeof(Elf64_Shdr);
}

// Linkers put the section table last, so a whole and plausible one is the sign that all was
// written: a file that already has its full size but not its end has zeros there.
static bool judge_sections(GameElf *elf, const char *path, Fault *fault)
{
    Elf64_Shdr section, names;

    if (elf->head.e_shoff == 0 && elf->head.e_shnum == 0) {
        return true; // stripped of them: the segments decide
    }
    if (elf->head.e_shentsize == 0) {
        return incomplete(fault, path, "its header is partly zero");
    }
    if (elf->head.e_shentsize != sizeof section) {
        return refused(fault, path, "damaged (section headers of an unknown size)");
    }
    if (!read_section_count(elf)) {
        elf->section_count = 0;
        return incomplete(fault, path, "its section table is not all there");
    }
    if (!gamelib_elf_section(elf, elf->names_section, &names) || names.sh_type != SHT_STRTAB) {
        return incomplete(fault, path, "its section names are not there yet");
    }
    for (uint64_t i = 1; i < elf->section_count; i++) {
        if (!gamelib_elf_section(elf, i, &section) || section.sh_type == SHT_NULL
            || section.sh_name >= names.sh_size) {
            return incomplete(fault, path, "its section table ends in zeros");
        }
        if (section.sh_type != SHT_NOBITS && !gamelib_elf_contents(elf, &section)) {
            return incomplete(fault, path, "shorter than its sections");
        }
    }
    return true;
}

// ------------------------------------------------------------------------------------- segments

bool gamelib_elf_segment(const GameElf *elf, uint32_t index, Elf64_Phdr *segment)
{
    return index < elf->head.e_phnum
           && range_fits(elf->head.e_phoff, ((uint64_t)index + 1) * sizeof *segment,
                         elf->size_bytes)
           && copy_out(elf, elf->head.e_phoff + (uint64_t)index * sizeof *segment, segment,
                       sizeof *segment);
}

const uint8_t *gamelib_elf_at(const GameElf *elf, uint64_t address, uint64_t size_bytes)
{
    Elf64_Phdr segment;

    for (uint32_t i = 0; gamelib_elf_segment(elf, i, &segment); i++) {
        if (segment.p_type == PT_LOAD && address >= segment.p_vaddr
            && range_fits(address - segment.p_vaddr, size_bytes, segment.p_filesz)
            && range_fits(segment.p_offset, segment.p_filesz, elf->size_bytes)) {
            return elf->bytes + segment.p_offset + (address - segment.p_vaddr);
        }
    }
    return NULL;
}

static bool judge_segments(const GameElf *elf, const char *path, Fault *fault)
{
    uint32_t loads = 0;
    Elf64_Phdr segment;

    if (elf->head.e_phnum == 0 || elf->head.e_phentsize == 0) {
        return incomplete(fault, path, "no segments yet");
    }
    if (elf->head.e_phentsize != sizeof segment || elf->head.e_phnum == PN_XNUM) {
        return refused(fault, path, "damaged (segment headers of an unknown size)");
    }
    for (uint32_t i = 0; i < elf->head.e_phnum; i++) {
        if (!gamelib_elf_segment(elf, i, &segment)
            || !range_fits(segment.p_offset, segment.p_filesz, elf->size_bytes)) {
            return incomplete(fault, path, "shorter than its segments");
        }
        if (segment.p_type == PT_LOAD) {
            loads++;
            if (segment.p_filesz > segment.p_memsz
                || !range_fits(segment.p_vaddr, segment.p_memsz, 1ull << 46)) {
                return refused(fault, path, "damaged (a segment that fits no memory)");
            }
        }
    }
    return loads > 0 || incomplete(fault, path, "no segments yet");
}

// ------------------------------------------------------------------------------ dynamic section

static void take_dynamic(GameElfDynamic *dynamic, const Elf64_Dyn *entry)
{
    uint64_t value = entry->d_un.d_val;

    switch (entry->d_tag) {
    case DT_INIT:
        dynamic->init = value;
        break;
    case DT_INIT_ARRAYSZ:
        dynamic->init_array_count = value / sizeof(Elf64_Addr);
        break;
    case DT_RELA:
        dynamic->rela = value;
        break;
    case DT_RELASZ:
        dynamic->rela_bytes = value;
        break;
    case DT_JMPREL:
        dynamic->plt = value;
        break;
    case DT_PLTRELSZ:
        dynamic->plt_bytes = value;
        break;
    case DT_STRTAB:
        dynamic->strings = value;
        break;
    case DT_SYMTAB:
        dynamic->symbols = value;
        break;
    case DT_STRSZ:
        dynamic->string_bytes = value;
        break;
    case DT_FLAGS_1:
        dynamic->is_executable = (value & DF_1_PIE) != 0;
        break;
    default:
        break;
    }
}

bool gamelib_elf_dynamic(const GameElf *elf, GameElfDynamic *dynamic)
{
    Elf64_Phdr segment;
    Elf64_Dyn entry;

    *dynamic = (GameElfDynamic){0};
    for (uint32_t i = 0; gamelib_elf_segment(elf, i, &segment); i++) {
        if (segment.p_type != PT_DYNAMIC) {
            continue;
        }
        dynamic->file_offset = segment.p_offset;
        for (uint64_t k = 0; k < segment.p_filesz / sizeof entry; k++) {
            if (!copy_out(elf, segment.p_offset + k * sizeof entry, &entry, sizeof entry)) {
                return false;
            }
            if (entry.d_tag == DT_NULL) {
                return dynamic->entry_count > 0
                       && gamelib_elf_at(elf, dynamic->strings, dynamic->string_bytes);
            }
            take_dynamic(dynamic, &entry);
            dynamic->entry_count++;
        }
        return false; // no end
    }
    return false;
}

const char *gamelib_elf_needed(const GameElf *elf, const GameElfDynamic *dynamic, uint64_t index)
{
    Elf64_Dyn entry;
    const uint8_t *strings = gamelib_elf_at(elf, dynamic->strings, dynamic->string_bytes);
    uint64_t at;

    if (!strings || index >= dynamic->entry_count
        || !copy_out(elf, dynamic->file_offset + index * sizeof entry, &entry, sizeof entry)
        || entry.d_tag != DT_NEEDED) {
        return NULL;
    }
    at = entry.d_un.d_val;
    if (at >= dynamic->string_bytes || !memchr(strings + at, 0, dynamic->string_bytes - at)) {
        return NULL;
    }
    return (const char *)strings + at;
}

// IRELATIVE relocations call a function of the library while it is being loaded.
static bool has_irelative(const GameElf *elf, uint64_t address, uint64_t size_bytes)
{
    const uint8_t *table = gamelib_elf_at(elf, address, size_bytes);
    Elf64_Rela rela;

    for (uint64_t i = 0; table && i < size_bytes / sizeof rela; i++) {
        memcpy(&rela, table + i * sizeof rela, sizeof rela);
        if (ELF64_R_TYPE(rela.r_info) == HOST_IRELATIVE) {
            return true;
        }
    }
    return false;
}

// crtbeginS.o adds one constructor (frame_dummy) and crti.o the function _init to every library
// that gcc or clang links; those two alone are known to be harmless.
static bool only_the_compilers_own(const GameElf *elf, const GameElfDynamic *dynamic)
{
    Elf64_Shdr init;

    if (dynamic->init == 0) {
        return dynamic->init_array_count == 0;
    }
    return dynamic->init_array_count <= 1 && gamelib_elf_find(elf, ".init", &init)
           && init.sh_addr == dynamic->init && init.sh_size <= 64;
}

bool gamelib_elf_runs_code(const GameElf *elf, const GameElfDynamic *dynamic)
{
    return !only_the_compilers_own(elf, dynamic)
           || has_irelative(elf, dynamic->rela, dynamic->rela_bytes)
           || has_irelative(elf, dynamic->plt, dynamic->plt_bytes);
}

// Linkers may count the relocations of the PLT among the others, too: such a one comes twice.
static bool relocation_at(const GameElf *elf, const GameElfDynamic *dynamic, uint64_t index,
                          Elf64_Rela *rela)
{
    uint64_t table = dynamic->rela, before = dynamic->rela_bytes / sizeof *rela;

    if (index >= before) {
        index -= before;
        table = dynamic->plt;
        if (index >= dynamic->plt_bytes / sizeof *rela) {
            return false;
        }
    }
    const uint8_t *bytes = gamelib_elf_at(elf, table + index * sizeof *rela, sizeof *rela);
    if (bytes) {
        memcpy(rela, bytes, sizeof *rela);
    }
    return bytes != NULL;
}

// The name of a dynamic symbol that the library does not define itself; NULL: it does.
static const char *undefined_name(const GameElf *elf, const GameElfDynamic *dynamic, uint64_t index)
{
    const uint8_t *bytes =
        gamelib_elf_at(elf, dynamic->symbols + index * sizeof(Elf64_Sym), sizeof(Elf64_Sym));
    const uint8_t *strings = gamelib_elf_at(elf, dynamic->strings, dynamic->string_bytes);
    Elf64_Sym symbol;

    if (!bytes || !strings) {
        return NULL;
    }
    memcpy(&symbol, bytes, sizeof symbol);
    if (symbol.st_shndx != SHN_UNDEF || symbol.st_name >= dynamic->string_bytes
        || !memchr(strings + symbol.st_name, 0, dynamic->string_bytes - symbol.st_name)) {
        return NULL;
    }
    return (const char *)strings + symbol.st_name;
}

bool gamelib_elf_import(const GameElf *elf, const GameElfDynamic *dynamic, uint64_t index,
                        GameElfImport *import)
{
    Elf64_Rela rela;

    if (!relocation_at(elf, dynamic, index, &rela)) {
        return false;
    }
    *import = (GameElfImport){.address = rela.r_offset, .addend = rela.r_addend};
    switch (ELF64_R_TYPE(rela.r_info)) {
    case HOST_WORD:
        import->is_variable = true;
        break;
    case HOST_JUMP_SLOT:
    case HOST_GLOB_DAT:
        break;
    default:
        return true;
    }
    import->name = undefined_name(elf, dynamic, ELF64_R_SYM(rela.r_info));
    return true;
}

// ---------------------------------------------------------------------------- symbols and notes

static bool find_type(const GameElf *elf, uint32_t type, Elf64_Shdr *section)
{
    for (uint64_t i = 1; i < elf->section_count; i++) {
        if (gamelib_elf_section(elf, i, section) && section->sh_type == type) {
            return true;
        }
    }
    return false;
}

bool gamelib_elf_symbols(const GameElf *elf, Elf64_Shdr *symbols, Elf64_Shdr *strings)
{
    return (find_type(elf, SHT_SYMTAB, symbols) || find_type(elf, SHT_DYNSYM, symbols))
           && gamelib_elf_section(elf, symbols->sh_link, strings) && strings->sh_type == SHT_STRTAB
           && strings->sh_size < UINT32_MAX && gamelib_elf_contents(elf, symbols)
           && gamelib_elf_contents(elf, strings);
}

static uint64_t build_id_in(const uint8_t *notes, uint64_t size_bytes, uint64_t align)
{
    Elf64_Nhdr note;
    uint64_t at = 0;

    while (range_fits(at, sizeof note, size_bytes)) {
        memcpy(&note, notes + at, sizeof note);
        uint64_t name = at + sizeof note;
        uint64_t data = name + ((note.n_namesz + align - 1) & ~(align - 1));
        if (!range_fits(name, note.n_namesz, size_bytes)
            || !range_fits(data, note.n_descsz, size_bytes)) {
            return 0;
        }
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4
            && memcmp(notes + name, "GNU", 4) == 0 && note.n_descsz > 0) {
            return hash_bytes(notes + data, note.n_descsz);
        }
        at = data + ((note.n_descsz + align - 1) & ~(align - 1));
    }
    return 0;
}

uint64_t gamelib_elf_build_id(const GameElf *elf)
{
    Elf64_Phdr segment;
    uint64_t found = 0;

    for (uint32_t i = 0; !found && gamelib_elf_segment(elf, i, &segment); i++) {
        if (segment.p_type == PT_NOTE
            && range_fits(segment.p_offset, segment.p_filesz, elf->size_bytes)) {
            found = build_id_in(elf->bytes + segment.p_offset, segment.p_filesz,
                                segment.p_align == 8 ? 8 : 4);
        }
    }
    return found;
}

// -------------------------------------------------------------------------------------- judging

bool gamelib_elf_open(GameElf *elf, const void *bytes, size_t size_bytes, const char *path,
                      Fault *fault)
{
    GameElfDynamic dynamic;

    *elf = (GameElf){.bytes = bytes, .size_bytes = size_bytes};
    if (!judge_magic(bytes, size_bytes, path, fault)) {
        return false;
    }
    memcpy(&elf->head, bytes, sizeof elf->head);
    if (!judge_machine(&elf->head, path, fault) || !judge_type(&elf->head, path, fault)
        || !judge_sections(elf, path, fault) || !judge_segments(elf, path, fault)) {
        return false;
    }
    if (!gamelib_elf_dynamic(elf, &dynamic)) {
        return refused(fault, path, "no usable dynamic section; link it with -shared");
    }
    if (dynamic.is_executable) {
        return refused(fault, path, "an executable, not a library; link it with -shared");
    }
    return true;
}
