// Contents: reading what a library needs, writing a library of names. The formats: elf(5), and the
// Linux Standard Base, "Symbol Versioning".
#include "build_names.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LIBRARY_BYTES_MAX = 256 << 20 };

static const char *const OPTIONS[BUILD_NAMES_LIBRARIES] = {"-lc", "-lm"};
static const char *const STARTS[BUILD_NAMES_LIBRARIES] = {"libc.so.", "libm.so."};

// ----------------------------------------------------------------------------------------- reading

// A library in memory, as long as `reading` is not reset.
typedef struct Image {
    const uint8_t *bytes;
    size_t size_bytes;
    const Elf64_Shdr *sections;
    unsigned section_count;
    uint16_t machine;
} Image;

// NULL when it is not inside, or not aligned as it has to be.
static const void *part(const Image *image, uint64_t offset, uint64_t size_bytes, size_t align)
{
    bool fits = offset <= image->size_bytes && size_bytes <= image->size_bytes - offset;
    return fits && offset % align == 0 ? image->bytes + offset : NULL;
}

static bool open_image(Image *image, const FileBytes *bytes)
{
    *image = (Image){.bytes = bytes->data, .size_bytes = bytes->size_bytes};
    const Elf64_Ehdr *header = part(image, 0, sizeof(*header), 8);
    if (!header || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0
        || header->e_ident[EI_CLASS] != ELFCLASS64) {
        return false;
    }
    image->section_count = header->e_shnum;
    image->machine = header->e_machine;
    image->sections = part(image, header->e_shoff, header->e_shnum * sizeof(Elf64_Shdr), 8);
    return image->sections != NULL;
}

static const Elf64_Shdr *section_of(const Image *image, uint32_t type)
{
    for (unsigned i = 0; i < image->section_count; i++) {
        if (image->sections[i].sh_type == type) {
            return &image->sections[i];
        }
    }
    return NULL;
}

static const char *string_at(const Image *image, const Elf64_Shdr *of, uint64_t at)
{
    if (of->sh_link >= image->section_count) {
        return "";
    }
    const Elf64_Shdr *strings = &image->sections[of->sh_link];
    if (strings->sh_offset > image->size_bytes
        || strings->sh_size > image->size_bytes - strings->sh_offset || at >= strings->sh_size) {
        return "";
    }
    const char *text = (const char *)image->bytes + strings->sh_offset + at;
    return memchr(text, 0, strings->sh_size - at) ? text : "";
}

// Finds the version with that index: its name, and which of the libraries it is of. False: neither.
static bool find_version(const Image *image, const Elf64_Shdr *needs, uint16_t index,
                         const char **version, const char **soname, unsigned *library)
{
    uint64_t at = needs->sh_offset;
    for (unsigned i = 0; i < needs->sh_info; i++) {
        const Elf64_Verneed *need = part(image, at, sizeof(*need), 4);
        uint64_t entry_at = need ? at + need->vn_aux : 0;
        for (unsigned k = 0; need && k < need->vn_cnt; k++) {
            const Elf64_Vernaux *entry = part(image, entry_at, sizeof(*entry), 4);
            if (entry && (entry->vna_other & 0x7fff) == index) {
                *version = string_at(image, needs, entry->vna_name);
                *soname = string_at(image, needs, need->vn_file);
                for (*library = 0; *library < BUILD_NAMES_LIBRARIES; (*library)++) {
                    if (strncmp(*soname, STARTS[*library], strlen(STARTS[*library])) == 0) {
                        return true;
                    }
                }
                return false;
            }
            entry_at += entry ? entry->vna_next : 0;
        }
        at += need ? need->vn_next : 0;
    }
    return false;
}

static bool add_name(BuildNames *names, unsigned library, const char *soname, const BuildName *name)
{
    BuildNamesLibrary *to = &names->libraries[library];
    for (uint32_t i = 0; i < to->count; i++) {
        if (strcmp(to->names[i].symbol, name->symbol) == 0) {
            return false;
        }
    }
    if (to->count == BUILD_NAMES_MAX
        || !text_format(to->soname, sizeof(to->soname), "%s", soname)) {
        return false;
    }
    if (!to->names) {
        to->names = ARENA_NEW(&names->memory, BuildName, BUILD_NAMES_MAX);
    }
    to->names[to->count++] = (BuildName){.symbol = arena_copy_text(&names->memory, name->symbol),
                                         .version = arena_copy_text(&names->memory, name->version),
                                         .type = name->type};
    return true;
}

