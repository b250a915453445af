#include <dwarf.h>
#include <string.h>

#include "refit_info.h"

// .debug_info (DWARF 4) of one unit: its variables with their addresses and without types, its
// functions with what they declare, and the types of that. The abbreviations are all there is to
// the format; they are written from the table that is used.

typedef struct Attribute {
    uint8_t name, form;
} Attribute;

typedef struct Abbrev {
    uint8_t tag, has_children;
    Attribute attributes[9]; // ends with zeros
} Abbrev;

#define UNIT_ATTRIBUTES                                                                            \
    {DW_AT_producer, DW_FORM_string}, {DW_AT_language, DW_FORM_data1},                             \
        {DW_AT_name, DW_FORM_string}, {DW_AT_comp_dir, DW_FORM_string},                            \
    {                                                                                              \
        DW_AT_stmt_list, DW_FORM_sec_offset                                                        \
    }
#define FUNCTION_ATTRIBUTES                                                                        \
    {DW_AT_name, DW_FORM_string}, {DW_AT_decl_file, DW_FORM_udata},                                \
        {DW_AT_decl_line, DW_FORM_udata}, {DW_AT_low_pc, DW_FORM_addr},                            \
        {DW_AT_high_pc, DW_FORM_data8},                                                            \
    {                                                                                              \
        DW_AT_frame_base, DW_FORM_exprloc                                                          \
    }
#define NAME                                                                                       \
    {                                                                                              \
        DW_AT_name, DW_FORM_string                                                                 \
    }
#define TYPE                                                                                       \
    {                                                                                              \
        DW_AT_type, DW_FORM_ref4                                                                   \
    }
#define LOCATION                                                                                   \
    {                                                                                              \
        DW_AT_location, DW_FORM_exprloc                                                            \
    }
#define BYTES                                                                                      \
    {                                                                                              \
        DW_AT_byte_size, DW_FORM_udata                                                             \
    }
#define IS_EXTERNAL                                                                                \
    {                                                                                              \
        DW_AT_external, DW_FORM_flag_present                                                       \
    }

static const Abbrev abbrevs[ABBREVS] = {
    [ABBREV_UNIT] = {DW_TAG_compile_unit,
                     1,
                     {UNIT_ATTRIBUTES,
                      {DW_AT_low_pc, DW_FORM_addr},
                      {DW_AT_high_pc, DW_FORM_data8}}},
    [ABBREV_UNIT_RANGES] = {DW_TAG_compile_unit,
                            1,
                            {UNIT_ATTRIBUTES,
                             {DW_AT_low_pc, DW_FORM_addr},
                             {DW_AT_ranges, DW_FORM_sec_offset}}},
    [ABBREV_UNIT_DATA] = {DW_TAG_compile_unit, 1, {UNIT_ATTRIBUTES}},
    [ABBREV_FUNCTION] = {DW_TAG_subprogram, 0, {FUNCTION_ATTRIBUTES}},
    [ABBREV_FUNCTION + 1] = {DW_TAG_subprogram, 0, {FUNCTION_ATTRIBUTES, IS_EXTERNAL}},
    [ABBREV_FUNCTION + 2] = {DW_TAG_subprogram, 1, {FUNCTION_ATTRIBUTES}},
    [ABBREV_FUNCTION + 3] = {DW_TAG_subprogram, 1, {FUNCTION_ATTRIBUTES, IS_EXTERNAL}},
    [ABBREV_VARIABLE] = {DW_TAG_variable, 0, {NAME, LOCATION}},
    [ABBREV_VARIABLE + 1] = {DW_TAG_variable, 0, {NAME, LOCATION, IS_EXTERNAL}},
    [ABBREV_PARAMETER] = {DW_TAG_formal_parameter, 0, {NAME, TYPE, LOCATION}},
    [ABBREV_LOCAL] = {DW_TAG_variable, 0, {NAME, TYPE, LOCATION}},
    [ABBREV_BLOCK] = {DW_TAG_lexical_block,
                      1,
                      {{DW_AT_low_pc, DW_FORM_addr}, {DW_AT_high_pc, DW_FORM_data8}}},
    [ABBREV_BASE] = {DW_TAG_base_type, 0, {NAME, BYTES, {DW_AT_encoding, DW_FORM_data1}}},
    [ABBREV_POINTER] = {DW_TAG_pointer_type, 0, {BYTES, TYPE}},
    [ABBREV_POINTER_VOID] = {DW_TAG_pointer_type, 0, {BYTES}},
    [ABBREV_ARRAY] = {DW_TAG_array_type, 1, {TYPE}},
    [ABBREV_RANGE] = {DW_TAG_subrange_type, 0, {{DW_AT_count, DW_FORM_udata}}},
    [ABBREV_RANGE_OPEN] = {DW_TAG_subrange_type, 0, {{0}}},
    [ABBREV_STRUCT] = {DW_TAG_structure_type, 1, {BYTES, NAME}},
    [ABBREV_STRUCT + 1] = {DW_TAG_structure_type, 1, {BYTES}},
    [ABBREV_UNION] = {DW_TAG_union_type, 1, {BYTES, NAME}},
    [ABBREV_UNION + 1] = {DW_TAG_union_type, 1, {BYTES}},
    [ABBREV_ENUM] = {DW_TAG_enumeration_type, 1, {BYTES, NAME}},
    [ABBREV_ENUM + 1] = {DW_TAG_enumeration_type, 1, {BYTES}},
    [ABBREV_DECLARED] = {DW_TAG_structure_type,
                         0,
                         {NAME, {DW_AT_declaration, DW_FORM_flag_present}}},
    [ABBREV_MEMBER] = {DW_TAG_member, 0, {TYPE, {DW_AT_data_member_location, DW_FORM_udata}, NAME}},
    [ABBREV_MEMBER + 1] = {DW_TAG_member, 0, {TYPE, {DW_AT_data_member_location, DW_FORM_udata}}},
    [ABBREV_BITS] =
        {DW_TAG_member,
         0,
         {TYPE, {DW_AT_data_bit_offset, DW_FORM_udata}, {DW_AT_bit_size, DW_FORM_udata}, NAME}},
    [ABBREV_ENUMERATOR] = {DW_TAG_enumerator, 0, {{DW_AT_const_value, DW_FORM_sdata}, NAME}},
    [ABBREV_CALLED] = {DW_TAG_subroutine_type, 0, {TYPE}},
    [ABBREV_CALLED_VOID] = {DW_TAG_subroutine_type, 0, {{0}}},
};

