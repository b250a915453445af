#include <dlfcn.h>
#include <link.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "crash_parts.h"

// What the instruction that failed wanted. The processor reports the address of a page fault, but
// not that of an address with no page at all (it is not canonical, or not aligned for the
// instruction), nor what was divided by what. Read here: the encodings that compilers use for plain
// C; whatever else is met says nothing.
// Source: Intel SDM volume 2, chapter 2 and the opcode maps of appendix A.
//
// Contents: memory, decoding, what is of interest, calls into libraries.

// ---------------------------------------------------------------------------------------- memory

bool crash_read_stack(void *with, uintptr_t address, void *out, size_t bytes)
{
    const GuardReport *report = with;
    uintptr_t first = report ? report->registers[7] : 0;

    if (!report || !report->has_registers || address < first
        || address - first > report->stack_bytes || bytes > report->stack_bytes - (address - first)
        || report->stack_bytes > sizeof report->stack) {
        return false;
    }
    memcpy(out, report->stack + (address - first), bytes);
    return true;
}

bool crash_read_memory(void *with, uintptr_t address, void *out, size_t bytes)
{
    struct iovec here = {out, bytes}, there = {(void *)address, bytes};

    return crash_read_stack(with, address, out, bytes)
           || process_vm_readv(getpid(), &here, 1, &there, 1, 0) == (ssize_t)bytes;
}

// -------------------------------------------------------------------------------------- decoding

enum { INSTRUCTION_MAX = 15, OPCODE_0F = 0x0f00, OPCODE_0F38 = 0x3800, OPCODE_0F3A = 0x3a00 };

typedef struct Decoder {
    const GuardReport *report;
    uint8_t bytes[INSTRUCTION_MAX + 1];
    size_t at, end;
    bool has_66, is_wide, is_avx;
    unsigned opcode; // with its map
    unsigned extend_base, extend_index;
    uint8_t mode, reg, base;
    bool has_memory;
    uint64_t address;
} Decoder;

static uint8_t next_byte(Decoder *decoder)
{
    return decoder->at < decoder->end ? decoder->bytes[decoder->at++] : 0;
}

static uint64_t register_value(const Decoder *decoder, unsigned number)
{
    // The processor's order to DWARF's.
    static const uint8_t DWARF[16] = {0, 2, 1, 3, 7, 6, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15};

    return decoder->report->registers[DWARF[number & 15]];
}

static void read_prefixes(Decoder *decoder)
{
    uint8_t byte = next_byte(decoder);

    while (byte == 0x66 || byte == 0x67 || byte == 0xf2 || byte == 0xf3 || byte == 0x2e
           || byte == 0x3e || byte == 0xf0) {
        decoder->has_66 = decoder->has_66 || byte == 0x66;
        byte = next_byte(decoder);
    }
    if ((byte & 0xf0) == 0x40) {
        decoder->is_wide = byte & 8;
        decoder->extend_index = byte & 2 ? 8 : 0;
        decoder->extend_base = byte & 1 ? 8 : 0;
        byte = next_byte(decoder);
    }
    decoder->opcode = byte;
}

static void read_opcode(Decoder *decoder)
{
    read_prefixes(decoder);
    if (decoder->opcode == 0x0f) {
        decoder->opcode = OPCODE_0F | next_byte(decoder);
        if (decoder->opcode == (OPCODE_0F | 0x38)) {
            decoder->opcode = OPCODE_0F38 | next_byte(decoder);
        } else if (decoder->opcode == (OPCODE_0F | 0x3a)) {
            decoder->opcode = OPCODE_0F3A | next_byte(decoder);
        }
    } else if (decoder->opcode == 0xc5 || decoder->opcode == 0xc4) { // AVX
        static const unsigned MAPS[] = {0, OPCODE_0F, OPCODE_0F38, OPCODE_0F3A};
        unsigned map = 1;
        decoder->is_avx = true;
        uint8_t byte = next_byte(decoder);
        if (decoder->opcode == 0xc4) {
            map = byte & 3;
            decoder->extend_index = byte & 0x40 ? 0 : 8;
            decoder->extend_base = byte & 0x20 ? 0 : 8;
            byte = next_byte(decoder);
        }
        decoder->has_66 = (byte & 3) == 1;
        decoder->opcode = MAPS[map] | next_byte(decoder);
    }
}