static bool learn(BuildNames *names, const Image *image)
{
    const Elf64_Shdr *symbols = section_of(image, SHT_DYNSYM);
    const Elf64_Shdr *versions = section_of(image, SHT_GNU_versym);
    const Elf64_Shdr *needs = section_of(image, SHT_GNU_verneed);
    if (!symbols || !versions || !needs) {
        return false;
    }
    size_t count = symbols->sh_size / sizeof(Elf64_Sym);
    const Elf64_Sym *all = part(image, symbols->sh_offset, symbols->sh_size, 8);
    const uint16_t *indices = part(image, versions->sh_offset, count * sizeof(uint16_t), 2);
    bool is_more = false;
    for (size_t i = 1; all && indices && i < count; i++) {
        const char *version, *soname;
        unsigned library;
        BuildName name = {.symbol = string_at(image, symbols, all[i].st_name),
                          .type = ELF64_ST_TYPE(all[i].st_info)};
        // A thread-local one has another kind of address: such a game is linked as always.
        if (all[i].st_shndx == SHN_UNDEF && name.symbol[0] && name.type != STT_TLS
            && find_version(image, needs, indices[i] & 0x7fff, &version, &soname, &library)) {
            name.version = version;
            names->libraries[library].machine = image->machine;
            is_more |= add_name(names, library, soname, &name);
        }
    }
    return is_more;
}

bool build_names_learn(BuildNames *names, const char *library)
{
    Arena reading;
    FileBytes bytes;
    Image image;
    if (!arena_open(&reading, 0, LIBRARY_BYTES_MAX + PAGE_BYTES, NULL)) {
        return false;
    }
    bool is_more = file_read(&reading, library, LIBRARY_BYTES_MAX, &bytes, NULL)
                   && open_image(&image, &bytes) && learn(names, &image);
    arena_close(&reading);
    return is_more;
}

// ----------------------------------------------------------------------------------------- writing

enum { NO_SECTION, DYNSYM, DYNSTR, VERSYM, VERDEF, DYNAMIC, TEXT, SHSTRTAB, SECTIONS };
enum { VERSIONS_MAX = 256, VERSION_BASE = 1, SYMBOL_BYTES = 8 };

// The parts of a library that a linker reads.
typedef struct Parts {
    Arena *arena;
    char *strings; // begins with a 0 byte
    uint32_t string_bytes;
    const char *versions[VERSIONS_MAX]; // [0]: the library's own name
    uint32_t version_count;
    Elf64_Sym *symbols;
    uint16_t *indices;
    uint32_t symbol_count;
} Parts;

static uint32_t put_string(Parts *parts, const char *text)
{
    uint32_t at = parts->string_bytes;
    memcpy(parts->strings + at, text, strlen(text) + 1);
    parts->string_bytes += (uint32_t)strlen(text) + 1;
    return at;
}

// 0: too many.
static uint16_t index_of_version(Parts *parts, const char *version)
{
    uint32_t at = 1;
    while (at < parts->version_count && strcmp(parts->versions[at], version) != 0) {
        at++;
    }
    if (at == VERSIONS_MAX) {
        return 0;
    }
    parts->versions[at] = version;
    parts->version_count = at == parts->version_count ? at + 1 : parts->version_count;
    return (uint16_t)(at + VERSION_BASE);
}

