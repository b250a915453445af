#include <stdlib.h>
#include <string.h>

#include "carry_parts.h"

// Contents: the image, rolls, symbols, counterparts, questions.

// ------------------------------------------------------------------------------------ the image

// The image begins with the file's head, which lists its segments; where it does not, there are
// none.
bool carry_segment(const CarrySide *side, uint32_t index, Elf64_Phdr *segment)
{
    const uint8_t *image = (const uint8_t *)side->lib->image_first;
    Elf64_Ehdr head;

    memcpy(&head, image, sizeof head);
    if (memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 || head.e_phentsize != sizeof *segment
        || head.e_phoff > PAGE_BYTES || index >= head.e_phnum
        || head.e_phoff + (uint64_t)head.e_phnum * sizeof *segment > PAGE_BYTES) {
        return false;
    }
    memcpy(segment, image + head.e_phoff + index * sizeof *segment, sizeof *segment);
    return true;
}

uintptr_t carry_segment_place(const CarrySide *side, const Elf64_Phdr *segment)
{
    Elf64_Phdr first;
    uint64_t lowest = UINT64_MAX;

    for (uint32_t i = 0; carry_segment(side, i, &first); i++) {
        uint64_t page = first.p_vaddr & ~(uint64_t)(PAGE_BYTES - 1);
        lowest = first.p_type == PT_LOAD && page < lowest ? page : lowest;
    }
    return side->lib->image_first + (segment->p_vaddr - lowest);
}

// Linkers make one segment of code.
static void find_code(CarrySide *side)
{
    Elf64_Phdr segment;

    for (uint32_t i = 0; carry_segment(side, i, &segment); i++) {
        if (segment.p_type == PT_LOAD && (segment.p_flags & PF_X)) {
            side->code_first = carry_segment_place(side, &segment);
            side->code_end = side->code_first + segment.p_memsz;
        }
    }
}

bool carry_in_image(const CarrySide *side, uint64_t address)
{
    return address - side->lib->image_first < side->lib->image_end - side->lib->image_first;
}

bool carry_in_code(const CarrySide *side, uint64_t address)
{
    return address - side->code_first < side->code_end - side->code_first;
}

static bool is_live_place(const GameLib *lib, uintptr_t address)
{
    return address >= lib->globals_first && address < lib->globals_end;
}

const uint8_t *carry_initial(const CarrySide *side, const CarryObject *object)
{
    const GameLib *lib = side->lib;
    return is_live_place(lib, object->address)
               ? lib->globals_initial + (object->address - lib->globals_first)
               : (const uint8_t *)object->address; // a constant
}

// ---------------------------------------------------------------------------------------- rolls

// Of its function as well: every function may have a static called `calls`.
static uint32_t hash_name(const char *name, const char *function)
{
    uint64_t hash = hash_bytes(name, strlen(name));
    return (uint32_t)(function[0] ? hash_combine(hash, hash_bytes(function, strlen(function)))
                                  : hash);
}

static int by_address(const void *left, const void *right)
{
    const CarryObject *a = left, *b = right;
    if (a->address != b->address) {
        return a->address < b->address ? -1 : 1;
    }
    if (a->bytes != b->bytes) {
        return a->bytes < b->bytes ? -1 : 1;
    }
    int names = strcmp(a->name, b->name);
    return names ? names : (a->block > b->block) - (a->block < b->block);
}

static bool same_place(const CarryObject *a, const CarryObject *b)
{
    return strcmp(a->function, b->function) == 0 && a->block == b->block
           && strcmp(a->unit, b->unit) == 0;
}

// Debug information may tell one thing several times over.
static void drop_copies(CarryRoll *roll)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < roll->count; i++) {
        const CarryObject *object = &roll->objects[i];
        bool again = kept > 0 && object->address == roll->objects[kept - 1].address
                     && strcmp(object->name, roll->objects[kept - 1].name) == 0
                     && (object->address || same_place(object, &roll->objects[kept - 1]));
        if (!again) {
            roll->objects[kept++] = *object;
        }
    }
    roll->count = kept;
}

