#include <string.h>

#include "migrate_parts.h"

// Structs belong together because of the fields that hold them or point to them, whatever their
// names are. Found by going through both builds' types at once, from what surely belongs together:
// the state's struct, variables of one name, structs of one name.

static uint64_t hash_name(const char *name)
{
    return hash_bytes(name, strlen(name));
}

static bool are_twins(const ReflectVariable *x, const ReflectVariable *y)
{
    return strcmp(x->name, y->name) == 0 && strcmp(x->function, y->function) == 0
           && x->block == y->block && (x->is_external || strcmp(x->unit, y->unit) == 0);
}

// Those of one name stand in one list, which begins at the name's hash.
static void find_twins(Migrate *migrate)
{
    const ReflectTable *a = migrate_from(migrate), *b = migrate_to(migrate);
    uint32_t mask = 63;
    while (mask < b->variable_count) {
        mask = mask * 2 + 1;
    }
    uint32_t *heads = ARENA_NEW(migrate->arena, uint32_t, mask + 1);
    uint32_t *next = ARENA_NEW(migrate->arena, uint32_t, b->variable_count + 1);

    migrate->twins = ARENA_NEW(migrate->arena, uint32_t, a->variable_count + 1);
    for (uint32_t k = 0; k < b->variable_count; k++) {
        uint32_t *head = &heads[hash_name(b->variables[k].name) & mask];
        next[k] = *head;
        *head = k + 1;
    }
    for (uint32_t i = 0; i < a->variable_count; i++) {
        const ReflectVariable *variable = &a->variables[i];
        uint32_t k = heads[hash_name(variable->name) & mask];
        while (k && !are_twins(variable, &b->variables[k - 1])) {
            k = next[k - 1];
        }
        migrate->twins[i] = k;
    }
}

const ReflectVariable *migrate_twin(Migrate *migrate, uint32_t variable)
{
    if (!migrate->twins) {
        find_twins(migrate);
    }
    uint32_t twin = migrate->twins[variable];
    return twin ? &migrate_to(migrate)->variables[twin - 1] : NULL;
}

typedef struct Search {
    Migrate *migrate;
    uint32_t *queue; // old types whose partner's fields are still to be looked at
    uint32_t count, at;
    uint8_t *is_queued;
} Search;

static bool has_fields(const ReflectType *type)
{
    return type->kind == REFLECT_STRUCT || type->kind == REFLECT_UNION;
}

// Through pointers and arrays alike to what a field is about.
static void add_pair(Search *search, uint32_t from, uint32_t to)
{
    const ReflectTable *a = migrate_from(search->migrate), *b = migrate_to(search->migrate);
    const ReflectType *x = reflect_type(a, from), *y = reflect_type(b, to);

    for (int i = 0; i < MIGRATE_DEPTH_MAX; i++) {
        bool is_pointer = x->kind == REFLECT_POINTER && y->kind == REFLECT_POINTER;
        bool is_array = x->kind == REFLECT_ARRAY && y->kind == REFLECT_ARRAY;
        if (!is_pointer && !is_array) {
            break;
        }
        from = x->of;
        to = y->of;
        x = reflect_type(a, from);
        y = reflect_type(b, to);
    }
    if (x->kind != y->kind || from == 0 || to == 0 || from >= a->type_count
        || !(has_fields(x) || x->kind == REFLECT_ENUM)) {
        return;
    }
    uint32_t *partner = &search->migrate->partners[from];
    // A field that changed to another struct which both builds have is no new name for the first.
    bool is_named = strcmp(x->name, reflect_type(b, *partner)->name) == 0;
    if (*partner == 0 || (!is_named && strcmp(x->name, y->name) == 0)) {
        *partner = to;
    }
    if (!search->is_queued[from] && has_fields(x)) {
        search->is_queued[from] = 1;
        search->queue[search->count++] = from;
    }
}

static void add_variables(Search *search)
{
    const ReflectTable *from = migrate_from(search->migrate);

    for (uint32_t i = 0; i < from->variable_count; i++) {
        const ReflectVariable *twin = migrate_twin(search->migrate, i);
        if (twin) {
            add_pair(search, from->variables[i].type, twin->type);
        }
    }
}

