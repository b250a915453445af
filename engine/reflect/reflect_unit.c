#include <dwarf.h>
#include <gelf.h>

#include "reflect_form.h"

// Contents: sections, units, sources.

enum {
    STEPS_A_BYTE = 8, // a sound file takes less than one
    STEPS_LEAST = 1 << 16,
    UNPACKED_MAX = 1 << 30,
    UNPACKED_RATIO = 1 << 11
};

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
        {".debug_rnglists", &dies->rnglists}, {"hl_was", &dies->was},
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

// What a few bytes claim to unpack to: no packing is better than a thousand to one.
static bool is_honest(uint64_t unpacked, uint64_t packed)
{
    return unpacked <= UNPACKED_MAX && unpacked / UNPACKED_RATIO <= packed;
}

// libdw has unpacked the sections already, if it opened the file. False: damaged, or is_packed.
static bool unpack(Dies *dies, Elf_Scn *section, const GElf_Shdr *head, const char *name)
{
    GElf_Chdr packed;
    Elf_Data *data;
    const uint8_t *bytes;
    uint64_t unpacked = 0;

    if (head->sh_flags & SHF_COMPRESSED) {
        if (!gelf_getchdr(section, &packed) || !is_honest(packed.ch_size, head->sh_size)) {
            return false;
        }
        if (elf_compress(section, 0, 0) >= 0) {
            return true;
        }
        dies->is_packed = packed.ch_type != ELFCOMPRESS_ZLIB; // zstd, before elfutils 0.189
        return false;
    }
    data = strncmp(name, ".zdebug_", 8) == 0 ? elf_rawdata(section, NULL) : NULL;
    if (!data || !data->d_buf || data->d_size < 12 || memcmp(data->d_buf, "ZLIB", 4) != 0) {
        return true;
    }
    bytes = data->d_buf;
    for (int i = 4; i < 12; i++) {
        unpacked = unpacked << 8 | bytes[i];
    }
    return is_honest(unpacked, data->d_size) && elf_compress_gnu(section, 0, 0) >= 0;
}

// False: damaged, or is_packed.
static bool take_section(Dies *dies, Elf_Scn *at, size_t names)
{
    GElf_Shdr head;
    const char *name;
    Section *section;
    Elf_Data *data;

    if (!gelf_getshdr(at, &head) || head.sh_type == SHT_NOBITS
        || !(name = elf_strptr(dies->reflect->elf, names, head.sh_name))
        || !(section = section_named(dies, name)) || section->bytes > 0) {
        return true;
    }
    if (!unpack(dies, at, &head, name)) {
        return false;
    }
    data = elf_getdata(at, NULL);
    if (data && data->d_buf) {
        *section = (Section){data->d_buf, data->d_size};
    }
    return true;
}

// False: damaged, or is_packed.
static bool find_sections(Dies *dies)
{
    size_t names;
    Elf_Scn *at = NULL;

    if (elf_getshdrstrndx(dies->reflect->elf, &names) != 0) {
        return true;
    }
    while ((at = elf_nextscn(dies->reflect->elf, at))) {
        if (!take_section(dies, at, names)) {
            return false;
        }
    }
    end_texts(&dies->str);
    end_texts(&dies->line_str);
    end_texts(&dies->was);
    return true;
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
            reflect_read_form(unit, form, &at, end, &raw);
            if (!at) {
                reflect_dies_break(dies, unit->first);
            } else if (pass == 0) {
                take_base(unit, form, &raw);
            } else if (form->name == DW_AT_name) {
                unit->name = reflect_form_text(dies, unit, &raw);
            } else if (form->name == DW_AT_producer) {
                unit->is_clang = strstr(reflect_form_text(dies, unit, &raw), "clang") != NULL;
            } else if (form->name == DW_AT_comp_dir) {
                unit->folder = reflect_form_text(dies, unit, &raw);
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
        } else if (!reflect_read_shapes(dies, unit, abbrev)) {
            reflect_dies_break(dies, unit->first);
            return;
        }
        last = unit;
        last_abbrev = abbrev;
        dies->unit_count++;
    }
}

static bool sort_signatures(Dies *dies)
{
    uint32_t count = 0;
    SortKey *room;

    for (uint32_t i = 0; i < dies->unit_count; i++) {
        count += dies->units[i].type != 0;
    }
    dies->signatures = arena_try_push(dies->scratch, sizeof *room, _Alignof(SortKey), count);
    room = arena_try_push(dies->scratch, sizeof *room, _Alignof(SortKey), count);
    if (!dies->signatures || !room) {
        return false;
    }
    for (uint32_t i = 0; i < dies->unit_count; i++) {
        if (dies->units[i].type) {
            dies->signatures[dies->signature_count++] = (SortKey){dies->units[i].signature, i};
        }
    }
    reflect_sort(dies->signatures, room, count);
    return true;
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
                   .rnglists = NOTHING,
                   .was = NOTHING};
    if (!find_sections(dies)) {
        reflect_dies_break(dies, 0);
        return false;
    }
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
    if (!sort_signatures(dies)) {
        reflect_dies_break(dies, 0);
    }
    return !dies->is_broken;
}

const DieUnit *reflect_die_unit(Dies *dies, const DieUnit *near, uint64_t at)
{
    size_t low;

    if (near && reflect_is_in(near, at)) {
        return near;
    }
    low = SORTED_UP_TO(dies->units, dies->unit_count, first, at);
    if (low > 0 && reflect_is_in(&dies->units[low - 1], at)) {
        return &dies->units[low - 1];
    }
    reflect_dies_break(dies, at);
    return NULL;
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

void reflect_die_set_source(Dies *dies, const DieUnit *unit, const char *path, Texts *texts)
{
    char plain[FILE_PATH_MAX];

    (void)text_format(plain, sizeof plain, "%s", path);
    if (plain[0] == '/') {
        make_plain(plain);
    }
    dies->units[unit - dies->units].source = reflect_text(texts, plain);
}

const char *reflect_die_source(Dies *dies, const DieUnit *unit, Texts *texts)
{
    DieUnit *own = &dies->units[unit - dies->units];
    char whole[FILE_PATH_MAX];

    if (!own->source) {
        bool is_absolute = unit->name[0] == '/' || unit->folder[0] != '/';
        (void)text_format(whole, sizeof whole, "%s%s%s", is_absolute ? "" : unit->folder,
                          is_absolute ? "" : "/", unit->name);
        reflect_die_set_source(dies, unit, whole, texts);
    }
    return own->source;
}
