#include <dwarf.h>
#include <string.h>

#include "refit_parts.h"

// .debug_line (DWARF 4): the table of files, then a sequence of lines for each function. One in a
// section of its own has no lines in stabs: all of it is the line where it begins.

enum { LINE_BASE = -5, LINE_RANGE = 14, OPCODE_BASE = 13 };

typedef struct State {
    uint32_t offset, line, file;
} State;

static void write_files(RefitObject *object, const RefitStabs *stabs, uint32_t part)
{
    refit_put(object, part, 0, 1); // no folders: names are whole, or begin at the unit's folder
    for (uint32_t i = 0; i < stabs->file_count; i++) {
        refit_put_text(object, part, stabs->files[i], strlen(stabs->files[i]));
        refit_put(object, part, 0, 3); // folder, time, size
    }
    refit_put(object, part, 0, 1);
}

static void write_head(RefitObject *object, const RefitStabs *stabs, uint32_t part)
{
    static const uint8_t operands[OPCODE_BASE - 1] = {0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1};

    refit_put(object, part, 0, 4);
    refit_put(object, part, 4, 2); // DWARF 4
    refit_put(object, part, 0, 4);
    refit_put(object, part, 1, 1); // bytes of the shortest instruction
    refit_put(object, part, 1, 1); // operations in one
    refit_put(object, part, 1, 1); // every place is where a statement begins
    refit_put(object, part, (uint8_t)LINE_BASE, 1);
    refit_put(object, part, LINE_RANGE, 1);
    refit_put(object, part, OPCODE_BASE, 1);
    memcpy(refit_grow(object, part, sizeof operands), operands, sizeof operands);
    write_files(object, stabs, part);
    refit_put_length(object, part, 6);
}

static void write_line(RefitObject *object, uint32_t part, State *state, const RefitLine *line)
{
    uint32_t advance = line->offset - state->offset;
    int64_t step = (int64_t)line->line - state->line;

    if (line->file != state->file) {
        refit_put(object, part, DW_LNS_set_file, 1);
        refit_put_uleb(object, part, line->file + 1);
    }
    if (step < LINE_BASE || step >= LINE_BASE + LINE_RANGE) {
        refit_put(object, part, DW_LNS_advance_line, 1);
        refit_put_sleb(object, part, step);
        step = 0;
    }
    if (advance > (255 - OPCODE_BASE - LINE_RANGE) / LINE_RANGE) {
        refit_put(object, part, DW_LNS_advance_pc, 1);
        refit_put_uleb(object, part, advance);
        advance = 0;
    }
    refit_put(object, part,
              (uint8_t)(step - LINE_BASE + LINE_RANGE * (int64_t)advance + OPCODE_BASE), 1);
    *state = (State){line->offset, line->line, line->file};
}

static void write_extended(RefitObject *object, uint32_t part, uint64_t bytes, uint8_t what)
{
    refit_put(object, part, 0, 1);
    refit_put_uleb(object, part, bytes);
    refit_put(object, part, what, 1);
}

static void write_sequence(RefitObject *object, const RefitStabs *stabs, uint32_t part,
                           const RefitFunction *function)
{
    const Elf64_Sym *symbol = &object->symbols[function->symbol];
    RefitLine whole = {0, function->line, function->file};
    State state = {0, 1, 0};

    write_extended(object, part, 9, DW_LNE_set_address);
    refit_put_address(object, part, symbol->st_shndx, symbol->st_value);
    if (function->line_count == 0) {
        write_line(object, part, &state, &whole);
    }
    for (uint32_t i = 0; i < function->line_count; i++) {
        write_line(object, part, &state, &stabs->lines[function->first_line + i]);
    }
    refit_put(object, part, DW_LNS_advance_pc, 1);
    refit_put_uleb(object, part, symbol->st_size - state.offset);
    write_extended(object, part, 1, DW_LNE_end_sequence);
}

void refit_write_lines(RefitObject *object, const RefitStabs *stabs, uint32_t part)
{
    write_head(object, stabs, part);
    for (uint32_t i = 0; i < stabs->function_count; i++) {
        if (object->symbols[stabs->functions[i].symbol].st_size > 0) {
            write_sequence(object, stabs, part, &stabs->functions[i]);
        }
    }
    refit_put_length(object, part, 0);
}