static int64_t read_displacement(Decoder *decoder, size_t bytes)
{
    int8_t small = (int8_t)decoder->bytes[decoder->at <= INSTRUCTION_MAX ? decoder->at : 0];
    int32_t large = 0;

    if (decoder->end - decoder->at < bytes) {
        return 0;
    }
    if (bytes == 4) {
        memcpy(&large, decoder->bytes + decoder->at, sizeof large);
    }
    decoder->at += bytes;
    return bytes == 4 ? large : bytes == 1 ? small : 0;
}

static void read_operand(Decoder *decoder)
{
    uint8_t byte = next_byte(decoder);
    uint8_t base = byte & 7;

    decoder->mode = byte >> 6;
    decoder->reg = (byte >> 3) & 7;
    decoder->base = base;
    if (decoder->mode == 3) {
        return;
    }
    bool no_base = decoder->mode == 0 && base == 5;
    if (no_base && base == 5) {
        return; // relative to the instruction: its own library's memory, which is always good
    }
    if (base == 4) {
        uint8_t sib = next_byte(decoder);
        unsigned index = ((sib >> 3) & 7u) | decoder->extend_index;
        base = sib & 7;
        no_base = decoder->mode == 0 && base == 5;
        decoder->address += index == 4 ? 0 : register_value(decoder, index) << (sib >> 6);
    }
    decoder->address += no_base ? 0 : register_value(decoder, base | decoder->extend_base);
    decoder->address +=
        (uint64_t)read_displacement(decoder, no_base || decoder->mode == 2 ? 4 : decoder->mode);
    decoder->has_memory = true;
}

// -------------------------------------------------------------------------------- what is of
// interest

static bool wants_alignment(const Decoder *decoder)
{
    switch (decoder->opcode) {
    case OPCODE_0F | 0x28: // movaps, movapd
    case OPCODE_0F | 0x29:
    case OPCODE_0F | 0x2b: // movntps
    case OPCODE_0F | 0xe7: // movntdq
        return true;
    case OPCODE_0F | 0x6f: // movdqa
    case OPCODE_0F | 0x7f:
        return decoder->has_66;
    default: // addps and all the others with an operand in memory, but not in their AVX form
        return !decoder->is_avx && (decoder->opcode & 0xff00) == OPCODE_0F
               && (decoder->opcode & 0xff) >= 0x51 && (decoder->opcode & 0xff) <= 0x5f;
    }
}

static bool is_write(unsigned opcode)
{
    return opcode == 0x88 || opcode == 0x89 || opcode == 0xc6 || opcode == 0xc7 || opcode == 0xa4
           || opcode == 0xa5 || opcode == 0xaa || opcode == 0xab || opcode == (OPCODE_0F | 0x11)
           || opcode == (OPCODE_0F | 0x13) || opcode == (OPCODE_0F | 0x17)
           || opcode == (OPCODE_0F | 0x29) || opcode == (OPCODE_0F | 0x7f)
           || opcode == (OPCODE_0F | 0xd6) || opcode == (OPCODE_0F | 0xe7);
}

static bool is_read(unsigned opcode)
{
    return opcode == 0x8a || opcode == 0x8b || opcode == 0x63 || opcode == 0x3b || opcode == 0x39
           || opcode == 0x38 || opcode == 0x3a || opcode == 0x80 || opcode == 0x83
           || opcode == (OPCODE_0F | 0xb6) || opcode == (OPCODE_0F | 0xb7)
           || opcode == (OPCODE_0F | 0xbe) || opcode == (OPCODE_0F | 0xbf)
           || opcode == (OPCODE_0F | 0x10) || opcode == (OPCODE_0F | 0x28)
           || opcode == (OPCODE_0F | 0x6f) || opcode == (OPCODE_0F | 0x12)
           || opcode == (OPCODE_0F | 0x16)
           || ((opcode & 0xff00) == OPCODE_0F && (opcode & 0xff) >= 0x51
               && (opcode & 0xff) <= 0x5f);
}

