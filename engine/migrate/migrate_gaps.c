#include <stdlib.h>
#include <string.h>

#include "migrate_parts.h"

// Bytes of the new element that are written anyway need not be zeroed before.
typedef struct Stretch {
    uint64_t first, end;
} Stretch;

static uint32_t list_gaps(const Maker *maker, const Op *ops, uint32_t count, uint64_t bytes,
                          Stretch **gaps);

static Stretch written_by(const Maker *maker, const Op *op)
{
    const Site *site = &maker->program->sites[op->site];
    uint64_t bytes = 0;
    Stretch *gaps;

    switch ((OpKind)op->kind) {
    case OP_COPY:
    case OP_WORDS:
    case OP_BYTES:
        bytes = op->count;
        break;
    case OP_WHOLE: // of eight bytes it writes a part
        if (op->store % 8 == 0 && op->to_stride % 8 == 0) {
            return (Stretch){op->to + op->store / 8, op->to + (op->store + op->to_stride) / 8};
        }
        break;
    case OP_WIDEN:
    case OP_NUMBER:
    case OP_ENUM:
        bytes = site->to.bit_size ? 0 : site->to.type->bytes;
        break;
    case OP_POINTER:
        bytes = MIGRATE_WORD_BYTES;
        break;
    case OP_LOOP:
        bytes = list_gaps(maker, op + 1, op->body, op->to_stride, &gaps) == 0
                    ? op->count * op->to_stride
                    : 0;
        break;
    default:
        break;
    }
    return (Stretch){op->to, op->to + bytes};
}

static int by_first(const void *a, const void *b)
{
    const Stretch *x = a, *y = b;
    return x->first < y->first ? -1 : x->first > y->first;
}

static uint32_t list_gaps(const Maker *maker, const Op *ops, uint32_t count, uint64_t bytes,
                          Stretch **gaps)
{
    Arena *arena = maker->migrate->arena;
    Stretch *written = ARENA_NEW(arena, Stretch, count + 1);
    uint32_t written_count = 0, gap_count = 0;
    uint64_t at = 0;

    *gaps = ARENA_NEW(arena, Stretch, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        written[written_count++] = written_by(maker, &ops[i]);
        i += ops[i].kind == OP_LOOP ? ops[i].body : 0;
    }
    qsort(written, written_count, sizeof *written, by_first);
    written[written_count++] = (Stretch){bytes, bytes};
    for (uint32_t i = 0; i < written_count; i++) {
        if (written[i].first > at) {
            (*gaps)[gap_count++] = (Stretch){at, written[i].first};
        }
        at = written[i].end > at ? written[i].end : at;
    }
    return gap_count;
}

void migrate_add_zeros(Maker *maker)
{
    Program *program = maker->program;
    Stretch *gaps;
    uint32_t count = list_gaps(maker, program->ops, program->op_count, program->to_bytes, &gaps);
    Op *ops = ARENA_NEW(maker->migrate->arena, Op, count + program->op_count + 1);

    for (uint32_t i = 0; i < count; i++) {
        ops[i] = (Op){.kind = OP_ZERO, .to = gaps[i].first, .count = gaps[i].end - gaps[i].first};
    }
    if (program->op_count > 0) {
        memcpy(ops + count, program->ops, program->op_count * sizeof *ops);
    }
    program->ops = ops;
    program->op_count += count;
}
