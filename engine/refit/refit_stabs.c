#include <stdlib.h>
#include <string.h>

#include "refit_parts.h"

// tcc's stabs, as tccgen.c (tcc_debug_*) writes them. In the order of the section:
//
//   SO "folder/", SO "source"; BINCL and EINCL around what is included; SOL "file" where code of
//   another file begins; of a function FUN (relocated to its symbol), then SLINE from its first
//   byte on, then, after its code, what it declares: STSYM or LCSYM (relocated) is static there,
//   PSYM (the last one first) and LSYM are not, LBRAC and RBRAC around what a block's blocks
//   declare. LSYM "name:T1=..." and "name:t1=..." define types, wherever they are.
//   Outside of functions STSYM and LCSYM are the file's static variables. GSYM says nothing that
//   the symbol table does not say better: it stands for variables of other units as well.
//
// Contents: files, lines, variables, functions, the walk.

enum { STAB_BYTES = 12, N_FUN = 0x24, N_STSYM = 0x26, N_LCSYM = 0x28, N_SLINE = 0x44 };
enum { N_SO = 0x64, N_LSYM = 0x80, N_SOL = 0x84, N_PSYM = 0xa0, N_LBRAC = 0xc0, N_RBRAC = 0xe0 };

typedef struct Stab {
    uint8_t type;
    uint16_t line;
    uint32_t value;
    const char *text;
    uint32_t symbol; // it is relocated to; 0: none
} Stab;

typedef struct Walk {
    RefitObject *object;
    RefitStabs *stabs;
    uint32_t *symbols; // of stabs that are relocated
    uint32_t *slots;   // of files, by their names' hashes: the number and 1
    uint32_t slot_mask;
    uint32_t *last_lines; // of files
    const char *source;   // as tcc calls it
    uint32_t file;
    uint32_t depth; // of LBRAC in the function
    RefitFunction *function;
    bool has_locals; // the function
} Walk;

// ---------------------------------------------------------------------------------------- files

static uint32_t file_number(Walk *walk, const char *name)
{
    RefitStabs *stabs = walk->stabs;
    uint32_t at;

    if (walk->source && strcmp(name, walk->source) == 0) {
        return 0;
    }
    at = (uint32_t)hash_bytes(name, strlen(name)) & walk->slot_mask;
    while (walk->slots[at] && strcmp(stabs->files[walk->slots[at] - 1], name) != 0) {
        at = (at + 1) & walk->slot_mask;
    }
    if (!walk->slots[at]) {
        stabs->files[stabs->file_count++] = name;
        walk->slots[at] = stabs->file_count;
    }
    return walk->slots[at] - 1;
}

// ---------------------------------------------------------------------------------------- lines

// A stab has 16 bits for a line. The nearest to the one before, in the same file, is meant.
static uint32_t whole_line(Walk *walk, uint16_t low)
{
    uint32_t last = walk->last_lines[walk->file];
    int32_t step = (int16_t)(uint16_t)(low - (uint16_t)last);
    uint32_t line = step < 0 && (uint32_t)-step > last ? low : last + (uint32_t)step;

    walk->last_lines[walk->file] = line;
    return line;
}

static void add_line(Walk *walk, const Stab *stab)
{
    RefitStabs *stabs = walk->stabs;
    RefitFunction *function = walk->function;
    RefitLine *last = function->line_count ? &stabs->lines[stabs->line_count - 1] : NULL;
    uint64_t size = walk->object->symbols[function->symbol].st_size;
    RefitLine line = {stab->value, whole_line(walk, stab->line), walk->file};

    // Beyond it are the lines of assembler outside of functions, which count from somewhere else.
    if (line.offset >= size || (last && line.offset < last->offset)) {
        return;
    }
    if (last && last->offset == line.offset) {
        *last = line; // a statement without code is before this one
        return;
    }
    stabs->lines[stabs->line_count++] = line;
    function->line_count++;
}

// ------------------------------------------------------------------------------------ variables

static RefitName name_of(const char *text)
{
    return (RefitName){text, strcspn(text, ":")};
}

static bool is_placed(const RefitObject *object, uint32_t symbol)
{
    return symbol > 0 && symbol < object->symbol_count
           && object->symbols[symbol].st_shndx != SHN_UNDEF;
}

