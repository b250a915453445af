#include "reflect_die.h"
#include <dwarf.h>
#include <gelf.h>
#include <string.h>

// Contents: numbers, sections, forms, abbreviations, units, entries, addresses and code, sources.

enum {
    SHAPES_MAX = 1 << 16,
    ORIGIN_STEPS_MAX = 8,
    STEPS_A_BYTE = 8, // a sound file takes less than one
    STEPS_LEAST = 1 << 16
};

// -------------------------------------------------------------------------------------- numbers

uint64_t reflect_uleb(const uint8_t **at, const uint8_t *end)
{
    uint64_t word = 0;

    for (unsigned shift = 0; *at && *at < end; shift += 7) {
        uint8_t byte = *(*at)++;
        word |= shift < 64 ? (uint64_t)(byte & 0x7f) << shift : 0;
        if (!(byte & 0x80)) {
            return word;
        }
    }
    *at = NULL;
    return 0;
}

int64_t reflect_sleb(const uint8_t **at, const uint8_t *end)
{
    uint64_t word = 0;

    for (unsigned shift = 0; *at && *at < end;) {
        uint8_t byte = *(*at)++;
        word |= shift < 64 ? (uint64_t)(byte & 0x7f) << shift : 0;
        shift += 7;
        if (!(byte & 0x80)) {
            return (int64_t)(byte & 0x40 && shift < 64 ? word | ~UINT64_C(0) << shift : word);
        }
    }
    *at = NULL;
    return 0;
}

void reflect_dies_break(Dies *dies, uint64_t at)
{
    if (!dies->is_broken) {
        dies->is_broken = true;
        dies->broken_at = at;
    }
}

// ------------------------------------------------------------------------------------- sections

static Section *section_named(Dies *dies, const char *name)
{
    const struct {
        const char *name;
        Section *section;
    } wanted[] = {
        {".debug_info", &dies->info},         {".debug_types", &dies->types},
        {".debug_abbrev", &dies->abbrev},     {".debug_str", &dies->str},
        {".debug_line_str", &dies->line_str}, {".debug_str_offsets", &dies->str_offsets},
        {".debug_addr", &dies->addr},         {".debug_ranges", &dies->ranges},
        {".debug_rnglists", &dies->rnglists},
    };

    if (strncmp(name, ".zdebug_", 8) == 0) { // the older way of packing; libdw has unpacked it
        for (size_t i = 0; i < COUNT_OF(wanted); i++) {
            if (strcmp(name + 2, wanted[i].name + 1) == 0) {
                return wanted[i].section;
            }
        }
    }
    for (size_t i = 0; i < COUNT_OF(wanted); i++) {
        if (strcmp(name, wanted[i].name) == 0) {
            return wanted[i].section;
        }
    }
    return NULL;
}

// Texts are handed on as they stand there, so the section must end with the end of one.
static void end_texts(Section *section)
{
    while (section->bytes > 0 && section->data[section->bytes - 1] != 0) {
        section->bytes--;
    }
}

static void find_sections(Dies *dies)
{
    Elf *elf = dies->reflect->elf;
    size_t names;
    Elf_Scn *at = NULL;

    if (elf_getshdrstrndx(elf, &names) != 0) {
        return;
    }
    while ((at = elf_nextscn(elf, at))) {
        GElf_Shdr head;
        const char *name;
        Section *section;
        Elf_Data *data;
        if (!gelf_getshdr(at, &head) || head.sh_type == SHT_NOBITS
            || !(name = elf_strptr(elf, names, head.sh_name))
            || !(section = section_named(dies, name)) || !(data = elf_getdata(at, NULL))
            || !data->d_buf) {
            continue;
        }
        *section = (Section){data->d_buf, data->d_size};
    }
    end_texts(&dies->str);
    end_texts(&dies->line_str);
}

static void find_segments(Dies *dies)
{
    size_t count = 0;
    GElf_Phdr segment;

    if (elf_getphdrnum(dies->reflect->elf, &count) != 0) {
        return;
    }
    for (size_t i = 0; i < count && dies->segment_count < SEGMENTS_MAX; i++) {
        if (gelf_getphdr(dies->reflect->elf, (int)i, &segment) && segment.p_type == PT_LOAD) {
            dies->segments[dies->segment_count][0] = segment.p_vaddr;
            dies->segments[dies->segment_count++][1] = segment.p_vaddr + segment.p_memsz;
        }
    }
}

bool reflect_dies_loaded(const Dies *dies, uint64_t address, uint64_t bytes)
{
    for (uint32_t i = 0; i < dies->segment_count; i++) {
        uint64_t first = dies->segments[i][0], end = dies->segments[i][1];
        if (address >= first && address < end && bytes <= end - address) {
            return address != 0; // that is what the linker leaves of what it has thrown away
        }
    }
    return false;
}

// ---------------------------------------------------------------------------------------- forms

