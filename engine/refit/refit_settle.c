// What the linker need not look up: a place in the object's own text that is reached from there is
// written down at once, and other relocations go by section and offset, as the full compiler's do.
// ld reads a local symbol from the file each time that it meets it (bfd_sym_from_r_symndx of
// binutils keeps 32 of them), which is a quarter of its time on an object of tcc's: each constant
// and literal has one there.
#include "refit_parts.h"

#include <string.h>

static const Elf64_Sym *local_symbol(const RefitObject *object, uint64_t number)
{
    if (number == 0 || number >= object->symbol_count) {
        return NULL; // a part's, which is settled
    }
    const Elf64_Sym *symbol = &object->symbols[number];
    bool is_here = ELF64_ST_BIND(symbol->st_info) == STB_LOCAL && symbol->st_shndx != SHN_UNDEF
                   && symbol->st_shndx < object->part_count
                   && !object->parts[symbol->st_shndx].is_dropped;
    // Of what is merged an offset says less than a symbol does.
    return is_here && !(object->parts[symbol->st_shndx].flags & SHF_MERGE) ? symbol : NULL;
}

static bool is_from_here(uint64_t type)
{
    return type == R_X86_64_PC32 || type == R_X86_64_PLT32;
}

// True: nothing is left of it.
static bool settle(const RefitObject *object, RefitPart *part, uint32_t number, Elf64_Rela *rela)
{
    uint64_t type = ELF64_R_TYPE(rela->r_info);
    const Elf64_Sym *symbol = local_symbol(object, ELF64_R_SYM(rela->r_info));
    if (!symbol || !(is_from_here(type) || type == R_X86_64_64)) {
        return false;
    }
    int64_t place = (int64_t)symbol->st_value + rela->r_addend;
    int64_t far = place - (int64_t)rela->r_offset;
    if (is_from_here(type) && symbol->st_shndx == number && far == (int32_t)far) {
        int32_t written = (int32_t)far;
        memcpy(part->data + rela->r_offset, &written, sizeof(written));
        return true;
    }
    rela->r_addend = place;
    rela->r_info = ELF64_R_INFO((uint64_t)refit_part_symbol(object, symbol->st_shndx),
                                is_from_here(type) ? R_X86_64_PC32 : R_X86_64_64);
    return false;
}

void refit_settle(RefitObject *object)
{
    for (uint32_t i = 1; i < object->part_count; i++) {
        RefitPart *part = &object->parts[i];
        uint32_t kept = 0;
        for (uint32_t k = 0; k < part->rela_count && !part->is_dropped; k++) {
            if (!settle(object, part, i, &part->relas[k])) {
                part->relas[kept++] = part->relas[k];
            }
        }
        part->rela_count = kept;
    }
}
