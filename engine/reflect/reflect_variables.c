#include "reflect_variables.h"
#include <dwarf.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

// A variable that was inlined with its function has several entries, which all lead to one: that
// one counts. A variable of a function that has no location may be a static one that the optimiser
// dropped, or an automatic one that it did. clang tells them apart. gcc's are listed, but for
// functions as they were written before they were inlined, where no automatic variable has a
// location; those are only counted among their namesakes, so that what is listed keeps its number
// when one before it is dropped.
//
// Contents: variables, the walk, which is which, writing.

enum { SCOPES_DEEP = 512 };

// ------------------------------------------------------------------------------------ variables

typedef struct Scope {
    uint64_t function; // its entry, or that of an inlined copy; 0: outside of functions
    bool is_abstract, is_skipped;
} Scope;

// Where a function of the unit begins.
typedef struct Namesake {
    uint32_t file, line;
    const char *name;
} Namesake;

typedef struct Walk {
    Found *found;
    const DieUnit *unit;
    Scope scopes[SCOPES_DEEP];
    uint32_t depth;
    uint64_t named;   // the function that `name` is the name of
    const char *name; // kept
    Namesake *namesakes;
    uint32_t namesake_count, namesake_room;
    bool has_namesakes; // of this unit
} Walk;

static void read_namesakes(Walk *walk)
{
    Dies *dies = walk->found->dies;
    Die die;

    walk->has_namesakes = true;
    walk->namesake_count = 0;
    if (!reflect_die_read(dies, walk->unit, walk->unit->dies, &die)) {
        return;
    }
    for (uint64_t at = die.next; reflect_die_read(dies, walk->unit, at, &die);
         at = reflect_die_end(dies, &die)) {
        Namesake *list;
        if (die.tag != DW_TAG_subprogram || !die.name || die.is_declaration) {
            continue;
        }
        list = reflect_grow(walk->found->types->scratch, walk->namesakes, walk->namesake_count,
                            &walk->namesake_room, sizeof *list);
        if (!list) {
            return;
        }
        walk->namesakes = list;
        list[walk->namesake_count++] = (Namesake){die.file, die.line, die.name};
    }
}

// clang leaves the static variables of a function that is inlined everywhere in one without a name:
// theirs is the last function that begins before them.
static const char *find_namesake(Walk *walk, const Die *variable)
{
    Namesake last = {.name = ""};

    if (!walk->has_namesakes) {
        read_namesakes(walk);
    }
    for (uint32_t i = 0; i < walk->namesake_count; i++) {
        Namesake one = walk->namesakes[i];
        if (one.file == variable->file && one.line <= variable->line && one.line >= last.line) {
            last = one;
        }
    }
    return last.name;
}

static const char *function_name(Walk *walk, uint64_t function, const Die *variable)
{
    Die die;

    if (!function) {
        return "";
    }
    if (walk->named != function
        && reflect_die_read(walk->found->dies, walk->unit, function, &die)) {
        (void)reflect_die_complete(walk->found->dies, &die);
        walk->named = die.name ? function : 0; // without one the next variable may be another's
        walk->name =
            reflect_text(walk->found->texts, die.name ? die.name : find_namesake(walk, variable));
    }
    return walk->name;
}

static void add_variable(Walk *walk, const Scope *scope, Die *die)
{
    Found *found = walk->found;
    Arena *scratch = found->types->scratch;
    FoundVariable *variables = reflect_grow(scratch, found->variables, found->variable_count,
                                            &found->variable_room, sizeof *variables);
    uint64_t root = reflect_die_complete(found->dies, die);
    const DieUnit *home = reflect_die_unit(found->dies, die->unit, root);
    bool is_const = false;
    Place place = {0};
    uint32_t node;

    if (!variables || !home || !die->name || !die->name[0]) {
        if (!variables) {
            reflect_dies_break(found->dies, die->at);
        }
        return;
    }
    found->variables = variables;
    if (die->location.data) {
        reflect_locate(found, die->unit, die->location, &place);
    }
    node = reflect_types_node(found->types, die->unit, die->type, &is_const);
    variables[found->variable_count++] = (FoundVariable){
        .root = root,
        .line = die->line,
        .node = node,
        .is_hidden = scope->is_abstract && !walk->unit->is_clang && !die->location.data,
        .variable = {.name = reflect_text(found->texts, die->name),
                     .unit = reflect_die_source(found->dies, home, found->texts->arena),
                     .function = function_name(walk, scope->function, die),
                     .address = place.address,
                     .first_piece = place.first_piece,
                     .piece_count = place.piece_count,
                     .is_external = die->is_external,
                     .is_const = is_const,
                     .is_thread_local = place.is_thread_local},
    };
}

