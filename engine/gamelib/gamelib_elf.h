// A bounded reader of ELF files, over bytes in memory. No offset or count in the file is trusted:
// whatever the bytes are, nothing outside them is read. Inside the module only.
#ifndef GAMELIB_ELF_H
#define GAMELIB_ELF_H
#include <elf.h>

#include "base.h"

typedef struct GameElf {
    const uint8_t *bytes;
    size_t size_bytes;
    Elf64_Ehdr head;
    uint64_t section_count; // 0: stripped of its section headers
    uint32_t names_section;
} GameElf;

// What the loader will do before dlopen returns, as the dynamic section tells it.
typedef struct GameElfDynamic {
    uint64_t init;                     // DT_INIT; 0: none
    uint64_t init_array_count;         // DT_INIT_ARRAY entries
    uint64_t rela, rela_bytes;         // DT_RELA
    uint64_t plt, plt_bytes;           // DT_JMPREL
    uint64_t strings, string_bytes;    // DT_STRTAB
    uint64_t symbols;                  // DT_SYMTAB
    bool is_executable;                // DF_1_PIE
    uint64_t file_offset, entry_count; // the section itself, up to DT_NULL
} GameElfDynamic;

// A word of the image that the loader filled with the address of somebody else's symbol.
typedef struct GameElfImport {
    const char *name; // in the file's bytes
    uint64_t address; // of the word, in the unmoved image
    int64_t addend;
    bool is_variable; // a pointer among the library's data, which its constructors may have changed
} GameElfImport;

// Judges the whole of `bytes`, which must stay valid as long as *elf is used. Fails
// FAULT_INCOMPLETE for what looks like a library that is still being written, else FAULT_LIBRARY.
// `path` is for the message only.
bool gamelib_elf_open(GameElf *elf, const void *bytes, size_t size_bytes, const char *path,
                      Fault *fault);
bool gamelib_elf_segment(const GameElf *elf, uint32_t index, Elf64_Phdr *segment);
bool gamelib_elf_section(const GameElf *elf, uint64_t index, Elf64_Shdr *section);
// The first section of that name with contents in the file or in memory.
bool gamelib_elf_find(const GameElf *elf, const char *name, Elf64_Shdr *section);
// The bytes of a section; NULL when it has none in the file.
const uint8_t *gamelib_elf_contents(const GameElf *elf, const Elf64_Shdr *section);
// What the file holds for [address, address + size_bytes) of the unmoved image; NULL: nothing.
const uint8_t *gamelib_elf_at(const GameElf *elf, uint64_t address, uint64_t size_bytes);
// False when there is no dynamic section or it is damaged.
bool gamelib_elf_dynamic(const GameElf *elf, GameElfDynamic *dynamic);
// The DT_NEEDED name at `index` of the dynamic section's entries; NULL: that entry is another one.
const char *gamelib_elf_needed(const GameElf *elf, const GameElfDynamic *dynamic, uint64_t index);
// Does loading run code of the library beyond what every gcc library has?
bool gamelib_elf_runs_code(const GameElf *elf, const GameElfDynamic *dynamic);
// The relocations, one an index. False at the end; import->name is NULL for one that is no import.
bool gamelib_elf_import(const GameElf *elf, const GameElfDynamic *dynamic, uint64_t index,
                        GameElfImport *import);
// .symtab, else .dynsym, with its strings.
bool gamelib_elf_symbols(const GameElf *elf, Elf64_Shdr *symbols, Elf64_Shdr *strings);
// Hash of the GNU build-id; 0: none.
uint64_t gamelib_elf_build_id(const GameElf *elf);

#endif
