#include <string.h>

#include "refit_parts.h"

bool refit_refuse(const RefitObject *object, Fault *fault, const char *what)
{
    return fault_set(fault, FAULT_FORMAT, "%s: %s; it is not used, gcc's object takes its place",
                     object->path, what);
}

uint32_t refit_add_part(RefitObject *object, const RefitPart *part)
{
    object->parts[object->part_count] = *part;
    return object->part_count++;
}

// Pages that nobody touches cost nothing, copying what grows does: so there is more room from the
// beginning than a part or its relocations are likely to need.
void refit_make_room(RefitObject *object, RefitPart *part, size_t bytes)
{
    size_t room = (size_t)(part->room + bytes) * 2 + object->file_bytes;
    uint8_t *data = arena_push(object->arena, room, 16, 1);

    if (part->bytes > 0) {
        memcpy(data, part->data, part->bytes);
    }
    part->data = data;
    part->room = room;
}

void refit_relocate(RefitObject *object, uint32_t number, uint64_t offset, uint32_t type,
                    uint32_t symbol, int64_t addend)
{
    RefitPart *part = &object->parts[number];

    if (part->rela_count == part->rela_room) {
        uint32_t room = part->rela_room * 2 + object->symbol_count + 64;
        Elf64_Rela *relas = ARENA_NEW(object->arena, Elf64_Rela, room);
        if (part->rela_count > 0) {
            memcpy(relas, part->relas, part->rela_count * sizeof *relas);
        }
        part->relas = relas;
        part->rela_room = room;
    }
    part->relas[part->rela_count++] = (Elf64_Rela){
        .r_offset = offset, .r_info = ELF64_R_INFO((uint64_t)symbol, type), .r_addend = addend};
}

void refit_put_uleb(RefitObject *object, uint32_t part, uint64_t value)
{
    do {
        uint8_t low = value & 0x7f;
        value >>= 7;
        refit_put(object, part, value ? low | 0x80u : low, 1);
    } while (value);
}

void refit_put_sleb(RefitObject *object, uint32_t part, int64_t value)
{
    for (;;) {
        uint8_t low = (uint8_t)(value & 0x7f);
        value >>= 7; // keeps the sign: gcc and clang say so
        if ((value == 0 && !(low & 0x40)) || (value == -1 && (low & 0x40))) {
            refit_put(object, part, low, 1);
            return;
        }
        refit_put(object, part, low | 0x80u, 1);
    }
}

void refit_put_text(RefitObject *object, uint32_t part, const char *text, size_t bytes)
{
    memcpy(refit_grow(object, part, bytes + 1), text, bytes);
}

void refit_put_address(RefitObject *object, uint32_t part, uint32_t to, uint64_t addend)
{
    refit_relocate(object, part, object->parts[part].bytes, R_X86_64_64,
                   refit_part_symbol(object, to), (int64_t)addend);
    refit_put(object, part, 0, 8);
}

void refit_put_offset(RefitObject *object, uint32_t part, uint32_t to, uint64_t addend)
{
    refit_relocate(object, part, object->parts[part].bytes, R_X86_64_32,
                   refit_part_symbol(object, to), (int64_t)addend);
    refit_put(object, part, 0, 4);
}

void refit_put_length(RefitObject *object, uint32_t number, uint64_t offset)
{
    const RefitPart *part = &object->parts[number];
    uint32_t length = (uint32_t)(part->bytes - offset - 4);

    memcpy(part->data + offset, &length, 4);
}
