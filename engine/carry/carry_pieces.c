#include <string.h>

#include "carry_parts.h"

// Contents: taking, putting.
//
// An optimiser may have taken a variable apart (see ReflectPiece): it is put together in memory of
// the report's, goes on like any other, and is taken apart again as the new build has it.

static const ReflectPiece *pieces_of(const CarrySide *side, const CarryObject *object)
{
    return side->table->pieces + object->first_piece;
}

static bool is_plain(const ReflectPiece *piece)
{
    return piece->factor == 1 && piece->base == 0 && piece->stored_bytes == piece->bytes;
}

static bool is_coded(const ReflectPiece *piece)
{
    return piece->stored_bytes <= 8 && piece->bytes <= 8;
}

// --------------------------------------------------------------------------------------- taking

static const uint8_t *stored_at(const CarrySide *side, const ReflectPiece *piece, bool is_initial)
{
    const GameLib *lib = side->lib;
    bool is_global = piece->address >= lib->globals_first && piece->address < lib->globals_end;
    return is_initial && is_global ? lib->globals_initial + (piece->address - lib->globals_first)
                                   : (const uint8_t *)piece->address;
}

uint8_t *carry_assemble(const CarrySide *side, const CarryObject *object, bool is_initial,
                        Arena *arena)
{
    uint8_t *bytes = arena_push(arena, 1, 16, object->bytes + 1);

    for (uint32_t i = 0; i < object->piece_count; i++) {
        const ReflectPiece *piece = &pieces_of(side, object)[i];
        const uint8_t *stored = stored_at(side, piece, is_initial);
        if (is_plain(piece)) {
            memcpy(bytes + piece->offset, stored, piece->bytes);
        } else if (is_coded(piece)) {
            uint64_t value = 0;
            memcpy(&value, stored, piece->stored_bytes);
            value = (uint64_t)piece->base + (uint64_t)piece->factor * value;
            memcpy(bytes + piece->offset, &value, piece->bytes);
        }
    }
    return bytes;
}

uint64_t carry_covered(const CarrySide *side, const CarryObject *object, uint64_t offset,
                       uint64_t bytes)
{
    uint64_t covered = object->piece_count ? 0 : bytes;
    for (uint32_t i = 0; i < object->piece_count; i++) {
        const ReflectPiece *piece = &pieces_of(side, object)[i];
        uint64_t first = piece->offset > offset ? piece->offset : offset;
        uint64_t end = piece->offset + piece->bytes;
        end = end < offset + bytes ? end : offset + bytes;
        covered += end > first ? end - first : 0;
    }
    return covered;
}

// -------------------------------------------------------------------------------------- putting

// One of two values is all that may be kept there.
static bool put_piece(const ReflectPiece *piece, const uint8_t *bytes)
{
    uint8_t *stored = (uint8_t *)piece->address;

    if (is_plain(piece)) {
        memcpy(stored, bytes, piece->bytes);
        return true;
    }
    for (uint64_t choice = 0; choice < 2 && is_coded(piece); choice++) {
        uint64_t value = (uint64_t)piece->base + (uint64_t)piece->factor * choice;
        if (memcmp(&value, bytes, piece->bytes) == 0) {
            memcpy(stored, &choice, piece->stored_bytes);
            return true;
        }
    }
    return false;
}

static void tell_dropped(const CarrySide *side, CarryItems *items, const CarryObject *object,
                         uint64_t offset)
{
    char label[CARRY_NAME_MAX], path[CARRY_NAME_MAX];

    carry_label(object, label, sizeof label);
    reflect_path(side->table, object->type, offset, path, sizeof path);
    size_t used = strlen(label);
    text_format(label + used, sizeof label - used, "%s%s", path[0] && path[0] != '[' ? "." : "",
                path);
    carry_item(items, CARRY_LOST, label,
               "the optimiser left no room for its value in the new build, which does not need it");
}

void carry_disassemble(const CarrySide *side, CarryItems *items, const CarryObject *object,
                       const uint8_t *bytes, uint8_t *fresh)
{
    for (uint32_t i = 0; i < object->piece_count; i++) {
        const ReflectPiece *piece = &pieces_of(side, object)[i];
        if (memcmp(bytes + piece->offset, fresh + piece->offset, piece->bytes) != 0
            && put_piece(piece, bytes + piece->offset)) {
            memcpy(fresh + piece->offset, bytes + piece->offset, piece->bytes);
        }
    }
    // What still differs has found no room. Named once for each run of bytes.
    for (uint64_t i = 0; i < object->bytes; i++) {
        if (bytes[i] != fresh[i] && (i == 0 || bytes[i - 1] == fresh[i - 1])) {
            tell_dropped(side, items, object, i);
        }
    }
}