static void write_abbrevs(RefitObject *object, uint32_t part)
{
    for (unsigned code = 1; code < ABBREVS; code++) {
        const Abbrev *abbrev = &abbrevs[code];
        const Attribute *attribute = abbrev->attributes;
        refit_put_uleb(object, part, code);
        refit_put_uleb(object, part, abbrev->tag);
        refit_put(object, part, abbrev->has_children, 1);
        for (; attribute->name; attribute++) {
            refit_put_uleb(object, part, attribute->name);
            refit_put_uleb(object, part, attribute->form);
        }
        refit_put(object, part, 0, 2);
    }
    refit_put(object, part, 0, 1);
}

static bool is_external(const Elf64_Sym *symbol)
{
    return ELF64_ST_BIND(symbol->st_info) != STB_LOCAL;
}

static void write_variable(Info *info, const RefitVariable *variable)
{
    RefitObject *object = info->object;
    const Elf64_Sym *symbol = &object->symbols[variable->symbol];

    refit_put_uleb(object, info->part, ABBREV_VARIABLE + (is_external(symbol) ? 1u : 0u));
    refit_put_text(object, info->part, variable->name.text, variable->name.bytes);
    refit_put_uleb(object, info->part, 9);
    refit_put(object, info->part, DW_OP_addr, 1);
    if (symbol->st_shndx < object->part_count) {
        refit_put_address(object, info->part, symbol->st_shndx, symbol->st_value);
    } else {
        refit_relocate(object, info->part, object->parts[info->part].bytes, R_X86_64_64,
                       variable->symbol, 0);
        refit_put(object, info->part, 0, 8);
    }
}

static void write_function(Info *info, const RefitFunction *function)
{
    RefitObject *object = info->object;
    const Elf64_Sym *symbol = &object->symbols[function->symbol];
    uint32_t part = info->part;
    bool has_children = function->variable_count || function->event_count;

    refit_put_uleb(object, part,
                   ABBREV_FUNCTION + (is_external(symbol) ? 1u : 0u) + (has_children ? 2u : 0u));
    refit_put_text(object, part, function->name.text, function->name.bytes);
    refit_put_uleb(object, part, function->file + 1);
    refit_put_uleb(object, part, function->line);
    refit_put_address(object, part, symbol->st_shndx, symbol->st_value);
    refit_put(object, part, symbol->st_size, 8);
    refit_put_uleb(object, part, 1);
    refit_put(object, part, DW_OP_reg6, 1); // %rbp, on which tcc's places of variables are based
    for (uint32_t i = 0; i < function->variable_count; i++) {
        write_variable(info, &info->stabs->statics[function->first_variable + i]);
    }
    refit_write_locals(info, function);
    if (has_children) {
        refit_put(object, part, 0, 1);
    }
}