// The first `sorted` are in order already, which is most of them.
static void sort_roll(CarryRoll *roll, uint32_t sorted, Arena *arena)
{
    uint32_t added = roll->count - sorted, at = roll->count, last = sorted;
    if (added == 0) {
        return;
    }
    CarryObject *more = ARENA_NEW(arena, CarryObject, added);
    memcpy(more, roll->objects + sorted, added * sizeof *more);
    qsort(more, added, sizeof *more, by_address);
    while (added > 0) {
        bool is_old = last > 0 && by_address(&roll->objects[last - 1], &more[added - 1]) > 0;
        roll->objects[--at] = is_old ? roll->objects[--last] : more[--added];
    }
}

// Tables tell by address; only where several are at one it may be another order.
static void sort_table(CarryRoll *roll)
{
    uint32_t sorted = 1;
    while (sorted < roll->count
           && by_address(&roll->objects[sorted - 1], &roll->objects[sorted]) <= 0) {
        sorted++;
    }
    if (sorted < roll->count) {
        qsort(roll->objects, roll->count, sizeof *roll->objects, by_address);
    }
    drop_copies(roll);
}

static void index_roll(CarryRoll *roll, Arena *arena)
{
    uint32_t heads = 16;
    while (heads < roll->count * 2) {
        heads *= 2;
    }
    roll->mask = heads - 1;
    roll->heads = ARENA_NEW(arena, uint32_t, heads);
    memset(roll->heads, 0xff, heads * sizeof *roll->heads);
    for (uint32_t i = roll->count; i-- > 0;) {
        uint32_t *head =
            &roll->heads[hash_name(roll->objects[i].name, roll->objects[i].function) & roll->mask];
        roll->objects[i].next = *head;
        roll->objects[i].twin = CARRY_NONE;
        *head = i;
    }
}

const CarryObject *carry_object_before(const CarryRoll *roll, uintptr_t address)
{
    size_t low = SORTED_UP_TO(roll->objects, roll->count, address, address);
    return low > 0 && roll->objects[low - 1].address ? &roll->objects[low - 1] : NULL;
}

// The symbol at that very place; both are gone through in order. NULL: none.
static const char *symbol_from(const GameLib *lib, uint32_t *next, uintptr_t address)
{
    while (*next < lib->symbol_count && lib->symbols[*next].address < address) {
        (*next)++;
    }
    return *next < lib->symbol_count && lib->symbols[*next].address == address
               ? lib->symbol_names + lib->symbols[*next].name
               : NULL;
}

// clang, at times, does not say which function a static is of. Its symbol does: "update.calls", and
// "update.calls.3" for one more of that name.
static void find_function(const char *symbol, Arena *arena, CarryObject *object)
{
    size_t bytes = strlen(object->name);

    if (!symbol || object->function[0] || object->is_external) {
        return;
    }
    for (const char *dot = strchr(symbol, '.'); dot && dot > symbol; dot = strchr(dot + 1, '.')) {
        uint64_t number = 0;
        const char *end = dot + 1 + bytes;
        if (strncmp(dot + 1, object->name, bytes) == 0
            && (!*end || (*end == '.' && text_to_u64(end + 1, 0, UINT32_MAX, &number)))) {
            object->function = arena_format(arena, "%.*s", (int)(dot - symbol), symbol);
            object->block = (uint32_t)number;
            return;
        }
    }
}

