#include <gelf.h>
#include <string.h>
#include <unistd.h>

#include "reflect_join.h"

// The library within a library. Of one whose types are known already only its head is read, which
// is a few of its pages.
//
// Contents: reading, its head, opening, sources.

#define CARRIED_SECTION ".hotloop_types"
enum { NOTES_BYTES_MAX = 64 << 10 };
#define CARRIED_BYTES_MAX ((uint64_t)512 << 20)

// -------------------------------------------------------------------------------------- reading

static bool say_damaged(const Reflect *library, const char *what, Fault *fault)
{
    return fault_set(fault, FAULT_FORMAT,
                     "%s: the types that it carries %s; it is not used, and the full build takes "
                     "its place",
                     library->path, what);
}

// False: the file ends before.
static bool read_at(int file, uint64_t offset, uint8_t *out, uint64_t bytes)
{
    while (bytes > 0) {
        ssize_t got = pread(file, out, bytes, (off_t)offset);
        if (got <= 0) {
            return false;
        }
        offset += (uint64_t)got;
        out += got;
        bytes -= (uint64_t)got;
    }
    return true;
}

static bool find_section(const Reflect *library, GElf_Shdr *head)
{
    Elf_Scn *at = NULL;
    size_t names;

    if (elf_getshdrstrndx(library->elf, &names) != 0) {
        return false;
    }
    while ((at = elf_nextscn(library->elf, at))) {
        const char *name =
            gelf_getshdr(at, head) ? elf_strptr(library->elf, names, head->sh_name) : NULL;
        if (name && strcmp(name, CARRIED_SECTION) == 0) {
            return true;
        }
    }
    return false;
}

// -------------------------------------------------------------------------------------- its head

// Where the library lies in the file, and its bytes as far as they have been read.
typedef struct Inner {
    int file;
    uint64_t first, bytes;
    uint8_t *data;
} Inner;

static bool read_part(const Inner *inner, uint64_t offset, uint64_t bytes)
{
    return offset <= inner->bytes && bytes <= inner->bytes - offset
           && read_at(inner->file, inner->first + offset, inner->data + offset, bytes);
}

// The tables of segments and sections, and the notes: the build-id is one of them.
static bool read_head(const Inner *inner)
{
    const Elf64_Ehdr *head = (const Elf64_Ehdr *)(const void *)inner->data;
    const Elf64_Phdr *segments;

    if (!read_part(inner, 0, sizeof *head) || memcmp(head->e_ident, ELFMAG, SELFMAG) != 0
        || head->e_ident[EI_CLASS] != ELFCLASS64 || head->e_ident[EI_DATA] != ELFDATA2LSB
        || head->e_phoff % 8 != 0 || head->e_phentsize != sizeof *segments
        || head->e_shentsize != sizeof(Elf64_Shdr)
        || !read_part(inner, head->e_phoff, head->e_phnum * sizeof *segments)
        || !read_part(inner, head->e_shoff, head->e_shnum * sizeof(Elf64_Shdr))) {
        return false;
    }
    segments = (const Elf64_Phdr *)(const void *)(inner->data + head->e_phoff);
    for (uint32_t i = 0; i < head->e_phnum; i++) {
        if (segments[i].p_type == PT_NOTE
            && (segments[i].p_filesz > NOTES_BYTES_MAX
                || !read_part(inner, segments[i].p_offset, segments[i].p_filesz))) {
            return false;
        }
    }
    return true;
}

// -------------------------------------------------------------------------------------- opening

static bool open_carried(const Reflect *library, const GElf_Shdr *section, Reflect *carried,
                         Fault *fault)
{
    Inner inner = {library->file, section->sh_offset, section->sh_size, NULL};

    if (section->sh_type == SHT_NOBITS || section->sh_flags & SHF_COMPRESSED
        || section->sh_size < sizeof(Elf64_Ehdr) || section->sh_size > CARRIED_BYTES_MAX) {
        return say_damaged(library, "are no library", fault);
    }
    inner.data = arena_try_push(&carried->memory, 1, PAGE_BYTES, section->sh_size);
    if (!inner.data) {
        return fault_set(fault, FAULT_MEMORY, "%s: the types that it carries find no room",
                         library->path);
    }
    if (!read_head(&inner)) {
        return say_damaged(library, "are damaged", fault);
    }
    carried->elf = elf_memory((char *)inner.data, inner.bytes);
    carried->carried = inner.data;
    carried->carried_first = inner.first;
    carried->carried_bytes = inner.bytes;
    if (!reflect_find_image(carried, 0)) {
        return say_damaged(library, "are no library", fault);
    }
    return true;
}