// The divisor of div and idiv, as a signed number of its size.
static void read_divisor(Decoder *decoder, CrashCode *code)
{
    unsigned bytes = decoder->opcode == 0xf6 ? 1 : decoder->is_wide ? 8 : decoder->has_66 ? 2 : 4;
    uint64_t value = 0;

    code->is_division = true;
    // Of bytes only the first four registers have the same number for their low half.
    if (decoder->mode == 3 && (bytes > 1 || decoder->base < 4 || decoder->extend_base)) {
        value = register_value(decoder, decoder->base | decoder->extend_base);
        code->has_divisor = true;
    } else if (decoder->has_memory) {
        code->has_divisor =
            crash_read_memory((void *)(uintptr_t)decoder->report, decoder->address, &value, bytes);
    }
    value <<= 64 - 8 * bytes;
    code->divisor = (int64_t)value >> (64 - 8 * bytes);
    // Memory may have been put back to what it was since.
    code->has_divisor = code->has_divisor && (code->divisor == 0 || code->divisor == -1);
}

static void read_jump(Decoder *decoder, CrashCode *code)
{
    uint64_t target;

    if (decoder->mode == 3) {
        code->is_jump = true;
        code->address = register_value(decoder, decoder->base | decoder->extend_base);
    } else if (decoder->has_memory && crash_is_canonical(decoder->address)
               && crash_read_memory((void *)(uintptr_t)decoder->report, decoder->address, &target,
                                    sizeof target)) {
        code->is_jump = true;
        code->address = target;
    }
}

static void read_interest(Decoder *decoder, CrashCode *code)
{
    unsigned opcode = decoder->opcode;

    if (opcode == (OPCODE_0F | 0x0b) || opcode == (OPCODE_0F | 0xff)) { // ud2, ud0
        code->is_trap = true;
    } else if (opcode == (OPCODE_0F | 0xb9)) { // ud1; clang puts the number of the check behind it
        read_operand(decoder);
        code->is_trap = true;
        code->check = decoder->mode == 1   ? decoder->bytes[decoder->at - 1]
                      : decoder->mode == 0 ? 0
                                           : -1;
    } else if (opcode == 0xc3 || opcode == 0xc2) {
        code->is_return =
            crash_read_stack((void *)(uintptr_t)decoder->report, decoder->report->registers[7],
                             &code->address, sizeof code->address);
    } else if (opcode >= 0xa4 && opcode <= 0xaf && opcode != 0xa8 && opcode != 0xa9) { // rep stos
        code->has_address = true;
        code->is_write = is_write(opcode);
        code->address = register_value(decoder, 7); // rdi; of movs one of the two, the other is rsi
        if (opcode <= 0xa5 && crash_is_canonical(code->address)) {
            code->address = register_value(decoder, 6);
            code->is_write = false;
        }
    } else {
        read_operand(decoder);
        if ((opcode == 0xf6 || opcode == 0xf7) && (decoder->reg == 6 || decoder->reg == 7)) {
            read_divisor(decoder, code);
        } else if (opcode == 0xff && (decoder->reg == 2 || decoder->reg == 4)) {
            read_jump(decoder, code);
        }
        code->has_address = decoder->has_memory && !code->is_jump;
        code->address = code->is_jump ? code->address : decoder->address;
        code->is_write = is_write(opcode);
        code->is_read = is_read(opcode);
        code->wants_alignment = code->has_address && wants_alignment(decoder);
    }
}

CrashCode crash_read_code(const GuardReport *report)
{
    CrashCode code = {.check = -1};
    Decoder decoder = {.report = report};
    uint8_t before = 0;

    if (!report->has_registers) {
        return code;
    }
    void *with = (void *)(uintptr_t)report;
    decoder.end = INSTRUCTION_MAX;
    while (decoder.end > 0 && !crash_read_memory(with, report->pc, decoder.bytes, decoder.end)) {
        decoder.end--; // the page may end here
    }
    code.is_breakpoint =
        (report->pc > 0 && crash_read_memory(with, report->pc - 1, &before, 1) && before == 0xcc);
    if (decoder.end == 0) {
        return code;
    }
    code.is_known = true;
    read_opcode(&decoder);
    read_interest(&decoder, &code);
    return code;
}