static void add_static(Walk *walk, const Stab *stab)
{
    RefitStabs *stabs = walk->stabs;
    RefitVariable variable = {name_of(stab->text), stab->symbol};

    if (!is_placed(walk->object, stab->symbol) || variable.name.bytes == 0) {
        return;
    }
    if (walk->function) {
        stabs->statics[stabs->static_count++] = variable;
        walk->function->variable_count++;
    } else {
        stabs->variables[stabs->variable_count++] = variable;
    }
}

// Blocks come from the outer ones to the inner ones; symbols come as they are declared.
static int by_symbol(const void *left, const void *right)
{
    const RefitVariable *a = left, *b = right;

    return a->symbol < b->symbol ? -1 : a->symbol > b->symbol;
}

static void add_globals(Walk *walk)
{
    const RefitObject *object = walk->object;
    RefitStabs *stabs = walk->stabs;

    for (uint32_t i = 1; i < object->symbol_count; i++) {
        const Elf64_Sym *symbol = &object->symbols[i];
        const char *name = refit_symbol_name(object, symbol);
        if (ELF64_ST_BIND(symbol->st_info) != STB_LOCAL
            && ELF64_ST_TYPE(symbol->st_info) == STT_OBJECT && is_placed(object, i)) {
            stabs->variables[stabs->variable_count++] = (RefitVariable){{name, strlen(name)}, i};
        }
    }
}

// ------------------------------------------------------------------------------------ functions

static void add_event(Walk *walk, int kind, const Stab *stab)
{
    RefitStabs *stabs = walk->stabs;

    if (walk->function) {
        stabs->events[stabs->event_count++] =
            (RefitEvent){.kind = kind, .value = (int32_t)stab->value, .text = stab->text};
    }
}

// Blocks alone are nothing to tell.
static void add_local(Walk *walk, int kind, const Stab *stab)
{
    RefitStabs *stabs = walk->stabs;
    const char *colon = strchr(stab->text, ':');

    if (colon && (colon[1] == 'T' || colon[1] == 't')) {
        stabs->types[stabs->type_count++] = stab->text;
    } else if (colon && colon > stab->text && walk->function) {
        add_event(walk, kind, stab);
        walk->has_locals = true;
    }
}

static void begin_function(Walk *walk, const Stab *stab)
{
    RefitStabs *stabs = walk->stabs;
    const RefitObject *object = walk->object;

    walk->function = NULL;
    if (!is_placed(object, stab->symbol)
        || object->symbols[stab->symbol].st_shndx >= object->file_parts
        || object->parts[object->symbols[stab->symbol].st_shndx].type == SHT_NOBITS) {
        return;
    }
    walk->depth = 0;
    walk->function = &stabs->functions[stabs->function_count++];
    *walk->function = (RefitFunction){.name = name_of(stab->text),
                                      .symbol = stab->symbol,
                                      .file = walk->file,
                                      .line = whole_line(walk, stab->line),
                                      .first_line = stabs->line_count,
                                      .first_variable = stabs->static_count,
                                      .first_event = stabs->event_count};
    walk->has_locals = false;
}

// What follows the last block of a function belongs to none.
static void leave_block(Walk *walk)
{
    RefitFunction *function = walk->function;

    walk->depth -= walk->depth > 0;
    if (walk->depth == 0 && function) {
        if (walk->has_locals) {
            function->event_count = walk->stabs->event_count - function->first_event;
        }
        qsort(walk->stabs->statics + function->first_variable, function->variable_count,
              sizeof(RefitVariable), by_symbol);
        walk->function = NULL;
    }
}

// ----------------------------------------------------------------------------------------- walk

static void take(Walk *walk, const Stab *stab)
{
    switch (stab->type) {
    case N_SO: // the folder, the source, and none at the end
        walk->source = stab->text[0] && !walk->stabs->function_count ? stab->text : walk->source;
        break;
    case N_SOL:
        walk->file = file_number(walk, stab->text);
        break;
    case N_FUN:
        begin_function(walk, stab);
        break;
    case N_SLINE:
        if (walk->function && !stab->symbol) {
            add_line(walk, stab);
        }
        break;
    case N_STSYM:
    case N_LCSYM:
        add_static(walk, stab);
        break;
    case N_PSYM:
        add_local(walk, EVENT_PARAMETER, stab);
        break;
    case N_LSYM:
        add_local(walk, EVENT_VARIABLE, stab);
        break;
    case N_LBRAC:
        walk->depth++;
        add_event(walk, EVENT_BEGIN, stab);
        break;
    case N_RBRAC:
        add_event(walk, EVENT_END, stab);
        leave_block(walk);
        break;
    default:
        break;
    }
}

