#include <stdlib.h>
#include <string.h>

#include "refit_parts.h"

// .data without its literals. They are runs of bytes that the local symbols L.1, L.2 ... say the
// places of; between them are the runs that stay. A run that stays moves down as far as it can
// without its alignment being another; a literal's alignment is what both its place and its size
// are multiples of. As every reference names a symbol, only symbols and the relocations inside of
// .data know places.
//
// Contents: runs, where to, symbols, relocations.

enum { ALIGN_MAX = 16 };

typedef struct Run {
    uint64_t first, end; // in the old .data
    uint32_t symbol;     // of the literal; 0: it stays
    uint32_t part;
    uint64_t place; // there
    bool is_relocated;
} Run;

typedef struct Literals {
    RefitObject *object;
    Run *runs; // ascending, without gaps: one that stays (maybe empty), a literal, and so on
    uint32_t run_count, last;             // last: the one that was looked for before
    RefitPart old;                        // .data as it was
    uint32_t texts, constants, relocated; // parts; 0: none yet
} Literals;

// ----------------------------------------------------------------------------------------- runs

static bool is_literal(const RefitObject *object, const Elf64_Sym *symbol)
{
    const char *name = refit_symbol_name(object, symbol);

    return symbol->st_shndx == object->data && symbol->st_size > 0
           && ELF64_ST_BIND(symbol->st_info) == STB_LOCAL
           && ELF64_ST_TYPE(symbol->st_info) == STT_OBJECT && strncmp(name, "L.", 2) == 0 && name[2]
           && strspn(name + 2, "0123456789") == strlen(name + 2);
}

static int by_place(const void *left, const void *right)
{
    const Run *a = left, *b = right;

    return a->first < b->first ? -1 : a->first > b->first;
}

// The literals alone, then those that stay put between them. False: they overlap.
static bool find_runs(Literals *literals)
{
    RefitObject *object = literals->object;
    uint32_t count = 0;
    Run *found = ARENA_NEW(object->arena, Run, object->symbol_count);
    uint64_t end = 0;

    for (uint32_t i = 1; i < object->symbol_count; i++) {
        const Elf64_Sym *symbol = &object->symbols[i];
        if (is_literal(object, symbol)) {
            found[count++] = (Run){
                .first = symbol->st_value, .end = symbol->st_value + symbol->st_size, .symbol = i};
        }
    }
    qsort(found, count, sizeof *found, by_place);
    literals->runs = ARENA_NEW(object->arena, Run, count * (size_t)2 + 1);
    for (uint32_t i = 0; i < count; i++) {
        if (found[i].first < end) {
            return false;
        }
        literals->runs[literals->run_count++] = (Run){.first = end, .end = found[i].first};
        literals->runs[literals->run_count++] = found[i];
        end = found[i].end;
    }
    literals->runs[literals->run_count++] =
        (Run){.first = end, .end = object->parts[object->data].bytes};
    return true;
}

// The run that a byte is in: most often that of the one before, or near behind it.
static Run *run_at(Literals *literals, uint64_t offset)
{
    const Run *runs = literals->runs;
    uint32_t at = literals->last, count = literals->run_count;

    for (uint32_t i = 0; i < 4 && at + 1 < count && runs[at + 1].first <= offset; i++) {
        at++;
    }
    if (runs[at].first > offset || (at + 1 < count && runs[at + 1].first <= offset)) {
        at = (uint32_t)SORTED_UP_TO(runs, count, first, offset) - 1;
    }
    literals->last = at;
    return &literals->runs[at];
}

// That of a variable: its first byte may be the end of one that stays if it has no bytes.
static Run *run_of(Literals *literals, const Elf64_Sym *symbol)
{
    Run *run = run_at(literals, symbol->st_value);

    return run->symbol && run->first == symbol->st_value && symbol->st_size == 0 ? run - 1 : run;
}

static bool mark_relocated(Literals *literals)
{
    for (uint32_t i = 0; i < literals->old.rela_count; i++) {
        uint64_t offset = literals->old.relas[i].r_offset;
        Run *run = run_at(literals, offset);
        uint64_t type = ELF64_R_TYPE(literals->old.relas[i].r_info);
        if (run->end - offset < refit_relocated_bytes(type)) {
            return false;
        }
        run->is_relocated = true;
    }
    return true;
}

// ------------------------------------------------------------------------------------- where to

// A text that the linker may lay upon an equal one, as it does with gcc's: games compare them.
static bool is_text(const uint8_t *bytes, uint64_t count)
{
    return bytes[count - 1] == 0 && strlen((const char *)bytes) == count - 1;
}