// Whether it can be one that lies somewhere for good; told from its shape where possible, for most
// are not.
static bool is_wanted(Walk *walk, const Scope *scope, const Shape *shape, uint64_t body)
{
    if (!scope->function) {
        return true;
    }
    if (shape->has_list) {
        return false;
    }
    if (shape->has_block) {
        return reflect_is_place(reflect_die_location(walk->found->dies, walk->unit, shape, body));
    }
    if (shape->has_constant || shape->has_origin) {
        return false;
    }
    // clang writes the type of a static one before its line, and of an automatic one behind it.
    return !walk->unit->is_clang || !shape->is_type_late;
}

// ----------------------------------------------------------------------------------------- walk

// What the entry opens for its children.
static Scope enter(Walk *walk, const Scope *scope, const Shape *shape, uint64_t at, uint64_t *next)
{
    Found *found = walk->found;
    Scope inner = {.function = scope->function, .is_abstract = scope->is_abstract};
    Die die;

    switch (shape->tag) {
    case DW_TAG_subprogram:
        if (reflect_die_read(found->dies, walk->unit, at, &die)) {
            inner = (Scope){.function = at, .is_abstract = die.is_abstract};
            *next = die.next;
            reflect_add_function(found, &die);
        }
        return inner;
    case DW_TAG_inlined_subroutine:
        return (Scope){.function = at};
    case DW_TAG_lexical_block:
    case DW_TAG_try_block:
    case DW_TAG_catch_block:
    case DW_TAG_namespace:
        return inner;
    default:
        return (Scope){.is_skipped = true};
    }
}

static bool is_type(unsigned tag)
{
    return tag == DW_TAG_structure_type || tag == DW_TAG_union_type || tag == DW_TAG_typedef
           || tag == DW_TAG_enumeration_type;
}

// *next: behind its attributes, where it was read. True: behind its children, too.
static bool visit(Walk *walk, const Scope *scope, const Shape *shape, uint64_t at, uint64_t body,
                  uint64_t *next)
{
    Dies *dies = walk->found->dies;
    Die die;

    if (shape->tag == DW_TAG_variable && is_wanted(walk, scope, shape, body)
        && reflect_die_read(dies, walk->unit, at, &die)) {
        *next = die.next;
        if (!die.is_declaration) {
            add_variable(walk, scope, &die);
        }
    } else if (is_type(shape->tag)) {
        // Named ones are in the table even if no variable reaches them: memory that a game asked
        // for is of them, a function's own too. Typedefs name what has no name of its own.
        *next = reflect_types_visit(walk->found->types, walk->unit, at);
        return *next != 0;
    }
    return false;
}

// One entry; *at becomes the next one's. *inner: what it opens. True: it has children to visit.
static bool step(Walk *walk, const Shape *shape, uint64_t *at, uint64_t body, Scope *inner)
{
    const Scope *scope = &walk->scopes[walk->depth];
    bool has_inner = shape->has_children;
    uint64_t next = 0;

    *inner = (Scope){.is_skipped = walk->depth > 0};
    if (walk->depth > 0 && !scope->is_skipped) {
        has_inner &= !visit(walk, scope, shape, *at, body, &next);
        if (has_inner) {
            *inner = enter(walk, scope, shape, *at, &next);
        }
    }
    *at = next ? next : reflect_die_skip(walk->found->dies, walk->unit, shape, body);
    return has_inner;
}