// Variables of thread-local storage are not here: they are no globals that a rewind knows.
static void add_table_variables(CarrySide *side, Arena *arena)
{
    const ReflectTable *table = side->table;
    uint32_t symbol = 0;
    for (uint32_t i = 0; i < table->variable_count; i++) {
        const ReflectVariable *variable = &table->variables[i];
        uintptr_t place = variable->piece_count ? table->pieces[variable->first_piece].address
                                                : variable->address;
        if (variable->is_thread_local
            || (variable->address && !carry_in_image(side, variable->address))) {
            continue;
        }
        side->variables.objects[side->variables.count++] =
            (CarryObject){.name = variable->name,
                          .unit = variable->unit,
                          .function = variable->function,
                          .block = variable->block,
                          .type = variable->type,
                          .address = variable->address,
                          .bytes = variable->bytes,
                          .is_external = variable->is_external,
                          .is_const = variable->is_const,
                          .first_piece = variable->first_piece,
                          .piece_count = variable->piece_count,
                          // A constant with a section of its own (HL_TWEAK's) lies among them.
                          .is_live = !variable->is_const && is_live_place(side->lib, place)};
        find_function(symbol_from(side->lib, &symbol, variable->address), arena,
                      &side->variables.objects[side->variables.count - 1]);
    }
    sort_table(&side->variables);
}

static void add_table_functions(CarrySide *side)
{
    const ReflectTable *table = side->table;
    for (uint32_t i = 0; i < table->function_count; i++) {
        const ReflectFunction *function = &table->functions[i];
        if (function->address) {
            side->functions.objects[side->functions.count++] =
                (CarryObject){.name = function->name,
                              .unit = function->unit,
                              .function = "",
                              .type = function->type,
                              .address = function->address,
                              .is_external = function->is_external};
        }
    }
    sort_table(&side->functions);
}

// -------------------------------------------------------------------------------------- symbols

// gcc calls a function's static "count.4": what the source calls it, and the number.
static const char *base_name(Arena *arena, const char *name, uint32_t *number)
{
    const char *dot = strrchr(name, '.');
    uint64_t value;

    *number = 0;
    if (!dot || dot == name || !text_to_u64(dot + 1, 0, UINT32_MAX - 1, &value)) {
        return name;
    }
    *number = (uint32_t)value + 1;
    return arena_format(arena, "%.*s", (int)(dot - name), name);
}

// Objects of a table that symbols are looked up among, both in order of their addresses.
typedef struct Cursor {
    const CarryRoll *roll;
    uint32_t count, next; // of the table; the first behind the last symbol
} Cursor;

static bool table_has(Cursor *cursor, const GameLibSymbol *symbol)
{
    const CarryObject *objects = cursor->roll->objects;
    while (cursor->next < cursor->count && objects[cursor->next].address <= symbol->address) {
        cursor->next++;
    }
    const CarryObject *before = cursor->next > 0 ? &objects[cursor->next - 1] : NULL;
    return before && before->address
           && (before->address == symbol->address
               || symbol->address - before->address < before->bytes);
}

static bool is_piece(const ReflectTable *table, uintptr_t address)
{
    for (uint32_t i = 0; i < table->piece_count; i++) {
        if (address == table->pieces[i].address) {
            return true;
        }
    }
    return false;
}

