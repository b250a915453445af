#include "reflect.h"
#include <dwarf.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reflect_parts.h"

// The file's bytes are read once and libdw is given the copy: a mapping of a file that somebody
// cuts off is SIGBUS. What libdw follows by itself and damaged bytes may turn into a circle -
// siblings - is watched here. Units and their functions become tables of address ranges when they
// are first asked for, because .debug_aranges is missing in what clang makes, and libdw's own
// search visits every type of a unit.
//
// Contents: opening, walking, units, functions and scopes, lines, places.

enum {
    FILE_LIMIT_MIB = 512,
    TABLES_MIB = 256,
    UNITS_MAX = 65536,
    SPANS_MAX = 1 << 20,
    CHILDREN_MAX = 1 << 22,
    NAMESPACES_DEEP = 4
};

// -------------------------------------------------------------------------------------- opening

bool reflect_find_image(Reflect *reflect, uintptr_t image_first)
{
    size_t count = 0;
    uint64_t lowest = UINT64_MAX;

    if (!reflect->elf || elf_kind(reflect->elf) != ELF_K_ELF
        || elf_getphdrnum(reflect->elf, &count) != 0) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr segment;
        if (gelf_getphdr(reflect->elf, (int)i, &segment) && segment.p_type == PT_LOAD
            && segment.p_vaddr < lowest) {
            lowest = segment.p_vaddr;
        }
    }
    reflect->bias = image_first - (lowest & ~(uint64_t)(PAGE_BYTES - 1));
    return lowest != UINT64_MAX;
}

static bool is_library(Reflect *reflect, uintptr_t image_first, Fault *fault)
{
    if (!reflect_find_image(reflect, image_first)) {
        return fault_set(fault, FAULT_FORMAT, "%s: is no sound library; addresses stay bare",
                         reflect->path);
    }
    return true;
}

static bool open_dwarf(Reflect *reflect, const char *path, uintptr_t image_first, Fault *fault)
{
    FileBytes bytes;

    if (!file_read(&reflect->memory, path, (size_t)FILE_LIMIT_MIB << 20, &bytes, fault)) {
        return false;
    }
    elf_version(EV_CURRENT);
    // libelf takes the bytes as its own to change: it unpacks compressed sections in place.
    reflect->elf = elf_memory((char *)(uintptr_t)bytes.data, bytes.size_bytes);
    if (!is_library(reflect, image_first, fault)) {
        return false;
    }
    reflect->dwarf = dwarf_begin_elf(reflect->elf, DWARF_C_READ, NULL);
    if (!reflect->dwarf) {
        return fault_set(fault, FAULT_FORMAT,
                         "%s: its debug information cannot be read (%s); functions are still named",
                         path, dwarf_errmsg(-1));
    }
    return true;
}

// Not through a mapping, either: libelf reads each section into memory of its own.
static bool open_sections(Reflect *reflect, const char *path, uintptr_t image_first, Fault *fault)
{
    struct stat stat;

    // O_NONBLOCK: opening a FIFO must not wait for its writer. Source: open(2).
    reflect->file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    reflect->has_file = reflect->file >= 0;
    if (!reflect->has_file || fstat(reflect->file, &stat) != 0) {
        return fault_set(fault, FAULT_FILE, "%s: %s; its types stay unknown", path,
                         strerror(errno));
    }
    if (!S_ISREG(stat.st_mode)) {
        return fault_set(fault, FAULT_FILE, "%s: is no file; its types stay unknown", path);
    }
    elf_version(EV_CURRENT);
    reflect->elf = elf_begin(reflect->file, ELF_C_READ, NULL);
    return is_library(reflect, image_first, fault);
}

Reflect *reflect_new(const char *path, Fault *fault)
{
    Arena memory;
    Reflect *reflect;

    if (!arena_open(&memory, 0, (size_t)(FILE_LIMIT_MIB + TABLES_MIB) << 20, fault)) {
        return NULL;
    }
    reflect = ARENA_NEW(&memory, Reflect, 1);
    reflect->memory = memory;
    reflect->path = arena_copy_text(&reflect->memory, path);
    return reflect;
}

Reflect *reflect_open(const char *path, uintptr_t image_first, Fault *fault)
{
    Reflect *reflect = reflect_new(path, fault);

    if (reflect && !open_dwarf(reflect, path, image_first, fault)) {
        reflect_close(reflect);
        return NULL;
    }
    return reflect;
}

Reflect *reflect_open_sections(const char *path, uintptr_t image_first, Fault *fault)
{
    Reflect *reflect = reflect_new(path, fault);

    if (reflect && !open_sections(reflect, path, image_first, fault)) {
        reflect_close(reflect);
        return NULL;
    }
    return reflect;
}

void reflect_close(Reflect *reflect)
{
    Arena memory;

    if (!reflect) {
        return;
    }
    if (reflect->cfi) {
        dwarf_cfi_end(reflect->cfi);
    }
    if (reflect->dwarf) {
        dwarf_end(reflect->dwarf);
    }
    if (reflect->elf) {
        elf_end(reflect->elf);
    }
    if (reflect->has_file) {
        close(reflect->file);
    }
    memory = reflect->memory; // the struct lies in it
    arena_close(&memory);
}