static void make_symbols(Parts *parts, const BuildNamesLibrary *library)
{
    size_t string_bytes = 1 + 2 * sizeof(library->soname);
    for (uint32_t i = 0; i < library->count; i++) {
        string_bytes += strlen(library->names[i].symbol) + strlen(library->names[i].version) + 2;
    }
    parts->strings = ARENA_NEW(parts->arena, char, string_bytes);
    parts->string_bytes = 1;
    parts->symbols = ARENA_NEW(parts->arena, Elf64_Sym, library->count + 1);
    parts->indices = ARENA_NEW(parts->arena, uint16_t, library->count + 1);
    parts->symbol_count = 1;
    parts->versions[0] = library->soname;
    parts->version_count = 1;
    for (uint32_t i = 0; i < library->count; i++) {
        uint16_t version = index_of_version(parts, library->names[i].version);
        if (version == 0) {
            continue;
        }
        uint32_t at = parts->symbol_count++;
        parts->indices[at] = version;
        parts->symbols[at] = (Elf64_Sym){
            .st_name = put_string(parts, library->names[i].symbol),
            .st_info = (unsigned char)ELF64_ST_INFO(STB_GLOBAL, library->names[i].type),
            .st_shndx = TEXT,
            .st_value = (uint64_t)SYMBOL_BYTES * at, // each its own: none is another one's alias
            .st_size = SYMBOL_BYTES};
    }
}

// Source: the System V ABI's hash function, which versions are compared by.
static uint32_t elf_hash(const char *name)
{
    uint32_t hash = 0;
    for (; *name; name++) {
        hash = (hash << 4) + (unsigned char)*name;
        hash = (hash ^ ((hash & 0xf0000000) >> 24)) & 0x0fffffff;
    }
    return hash;
}

typedef struct Version {
    Elf64_Verdef version;
    Elf64_Verdaux name;
} Version;

static Version *make_versions(Parts *parts)
{
    Version *all = ARENA_NEW(parts->arena, Version, parts->version_count);
    for (uint32_t i = 0; i < parts->version_count; i++) {
        all[i].version =
            (Elf64_Verdef){.vd_version = VER_DEF_CURRENT,
                           .vd_flags = i == 0 ? VER_FLG_BASE : 0,
                           .vd_ndx = (uint16_t)(i + VERSION_BASE),
                           .vd_cnt = 1,
                           .vd_hash = elf_hash(parts->versions[i]),
                           .vd_aux = sizeof(Elf64_Verdef),
                           .vd_next = i + 1 < parts->version_count ? (uint32_t)sizeof(Version) : 0};
        all[i].name.vda_name = put_string(parts, parts->versions[i]);
    }
    return all;
}

// One section's bytes to `at`, which moves behind them, at a multiple of 8.
static void put_section(Elf64_Shdr *section, uint8_t *file, uint64_t *at, const void *bytes,
                        uint64_t size_bytes)
{
    section->sh_offset = section->sh_addr = *at;
    section->sh_size = size_bytes;
    section->sh_addralign = 8;
    memcpy(file + *at, bytes, size_bytes);
    *at += (size_bytes + 7) / 8 * 8;
}

static void name_sections(Elf64_Shdr *sections, char *names, uint32_t *names_bytes)
{
    static const char *const NAMES[SECTIONS] = {
        "",         ".dynsym", ".dynstr",  ".gnu.version", ".gnu.version_d",
        ".dynamic", ".text",   ".shstrtab"};
    for (unsigned i = 0; i < SECTIONS; i++) {
        sections[i].sh_name = *names_bytes;
        memcpy(names + *names_bytes, NAMES[i], strlen(NAMES[i]) + 1);
        *names_bytes += (uint32_t)strlen(NAMES[i]) + 1;
    }
}

