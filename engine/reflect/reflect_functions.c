#include <dwarf.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#include "reflect_variables.h"

// Functions, most of them with code. gcc makes copies of some with fewer parameters, or with a part
// of the code: to the debug information these are the function itself, but one that is called with
// all its parameters runs wild. Their symbols tell them apart.
//
// Contents: functions, copies, writing.

// ------------------------------------------------------------------------------------ functions

void reflect_add_function(Found *found, Die *die)
{
    FoundFunction *functions =
        reflect_grow(found->types->scratch, found->functions, found->function_count,
                     &found->function_room, sizeof *functions);
    const DieUnit *home;
    uint64_t root, first = 0, bytes = 0;
    bool has_code;

    if (!functions) {
        reflect_dies_break(found->dies, die->at);
        return;
    }
    found->functions = functions;
    has_code = !die->is_declaration && reflect_die_code(found->dies, die, &first, &bytes);
    if (die->is_declaration || (!has_code && found->kind != FOUND_WIDE)) {
        return;
    }
    root = reflect_die_complete(found->dies, die);
    home = reflect_die_unit(found->dies, die->unit, root);
    if (!home || !die->name) {
        return;
    }
    functions[found->function_count++] = (FoundFunction){
        .node = reflect_takes_types(found) ? reflect_types_node(found->types, home, root, NULL) : 0,
        .function = {.name = reflect_text(found->texts, die->name),
                     .unit = reflect_die_source(found->dies, home, found->texts),
                     .address = has_code ? first : 0,
                     .bytes = has_code ? bytes : 0,
                     .is_external = die->is_external},
    };
}

// --------------------------------------------------------------------------------------- copies

typedef struct Copy {
    uint64_t address;
    const char *name;
} Copy;

typedef struct Copies {
    Copy *copies;
    uint32_t count, room;
} Copies;

static bool is_copy(const char *name)
{
    return strchr(name, '.')
           && (strstr(name, ".constprop.") || strstr(name, ".isra.") || strstr(name, ".part."));
}

static void find_copies_in(Copies *copies, Arena *scratch, Elf *elf, Elf_Scn *section)
{
    GElf_Shdr head;
    GElf_Sym symbol;
    Elf_Data *data;

    if (!gelf_getshdr(section, &head) || head.sh_type != SHT_SYMTAB
        || !(data = elf_getdata(section, NULL))) {
        return;
    }
    for (int i = 0; gelf_getsym(data, i, &symbol); i++) {
        const char *name;
        Copy *list;
        if (GELF_ST_TYPE(symbol.st_info) != STT_FUNC || symbol.st_shndx == SHN_UNDEF
            || !(name = elf_strptr(elf, head.sh_link, symbol.st_name)) || !is_copy(name)) {
            continue;
        }
        list = reflect_grow(scratch, copies->copies, copies->count, &copies->room, sizeof *list);
        if (!list) {
            return;
        }
        copies->copies = list;
        list[copies->count++] = (Copy){symbol.st_value, name};
    }
}

static int by_copy(const void *left, const void *right)
{
    const Copy *a = left, *b = right;

    return a->address < b->address ? -1 : a->address > b->address;
}

static Copies find_copies(const Found *found)
{
    Elf *elf = found->dies->reflect->elf;
    Elf_Scn *section = NULL;
    Copies copies = {0};

    while ((section = elf_nextscn(elf, section))) {
        find_copies_in(&copies, found->types->scratch, elf, section);
    }
    if (copies.count > 0) {
        qsort(copies.copies, copies.count, sizeof *copies.copies, by_copy);
    }
    return copies;
}

// -------------------------------------------------------------------------------------- writing

static int by_address(const void *left, const void *right)
{
    const FoundFunction *a = left, *b = right;

    return a->function.address < b->function.address ? -1
                                                     : a->function.address > b->function.address;
}

bool reflect_write_functions(Found *found, Arena *arena, ReflectTable *table)
{
    Copies copies = find_copies(found);
    ReflectFunction *functions = arena_try_push(arena, sizeof *functions, 8, found->function_count);

    if (!functions) {
        return false;
    }
    if (found->function_count > 0) {
        qsort(found->functions, found->function_count, sizeof *found->functions, by_address);
    }
    table->functions = functions;
    for (uint32_t i = 0; i < found->function_count; i++) {
        const FoundFunction *from = &found->functions[i];
        Copy wanted = {.address = from->function.address};
        const Copy *copy = copies.count ? bsearch(&wanted, copies.copies, copies.count,
                                                  sizeof *copies.copies, by_copy)
                                        : NULL;
        ReflectFunction *function = &functions[table->function_count];
        if (from->function.address == 0) {
            continue;
        }
        *function = from->function;
        function->type = reflect_takes_types(found) ? found->types->nodes[from->node].index
                                                    : from->function.type;
        function->name = copy ? reflect_text(found->texts, copy->name) : function->name;
        function->address += found->dies->reflect->bias;
        table->function_count += table->function_count == 0
                                 || function[-1].address != function->address
                                 || strcmp(function[-1].name, function->name) != 0;
    }
    return true;
}