// The parts that code is in: .text, and what attributes name.
static void find_code(Info *info)
{
    const RefitObject *object = info->object;

    info->codes = ARENA_NEW(object->arena, uint32_t, object->part_count);
    for (uint32_t i = 1; i < object->part_count; i++) {
        const RefitPart *part = &object->parts[i];
        if (!part->is_dropped && (part->flags & SHF_EXECINSTR) && part->bytes > 0) {
            info->codes[info->code_count++] = i;
        }
    }
}

static void write_unit(Info *info, const RefitSource *source)
{
    RefitObject *object = info->object;
    uint32_t part = info->part, count = info->code_count;
    static const char producer[] = "GNU C11 (hotloop: tcc -g, refitted)";

    refit_put_uleb(object, part,
                   count == 0   ? ABBREV_UNIT_DATA
                   : count == 1 ? ABBREV_UNIT
                                : ABBREV_UNIT_RANGES);
    refit_put_text(object, part, producer, strlen(producer));
    refit_put(object, part, DW_LANG_C11, 1);
    refit_put_text(object, part, source->path, strlen(source->path));
    refit_put_text(object, part, source->folder, strlen(source->folder));
    refit_put_offset(object, part, info->lines, 0);
    if (count == 1) {
        refit_put_address(object, part, info->codes[0], 0);
        refit_put(object, part, object->parts[info->codes[0]].bytes, 8);
    } else if (count > 1) {
        refit_put(object, part, 0, 8); // what ranges are based on
        refit_put_offset(object, part, info->ranges, 0);
    }
}

static void write_info(Info *info, const RefitSource *source, uint32_t abbrev)
{
    RefitObject *object = info->object;
    uint32_t part = info->part;

    refit_put(object, part, 0, 4);
    refit_put(object, part, 4, 2); // DWARF 4
    refit_put_offset(object, part, abbrev, 0);
    refit_put(object, part, 8, 1);
    write_unit(info, source);
    for (uint32_t i = 0; i < info->stabs->variable_count; i++) {
        write_variable(info, &info->stabs->variables[i]);
    }
    for (uint32_t i = 0; i < info->stabs->function_count; i++) {
        write_function(info, &info->stabs->functions[i]);
    }
    refit_write_types(info);
    refit_put(object, part, 0, 1);
    refit_put_length(object, part, 0);
}

// Without it nobody finds the unit of an address: libdw asks no further where some units have one.
static void write_aranges(Info *info, uint32_t part)
{
    RefitObject *object = info->object;

    refit_put(object, part, 0, 4);
    refit_put(object, part, 2, 2); // its version
    refit_put_offset(object, part, info->part, 0);
    refit_put(object, part, 8, 1);
    refit_put(object, part, 0, 1 + 4); // no segments; pairs are aligned to their size
    for (uint32_t i = 0; i < info->code_count; i++) {
        refit_put_address(object, part, info->codes[i], 0);
        refit_put(object, part, object->parts[info->codes[i]].bytes, 8);
    }
    refit_put(object, part, 0, 8);
    refit_put(object, part, 0, 8);
    refit_put_length(object, part, 0);
}

static void write_ranges(Info *info)
{
    RefitObject *object = info->object;

    for (uint32_t i = 0; i < info->code_count; i++) {
        refit_put_address(object, info->ranges, info->codes[i], 0);
        refit_put_address(object, info->ranges, info->codes[i],
                          object->parts[info->codes[i]].bytes);
    }
    refit_put(object, info->ranges, 0, 8);
    refit_put(object, info->ranges, 0, 8);
}

static uint32_t add_debug_part(RefitObject *object, const char *name)
{
    return refit_add_part(object, &(RefitPart){.name = name, .type = SHT_PROGBITS, .align = 1});
}

void refit_write_dwarf(RefitObject *object, const RefitSource *source, const RefitStabs *stabs)
{
    Info info = {.object = object, .stabs = stabs};
    uint32_t abbrev;

    find_code(&info);
    info.part = add_debug_part(object, ".debug_info");
    abbrev = add_debug_part(object, ".debug_abbrev");
    info.lines = add_debug_part(object, ".debug_line");
    write_abbrevs(object, abbrev);
    refit_write_lines(object, stabs, info.lines);
    if (info.code_count > 0) {
        write_aranges(&info, add_debug_part(object, ".debug_aranges"));
    }
    if (info.code_count > 1) {
        info.ranges = add_debug_part(object, ".debug_ranges");
        write_ranges(&info);
    }
    refit_open_types(&info);
    write_info(&info, source, abbrev);
}