// Visits every entry of the unit, in the order of the file.
static void walk_unit(Walk *walk)
{
    Dies *dies = walk->found->dies;
    uint64_t at = walk->unit->dies, body = 0;

    walk->depth = 0;
    walk->has_namesakes = false;
    walk->scopes[0] = (Scope){0};
    while (at < walk->unit->end && !dies->is_broken) {
        const Shape *shape = reflect_die_shape(dies, walk->unit, at, &body);
        Scope inner;
        if (!shape && walk->depth <= 1) {
            return; // the end
        }
        if (!shape) {
            at = body;
            walk->depth--;
        } else if (step(walk, shape, &at, body, &inner)) {
            if (walk->depth + 1 == SCOPES_DEEP) {
                reflect_dies_break(dies, at);
                return;
            }
            walk->scopes[++walk->depth] = inner;
        } else if (walk->depth == 0) {
            return; // nothing is in this unit
        }
    }
}

bool reflect_find_all(Found *found, Dies *dies, Types *types, Texts *texts)
{
    Walk walk = {.found = found, .name = ""};

    *found = (Found){.dies = dies, .types = types, .texts = texts};
    for (uint32_t i = 0; i < dies->unit_count && !dies->is_broken; i++) {
        walk.unit = &dies->units[i];
        walk_unit(&walk);
    }
    reflect_types_complete(types);
    return !dies->is_broken;
}

// ------------------------------------------------------------------------------- which is which

static int by_number(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static bool is_placed(const ReflectVariable *variable)
{
    return variable->address || variable->piece_count || variable->is_thread_local;
}

// Copies of one beside each other, the one that says most first.
static int by_root(const void *left, const void *right)
{
    const FoundVariable *a = left, *b = right;
    int order = by_number(a->root, b->root);

    order = order ? order : is_placed(&b->variable) - is_placed(&a->variable);
    return order ? order : by_number(a->variable.address, b->variable.address);
}

static int by_text(const char *a, const char *b)
{
    return a == b ? 0 : strcmp(a, b); // most are of one unit and one function
}

// Those of one name in one function beside each other, in the order of the source.
static int by_name(const void *left, const void *right)
{
    const FoundVariable *a = left, *b = right;
    int order = by_text(a->variable.function, b->variable.function);

    order = order ? order : by_text(a->variable.unit, b->variable.unit);
    order = order ? order : by_text(a->variable.name, b->variable.name);
    order = order ? order : by_number(a->line, b->line);
    return order ? order : by_number(a->root, b->root);
}

static int by_address(const void *left, const void *right)
{
    const FoundVariable *a = left, *b = right;
    int order = by_number(a->variable.address, b->variable.address);

    return order ? order : by_number(a->root, b->root);
}

// As they are read they are in order, mostly.
static void sort(Found *found, int (*order)(const void *, const void *))
{
    for (uint32_t i = 1; i < found->variable_count; i++) {
        if (order(&found->variables[i - 1], &found->variables[i]) > 0) {
            qsort(found->variables, found->variable_count, sizeof *found->variables, order);
            return;
        }
    }
}

static void drop_copies(Found *found)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < found->variable_count; i++) {
        if (kept == 0 || found->variables[kept - 1].root != found->variables[i].root) {
            found->variables[kept++] = found->variables[i];
        }
    }
    found->variable_count = kept;
}

static void number_blocks(Found *found)
{
    for (uint32_t i = 1; i < found->variable_count; i++) {
        const ReflectVariable *last = &found->variables[i - 1].variable;
        ReflectVariable *variable = &found->variables[i].variable;
        if (variable->function[0] && strcmp(last->function, variable->function) == 0
            && strcmp(last->unit, variable->unit) == 0 && strcmp(last->name, variable->name) == 0) {
            variable->block = last->block + 1;
        }
    }
}

// -------------------------------------------------------------------------------------- writing

// A struct that ends with an array of no size may have been given some with its initialiser: the
// symbol knows.
static bool is_flexible(const Types *types, uint32_t node)
{
    const ReflectType *type = &types->nodes[node].type;

    for (int i = 0; i < 16 && type->kind == REFLECT_STRUCT && type->member_count > 0; i++) {
        type = &types->nodes[types->members[type->first_member + type->member_count - 1].type].type;
        if (type->kind == REFLECT_ARRAY && type->count == 0) {
            return true;
        }
    }
    return type->kind == REFLECT_ARRAY && type->count == 0;
}