bool reflect_open_carried(Reflect *library, Reflect **carried, Fault *fault)
{
    char path[FILE_PATH_MAX];
    GElf_Shdr section;

    *carried = NULL;
    if (!find_section(library, &section)) {
        return true;
    }
    (void)text_format(path, sizeof path, "%s (the types that it carries)", library->path);
    *carried = reflect_new(path, fault);
    if (*carried && !open_carried(library, &section, *carried, fault)) {
        reflect_close(*carried);
        *carried = NULL;
    }
    return *carried != NULL;
}

// What is for the loader, and what places of automatic variables are told by, is not asked for.
static bool is_needed(const GElf_Shdr *head, const char *name)
{
    return head->sh_type != SHT_NOBITS && head->sh_type != SHT_NULL && !(head->sh_flags & SHF_ALLOC)
           && (!name
               || (strncmp(name, ".debug_loc", 10) != 0 && strcmp(name, ".debug_aranges") != 0));
}

static bool read_section(const Reflect *library, Reflect *carried, const GElf_Shdr *head)
{
    return head->sh_offset <= carried->carried_bytes
           && head->sh_size <= carried->carried_bytes - head->sh_offset
           && read_at(library->file, carried->carried_first + head->sh_offset,
                      carried->carried + head->sh_offset, head->sh_size);
}

bool reflect_read_carried(Reflect *library, Reflect *carried, Fault *fault)
{
    Elf_Scn *at = NULL;
    size_t names;
    GElf_Shdr head;

    if (elf_getshdrstrndx(carried->elf, &names) != 0
        || !gelf_getshdr(elf_getscn(carried->elf, names), &head)
        || !read_section(library, carried, &head)) {
        return say_damaged(library, "are damaged", fault);
    }
    while ((at = elf_nextscn(carried->elf, at))) {
        if (gelf_getshdr(at, &head)
            && is_needed(&head, elf_strptr(carried->elf, names, head.sh_name))
            && !read_section(library, carried, &head)) {
            return say_damaged(library, "are cut off", fault);
        }
    }
    return true;
}

// -------------------------------------------------------------------------------------- sources

static bool is_standard_input(const DieUnit *unit)
{
    return strcmp(unit->name, "<stdin>") == 0 || strcmp(unit->name, "-") == 0;
}

static bool is_source(const char *path)
{
    size_t length = path ? strlen(path) : 0;

    return length > 2 && strcmp(path + length - 2, ".c") == 0;
}

// The only source among the unit's files; NULL: none, or several.
static const char *only_source(Dwarf_Die *unit)
{
    Dwarf_Files *files;
    const char *only = NULL;
    size_t count;

    if (dwarf_getsrcfiles(unit, &files, &count) != 0) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        const char *path = dwarf_filesrc(files, i, NULL, NULL);
        if (is_source(path)) {
            if (only && strcmp(only, path) != 0) {
                return NULL;
            }
            only = path;
        }
    }
    return only;
}

// Line tables are libdw's to read: this is rare.
void reflect_name_sources(Dies *dies, Texts *texts)
{
    Reflect *reflect = dies->reflect;

    for (uint32_t i = 0; i < dies->unit_count && !dies->is_broken; i++) {
        const DieUnit *unit = &dies->units[i];
        Dwarf_Die die;
        const char *path;
        if (!is_standard_input(unit) || unit->type) {
            continue;
        }
        if (!reflect->dwarf) {
            reflect->dwarf = dwarf_begin_elf(reflect->elf, DWARF_C_READ, NULL);
        }
        if (!reflect->dwarf || !dwarf_offdie(reflect->dwarf, unit->dies, &die)
            || !(path = only_source(&die))) {
            continue;
        }
        reflect_die_set_source(dies, unit, path, texts);
    }
}