// -------------------------------------------------------------------------------------- walking

bool reflect_child(Dwarf_Die *die, Dwarf_Die *child)
{
    return dwarf_child(die, child) == 0 && dwarf_dieoffset(child) > dwarf_dieoffset(die);
}

// DW_AT_sibling of a damaged file may lead back, and round and round.
bool reflect_next(Dwarf_Die *die)
{
    Dwarf_Die next;

    if (dwarf_siblingof(die, &next) != 0 || dwarf_dieoffset(&next) <= dwarf_dieoffset(die)) {
        return false;
    }
    *die = next;
    return true;
}

// ---------------------------------------------------------------------------------------- units

// Appends the ranges of `die`. Nothing else may be pushed meanwhile: they lie back to back.
static size_t push_spans(Reflect *reflect, Dwarf_Die *die, Span like, Span **first)
{
    Dwarf_Addr base, begin, end;
    ptrdiff_t at = 0;
    size_t count = 0;

    while (count < SPANS_MAX && (at = dwarf_ranges(die, at, &base, &begin, &end)) > 0) {
        Span *span;
        if (begin >= end) {
            continue;
        }
        span = arena_try_push(&reflect->memory, sizeof *span, _Alignof(Span), 1);
        if (!span) {
            break;
        }
        *span = like;
        span->first = begin;
        span->end = end;
        *first = *first ? *first : span;
        count++;
    }
    return count;
}

void reflect_read_units(Reflect *reflect)
{
    Dwarf_CU *cu = NULL;
    Dwarf_Die head, part;
    uint8_t kind;

    if (reflect->has_units) {
        return;
    }
    reflect->has_units = true;
    while (reflect->unit_count < UNITS_MAX
           && dwarf_get_units(reflect->dwarf, cu, &cu, NULL, &kind, &head, &part) == 0) {
        Unit *unit = arena_try_push(&reflect->memory, sizeof *unit, _Alignof(Unit), 1);
        if (!unit) {
            return;
        }
        reflect->units = reflect->units ? reflect->units : unit;
        unit->head = head;
        unit->root = kind == DW_UT_skeleton && dwarf_tag(&part) ? part : head;
        reflect->unit_count++;
    }
    for (size_t i = 0; i < reflect->unit_count && reflect->span_count < SPANS_MAX; i++) {
        reflect->span_count += push_spans(reflect, &reflect->units[i].head,
                                          (Span){.unit = (uint32_t)i}, &reflect->spans);
    }
}

Unit *reflect_unit_at(Reflect *reflect, uint64_t address)
{
    reflect_read_units(reflect);
    for (size_t i = 0; i < reflect->span_count; i++) {
        if (address >= reflect->spans[i].first && address < reflect->spans[i].end) {
            return &reflect->units[reflect->spans[i].unit];
        }
    }
    return NULL;
}

// -------------------------------------------------------------------------- functions and scopes

static void read_functions_of(Reflect *reflect, Unit *unit, Dwarf_Die *parent, int depth)
{
    Dwarf_Die die;
    size_t left = CHILDREN_MAX;

    if (!reflect_child(parent, &die)) {
        return;
    }
    do {
        int tag = dwarf_tag(&die);
        if (tag == DW_TAG_subprogram && unit->function_count < SPANS_MAX) {
            unit->function_count +=
                push_spans(reflect, &die, (Span){.function = die}, &unit->functions);
        } else if (tag == DW_TAG_namespace && depth < NAMESPACES_DEEP) {
            read_functions_of(reflect, unit, &die, depth + 1);
        }
    } while (--left > 0 && reflect_next(&die));
}

static const Span *function_at(Reflect *reflect, Unit *unit, uint64_t address)
{
    if (!unit->has_functions) {
        unit->has_functions = true;
        read_functions_of(reflect, unit, &unit->root, 0);
    }
    for (size_t i = 0; i < unit->function_count; i++) {
        if (address >= unit->functions[i].first && address < unit->functions[i].end) {
            return &unit->functions[i];
        }
    }
    return NULL;
}

// The child of *die that the address lies in.
static bool find_inner(Dwarf_Die *die, uint64_t address, Dwarf_Die *inner)
{
    size_t left = CHILDREN_MAX;

    if (!reflect_child(die, inner)) {
        return false;
    }
    do {
        int tag = dwarf_tag(inner);
        if ((tag == DW_TAG_inlined_subroutine || tag == DW_TAG_lexical_block
             || tag == DW_TAG_try_block || tag == DW_TAG_catch_block)
            && dwarf_haspc(inner, address) == 1) {
            return true;
        }
    } while (--left > 0 && reflect_next(inner));
    return false;
}