static void add_names(Search *search)
{
    const ReflectTable *a = migrate_from(search->migrate);

    for (uint32_t i = 1; i < a->type_count; i++) {
        if (has_fields(&a->types[i]) && a->types[i].name[0] && a->types[i].bytes > 0) {
            Named there = migrate_types_named(migrate_to(search->migrate), a->types[i].name);
            if (there.count == 1) {
                add_pair(search, i, there.types[0]);
            }
        }
    }
}

static void look_at_fields(Search *search)
{
    Migrate *migrate = search->migrate;

    while (search->at < search->count) {
        uint32_t from = search->queue[search->at++];
        const ReflectPairing *pairing =
            reflect_pairing(migrate->match, from, migrate->partners[from]);
        for (uint32_t i = 0; i < pairing->pair_count; i++) {
            const ReflectPair *pair = &pairing->pairs[i];
            if (pair->how != REFLECT_GONE && pair->to_name) {
                add_pair(search, pair->from_type, pair->to_type);
            }
        }
    }
}

uint32_t migrate_partner(Migrate *migrate, uint32_t from)
{
    uint32_t count = migrate_from(migrate)->type_count;

    if (!migrate->partners) {
        Search search = {.migrate = migrate};
        migrate->partners = ARENA_NEW(migrate->arena, uint32_t, count + 1);
        search.queue = ARENA_NEW(migrate->arena, uint32_t, count + 1);
        search.is_queued = ARENA_NEW(migrate->arena, uint8_t, count + 1);
        if (migrate->root_from && migrate->root_to) {
            Named a = migrate_types_named(migrate_from(migrate), migrate->root_from);
            Named b = migrate_types_named(migrate_to(migrate), migrate->root_to);
            if (a.count == 1 && b.count == 1) {
                add_pair(&search, a.types[0], b.types[0]);
            }
        }
        add_variables(&search);
        look_at_fields(&search);
        add_names(&search);
        look_at_fields(&search);
    }
    return from < count ? migrate->partners[from] : 0;
}

static uint32_t pointer_to(const ReflectTable *table, uint32_t type)
{
    for (uint32_t i = 1; type && i < table->type_count; i++) {
        if (table->types[i].kind == REFLECT_POINTER && table->types[i].of == type) {
            return i;
        }
    }
    return 0;
}

static uint32_t find_counterpart(Migrate *migrate, uint32_t from, int depth)
{
    const ReflectTable *a = migrate_from(migrate), *b = migrate_to(migrate);
    const ReflectType *type = reflect_type(a, from);
    Named there = {0};

    if (type->kind == REFLECT_POINTER) {
        return depth < 8 ? pointer_to(b, find_counterpart(migrate, type->of, depth + 1)) : 0;
    }

    if (type->name[0]) {
        there = migrate_types_named(b, type->name);
    }
    if (there.count == 1 && b->types[there.types[0]].kind == type->kind) {
        return there.types[0];
    }
    uint32_t partner = migrate_partner(migrate, from);
    if (partner || there.count > 0) {
        return partner ? partner : there.types[0];
    }
    for (uint32_t i = 1; i < b->type_count; i++) {
        if (has_fields(type) && b->types[i].shape == type->shape) {
            return i;
        }
    }
    return 0;
}

uint32_t migrate_counterpart(Migrate *migrate, uint32_t from)
{
    return find_counterpart(migrate, from, 0);
}

bool migrate_is_retyped(Migrate *migrate, uint32_t want_from, uint32_t want_to)
{
    const ReflectTable *a = migrate_from(migrate), *b = migrate_to(migrate);

    for (int i = 0; i < MIGRATE_DEPTH_MAX; i++) {
        const ReflectType *x = reflect_type(a, want_from), *y = reflect_type(b, want_to);
        if (x->kind == REFLECT_UNKNOWN && y->kind == REFLECT_UNKNOWN) {
            return false;
        }
        if (y->kind == REFLECT_UNKNOWN || migrate_is_byte(y)) {
            return false; // it may point to anything now
        }
        if (x->kind != y->kind) {
            return true;
        }
        if (x->kind != REFLECT_POINTER && x->kind != REFLECT_ARRAY) {
            bool is_named = x->kind == REFLECT_STRUCT || x->kind == REFLECT_UNION;
            return is_named ? strcmp(x->name, y->name) != 0
                                  && migrate_counterpart(migrate, want_from) != want_to
                            : x->bytes != y->bytes;
        }
        want_from = x->of;
        want_to = y->of;
    }
    return false;
}