// What stands there, by form; -1: the size varies; -2: not known.
static int form_bytes(const DieUnit *unit, uint16_t form)
{
    switch (form) {
    case DW_FORM_flag_present:
    case DW_FORM_implicit_const:
        return 0;
    case DW_FORM_data1:
    case DW_FORM_ref1:
    case DW_FORM_flag:
    case DW_FORM_strx1:
    case DW_FORM_addrx1:
        return 1;
    case DW_FORM_data2:
    case DW_FORM_ref2:
    case DW_FORM_strx2:
    case DW_FORM_addrx2:
        return 2;
    case DW_FORM_strx3:
    case DW_FORM_addrx3:
        return 3;
    case DW_FORM_data4:
    case DW_FORM_ref4:
    case DW_FORM_strx4:
    case DW_FORM_addrx4:
    case DW_FORM_ref_sup4:
        return 4;
    case DW_FORM_data8:
    case DW_FORM_ref8:
    case DW_FORM_ref_sig8:
    case DW_FORM_ref_sup8:
        return 8;
    case DW_FORM_data16:
        return 16;
    case DW_FORM_addr:
        return unit->address_bytes;
    case DW_FORM_strp:
    case DW_FORM_line_strp:
    case DW_FORM_sec_offset:
    case DW_FORM_strp_sup:
    case DW_FORM_GNU_strp_alt:
    case DW_FORM_GNU_ref_alt:
        return unit->offset_bytes;
    case DW_FORM_ref_addr:
        return unit->version < 3 ? unit->address_bytes : unit->offset_bytes;
    case DW_FORM_sdata:
    case DW_FORM_udata:
    case DW_FORM_ref_udata:
    case DW_FORM_strx:
    case DW_FORM_addrx:
    case DW_FORM_loclistx:
    case DW_FORM_rnglistx:
    case DW_FORM_GNU_addr_index:
    case DW_FORM_GNU_str_index:
    case DW_FORM_string:
    case DW_FORM_block:
    case DW_FORM_block1:
    case DW_FORM_block2:
    case DW_FORM_block4:
    case DW_FORM_exprloc:
    case DW_FORM_indirect:
        return -1;
    default:
        return -2;
    }
}

typedef struct Raw {
    uint16_t form;
    uint64_t word; // a number, an index, an offset
    Block block;   // and the text of DW_FORM_string
} Raw;

static void read_block(const uint8_t **at, const uint8_t *end, uint64_t bytes, Raw *raw)
{
    raw->block = (Block){*at, bytes};
    if (*at && bytes <= (uint64_t)(end - *at)) {
        *at += bytes;
    } else {
        *at = NULL;
    }
}

static void read_text(const uint8_t **at, const uint8_t *end, Raw *raw)
{
    const uint8_t *stop = memchr(*at, 0, (size_t)(end - *at));

    raw->block = (Block){*at, stop ? (uint64_t)(stop - *at) : 0};
    *at = stop ? stop + 1 : NULL;
}

// The value at *at, which becomes NULL where the bytes end too early.
static void read_form(const DieUnit *unit, const Form *form, const uint8_t **at, const uint8_t *end,
                      Raw *raw)
{
    *raw = (Raw){.form = form->form};
    if (form->bytes > 0) {
        raw->word = reflect_fixed(at, end, (uint64_t)form->bytes);
        return;
    }
    switch (form->form) {
    case DW_FORM_flag_present:
        raw->word = 1;
        return;
    case DW_FORM_implicit_const:
        raw->word = (uint64_t)form->constant;
        return;
    case DW_FORM_sdata:
        raw->word = (uint64_t)reflect_sleb(at, end);
        return;
    case DW_FORM_string:
        read_text(at, end, raw);
        return;
    case DW_FORM_block1:
        read_block(at, end, reflect_fixed(at, end, 1), raw);
        return;
    case DW_FORM_block2:
        read_block(at, end, reflect_fixed(at, end, 2), raw);
        return;
    case DW_FORM_block4:
        read_block(at, end, reflect_fixed(at, end, 4), raw);
        return;
    case DW_FORM_block:
    case DW_FORM_exprloc: {
        uint64_t length = reflect_uleb(at, end);
        read_block(at, end, length, raw);
        return;
    }
    case DW_FORM_indirect: { // the form stands there; of an indirect one, or a constant: damaged
        Form there = {.name = form->name, .form = (uint16_t)reflect_uleb(at, end)};
        there.bytes = (int16_t)form_bytes(unit, there.form);
        if (*at && there.form != DW_FORM_indirect && there.form != DW_FORM_implicit_const) {
            read_form(unit, &there, at, end, raw);
        } else {
            *at = NULL;
        }
        return;
    }
    default:
        raw->word = form->bytes == -1 ? reflect_uleb(at, end) : 0;
        *at = form->bytes == -1 ? *at : NULL;
    }
}