static uint32_t part_for(Literals *literals, const Run *run)
{
    const uint8_t *bytes = literals->old.data + run->first;
    RefitPart part = {.name = ".rodata", .type = SHT_PROGBITS, .flags = SHF_ALLOC, .align = 1};
    uint32_t *number = &literals->constants;

    if (run->is_relocated) {
        part.name = ".data.rel.ro";
        part.flags |= SHF_WRITE;
        number = &literals->relocated;
    } else if (is_text(bytes, run->end - run->first)) {
        part.name = ".rodata.str1.1";
        part.flags |= SHF_MERGE | SHF_STRINGS;
        part.entry_bytes = 1;
        number = &literals->texts;
    }
    if (*number == 0) {
        *number = refit_add_part(literals->object, &part);
    }
    return *number;
}

static uint64_t align_up(uint64_t value, uint64_t align)
{
    return (value + align - 1) & ~(align - 1);
}

static void place_literal(Literals *literals, Run *run)
{
    RefitObject *object = literals->object;
    uint64_t bytes = run->end - run->first, both = run->first | bytes;
    uint64_t align = both & -both, place;
    RefitPart *part;

    run->part = part_for(literals, run);
    part = &object->parts[run->part];
    align = run->part == literals->texts ? 1 : align < ALIGN_MAX ? align : ALIGN_MAX;
    place = align_up(part->bytes, align);
    (void)refit_grow(object, run->part, place - part->bytes + bytes);
    memcpy(part->data + place, literals->old.data + run->first, bytes);
    part->align = part->align > align ? part->align : align;
    run->place = place;
}

static void place_data(Literals *literals, Run *run)
{
    RefitObject *object = literals->object;
    RefitPart *part = &object->parts[object->data];
    uint64_t shift = run->first & (part->align - 1), bytes = run->end - run->first;

    run->part = object->data;
    run->place = part->bytes;
    if (bytes > 0) {
        run->place += (shift - part->bytes) & (part->align - 1);
        (void)refit_grow(object, run->part, run->place - part->bytes + bytes);
        memcpy(part->data + run->place, literals->old.data + run->first, bytes);
    }
}

// -------------------------------------------------------------------------- symbols, relocations

// As gcc has it, nobody is to take a literal for an object of that name: the linker drops what is
// called .L4, of .rodata.str1.1 always, else if it is asked to (-X).
static void make_nameless(RefitObject *object, Elf64_Sym *symbol)
{
    memcpy(object->names + symbol->st_name, ".L", 2);
    symbol->st_info = ELF64_ST_INFO(STB_LOCAL, STT_NOTYPE);
}

static bool move_symbols(Literals *literals)
{
    RefitObject *object = literals->object;

    for (uint32_t i = 1; i < object->symbol_count; i++) {
        Elf64_Sym *symbol = &object->symbols[i];
        const Run *run;
        if (symbol->st_shndx != object->data || ELF64_ST_TYPE(symbol->st_info) == STT_SECTION) {
            continue;
        }
        run = run_of(literals, symbol);
        if (run->symbol != (is_literal(object, symbol) ? i : 0)
            || symbol->st_size > run->end - symbol->st_value) {
            return false;
        }
        if (run->symbol) {
            make_nameless(object, symbol);
        }
        symbol->st_shndx = (uint16_t)run->part;
        symbol->st_value += run->place - run->first;
    }
    return true;
}

static void move_relocations(Literals *literals)
{
    for (uint32_t i = 0; i < literals->old.rela_count; i++) {
        const Elf64_Rela *rela = &literals->old.relas[i];
        const Run *run = run_at(literals, rela->r_offset);
        refit_relocate(literals->object, run->part, rela->r_offset - run->first + run->place,
                       (uint32_t)ELF64_R_TYPE(rela->r_info), (uint32_t)ELF64_R_SYM(rela->r_info),
                       rela->r_addend);
    }
}

static bool names_data(const RefitObject *object)
{
    for (uint32_t i = 1; i < object->file_parts; i++) {
        const RefitPart *part = &object->parts[i];
        for (uint32_t k = 0; k < part->rela_count && !part->is_dropped; k++) {
            if (ELF64_R_SYM(part->relas[k].r_info) == refit_part_symbol(object, object->data)) {
                return true;
            }
        }
    }
    return false;
}

bool refit_move_literals(RefitObject *object, Fault *fault)
{
    Literals literals = {.object = object};
    RefitPart *data = &object->parts[object->data];

    if (!object->data || !data->data) {
        return true;
    }
    literals.old = *data;
    if (names_data(object)) {
        return refit_refuse(object, fault,
                            "no object as tcc writes them (places in .data "
                            "without a symbol)");
    }
    if (!find_runs(&literals) || !mark_relocated(&literals)) {
        return refit_refuse(object, fault, "the object is damaged (literals)");
    }
    data->data = NULL;
    data->bytes = data->room = 0;
    data->relas = NULL;
    data->rela_count = data->rela_room = 0;
    for (uint32_t i = 0; i < literals.run_count; i++) {
        Run *run = &literals.runs[i];
        if (run->symbol) {
            place_literal(&literals, run);
        } else {
            place_data(&literals, run);
        }
    }
    if (!move_symbols(&literals)) {
        return refit_refuse(object, fault, "the object is damaged (a variable in a literal)");
    }
    move_relocations(&literals);
    return true;
}
