#include "reflect_die.h"
#include <dwarf.h>

#include "reflect_form.h"

// Contents: entries, addresses and code.

enum { ORIGIN_STEPS_MAX = 8 };

// -------------------------------------------------------------------------------------- entries

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
        reflect_read_form(unit, &unit->forms[shape->first + i], &at, end, &raw);
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
        reflect_read_form(unit, form, &at, end, &raw);
        if (at && form->name == DW_AT_location && reflect_form_is_block(form->form)) {
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
    const uint8_t *at, *end;

    if (!reflect_form_is_block(raw->form)) {
        return raw->word;
    }
    if (raw->block.bytes < 2 || raw->block.data[0] != DW_OP_plus_uconst) {
        return 0;
    }
    at = raw->block.data + 1;
    end = raw->block.data + raw->block.bytes;
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
    return !reflect_form_is_block(raw->form) && raw->form != DW_FORM_ref4
           && raw->form != DW_FORM_ref_addr && raw->form != DW_FORM_sec_offset
           && raw->form != DW_FORM_loclistx;
}

static void take(Dies *dies, Die *die, uint16_t name, const Raw *raw)
{
    switch (name) {
    case DW_AT_name:
        die->name = reflect_form_text(dies, die->unit, raw);
        break;
    case DW_AT_type:
        die->type = reflect_form_reference(dies, die->unit, raw);
        break;
    case DW_AT_specification:
    case DW_AT_abstract_origin:
        die->origin = reflect_form_reference(dies, die->unit, raw);
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
    case DW_AT_location:
        die->location = reflect_form_is_block(raw->form) ? raw->block : (Block){0};
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
    case DW_AT_alignment:
        die->align = raw->word <= UINT32_MAX ? (uint32_t)raw->word : 0;
        break;
    case DW_AT_GNU_vector:
        die->is_vector = raw->word != 0;
        break;
    case DW_AT_signature:
        die->whole = reflect_form_reference(dies, die->unit, raw);
        break;
    case DW_AT_decl_file:
        die->file = (uint32_t)raw->word;
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

// gcc would make a `rep stos` of it, which takes longer than reading the entry.
static void clear(Die *die)
{
    size_t bytes = sizeof *die;

    __asm__("" : "+r"(bytes));
    memset(die, 0, bytes);
}

bool reflect_die_read(Dies *dies, const DieUnit *unit, uint64_t at, Die *die)
{
    uint64_t body;
    const Shape *shape = reflect_die_shape(dies, unit, at, &body);
    const uint8_t *end = unit->start + (unit->end - unit->first), *byte;

    clear(die);
    die->at = at;
    die->unit = unit;
    die->next = at + 1;
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
        reflect_read_form(unit, form, &byte, end, &raw);
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
        die->file = die->line ? die->file : origin.file;
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