static const char *text_in(const Section *section, uint64_t offset)
{
    return offset < section->bytes ? (const char *)section->data + offset : "";
}

static const char *text_of(const Dies *dies, const DieUnit *unit, const Raw *raw)
{
    const uint8_t *at, *end = dies->str_offsets.data + dies->str_offsets.bytes;

    switch (raw->form) {
    case DW_FORM_string:
        return (const char *)raw->block.data;
    case DW_FORM_strp:
        return text_in(&dies->str, raw->word);
    case DW_FORM_line_strp:
        return text_in(&dies->line_str, raw->word);
    case DW_FORM_strx:
    case DW_FORM_strx1:
    case DW_FORM_strx2:
    case DW_FORM_strx3:
    case DW_FORM_strx4:
    case DW_FORM_GNU_str_index:
        if (unit->strings_base > dies->str_offsets.bytes
            || raw->word >= (dies->str_offsets.bytes - unit->strings_base) / unit->offset_bytes) {
            return "";
        }
        at = dies->str_offsets.data + unit->strings_base + raw->word * unit->offset_bytes;
        return text_in(&dies->str, reflect_fixed(&at, end, unit->offset_bytes));
    default:
        return "";
    }
}

static uint64_t type_of_signature(const Dies *dies, uint64_t signature)
{
    for (uint32_t i = 0; i < dies->unit_count; i++) {
        if (dies->units[i].type && dies->units[i].signature == signature) {
            return dies->units[i].type;
        }
    }
    return 0;
}

// The offset of the entry that is referred to; 0: none that we have.
static uint64_t reference_of(const Dies *dies, const DieUnit *unit, const Raw *raw)
{
    switch (raw->form) {
    case DW_FORM_ref1:
    case DW_FORM_ref2:
    case DW_FORM_ref4:
    case DW_FORM_ref8:
    case DW_FORM_ref_udata:
        return unit->first + raw->word;
    case DW_FORM_ref_addr:
        return raw->word;
    case DW_FORM_ref_sig8:
        return type_of_signature(dies, raw->word);
    default:
        return 0;
    }
}

static bool is_block(uint16_t form)
{
    return form == DW_FORM_exprloc || form == DW_FORM_block || form == DW_FORM_block1
           || form == DW_FORM_block2 || form == DW_FORM_block4;
}

// -------------------------------------------------------------------------------- abbreviations

// Has to name what take() takes: the rest is passed over.
static bool is_wanted(uint64_t name)
{
    switch (name) {
    case DW_AT_name:
    case DW_AT_type:
    case DW_AT_specification:
    case DW_AT_abstract_origin:
    case DW_AT_declaration:
    case DW_AT_external:
    case DW_AT_inline:
    case DW_AT_GNU_vector:
    case DW_AT_location:
    case DW_AT_const_value:
    case DW_AT_byte_size:
    case DW_AT_encoding:
    case DW_AT_count:
    case DW_AT_upper_bound:
    case DW_AT_data_member_location:
    case DW_AT_bit_offset:
    case DW_AT_data_bit_offset:
    case DW_AT_bit_size:
    case DW_AT_decl_line:
    case DW_AT_low_pc:
    case DW_AT_high_pc:
    case DW_AT_ranges:
        return true;
    default:
        return false;
    }
}

// One abbreviation, or the end of the list (code 0).
static uint64_t read_shape(const DieUnit *unit, const uint8_t **at, const uint8_t *end,
                           Shape *shape, Form *forms)
{
    uint64_t code = reflect_uleb(at, end);
    uint32_t first = shape->first;

    if (!*at || code == 0) {
        return 0;
    }
    *shape = (Shape){.first = first, .tag = (uint16_t)reflect_uleb(at, end)};
    shape->has_children = reflect_fixed(at, end, 1) != 0;
    for (;;) {
        uint64_t name = reflect_uleb(at, end), form = reflect_uleb(at, end);
        int64_t constant = form == DW_FORM_implicit_const ? reflect_sleb(at, end) : 0;
        int bytes = form_bytes(unit, (uint16_t)form);
        if (!*at || (name == 0 && form == 0)) {
            return code;
        }
        if (forms) {
            forms[first + shape->count] =
                (Form){(uint16_t)name, (uint16_t)form, (int16_t)bytes, is_wanted(name), constant};
        }
        shape->count++;
        shape->bytes = bytes < 0 || shape->bytes < 0 ? -1 : shape->bytes + bytes;
        shape->has_constant |= name == DW_AT_const_value;
        shape->has_origin |= name == DW_AT_abstract_origin || name == DW_AT_specification;
        if (name == DW_AT_location) {
            shape->has_block = is_block((uint16_t)form);
            shape->has_list = !shape->has_block;
        }
    }
}