// What has a symbol and is not in the table: all of it in a build without debug information.
static void add_symbols(CarrySide *side, Arena *arena)
{
    const GameLib *lib = side->lib;
    Cursor variables = {&side->variables, side->variables.count, 0}, globals = variables;
    Cursor functions = {&side->functions, side->functions.count, 0};
    for (uint32_t i = 0; i < lib->symbol_count; i++) {
        const GameLibSymbol *symbol = &lib->symbols[i];
        bool is_code = carry_in_code(side, symbol->address);
        bool is_data =
            symbol->address - lib->text_first < lib->text_end - lib->text_first
            || (carry_in_image(side, symbol->address) && !is_live_place(lib, symbol->address));
        if (symbol->size_bytes == 0 || (!is_code && !is_data)) {
            continue;
        }
        CarryRoll *roll = is_code ? &side->functions : &side->variables;
        if (table_has(is_code ? &functions : &variables, symbol)) {
            continue;
        }
        CarryObject object = {.unit = "",
                              .function = "",
                              .address = symbol->address,
                              .bytes = is_code ? 0 : symbol->size_bytes,
                              .is_symbol = true};
        object.name = lib->symbol_names + symbol->name;
        if (!is_code) {
            object.name = base_name(arena, object.name, &object.block);
        }
        roll->objects[roll->count++] = object;
    }
    const GameLibSymbol *symbol;
    const char *name;
    for (uint32_t cursor = 0, nth; gamelib_next_global(lib, &cursor, &symbol, &name, &nth);) {
        if (!table_has(&globals, symbol) && !is_piece(side->table, symbol->address)) {
            CarryObject object = {.unit = "",
                                  .function = "",
                                  .address = symbol->address,
                                  .bytes = symbol->size_bytes,
                                  .is_symbol = true,
                                  .is_live = true};
            object.name = base_name(arena, name, &object.block);
            side->variables.objects[side->variables.count++] = object;
        }
    }
}

static bool goes_by_order(const CarryObject *object)
{
    return object->function[0] || object->is_symbol;
}

bool carry_is_placed(const CarryObject *object)
{
    return object->address != 0 || object->piece_count > 0;
}

static bool is_sibling(const CarryObject *a, const CarryObject *b)
{
    return a->is_symbol == b->is_symbol && strcmp(a->name, b->name) == 0
           && strcmp(a->function, b->function) == 0 && strcmp(a->unit, b->unit) == 0;
}

// From the numbers that compilers and debug information give to the order among those of one name
// that are there.
static void number_objects(CarryRoll *roll, Arena *arena)
{
    uint32_t *order = ARENA_NEW(arena, uint32_t, roll->count + 1);
    for (uint32_t i = 0; i < roll->count; i++) {
        const CarryObject *object = &roll->objects[i];
        uint32_t first = goes_by_order(object)
                             ? roll->heads[hash_name(object->name, object->function) & roll->mask]
                             : CARRY_NONE;
        for (uint32_t j = first; j != CARRY_NONE; j = roll->objects[j].next) {
            const CarryObject *other = &roll->objects[j];
            bool before = other->block < object->block || (other->block == object->block && j < i);
            order[i] += before && carry_is_placed(other) && is_sibling(other, object);
        }
    }
    for (uint32_t i = 0; i < roll->count; i++) {
        roll->objects[i].block = order[i];
    }
}

void carry_side_open(CarrySide *side, Arena *arena, const CarryBuild *build, bool has_types)
{
    static const ReflectTable nothing = {.is_empty = true};
    const ReflectTable *table = has_types ? build->table : &nothing;
    uint32_t symbols = build->lib->symbol_count;

    *side = (CarrySide){.lib = build->lib, .table = table};
    side->traits = ARENA_NEW(arena, uint8_t, table->type_count + 1);
    find_code(side);
    side->variables.objects =
        ARENA_NEW(arena, CarryObject, table->variable_count + (size_t)symbols + 1);
    side->functions.objects =
        ARENA_NEW(arena, CarryObject, table->function_count + (size_t)symbols + 1);
    add_table_variables(side, arena);
    add_table_functions(side);
    uint32_t variables = side->variables.count, functions = side->functions.count;
    add_symbols(side, arena);
    sort_roll(&side->variables, variables, arena);
    sort_roll(&side->functions, functions, arena);
    index_roll(&side->variables, arena);
    index_roll(&side->functions, arena);
    number_objects(&side->variables, arena);
}

// --------------------------------------------------------------------------------- counterparts

// Who is called as `like` is.
typedef struct Kin {
    uint32_t all, here, file; // of that name and function; in the same unit; in a file so called
    uint32_t any, exact, in_file;
} Kin;

static bool same_file_name(const char *a, const char *b)
{
    const char *last_a = strrchr(a, '/'), *last_b = strrchr(b, '/');
    return last_a && last_b && strcmp(last_a, last_b) == 0;
}

