// What the files of refit share: an object in memory, taken apart into sections ("parts") that know
// their own relocations, and what its stabs say. Texts and bytes point into the file that was read
// or into the arena; both live until the new object is written.
#ifndef REFIT_PARTS_H
#define REFIT_PARTS_H
#include <gelf.h>

#include "refit.h"

typedef struct RefitPart {
    const char *name;
    uint32_t type;
    uint64_t flags, align, entry_bytes;
    uint8_t *data; // NULL for .bss, which has a size all the same
    uint64_t bytes, room;
    Elf64_Rela *relas; // their symbols are those of RefitObject
    uint32_t rela_count, rela_room;
    bool is_dropped; // what the new object has no need of, or in another form
} RefitPart;

enum { PARTS_MORE = 16 }; // room for what refit adds to a file's own parts

typedef struct RefitObject {
    const char *path; // for what is said
    Arena *arena;
    size_t file_bytes;
    RefitPart *parts; // number i is section i of the file; 0 is none
    uint32_t part_count, file_parts;
    Elf64_Sym *symbols; // st_shndx: the part
    uint32_t symbol_count;
    char *names; // of symbols; its last byte is 0
    uint64_t names_bytes;
    uint32_t text, data, stab, stabstr; // parts; 0: not there
} RefitObject;

typedef struct RefitLine {
    uint32_t offset; // from the function's first byte
    uint32_t line, file;
} RefitLine;

typedef struct RefitName {
    const char *text; // not ended by 0
    size_t bytes;
} RefitName;

typedef struct RefitFunction {
    RefitName name;
    uint32_t symbol;
    uint32_t file, line; // where its body begins
    uint32_t first_line, line_count;
    uint32_t first_variable, variable_count; // its static ones, in the order of their declaration
    uint32_t first_event, event_count;       // 0: it declares nothing else
} RefitFunction;

// A parameter or an automatic variable, or a block's beginning or end. What a block declares is
// before its beginning.
typedef struct RefitEvent {
    enum { EVENT_PARAMETER, EVENT_VARIABLE, EVENT_BEGIN, EVENT_END } kind;
    int32_t value;    // variables: from %rbp; blocks: from the function's first byte
    const char *text; // of the stab, from the name on
} RefitEvent;

typedef struct RefitVariable {
    RefitName name;
    uint32_t symbol;
} RefitVariable;

typedef struct RefitStabs {
    const char **files; // 0 is the source
    uint32_t file_count;
    RefitFunction *functions;
    uint32_t function_count;
    RefitLine *lines;
    uint32_t line_count;
    RefitVariable *statics; // of functions
    uint32_t static_count;
    RefitEvent *events; // of functions
    uint32_t event_count;
    const char **types; // texts of the stabs that define one
    uint32_t type_count;
    RefitVariable *variables; // of the file: `static` ones, then global ones
    uint32_t variable_count;
} RefitStabs;

// FAULT_FORMAT, in words.
bool refit_refuse(const RefitObject *object, Fault *fault, const char *what);

// ------------------------------------------------------------------------------- reading, writing

// Everything that the others may rely on is checked here: names end, sections of symbols exist,
// relocations lie inside of their part and name a symbol.
// *elf: what parts point into; to be ended (elf_end) by the caller, also on failure.
bool refit_read(RefitObject *object, const FileBytes *file, Elf **elf, Fault *fault);
// Parts in their order, each behind with its relocations; `base_name` is the file symbol's.
bool refit_write(RefitObject *object, const char *base_name, const char *to, Fault *fault);

static inline const char *refit_symbol_name(const RefitObject *object, const Elf64_Sym *symbol)
{
    return object->names + symbol->st_name;
}

// A new part; its number.
uint32_t refit_add_part(RefitObject *object, const RefitPart *part);
void refit_make_room(RefitObject *object, RefitPart *part, size_t bytes);
// Room for `bytes` more at the end of a part that was added, zeroed.
static inline uint8_t *refit_grow(RefitObject *object, uint32_t number, size_t bytes)
{
    RefitPart *part = &object->parts[number];

    if (part->bytes + bytes > part->room) {
        refit_make_room(object, part, bytes);
    }
    part->bytes += bytes;
    return part->data + part->bytes - bytes;
}
// At `offset` of the part: the place of `target`'s byte `addend` (for R_X86_64_PC32 less the place
// itself).
void refit_relocate(RefitObject *object, uint32_t part, uint64_t offset, uint32_t type,
                    uint32_t symbol, int64_t addend);
// What a relocation of this type writes over, at most.
uint64_t refit_relocated_bytes(uint64_t type);
// The number that stands for the beginning of a part where a symbol's is asked for.
static inline uint32_t refit_part_symbol(const RefitObject *object, uint32_t part)
{
    return object->symbol_count + part;
}

// ---------------------------------------------------------------------------------------- subjects

bool refit_read_stabs(RefitObject *object, const RefitSource *source, RefitStabs *stabs,
                      Fault *fault);
bool refit_move_literals(RefitObject *object, Fault *fault);
void refit_write_lines(RefitObject *object, const RefitStabs *stabs, uint32_t part);
void refit_write_dwarf(RefitObject *object, const RefitSource *source, const RefitStabs *stabs);
void refit_write_unwinding(RefitObject *object, const RefitStabs *stabs);
void refit_settle(RefitObject *object); // the last: names what is left by part and offset

// -------------------------------------------------------------------------------- numbers and
// texts

static inline void refit_put(RefitObject *object, uint32_t part, uint64_t value, size_t bytes)
{
    memcpy(refit_grow(object, part, bytes), &value, bytes); // x86-64 on both sides
}
void refit_put_uleb(RefitObject *object, uint32_t part, uint64_t value);
void refit_put_sleb(RefitObject *object, uint32_t part, int64_t value);
void refit_put_text(RefitObject *object, uint32_t part, const char *text, size_t bytes);
// A place of 8 bytes that is `addend` bytes behind the beginning of part `to`.
void refit_put_address(RefitObject *object, uint32_t part, uint32_t to, uint64_t addend);
// The same of 4 bytes, in a section that is not loaded.
void refit_put_offset(RefitObject *object, uint32_t part, uint32_t to, uint64_t addend);
// What was left out at `offset`: the number of bytes from behind it to the end of the part.
void refit_put_length(RefitObject *object, uint32_t part, uint64_t offset);

#endif