bool reflect_find_scopes(Reflect *reflect, uint64_t address, Scopes *scopes)
{
    const Span *function;

    *scopes = (Scopes){.unit = reflect_unit_at(reflect, address)};
    function = scopes->unit ? function_at(reflect, scopes->unit, address) : NULL;
    if (!function) {
        return false;
    }
    scopes->die[scopes->count++] = function->function;
    while (scopes->count < SCOPES_MAX
           && find_inner(&scopes->die[scopes->count - 1], address, &scopes->die[scopes->count])) {
        scopes->count++;
    }
    return true;
}

// ---------------------------------------------------------------------------------------- lines

// The row that holds for the address: the last one at or before it. -1: there is none.
static ptrdiff_t line_index(Dwarf_Lines *lines, size_t count, uint64_t address)
{
    size_t low = 0, high = count;
    Dwarf_Addr at;
    bool is_end = false;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (dwarf_lineaddr(dwarf_onesrcline(lines, middle), &at) == 0 && at <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == 0 || dwarf_lineendsequence(dwarf_onesrcline(lines, low - 1), &is_end) != 0
        || is_end) {
        return -1;
    }
    return (ptrdiff_t)low - 1;
}

// `path` made absolute; a folder "." in it, which -I. leaves behind, is dropped.
static void set_file(ReflectPlace *place, Unit *unit, const char *path)
{
    Dwarf_Attribute attribute;
    const char *folder = dwarf_formstring(dwarf_attr(&unit->head, DW_AT_comp_dir, &attribute));
    char whole[FILE_PATH_MAX];
    char *dot;

    if (!path || !path[0] || strcmp(path, "???") == 0) {
        return;
    }
    if (path[0] == '/' || !folder) {
        (void)text_format(whole, sizeof whole, "%s", path);
    } else {
        (void)text_format(whole, sizeof whole, "%s/%s", folder, path);
    }
    while ((dot = strstr(whole, "/./"))) {
        memmove(dot, dot + 2, strlen(dot + 2) + 1);
    }
    text_clean(place->file, sizeof place->file, whole, false);
}

static int clamp_line(uint64_t line)
{
    return line > INT32_MAX ? 0 : (int)line;
}

// Line 0 is code that belongs to no line (clang's merged branches): the line before it says more.
static void set_line(Unit *unit, uint64_t address, ReflectPlace *place)
{
    Dwarf_Lines *lines;
    size_t count;
    ptrdiff_t at;
    int line = 0, column = 0;

    if (dwarf_getsrclines(&unit->head, &lines, &count) != 0
        || (at = line_index(lines, count, address)) < 0) {
        return;
    }
    for (int back = 0; at >= 0 && back < 16; at--, back++) {
        Dwarf_Line *row = dwarf_onesrcline(lines, (size_t)at);
        if (dwarf_lineno(row, &line) == 0 && line > 0) {
            (void)dwarf_linecol(row, &column);
            set_file(place, unit, dwarf_linesrc(row, NULL, NULL));
            place->line = line;
            place->column = column > 0 ? column : 0;
            return;
        }
    }
}

// --------------------------------------------------------------------------------------- places

static void set_function(ReflectPlace *place, Dwarf_Die *die)
{
    const char *name = dwarf_diename(die);

    text_clean(place->function, sizeof place->function, name ? name : "", false);
}

// Where the call stands that was inlined.
static void set_call(ReflectPlace *place, Unit *unit, Dwarf_Die *inlined)
{
    Dwarf_Attribute attribute;
    Dwarf_Word number;
    Dwarf_Files *files;
    size_t count;

    if (dwarf_formudata(dwarf_attr(inlined, DW_AT_call_file, &attribute), &number) == 0
        && dwarf_getsrcfiles(&unit->root, &files, &count) == 0 && number < count) {
        set_file(place, unit, dwarf_filesrc(files, number, NULL, NULL));
    }
    if (dwarf_formudata(dwarf_attr(inlined, DW_AT_call_line, &attribute), &number) == 0) {
        place->line = clamp_line(number);
    }
    if (dwarf_formudata(dwarf_attr(inlined, DW_AT_call_column, &attribute), &number) == 0) {
        place->column = clamp_line(number);
    }
}

size_t reflect_places(Reflect *reflect, uintptr_t pc, ReflectPlace *places, size_t max)
{
    uint64_t address = pc - reflect->bias;
    Unit *unit = reflect_unit_at(reflect, address);
    Scopes scopes;
    size_t count = 0;

    if (!unit || max == 0) {
        return 0;
    }
    places[0] = (ReflectPlace){0};
    set_line(unit, address, &places[0]);
    if (!reflect_find_scopes(reflect, address, &scopes)) {
        return places[0].line > 0; // assembler: lines, but no functions
    }
    for (size_t i = scopes.count; i-- > 0;) {
        Dwarf_Die *die = &scopes.die[i];
        bool is_inlined = dwarf_tag(die) == DW_TAG_inlined_subroutine;
        if (i > 0 && !is_inlined) {
            continue;
        }
        set_function(&places[count], die);
        places[count].is_inlined = is_inlined;
        if (++count == max || !is_inlined) {
            break;
        }
        places[count] = (ReflectPlace){0};
        set_call(&places[count], unit, die);
    }
    return count;
}
