#include <dwarf.h>
#include <string.h>

#include "refit_info.h"

// Parameters and automatic variables. The function's own block and that of its body are the
// function; blocks inside of them have entries if they declare something.

enum { BODY_DEPTH = 2 };

typedef struct Locals {
    Info *info;
    const RefitFunction *function;
    const Elf64_Sym *symbol;
    uint32_t pending; // events from here on are what the next block declares
    uint32_t depth;
} Locals;

static void write_local(Info *info, const RefitEvent *event)
{
    RefitObject *object = info->object;
    bool is_parameter = event->kind == EVENT_PARAMETER;
    size_t name_bytes = strcspn(event->text, ":");
    uint64_t length_at;
    uint32_t type;

    if (!refit_find_type(info, event->text + name_bytes + (is_parameter ? 2 : 1), &type)) {
        return;
    }
    refit_put_uleb(object, info->part, is_parameter ? ABBREV_PARAMETER : ABBREV_LOCAL);
    refit_put_text(object, info->part, event->text, name_bytes);
    refit_put_type(info, type);
    length_at = object->parts[info->part].bytes;
    refit_put(object, info->part, 0, 1);
    refit_put(object, info->part, DW_OP_fbreg, 1);
    refit_put_sleb(object, info->part, event->value);
    object->parts[info->part].data[length_at] =
        (uint8_t)(object->parts[info->part].bytes - length_at - 1);
}

// The parameters of the events from `first` to before `end` are there from the last one on.
static void write_pending(Locals *locals, uint32_t end)
{
    const RefitEvent *events = locals->info->stabs->events;

    for (uint32_t i = end; i-- > locals->pending;) {
        if (events[i].kind == EVENT_PARAMETER) {
            write_local(locals->info, &events[i]);
        }
    }
    for (uint32_t i = locals->pending; i < end; i++) {
        if (events[i].kind == EVENT_VARIABLE) {
            write_local(locals->info, &events[i]);
        }
    }
}

// An entry with the place of its end, which is not known yet, or 0.
static uint64_t begin_block(const Locals *locals, const RefitEvent *event, bool is_empty)
{
    Info *info = locals->info;
    RefitObject *object = info->object;

    if (locals->depth < BODY_DEPTH || is_empty) {
        return 0;
    }
    refit_put_uleb(object, info->part, ABBREV_BLOCK);
    refit_put_address(object, info->part, locals->symbol->st_shndx,
                      locals->symbol->st_value + (uint32_t)event->value);
    refit_put(object, info->part, (uint32_t)event->value, 8);
    return object->parts[info->part].bytes - 8;
}

static void end_block(const Locals *locals, uint64_t at, int32_t end)
{
    RefitPart *part = &locals->info->object->parts[locals->info->part];
    uint64_t first, bytes;

    if (at == 0) {
        return;
    }
    memcpy(&first, part->data + at, 8);
    bytes = (uint32_t)end > first ? (uint32_t)end - first : 0;
    memcpy(part->data + at, &bytes, 8);
    refit_put(locals->info->object, locals->info->part, 0, 1);
}

void refit_write_locals(Info *info, const RefitFunction *function)
{
    const RefitEvent *events = info->stabs->events;
    uint32_t end = function->first_event + function->event_count;
    Locals locals = {.info = info,
                     .function = function,
                     .symbol = &info->object->symbols[function->symbol],
                     .pending = function->first_event};

    for (uint32_t i = function->first_event; i < end; i++) {
        if (events[i].kind == EVENT_BEGIN) {
            info->blocks[locals.depth] = begin_block(&locals, &events[i], i == locals.pending);
            locals.depth++;
            write_pending(&locals, i);
            locals.pending = i + 1;
        } else if (events[i].kind == EVENT_END && locals.depth > 0) {
            locals.depth--;
            end_block(&locals, info->blocks[locals.depth], events[i].value);
            locals.pending = i + 1;
        }
    }
}