// Twice over the bytes: how much there is, then what.
static bool read_shapes(Dies *dies, DieUnit *unit, uint64_t offset)
{
    const uint8_t *end = dies->abbrev.data + dies->abbrev.bytes, *at;
    uint64_t code, form_count = 0, code_max = 0;
    Shape shape = {0}, *shapes;
    Form *forms;

    if (offset >= dies->abbrev.bytes) {
        return false;
    }
    for (at = dies->abbrev.data + offset; (code = read_shape(unit, &at, end, &shape, NULL));) {
        form_count += shape.count;
        code_max = code > code_max ? code : code_max;
    }
    if (!at || code_max > SHAPES_MAX) {
        return false;
    }
    shapes = arena_try_push(dies->scratch, sizeof *shapes, _Alignof(Shape), code_max + 1);
    forms = arena_try_push(dies->scratch, sizeof *forms, _Alignof(Form), form_count + 1);
    if (!shapes || !forms) {
        return false;
    }
    shape = (Shape){0};
    for (at = dies->abbrev.data + offset; (code = read_shape(unit, &at, end, &shape, forms));) {
        shapes[code - 1] = shape;
        shape.first += shape.count;
    }
    unit->shapes = shapes;
    unit->forms = forms;
    unit->shape_count = (uint32_t)code_max;
    return true;
}

// ---------------------------------------------------------------------------------------- units

// The header; false: damaged. *is_wanted: units of .dwo files and the like are not.
static bool read_head(DieUnit *unit, const uint8_t *end, uint64_t *abbrev, bool *is_split)
{
    const uint8_t *at = unit->start;
    uint64_t length = reflect_fixed(&at, end, 4);
    uint64_t kind = DW_UT_compile;

    unit->offset_bytes = length == UINT32_MAX ? 8 : 4;
    length = length == UINT32_MAX ? reflect_fixed(&at, end, 8) : length;
    if (!at || length > (uint64_t)(end - at)) {
        return false;
    }
    end = at + length;
    unit->end = unit->first + (uint64_t)(end - unit->start);
    unit->version = (uint16_t)reflect_fixed(&at, end, 2);
    if (unit->version >= 5) {
        kind = reflect_fixed(&at, end, 1);
        unit->address_bytes = (uint8_t)reflect_fixed(&at, end, 1);
        *abbrev = reflect_fixed(&at, end, unit->offset_bytes);
    } else {
        *abbrev = reflect_fixed(&at, end, unit->offset_bytes);
        unit->address_bytes = (uint8_t)reflect_fixed(&at, end, 1);
    }
    *is_split = kind == DW_UT_skeleton || kind == DW_UT_split_compile || kind == DW_UT_split_type;
    if (*is_split) {
        (void)reflect_fixed(&at, end, 8);
    } else if (kind == DW_UT_type || unit->type) {
        unit->signature = reflect_fixed(&at, end, 8);
        unit->type = unit->first + reflect_fixed(&at, end, unit->offset_bytes);
    }
    unit->dies = at ? unit->first + (uint64_t)(at - unit->start) : 0;
    return at && unit->version >= 2 && unit->version <= 5 && unit->address_bytes == 8;
}

static void take_base(DieUnit *unit, const Form *form, const Raw *raw)
{
    switch (form->name) {
    case DW_AT_str_offsets_base:
        unit->strings_base = raw->word;
        break;
    case DW_AT_addr_base:
    case DW_AT_GNU_addr_base:
        unit->addresses_base = raw->word;
        break;
    case DW_AT_rnglists_base:
        unit->ranges_base = raw->word;
        break;
    default:
        break;
    }
}

// The unit's own entry: twice, for names may be read by a base that stands behind them.
static void read_root(Dies *dies, DieUnit *unit)
{
    const uint8_t *end = unit->start + (unit->end - unit->first);
    uint64_t body, head_bytes = unit->offset_bytes == 8 ? 16 : 8;
    const Shape *shape = reflect_die_shape(dies, unit, unit->dies, &body);

    unit->strings_base = unit->addresses_base = unit->version >= 5 ? head_bytes : 0;
    unit->ranges_base = unit->version >= 5 ? head_bytes + 4 : 0;
    unit->name = unit->folder = "";
    for (int pass = 0; shape && pass < 2; pass++) {
        const uint8_t *at = unit->start + (body - unit->first);
        for (uint32_t i = 0; i < shape->count && at; i++) {
            const Form *form = &unit->forms[shape->first + i];
            Raw raw;
            read_form(unit, form, &at, end, &raw);
            if (!at) {
                reflect_dies_break(dies, unit->first);
            } else if (pass == 0) {
                take_base(unit, form, &raw);
            } else if (form->name == DW_AT_name) {
                unit->name = text_of(dies, unit, &raw);
            } else if (form->name == DW_AT_comp_dir) {
                unit->folder = text_of(dies, unit, &raw);
            } else if (form->name == DW_AT_low_pc && raw.form == DW_FORM_addr) {
                unit->low_pc = raw.word;
            } else if (form->name == DW_AT_low_pc) {
                (void)reflect_die_address(dies, unit, raw.word, &unit->low_pc);
            } else if (form->name == DW_AT_GNU_dwo_name || form->name == DW_AT_dwo_name) {
                dies->is_split = true;
            }
        }
    }
}

