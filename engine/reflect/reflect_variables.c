#include "reflect_variables.h"
#include <dwarf.h>

// A variable that was inlined with its function has several entries, which all lead to one: that
// one counts. A variable of a function that has no location may be a static one that the optimiser
// dropped, or an automatic one that it did. clang tells them apart. gcc's are listed, but for
// functions as they were written before they were inlined, where no automatic variable has a
// location; those are only counted among their namesakes, so that what is listed keeps its number
// when one before it is dropped.
//
// Contents: variables, the walk.

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
    reflect_dies_spend(walk->found->dies, walk->namesake_count);
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
    uint64_t root = reflect_die_complete(found->dies, die);
    const DieUnit *home = reflect_die_unit(found->dies, die->unit, root);
    bool is_const = false, is_folded;
    Place place = {0};
    uint32_t node;

    if (!home || !die->name || !die->name[0]) {
        return;
    }
    if (die->location.data) {
        reflect_locate(found, die->unit, die->location, &place);
    }
    node = reflect_takes_types(found)
               ? reflect_types_node(found->types, die->unit, die->type, &is_const)
               : 0;
    is_folded = scope->function && die->has_constant && !die->location.data;
    reflect_add_variable(
        found,
        &(FoundVariable){
            .root = root,
            .file = die->file,
            .line = die->line,
            .node = node,
            .is_hidden =
                is_folded || (scope->is_abstract && !walk->unit->is_clang && !die->location.data),
            .is_folded = is_folded,
            .variable = {.name = reflect_text(found->texts, die->name),
                         .unit = reflect_die_source(found->dies, home, found->texts),
                         .function = function_name(walk, scope->function, die),
                         .address = place.address,
                         .first_piece = place.first_piece,
                         .piece_count = place.piece_count,
                         .is_external = die->is_external,
                         .is_const = is_const,
                         .is_thread_local = place.is_thread_local},
        });
}

// Whether it can be one that lies somewhere for good; told from its shape where possible, for most
// are not.
static bool is_wanted(Walk *walk, const Scope *scope, const Shape *shape, uint64_t body)
{
    if (walk->found->kind == FOUND_PLACES && !shape->has_block) {
        return false;
    }
    if (!scope->function) {
        return true;
    }
    if (shape->has_list) {
        return false;
    }
    if (shape->has_block) {
        return reflect_is_place(reflect_die_location(walk->found->dies, walk->unit, shape, body));
    }
    if ((shape->has_constant && walk->found->kind != FOUND_WIDE) || shape->has_origin) {
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
    } else if (is_type(shape->tag) && reflect_takes_types(walk->found)) {
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
        if (has_inner || shape->tag == DW_TAG_subprogram) { // a function may have nothing in it
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

bool reflect_find_all(Found *found, FoundKind kind, Dies *dies, Types *types, Texts *texts)
{
    Walk walk = {.found = found, .name = ""};

    reflect_found_open(found, kind, dies, types, texts);
    for (uint32_t i = 0; i < dies->unit_count && !dies->is_broken; i++) {
        walk.unit = &dies->units[i];
        walk_unit(&walk);
    }
    reflect_types_complete(types);
    return !dies->is_broken;
}