static uint64_t symbol_bytes(const Dies *dies, uint64_t address, uint64_t at_least)
{
    Elf_Scn *at = NULL;
    GElf_Sym symbol;

    while ((at = elf_nextscn(dies->reflect->elf, at))) {
        GElf_Shdr head;
        Elf_Data *data;
        if (!gelf_getshdr(at, &head) || head.sh_type != SHT_SYMTAB
            || !(data = elf_getdata(at, NULL))) {
            continue;
        }
        for (int i = 0; gelf_getsym(data, i, &symbol); i++) {
            if (symbol.st_value == address && GELF_ST_TYPE(symbol.st_info) == STT_OBJECT
                && symbol.st_size > at_least) {
                return symbol.st_size;
            }
        }
    }
    return at_least;
}

// Pieces of what is loaded, in the process's addresses. False: damaged, or nothing is left.
static bool write_pieces(const Found *found, ReflectVariable *variable, ReflectPiece *pieces,
                         uint32_t *count)
{
    uint32_t first = *count;

    for (uint32_t i = 0; i < variable->piece_count; i++) {
        ReflectPiece piece = found->pieces[variable->first_piece + i];
        piece.bytes = piece.bytes ? piece.bytes : variable->bytes;
        if (piece.offset > variable->bytes || piece.bytes > variable->bytes - piece.offset
            || !reflect_dies_loaded(found->dies, piece.address, piece.stored_bytes)) {
            *count = first;
            return false;
        }
        piece.address += found->dies->reflect->bias;
        pieces[(*count)++] = piece;
    }
    variable->first_piece = first;
    return true;
}

// What only its type tells, once types are in the table. An address that is not in memory is none.
static void finish_variable(const Found *found, FoundVariable *from)
{
    const Types *types = found->types;
    ReflectVariable *variable = &from->variable;

    variable->type = types->nodes[from->node].index;
    variable->is_const |= reflect_types_const(types, from->node);
    variable->bytes = types->nodes[from->node].type.bytes;
    if (variable->address && is_flexible(types, from->node)) {
        variable->bytes = symbol_bytes(found->dies, variable->address, variable->bytes);
    }
    if (!reflect_dies_loaded(found->dies, variable->address, variable->bytes)) {
        variable->address = 0;
    }
}

// One that several units define, and the linker made one of, is one.
static bool is_same(const ReflectVariable *a, const ReflectVariable *b)
{
    return a->address && a->address == b->address && strcmp(a->name, b->name) == 0
           && strcmp(a->function, b->function) == 0;
}

static void sort_variables(Found *found)
{
    FoundVariable *variables = found->variables;
    uint32_t kept = 0;

    sort(found, by_root);
    drop_copies(found);
    sort(found, by_name);
    number_blocks(found);
    for (uint32_t i = 0; i < found->variable_count; i++) {
        finish_variable(found, &variables[i]);
    }
    sort(found, by_address);
    for (uint32_t i = 0; i < found->variable_count; i++) {
        if (!variables[i].is_hidden
            && (kept == 0 || !is_same(&variables[kept - 1].variable, &variables[i].variable))) {
            variables[kept++] = variables[i];
        }
    }
    found->variable_count = kept;
}

bool reflect_write_variables(Found *found, Arena *arena, ReflectTable *table)
{
    ReflectPiece *pieces = arena_try_push(arena, sizeof *pieces, 8, found->piece_count);
    ReflectVariable *variables;

    if (found->variable_count > 0) {
        sort_variables(found);
    }
    variables = arena_try_push(arena, sizeof *variables, 8, found->variable_count);
    if (!variables || !pieces) {
        return false;
    }
    table->variables = variables;
    table->pieces = pieces;
    for (uint32_t i = 0; i < found->variable_count; i++) {
        ReflectVariable *variable = &variables[table->variable_count++];
        *variable = found->variables[i].variable;
        if (variable->address) {
            variable->address += found->dies->reflect->bias;
        }
        if (!write_pieces(found, variable, pieces, &table->piece_count)) {
            variable->piece_count = 0;
        }
    }
    return true;
}