// Appends the units of one section; nothing else may be pushed to where they lie meanwhile.
static uint64_t count_units(const Section *section)
{
    const uint8_t *at = section->data, *end = section->data + section->bytes;
    uint64_t count = 0;

    while (at && at < end) {
        uint64_t length = reflect_fixed(&at, end, 4);
        length = length == UINT32_MAX ? reflect_fixed(&at, end, 8) : length;
        if (!at || length > (uint64_t)(end - at)) {
            break;
        }
        at += length;
        count++;
    }
    return count;
}

// Entries of .debug_types are numbered on from those of .debug_info.
static void read_units(Dies *dies, const Section *section, uint64_t base, uint32_t count)
{
    uint64_t offset = 0, abbrev = 0, last_abbrev = UINT64_MAX;
    const DieUnit *last = NULL;

    for (uint32_t i = 0; i < count && !dies->is_broken; i++) {
        DieUnit *unit = &dies->units[dies->unit_count];
        bool is_split = false;
        unit->start = section->data + offset;
        unit->first = base + offset;
        unit->type = section == &dies->types;
        if (!read_head(unit, section->data + section->bytes, &abbrev, &is_split)) {
            reflect_dies_break(dies, unit->first);
            return;
        }
        dies->is_split |= is_split;
        offset = unit->end - base;
        if (last && abbrev == last_abbrev && last->version == unit->version
            && last->offset_bytes == unit->offset_bytes) {
            unit->shapes = last->shapes;
            unit->forms = last->forms;
            unit->shape_count = last->shape_count;
        } else if (!read_shapes(dies, unit, abbrev)) {
            reflect_dies_break(dies, unit->first);
            return;
        }
        last = unit;
        last_abbrev = abbrev;
        dies->unit_count++;
    }
}

bool reflect_dies_open(Dies *dies, Reflect *reflect, Arena *scratch)
{
    uint64_t in_info, in_types;
    static const Section NOTHING = {(const uint8_t *)"", 0};

    *dies = (Dies){.reflect = reflect,
                   .scratch = scratch,
                   .info = NOTHING,
                   .types = NOTHING,
                   .abbrev = NOTHING,
                   .str = NOTHING,
                   .line_str = NOTHING,
                   .str_offsets = NOTHING,
                   .addr = NOTHING,
                   .ranges = NOTHING,
                   .rnglists = NOTHING};
    find_sections(dies);
    find_segments(dies);
    dies->steps_left = (dies->info.bytes + dies->types.bytes) * STEPS_A_BYTE + STEPS_LEAST;
    in_info = count_units(&dies->info);
    in_types = count_units(&dies->types);
    if (in_info == 0) {
        if (dies->info.bytes > 0) {
            reflect_dies_break(dies, 0);
        }
        return false;
    }
    dies->units = arena_try_push(scratch, sizeof(DieUnit), _Alignof(DieUnit), in_info + in_types);
    if (!dies->units) {
        reflect_dies_break(dies, 0);
        return false;
    }
    read_units(dies, &dies->info, 0, (uint32_t)in_info);
    read_units(dies, &dies->types, dies->info.bytes, (uint32_t)in_types);
    for (uint32_t i = 0; i < dies->unit_count && !dies->is_broken; i++) {
        read_root(dies, &dies->units[i]);
    }
    return !dies->is_broken;
}

static bool is_in(const DieUnit *unit, uint64_t at)
{
    return at >= unit->dies && at < unit->end;
}

const DieUnit *reflect_die_unit(Dies *dies, const DieUnit *near, uint64_t at)
{
    uint32_t low = 0, high = dies->unit_count;

    if (near && is_in(near, at)) {
        return near;
    }
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (dies->units[middle].first <= at) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low > 0 && is_in(&dies->units[low - 1], at)) {
        return &dies->units[low - 1];
    }
    reflect_dies_break(dies, at);
    return NULL;
}

// -------------------------------------------------------------------------------------- entries

const Shape *reflect_die_shape(Dies *dies, const DieUnit *unit, uint64_t at, uint64_t *body)
{
    const uint8_t *end = unit->start + (unit->end - unit->first);
    const uint8_t *byte = unit->start + (at - unit->first);
    uint64_t code;

    if (dies->is_broken || dies->steps_left == 0 || !is_in(unit, at)) {
        reflect_dies_break(dies, at);
        return NULL;
    }
    dies->steps_left--;
    code = *byte < 0x80 ? *byte++ : reflect_uleb(&byte, end);
    if (!byte || code > unit->shape_count || (code > 0 && unit->shapes[code - 1].tag == 0)) {
        reflect_dies_break(dies, at);
        return NULL;
    }
    *body = unit->first + (uint64_t)(byte - unit->start);
    return code == 0 ? NULL : &unit->shapes[code - 1];
}