static bool read_stab(const Walk *walk, uint32_t number, Stab *stab)
{
    const RefitObject *object = walk->object;
    const RefitPart *texts = &object->parts[object->stabstr];
    const uint8_t *at = object->parts[object->stab].data + (size_t)number * STAB_BYTES;
    uint32_t text;

    memcpy(&text, at, 4);
    memcpy(&stab->line, at + 6, 2);
    memcpy(&stab->value, at + 8, 4);
    stab->type = at[4];
    stab->symbol = walk->symbols[number];
    if (text >= texts->bytes) {
        return false;
    }
    stab->text = (const char *)texts->data + text;
    return true;
}

// Stabs hold four bytes of an address; those that are relocated are at their eighth byte.
static void read_symbols(Walk *walk, uint32_t count)
{
    const RefitPart *part = &walk->object->parts[walk->object->stab];

    for (uint32_t i = 0; i < part->rela_count; i++) {
        uint64_t offset = part->relas[i].r_offset;
        if (offset % STAB_BYTES == 8 && offset / STAB_BYTES < count) {
            walk->symbols[offset / STAB_BYTES] = (uint32_t)ELF64_R_SYM(part->relas[i].r_info);
        }
    }
}

static void count_stabs(const RefitObject *object, uint32_t count, uint32_t *of_type)
{
    for (uint32_t i = 0; i < count; i++) {
        of_type[object->parts[object->stab].data[(size_t)i * STAB_BYTES + 4]]++;
    }
}

static void make_room(Walk *walk, const RefitSource *source, uint32_t count)
{
    RefitObject *object = walk->object;
    RefitStabs *stabs = walk->stabs;
    Arena *arena = object->arena;
    uint32_t of_type[256] = {0}, slots = 16, statics, locals, blocks;

    count_stabs(object, count, of_type);
    statics = of_type[N_STSYM] + of_type[N_LCSYM];
    locals = of_type[N_LSYM] + of_type[N_PSYM];
    blocks = of_type[N_LBRAC] + of_type[N_RBRAC];
    while (slots < of_type[N_SOL] * UINT64_C(2)) {
        slots *= 2;
    }
    *stabs = (RefitStabs){
        .files = ARENA_NEW(arena, const char *, of_type[N_SOL] + 1u),
        .file_count = 1,
        .functions = ARENA_NEW(arena, RefitFunction, of_type[N_FUN] + 1u),
        .lines = ARENA_NEW(arena, RefitLine, of_type[N_SLINE] + 1u),
        .statics = ARENA_NEW(arena, RefitVariable, statics + 1u),
        .events = ARENA_NEW(arena, RefitEvent, (size_t)locals + blocks + 1),
        .types = ARENA_NEW(arena, const char *, locals + 1u),
        .variables = ARENA_NEW(arena, RefitVariable, (size_t)statics + object->symbol_count)};
    stabs->files[0] = source->path;
    walk->symbols = ARENA_NEW(arena, uint32_t, count + 1u);
    walk->slots = ARENA_NEW(arena, uint32_t, slots);
    walk->slot_mask = slots - 1;
    walk->last_lines = ARENA_NEW(arena, uint32_t, of_type[N_SOL] + 1u);
}

bool refit_read_stabs(RefitObject *object, const RefitSource *source, RefitStabs *stabs,
                      Fault *fault)
{
    Walk walk = {.object = object, .stabs = stabs};
    const RefitPart *part = &object->parts[object->stab];
    const RefitPart *texts = &object->parts[object->stabstr];
    uint32_t count = (uint32_t)(part->bytes / STAB_BYTES);

    if (!object->stab || !object->stabstr || !part->data || !texts->data
        || texts->data[texts->bytes - 1] != 0) {
        return refit_refuse(object, fault, "no object as tcc -g writes them (no stabs)");
    }
    make_room(&walk, source, count);
    read_symbols(&walk, count);
    for (uint32_t i = 0; i < count; i++) {
        Stab stab;
        if (!read_stab(&walk, i, &stab)) {
            return refit_refuse(object, fault, "the object is damaged (a stab without a text)");
        }
        take(&walk, &stab);
    }
    add_globals(&walk);
    return true;
}