// Externs are one by name, statics one by unit; those of functions by the order in the function.
static bool is_exact(const CarryObject *object, const CarryObject *like, bool is_here)
{
    if (goes_by_order(like)) {
        return is_here && object->block == like->block;
    }
    return is_here || (object->is_external && like->is_external);
}

// What has no place in memory may be an automatic variable that the optimiser dropped, and so it
// counts for nothing among the statics of a function.
static Kin find_kin(const CarryRoll *roll, const CarryObject *like)
{
    Kin kin = {.any = CARRY_NONE, .exact = CARRY_NONE, .in_file = CARRY_NONE};
    for (uint32_t i = roll->heads[hash_name(like->name, like->function) & roll->mask];
         i != CARRY_NONE; i = roll->objects[i].next) {
        const CarryObject *object = &roll->objects[i];
        if (object->is_symbol != like->is_symbol || strcmp(object->name, like->name) != 0
            || strcmp(object->function, like->function) != 0) {
            continue;
        }
        bool is_here = strcmp(object->unit, like->unit) == 0;
        if (goes_by_order(object) && !carry_is_placed(object)) {
            kin.any = kin.any == CARRY_NONE && is_here ? i : kin.any;
            continue;
        }
        kin.any = i;
        kin.all++;
        kin.here += is_here;
        if (same_file_name(object->unit, like->unit)) {
            kin.file++;
            kin.in_file = i;
        }
        if (is_exact(object, like, is_here)
            && (kin.exact == CARRY_NONE || (object->is_external && like->is_external))) {
            kin.exact = i;
        }
    }
    return kin;
}

// Where a function has more or fewer statics of one name than before, which is which is a guess,
// and so there is none.
static uint32_t find_twin(const CarryRoll *from, const CarryObject *object, const CarryRoll *to)
{
    Kin theirs = find_kin(to, object);
    if (theirs.any == CARRY_NONE) {
        return CARRY_NONE;
    }
    Kin ours = find_kin(from, object);
    if (theirs.all == 0 || (goes_by_order(object) && !carry_is_placed(object))) {
        return ours.all + theirs.all <= 1 ? theirs.any : CARRY_NONE; // dropped from one
    }
    if (theirs.exact != CARRY_NONE && (!goes_by_order(object) || ours.here == theirs.here)) {
        return theirs.exact;
    }
    if (ours.all == 1 && theirs.all == 1) {
        return theirs.any;
    }
    return ours.file == 1 && theirs.file == 1 ? theirs.in_file : CARRY_NONE; // in another folder
}

static void pair_rolls(CarryRoll *from, CarryRoll *to)
{
    for (uint32_t i = 0; i < from->count; i++) {
        uint32_t twin = find_twin(from, &from->objects[i], to);
        if (twin != CARRY_NONE && to->objects[twin].twin == CARRY_NONE) {
            from->objects[i].twin = twin;
            to->objects[twin].twin = i;
        }
    }
}

void carry_pair(CarrySide *from, CarrySide *to)
{
    pair_rolls(&from->variables, &to->variables);
    pair_rolls(&from->functions, &to->functions);
}

// ------------------------------------------------------------------------------------ questions

const CarryObject *carry_function(const CarrySide *side, const char *unit, const char *name)
{
    const CarryObject *only = NULL;
    uint32_t count = 0;
    const CarryRoll *roll = &side->functions;
    for (uint32_t i = roll->heads[hash_name(name, "") & roll->mask]; i != CARRY_NONE;
         i = roll->objects[i].next) {
        const CarryObject *object = &roll->objects[i];
        if (strcmp(object->name, name) == 0) {
            if (strcmp(object->unit, unit) == 0) {
                return object;
            }
            only = object;
            count++;
        }
    }
    return count == 1 ? only : NULL;
}