uint64_t reflect_die_skip(Dies *dies, const DieUnit *unit, const Shape *shape, uint64_t body)
{
    const uint8_t *end = unit->start + (unit->end - unit->first);
    const uint8_t *at = unit->start + (body - unit->first);
    Raw raw;

    if (shape->bytes >= 0) {
        if ((uint64_t)shape->bytes > unit->end - body) {
            reflect_dies_break(dies, body);
        }
        return body + (uint64_t)shape->bytes;
    }
    for (uint32_t i = 0; i < shape->count && at; i++) {
        read_form(unit, &unit->forms[shape->first + i], &at, end, &raw);
    }
    if (!at) {
        reflect_dies_break(dies, body);
        return unit->end;
    }
    return unit->first + (uint64_t)(at - unit->start);
}

Block reflect_die_location(Dies *dies, const DieUnit *unit, const Shape *shape, uint64_t body)
{
    const uint8_t *end = unit->start + (unit->end - unit->first);
    const uint8_t *at = unit->start + (body - unit->first);
    Raw raw;

    for (uint32_t i = 0; i < shape->count && at; i++) {
        const Form *form = &unit->forms[shape->first + i];
        read_form(unit, form, &at, end, &raw);
        if (at && form->name == DW_AT_location && is_block(form->form)) {
            return raw.block;
        }
    }
    if (!at) {
        reflect_dies_break(dies, body);
    }
    return (Block){0};
}

static void take_address(Dies *dies, Die *die, const Raw *raw)
{
    bool is_plain = raw->form == DW_FORM_addr;

    die->low_pc = raw->word;
    die->has_low_pc = is_plain || reflect_die_address(dies, die->unit, raw->word, &die->low_pc);
}

static void take_high(Dies *dies, Die *die, const Raw *raw)
{
    die->has_high_pc = true;
    die->high_pc = raw->word;
    switch (raw->form) {
    case DW_FORM_addr:
        die->is_high_an_address = true;
        break;
    case DW_FORM_addrx:
    case DW_FORM_addrx1:
    case DW_FORM_addrx2:
    case DW_FORM_addrx3:
    case DW_FORM_addrx4:
    case DW_FORM_GNU_addr_index:
        die->is_high_an_address = true;
        die->has_high_pc = reflect_die_address(dies, die->unit, raw->word, &die->high_pc);
        break;
    default:
        break;
    }
}

// "A number of bytes", or an expression that adds it (DWARF 2).
static uint64_t member_place(const Raw *raw)
{
    const uint8_t *at = raw->block.data, *end = at + raw->block.bytes;

    if (!is_block(raw->form)) {
        return raw->word;
    }
    if (raw->block.bytes < 2 || *at++ != DW_OP_plus_uconst) {
        return 0;
    }
    return reflect_uleb(&at, end);
}

static void take_constant(Die *die, const Raw *raw)
{
    die->has_constant = true;
    die->constant = (int64_t)raw->word;
    die->is_constant_fixed =
        raw->form == DW_FORM_data1 || raw->form == DW_FORM_data2 || raw->form == DW_FORM_data4;
    die->constant_bytes = raw->form == DW_FORM_data1 ? 1 : raw->form == DW_FORM_data2 ? 2 : 4;
}

// A size or a bound may be an expression or another entry, too: then it is not there.
static bool is_number(const Raw *raw)
{
    return !is_block(raw->form) && raw->form != DW_FORM_ref4 && raw->form != DW_FORM_ref_addr
           && raw->form != DW_FORM_sec_offset && raw->form != DW_FORM_loclistx;
}