static uint64_t make_library(Parts *parts, const BuildNamesLibrary *library, uint8_t **out)
{
    make_symbols(parts, library);
    Version *versions = make_versions(parts);
    Elf64_Dyn dynamic[] = {{DT_SONAME, {put_string(parts, library->soname)}}, {DT_NULL, {0}}};
    Elf64_Shdr sections[SECTIONS] = {
        [DYNSYM] = {.sh_type = SHT_DYNSYM, .sh_link = DYNSTR, .sh_info = 1, .sh_entsize = 24},
        [DYNSTR] = {.sh_type = SHT_STRTAB},
        [VERSYM] = {.sh_type = SHT_GNU_versym, .sh_link = DYNSYM, .sh_entsize = 2},
        [VERDEF] = {.sh_type = SHT_GNU_verdef, .sh_link = DYNSTR, .sh_info = parts->version_count},
        [DYNAMIC] = {.sh_type = SHT_DYNAMIC, .sh_link = DYNSTR, .sh_entsize = 16},
        [TEXT] = {.sh_type = SHT_NOBITS, .sh_flags = SHF_ALLOC | SHF_EXECINSTR},
        [SHSTRTAB] = {.sh_type = SHT_STRTAB}};
    char names[128];
    uint32_t names_bytes = 0;
    name_sections(sections, names, &names_bytes);
    for (unsigned i = DYNSYM; i <= DYNAMIC; i++) {
        sections[i].sh_flags = SHF_ALLOC;
    }
    uint64_t symbol_bytes = parts->symbol_count * sizeof(Elf64_Sym);
    uint64_t version_bytes = parts->version_count * sizeof(Version), at = sizeof(Elf64_Ehdr);
    uint8_t *file = ARENA_NEW(parts->arena, uint8_t,
                              at + symbol_bytes + parts->symbol_count * sizeof(uint16_t)
                                  + version_bytes + parts->string_bytes + sizeof(dynamic)
                                  + sizeof(names) + sizeof(sections) + 64);
    put_section(&sections[DYNSYM], file, &at, parts->symbols, symbol_bytes);
    put_section(&sections[DYNSTR], file, &at, parts->strings, parts->string_bytes);
    put_section(&sections[VERSYM], file, &at, parts->indices,
                parts->symbol_count * sizeof(uint16_t));
    put_section(&sections[VERDEF], file, &at, versions, version_bytes);
    put_section(&sections[DYNAMIC], file, &at, dynamic, sizeof(dynamic));
    put_section(&sections[SHSTRTAB], file, &at, names, names_bytes);
    sections[TEXT].sh_offset = sections[TEXT].sh_addr = at;
    sections[TEXT].sh_size = (uint64_t)SYMBOL_BYTES * parts->symbol_count;
    sections[TEXT].sh_addralign = 8;
    sections[SHSTRTAB].sh_addr = 0;
    Elf64_Ehdr header = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_DYN,
        .e_machine = library->machine,
        .e_version = EV_CURRENT,
        .e_shoff = at,
        .e_ehsize = sizeof(Elf64_Ehdr),
        .e_shentsize = sizeof(Elf64_Shdr),
        .e_shnum = SECTIONS,
        .e_shstrndx = SHSTRTAB};
    memcpy(file, &header, sizeof(header));
    memcpy(file + at, sections, sizeof(sections));
    *out = file;
    return at + sizeof(sections);
}

// Without a sync: after a power cut nobody reads it any more.
static bool write_file(const char *path, const void *data, size_t size_bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) {
        return false;
    }
    bool ok = write(fd, data, size_bytes) == (ssize_t)size_bytes;
    return close(fd) == 0 && ok;
}

bool build_names_write(BuildNames *names, const char *prefix)
{
    names->is_ready = false;
    for (unsigned i = 0; i < BUILD_NAMES_LIBRARIES; i++) {
        BuildNamesLibrary *library = &names->libraries[i];
        uint8_t *file;
        library->path[0] = '\0';
        if (library->count == 0) {
            continue; // it is left out of the link
        }
        size_t mark = names->memory.used_bytes;
        Parts *parts = ARENA_NEW(&names->memory, Parts, 1);
        parts->arena = &names->memory;
        uint64_t size_bytes = make_library(parts, library, &file);
        bool ok = text_format(library->path, sizeof(library->path), "%s%s.so", prefix, OPTIONS[i])
                  && write_file(library->path, file, size_bytes);
        arena_reset(&names->memory, mark);
        if (!ok) {
            return false;
        }
    }
    names->is_ready = true; // also for a game that takes nothing from one of them, or from both
    return true;
}

const char *build_names_instead_of(const BuildNames *names, const char *option)
{
    if (strcmp(option, "-lgcc") == 0 || strcmp(option, "-lgcc_s") == 0) {
        return ""; // hardly a game needs it, and one that does has the whole link
    }
    for (unsigned i = 0; i < BUILD_NAMES_LIBRARIES; i++) {
        if (strcmp(option, OPTIONS[i]) == 0) {
            return names->libraries[i].path;
        }
    }
    return NULL;
}

void build_names_close(BuildNames *names)
{
    for (unsigned i = 0; i < BUILD_NAMES_LIBRARIES; i++) {
        if (names->libraries[i].path[0]) {
            (void)unlink(names->libraries[i].path);
        }
    }
    arena_close(&names->memory);
}