// --------------------------------------------------------------------------- calls into libraries

// The slot of the import table that the call before `return_address` goes through; 0: it does not.
static uintptr_t import_slot(const GameLib *lib, uintptr_t return_address)
{
    uint8_t code[16];
    int32_t far;
    uintptr_t stub;

    if (return_address < lib->image_first + 6
        || !crash_read_memory(NULL, return_address - 6, code, 6)) {
        return 0;
    }
    memcpy(&far, code + 2, sizeof far);
    if (code[0] == 0xff && code[1] == 0x15) { // call *slot(%rip): -fno-plt
        return return_address + (uintptr_t)(intptr_t)far;
    }
    stub = return_address + (uintptr_t)(intptr_t)far;
    if (code[1] != 0xe8 || stub < lib->image_first || stub >= lib->image_end
        || !crash_read_memory(NULL, stub, code, sizeof code)) {
        return 0;
    }
    size_t at = memcmp(code, "\xf3\x0f\x1e\xfa", 4) == 0 ? 4 : 0; // endbr64
    at += code[at] == 0xf2;                                       // bnd
    if (code[at] != 0xff || code[at + 1] != 0x25) {               // jmp *slot(%rip)
        return 0;
    }
    memcpy(&far, code + at + 2, sizeof far);
    return stub + at + 6 + (uintptr_t)(intptr_t)far;
}

// The loader's tables of a library, as they lie in memory. Source: elf(5), glibc's
// elf/dynamic-link.h (which makes these entries absolute).
typedef struct Imports {
    const ElfW(Rela) * tables[2];
    size_t counts[2];
    const ElfW(Sym) * symbols;
    const char *names;
    size_t name_bytes;
} Imports;

static Imports read_imports(const struct link_map *map)
{
    Imports imports = {.counts = {0, 0}};

    for (const ElfW(Dyn) *entry = map->l_ld; entry->d_tag != DT_NULL; entry++) {
        switch (entry->d_tag) {
        case DT_JMPREL:
            imports.tables[0] = (const ElfW(Rela) *)entry->d_un.d_ptr;
            break;
        case DT_PLTRELSZ:
            imports.counts[0] = entry->d_un.d_val / sizeof(ElfW(Rela));
            break;
        case DT_RELA:
            imports.tables[1] = (const ElfW(Rela) *)entry->d_un.d_ptr;
            break;
        case DT_RELASZ:
            imports.counts[1] = entry->d_un.d_val / sizeof(ElfW(Rela));
            break;
        case DT_SYMTAB:
            imports.symbols = (const ElfW(Sym) *)entry->d_un.d_ptr;
            break;
        case DT_STRTAB:
            imports.names = (const char *)entry->d_un.d_ptr;
            break;
        case DT_STRSZ:
            imports.name_bytes = entry->d_un.d_val;
            break;
        default:
            break;
        }
    }
    return imports;
}

bool crash_called_name(const GameLib *lib, uintptr_t return_address, char *name, size_t name_bytes)
{
    struct link_map *map = NULL;
    uintptr_t slot = import_slot(lib, return_address);

    if (!slot || !lib->handle || dlinfo(lib->handle, RTLD_DI_LINKMAP, &map) != 0) {
        return false;
    }
    Imports imports = read_imports(map);
    for (size_t t = 0; imports.symbols && imports.names && t < 2; t++) {
        for (size_t i = 0; imports.tables[t] && i < imports.counts[t]; i++) {
            const ElfW(Rela) *entry = &imports.tables[t][i];
            size_t at = imports.symbols[ELF64_R_SYM(entry->r_info)].st_name;
            if (entry->r_offset + map->l_addr == slot && at > 0 && at < imports.name_bytes) {
                text_clean(name, name_bytes, imports.names + at, false);
                return true;
            }
        }
    }
    return false;
}