static void take(Dies *dies, Die *die, uint16_t name, const Raw *raw)
{
    switch (name) {
    case DW_AT_name:
        die->name = text_of(dies, die->unit, raw);
        break;
    case DW_AT_type:
        die->type = reference_of(dies, die->unit, raw);
        break;
    case DW_AT_specification:
    case DW_AT_abstract_origin:
        die->origin = reference_of(dies, die->unit, raw);
        break;
    case DW_AT_declaration:
        die->is_declaration = raw->word != 0;
        break;
    case DW_AT_external:
        die->is_external = raw->word != 0;
        break;
    case DW_AT_inline:
        die->is_abstract = raw->word != 0;
        break;
    case DW_AT_GNU_vector:
        die->is_vector = raw->word != 0;
        break;
    case DW_AT_location:
        die->location = is_block(raw->form) ? raw->block : (Block){0};
        break;
    case DW_AT_const_value:
        take_constant(die, raw);
        break;
    case DW_AT_byte_size:
        die->has_size = is_number(raw);
        die->bytes = die->has_size ? raw->word : 0;
        break;
    case DW_AT_encoding:
        die->encoding = (uint8_t)raw->word;
        break;
    case DW_AT_count:
        die->has_count = is_number(raw);
        die->count = raw->word;
        break;
    case DW_AT_upper_bound:
        die->has_bound = is_number(raw);
        die->bound = raw->word;
        break;
    case DW_AT_data_member_location:
        die->member_at = member_place(raw);
        break;
    case DW_AT_bit_offset:
        die->has_bit_offset = true;
        die->bit_offset = raw->word;
        break;
    case DW_AT_data_bit_offset:
        die->has_data_bit_offset = true;
        die->data_bit_offset = raw->word;
        break;
    case DW_AT_bit_size:
        die->bit_size = raw->word;
        break;
    case DW_AT_decl_line:
        die->line = (uint32_t)raw->word;
        break;
    case DW_AT_low_pc:
        take_address(dies, die, raw);
        break;
    case DW_AT_high_pc:
        take_high(dies, die, raw);
        break;
    case DW_AT_ranges:
        die->has_ranges = true;
        die->ranges = raw->word | (raw->form == DW_FORM_rnglistx ? UINT64_C(1) << 63 : 0);
        break;
    default:
        break;
    }
}

bool reflect_die_read(Dies *dies, const DieUnit *unit, uint64_t at, Die *die)
{
    uint64_t body;
    const Shape *shape = reflect_die_shape(dies, unit, at, &body);
    const uint8_t *end = unit->start + (unit->end - unit->first), *byte;

    *die = (Die){.at = at, .unit = unit, .next = at + 1};
    if (!shape) {
        return false;
    }
    byte = unit->start + (body - unit->first);
    die->tag = shape->tag;
    die->has_children = shape->has_children;
    for (uint32_t i = 0; i < shape->count; i++) {
        const Form *form = &unit->forms[shape->first + i];
        Raw raw;
        if (!form->is_wanted && form->bytes >= 0 && end - byte >= form->bytes) {
            byte += form->bytes;
            continue;
        }
        read_form(unit, form, &byte, end, &raw);
        if (!byte) {
            reflect_dies_break(dies, at);
            *die = (Die){.at = at, .unit = unit, .next = unit->end};
            return false;
        }
        take(dies, die, form->name, &raw);
    }
    die->next = unit->first + (uint64_t)(byte - unit->start);
    return true;
}

uint64_t reflect_die_end(Dies *dies, const Die *die)
{
    uint64_t at = die->next, body = 0;
    uint32_t depth = die->has_children;

    while (depth > 0 && !dies->is_broken) {
        const Shape *shape = reflect_die_shape(dies, die->unit, at, &body);
        if (shape) {
            at = reflect_die_skip(dies, die->unit, shape, body);
            depth += shape->has_children;
        } else {
            at = body;
            depth--;
        }
    }
    return at;
}

uint64_t reflect_die_complete(Dies *dies, Die *die)
{
    uint64_t at = die->at, next = die->origin;

    for (int i = 0; next && i < ORIGIN_STEPS_MAX && !dies->is_broken; i++) {
        const DieUnit *unit = reflect_die_unit(dies, die->unit, next);
        Die origin;
        if (!unit || !reflect_die_read(dies, unit, next, &origin)) {
            return at;
        }
        at = next;
        die->name = die->name ? die->name : origin.name;
        die->type = die->type ? die->type : origin.type;
        die->line = die->line ? die->line : origin.line;
        die->is_external |= origin.is_external;
        die->location = die->location.data ? die->location : origin.location;
        next = origin.origin;
    }
    return at;
}

// ---------------------------------------------------------------------------- addresses and code

bool reflect_die_address(Dies *dies, const DieUnit *unit, uint64_t index, uint64_t *address)
{
    const uint8_t *at, *end = dies->addr.data + dies->addr.bytes;

    if (unit->addresses_base > dies->addr.bytes
        || index >= (dies->addr.bytes - unit->addresses_base) / unit->address_bytes) {
        return false;
    }
    at = dies->addr.data + unit->addresses_base + index * unit->address_bytes;
    *address = reflect_fixed(&at, end, unit->address_bytes);
    return true;
}

// The first range of a list as DWARF 2 to 4 write it.
static bool first_range_old(const Dies *dies, const DieUnit *unit, uint64_t offset, uint64_t *first,
                            uint64_t *end)
{
    const uint8_t *at, *stop = dies->ranges.data + dies->ranges.bytes;
    uint64_t base = unit->low_pc;

    if (offset >= dies->ranges.bytes) {
        return false;
    }
    at = dies->ranges.data + offset;
    for (;;) {
        *first = reflect_fixed(&at, stop, 8);
        *end = reflect_fixed(&at, stop, 8);
        if (!at || (*first == 0 && *end == 0)) {
            return false;
        }
        if (*first == UINT64_MAX) {
            base = *end;
        } else if (*first < *end) {
            *first += base;
            *end += base;
            return true;
        }
    }
}

