#include "reflect_form.h"
#include <dwarf.h>

// Contents: numbers, forms, abbreviations.

enum { SHAPES_MAX = 1 << 16, FORMS_MAX = 1 << 12 };

// -------------------------------------------------------------------------------------- numbers

uint64_t reflect_long_uleb(const uint8_t **at, const uint8_t *end)
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

// ---------------------------------------------------------------------------------------- forms

int reflect_form_bytes(const DieUnit *unit, uint16_t form)
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

void reflect_read_odd(const DieUnit *unit, const Form *form, const uint8_t **at, const uint8_t *end,
                      Raw *raw)
{
    raw->word = 0;
    switch (form->form) {
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
        Form there = {.name = form->name, .form = (uint16_t)reflect_uleb(at, end), .constant = 1};
        there.bytes = (int16_t)reflect_form_bytes(unit, there.form);
        if (*at && there.form != DW_FORM_indirect && there.form != DW_FORM_implicit_const) {
            reflect_read_form(unit, &there, at, end, raw);
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

const char *reflect_form_text(const Dies *dies, const DieUnit *unit, const Raw *raw)
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
    size_t low = SORTED_BELOW(dies->signatures, dies->signature_count, key, signature);

    return low < dies->signature_count && dies->signatures[low].key == signature
               ? dies->units[dies->signatures[low].index].type
               : 0;
}

uint64_t reflect_form_reference(const Dies *dies, const DieUnit *unit, const Raw *raw)
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

bool reflect_form_is_block(uint16_t form)
{
    return form == DW_FORM_exprloc || form == DW_FORM_block || form == DW_FORM_block1
           || form == DW_FORM_block2 || form == DW_FORM_block4;
}

// -------------------------------------------------------------------------------- abbreviations

// Whether somebody asks for the attribute: that is to name what reflect_die_read takes. The rest is
// passed over.
static bool is_wanted(uint16_t tag, uint64_t name)
{
    switch (name) {
    case DW_AT_name:
    case DW_AT_type:
    case DW_AT_specification:
    case DW_AT_abstract_origin:
    case DW_AT_declaration:
    case DW_AT_external:
    case DW_AT_inline:
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
    case DW_AT_alignment:
    case DW_AT_GNU_vector:
    case DW_AT_signature:
    case DW_AT_low_pc:
    case DW_AT_high_pc:
    case DW_AT_ranges:
        return true;
    case DW_AT_decl_file:
    case DW_AT_decl_line:
        return tag == DW_TAG_variable || tag == DW_TAG_subprogram;
    default:
        return tag == DW_TAG_compile_unit || tag == DW_TAG_skeleton_unit;
    }
}

// Appends a form. Those beside each other that nobody asks for become one.
static void add_form(Shape *shape, Form *forms, Form form)
{
    Form *last = shape->count > 0 ? &forms[shape->first + shape->count - 1] : NULL;

    form.is_wanted = is_wanted(shape->tag, form.name);
    if (last && !last->is_wanted && !form.is_wanted && last->bytes >= 0 && form.bytes >= 0
        && last->bytes + form.bytes < INT16_MAX) {
        last->bytes = (int16_t)(last->bytes + form.bytes);
        return;
    }
    forms[shape->first + shape->count++] = form;
}

// One abbreviation, or the end of the list (code 0).
static uint64_t read_shape(const DieUnit *unit, const uint8_t **at, const uint8_t *end,
                           Shape *shape, Form *forms)
{
    uint64_t code = reflect_uleb(at, end);
    uint32_t first = shape->first;
    bool has_line = false;

    if (!*at || code == 0) {
        return 0;
    }
    *shape = (Shape){.first = first, .tag = (uint16_t)reflect_uleb(at, end)};
    shape->has_children = reflect_fixed(at, end, 1) != 0;
    for (;;) {
        uint64_t name = reflect_uleb(at, end), form = reflect_uleb(at, end);
        int64_t constant = form == DW_FORM_implicit_const ? reflect_sleb(at, end) : 1;
        int bytes = reflect_form_bytes(unit, (uint16_t)form);
        if (!*at || (name == 0 && form == 0)) {
            return code;
        }
        add_form(shape, forms,
                 (Form){.name = (uint16_t)name,
                        .form = (uint16_t)form,
                        .bytes = (int16_t)bytes,
                        .constant = constant});
        shape->bytes = bytes < 0 || shape->bytes < 0 ? -1 : shape->bytes + bytes;
        shape->has_constant |= name == DW_AT_const_value;
        shape->has_origin |= name == DW_AT_abstract_origin || name == DW_AT_specification;
        shape->is_type_late |= name == DW_AT_type && has_line;
        has_line |= name == DW_AT_decl_line;
        if (name == DW_AT_location) {
            shape->has_block = reflect_form_is_block((uint16_t)form);
            shape->has_list = !shape->has_block;
        }
    }
}

// How many forms there are, and the greatest code. False: damaged.
static bool count_shapes(const uint8_t *at, const uint8_t *end, uint64_t *form_count,
                         uint64_t *code_max)
{
    uint64_t code;

    *form_count = *code_max = 0;
    while ((code = reflect_uleb(&at, end))) {
        uint64_t count = 0;
        (void)reflect_uleb(&at, end);
        (void)reflect_fixed(&at, end, 1);
        for (;; count++) {
            uint64_t name = reflect_uleb(&at, end), form = reflect_uleb(&at, end);
            if (form == DW_FORM_implicit_const) {
                (void)reflect_sleb(&at, end);
            }
            if (!at || count > FORMS_MAX) {
                return false;
            }
            if (name == 0 && form == 0) {
                break;
            }
        }
        *form_count += count;
        *code_max = code > *code_max ? code : *code_max;
    }
    return at && *code_max <= SHAPES_MAX;
}

// Twice over the bytes: how much there is, then what.
bool reflect_read_shapes(Dies *dies, DieUnit *unit, uint64_t offset)
{
    const uint8_t *end = dies->abbrev.data + dies->abbrev.bytes, *at;
    uint64_t code, form_count, code_max;
    Shape shape = {0}, *shapes;
    Form *forms;

    if (offset >= dies->abbrev.bytes
        || !count_shapes(dies->abbrev.data + offset, end, &form_count, &code_max)) {
        return false;
    }
    reflect_dies_spend(dies, form_count + code_max);
    if (dies->steps_left == 0) {
        return false;
    }
    shapes = arena_try_push(dies->scratch, sizeof *shapes, _Alignof(Shape), code_max + 1);
    forms = arena_try_push(dies->scratch, sizeof *forms, _Alignof(Form), form_count + 1);
    if (!shapes || !forms) {
        return false;
    }
    for (at = dies->abbrev.data + offset; (code = read_shape(unit, &at, end, &shape, forms));) {
        shapes[code - 1] = shape;
        shape.first += shape.count;
    }
    unit->shapes = shapes;
    unit->forms = forms;
    unit->shape_count = (uint32_t)code_max;
    return true;
}
