#include <dwarf.h>
#include <string.h>

#include "refit_parts.h"

// .eh_frame: how to leave a function from any of its instructions. All of tcc's begin with
// push %rbp; mov %rsp,%rbp and end, at one place, with leave; ret.

enum {
    POINTERS = DW_EH_PE_pcrel | DW_EH_PE_sdata4,
    RBP = 6,
    RSP = 7,
    RIP = 16,
    PUSHED = 1, // bytes of code to behind push %rbp ...
    FRAMED = 4  // ... and to behind mov %rsp,%rbp
};

static const uint8_t beginning[FRAMED] = {0x55, 0x48, 0x89, 0xe5};

static void put_bytes(RefitObject *object, uint32_t part, const uint8_t *bytes, size_t count)
{
    memcpy(refit_grow(object, part, count), bytes, count);
}

// Entries are padded with DW_CFA_nop, which is 0.
static void end_entry(RefitObject *object, uint32_t part, uint64_t begun)
{
    refit_put(object, part, 0, (8 - (object->parts[part].bytes - begun) % 8) % 8);
    refit_put_length(object, part, begun);
}

static void write_common(RefitObject *object, uint32_t part)
{
    // Length and 0 for itself go before: version 1, "zR", code in bytes, data in 8 bytes downwards,
    // then: the frame is 8 above %rsp, and the way back lies below it.
    static const uint8_t common[] = {
        1, 'z', 'R', 0, 1, 0x78, RIP, 1, POINTERS, DW_CFA_def_cfa, RSP, 8, DW_CFA_offset | RIP, 1};

    refit_put(object, part, 0, 8);
    put_bytes(object, part, common, sizeof common);
    end_entry(object, part, 0);
}

// advance_loc of up to 32 bits.
static void put_advance(RefitObject *object, uint32_t part, uint64_t bytes)
{
    if (bytes < 0x40) {
        refit_put(object, part, DW_CFA_advance_loc | bytes, 1);
    } else {
        refit_put(object, part, DW_CFA_advance_loc4, 1);
        refit_put(object, part, bytes, 4);
    }
}

static void write_entry(RefitObject *object, uint32_t part, const Elf64_Sym *symbol,
                        const uint8_t *code)
{
    static const uint8_t pushed[] = {DW_CFA_advance_loc | PUSHED, DW_CFA_def_cfa_offset, 16,
                                     DW_CFA_offset | RBP, 2};
    static const uint8_t framed[] = {DW_CFA_advance_loc | (FRAMED - PUSHED),
                                     DW_CFA_def_cfa_register, RBP};
    static const uint8_t left[] = {DW_CFA_def_cfa, RSP, 8, DW_CFA_restore | RBP};
    uint64_t begun = object->parts[part].bytes, size = symbol->st_size;

    refit_put(object, part, 0, 4);
    refit_put(object, part, begun + 4, 4); // back to the common part
    refit_relocate(object, part, object->parts[part].bytes, R_X86_64_PC32,
                   refit_part_symbol(object, symbol->st_shndx), (int64_t)symbol->st_value);
    refit_put(object, part, 0, 4);
    refit_put(object, part, size, 4);
    refit_put(object, part, 0, 1); // no more data
    put_bytes(object, part, pushed, sizeof pushed);
    put_bytes(object, part, framed, sizeof framed);
    if (size >= FRAMED + 2 && code[size - 2] == 0xc9 && code[size - 1] == 0xc3) {
        put_advance(object, part, size - 1 - FRAMED);
        put_bytes(object, part, left, sizeof left);
    }
    end_entry(object, part, begun);
}

void refit_write_unwinding(RefitObject *object, const RefitStabs *stabs)
{
    uint32_t part = 0;

    for (uint32_t i = 0; i < stabs->function_count; i++) {
        const Elf64_Sym *symbol = &object->symbols[stabs->functions[i].symbol];
        const uint8_t *code = object->parts[symbol->st_shndx].data + symbol->st_value;
        if (symbol->st_size < FRAMED || memcmp(code, beginning, FRAMED) != 0) {
            continue;
        }
        if (part == 0) {
            part = refit_add_part(object, &(RefitPart){.name = ".eh_frame",
                                                       .type = SHT_PROGBITS,
                                                       .flags = SHF_ALLOC,
                                                       .align = 8});
            write_common(object, part);
        }
        write_entry(object, part, symbol, code);
    }
}