// One entry of a list as DWARF 5 writes it. False: the end. *first == *end: no range.
static bool read_range(Dies *dies, const DieUnit *unit, const uint8_t **at, const uint8_t *stop,
                       uint64_t *base, uint64_t *first, uint64_t *end)
{
    uint64_t kind = reflect_fixed(at, stop, 1), word;

    *first = *end = 0;
    switch (kind) {
    case DW_RLE_base_addressx:
        return reflect_die_address(dies, unit, reflect_uleb(at, stop), base);
    case DW_RLE_base_address:
        *base = reflect_fixed(at, stop, 8);
        return *at != NULL;
    case DW_RLE_startx_endx:
        word = reflect_uleb(at, stop);
        return reflect_die_address(dies, unit, word, first)
               && reflect_die_address(dies, unit, reflect_uleb(at, stop), end);
    case DW_RLE_startx_length:
        word = reflect_uleb(at, stop);
        *end = reflect_uleb(at, stop);
        if (!reflect_die_address(dies, unit, word, first)) {
            return false;
        }
        *end += *first;
        return *at != NULL;
    case DW_RLE_offset_pair:
        *first = *base + reflect_uleb(at, stop);
        *end = *base + reflect_uleb(at, stop);
        return *at != NULL;
    case DW_RLE_start_end:
        *first = reflect_fixed(at, stop, 8);
        *end = reflect_fixed(at, stop, 8);
        return *at != NULL;
    case DW_RLE_start_length:
        *first = reflect_fixed(at, stop, 8);
        *end = *first + reflect_uleb(at, stop);
        return *at != NULL;
    default:
        return false;
    }
}

static bool first_range(Dies *dies, const Die *die, uint64_t *first, uint64_t *end)
{
    const DieUnit *unit = die->unit;
    const uint8_t *stop = dies->rnglists.data + dies->rnglists.bytes, *at;
    uint64_t offset = die->ranges, base = unit->low_pc;

    if (unit->version < 5) {
        return first_range_old(dies, unit, offset, first, end);
    }
    if (offset >> 63) { // a number in the unit's table of lists
        uint64_t index = offset & ~(UINT64_C(1) << 63);
        if (unit->ranges_base > dies->rnglists.bytes
            || index >= (dies->rnglists.bytes - unit->ranges_base) / unit->offset_bytes) {
            return false;
        }
        at = dies->rnglists.data + unit->ranges_base + index * unit->offset_bytes;
        offset = unit->ranges_base + reflect_fixed(&at, stop, unit->offset_bytes);
    }
    if (offset >= dies->rnglists.bytes) {
        return false;
    }
    at = dies->rnglists.data + offset;
    while (read_range(dies, unit, &at, stop, &base, first, end) && at) {
        if (*first < *end) {
            return true;
        }
    }
    return false;
}

bool reflect_die_code(Dies *dies, const Die *die, uint64_t *first, uint64_t *bytes)
{
    uint64_t end = 0;

    if (die->has_ranges) {
        if (!first_range(dies, die, first, &end)) {
            return false;
        }
    } else if (die->has_low_pc) {
        *first = die->low_pc;
        end = !die->has_high_pc         ? *first
              : die->is_high_an_address ? die->high_pc
                                        : *first + die->high_pc;
    } else {
        return false;
    }
    *bytes = end > *first ? end - *first : 0;
    return reflect_dies_loaded(dies, *first, *bytes);
}

// -------------------------------------------------------------------------------------- sources

// Takes "." and ".." and doubled slashes out of an absolute path, in place.
static void make_plain(char *path)
{
    char *out = path, *at = path;

    while (*at) {
        size_t length = strcspn(at + 1, "/") + 1; // "/word"
        if (length == 1 || (length == 2 && at[1] == '.')) {
        } else if (length == 3 && at[1] == '.' && at[2] == '.') {
            while (out > path && *--out != '/') {
            }
        } else {
            memmove(out, at, length);
            out += length;
        }
        at += length;
    }
    *out = 0;
}

const char *reflect_die_source(Dies *dies, const DieUnit *unit, Arena *arena)
{
    DieUnit *own = &dies->units[unit - dies->units];
    char whole[FILE_PATH_MAX];

    if (!own->source) {
        bool is_absolute = unit->name[0] == '/' || unit->folder[0] != '/';
        (void)text_format(whole, sizeof whole, "%s%s%s", is_absolute ? "" : unit->folder,
                          is_absolute ? "" : "/", unit->name);
        if (whole[0] == '/') {
            make_plain(whole);
        }
        own->source = arena_copy_text(arena, whole);
    }
    return own->source;
}
