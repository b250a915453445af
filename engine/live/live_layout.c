// Do the objects that are alive mean the same to the new build? Its structs are compared with those
// that they were made with, field by field: a field that lies elsewhere, or is of another type,
// would silently be read wrong, and then the build has to wait for a restart.
#include "live_internal.h"

#include "reflect_table.h"

#include <string.h>

enum { DEEP_MAX = 24 };

// Two tables, and where in which type the comparing is.
typedef struct Pair {
    const ReflectTable *from, *to;
    char path[192]; // "Mob.pos"
    char why[320];  // first difference; "" none
    uint32_t renamed;
    char rename[200]; // of the first: "Mob.hp is taken to be Mob.health now"
} Pair;

static bool differs(Pair *pair, const char *name, const char *what)
{
    if (!pair->why[0]) {
        (void)text_format(pair->why, sizeof(pair->why), "%s%s%s %s", pair->path, name[0] ? "." : "",
                          name, what);
    }
    return false;
}

static bool same(Pair *pair, uint32_t from, uint32_t to, int depth);

static const ReflectMember *member_named(const ReflectTable *table, const ReflectType *type,
                                         const char *name)
{
    for (uint32_t i = 0; i < type->member_count; i++) {
        const ReflectMember *member = &table->members[type->first_member + i];
        if (strcmp(member->name, name) == 0 && name[0]) {
            return member;
        }
    }
    return NULL;
}

// The one at that place with a name that the other build does not have.
static const ReflectMember *stranger_at(const ReflectTable *table, const ReflectType *type,
                                        const ReflectMember *like, const ReflectTable *other,
                                        const ReflectType *other_type)
{
    for (uint32_t i = 0; i < type->member_count; i++) {
        const ReflectMember *member = &table->members[type->first_member + i];
        if (member->offset_bits == like->offset_bits && member->bit_size == like->bit_size
            && !member_named(other, other_type, member->name)) {
            return member;
        }
    }
    return NULL;
}

static bool same_inside(Pair *pair, uint32_t from, uint32_t to, const char *name, int depth)
{
    size_t length = strlen(pair->path);
    if (name[0]) {
        (void)text_format(pair->path + length, sizeof(pair->path) - length, ".%s", name);
    }
    bool is_same = same(pair, from, to, depth + 1);
    pair->path[length] = '\0';
    return is_same;
}

static void note_rename(Pair *pair, const char *was, const char *is)
{
    if (pair->renamed++ == 0) {
        (void)text_format(pair->rename, sizeof(pair->rename), "%s.%s is taken to be %s.%s now",
                          pair->path, was, pair->path, is);
    }
}

static bool same_member(Pair *pair, const ReflectType *from, const ReflectType *to,
                        const ReflectMember *is, int depth)
{
    const ReflectMember *was = member_named(pair->from, from, is->name);
    if (!was) { // new: where one went away, of the same type, it is a new name for that
        was = stranger_at(pair->from, from, is, pair->to, to);
        if (!was || !same_inside(pair, was->type, is->type, is->name, depth)) {
            pair->why[0] = '\0';
            return differs(pair, is->name, "is new");
        }
        if (is->name[0] && was->name[0]) {
            note_rename(pair, was->name, is->name);
        }
        return true;
    }
    if (was->offset_bits != is->offset_bits || was->bit_size != is->bit_size) {
        return differs(pair, is->name, "lies elsewhere");
    }
    return same_inside(pair, was->type, is->type, is->name, depth);
}

static bool same_members(Pair *pair, const ReflectType *from, const ReflectType *to, int depth)
{
    for (uint32_t i = 0; i < to->member_count; i++) {
        if (!same_member(pair, from, to, &pair->to->members[to->first_member + i], depth)) {
            return false;
        }
    }
    return true;
}

// A number that a live object may hold must not mean another name now.
static bool same_enumerators(Pair *pair, const ReflectType *from, const ReflectType *to)
{
    for (uint32_t i = 0; i < from->enumerator_count; i++) {
        const ReflectEnumerator *was = &pair->from->enumerators[from->first_enumerator + i];
        for (uint32_t k = 0; k < to->enumerator_count; k++) {
            const ReflectEnumerator *is = &pair->to->enumerators[to->first_enumerator + k];
            if (strcmp(was->name, is->name) == 0 && was->value != is->value) {
                return differs(pair, "", "is an enum whose numbers have changed");
            }
        }
    }
    return true;
}

static bool same(Pair *pair, uint32_t from, uint32_t to, int depth)
{
    const ReflectType *was = &pair->from->types[from], *is = &pair->to->types[to];
    if (was->shape == is->shape || depth > DEEP_MAX) {
        return true;
    }
    bool is_struct = was->kind == REFLECT_STRUCT || was->kind == REFLECT_UNION;
    if (was->kind != is->kind || (was->bytes != is->bytes && !is_struct)
        || was->is_signed != is->is_signed || was->is_bool != is->is_bool) {
        return differs(pair, "", "is of another type");
    }
    switch (was->kind) {
    case REFLECT_STRUCT:
    case REFLECT_UNION:
        return same_members(pair, was, is, depth)
               && (was->bytes == is->bytes || differs(pair, "", "has another size"));
    case REFLECT_ARRAY:
        return same(pair, was->of, is->of, depth + 1)
               && (was->count == is->count || differs(pair, "", "is of another length"));
    case REFLECT_ENUM:
        return same_enumerators(pair, was, is);
    case REFLECT_UNKNOWN:
    case REFLECT_INTEGER:
    case REFLECT_FLOAT:
    case REFLECT_POINTER:
    case REFLECT_FUNCTION:
        return true; // what a pointer points to is alive by itself, and compared by itself
    }
    return true;
}

// The only type of that name; 0: none, or several, of which it is not known which.
static uint32_t only_type(const ReflectTable *table, const char *name)
{
    uint32_t found = 0;
    name += strncmp(name, "struct ", 7) == 0 ? 7 : 0;
    for (uint32_t i = 1; i < table->type_count; i++) {
        if (strcmp(table->types[i].name, name) == 0 && table->types[i].bytes > 0) {
            if (found && table->types[i].shape != table->types[found].shape) {
                return 0;
            }
            found = i;
        }
    }
    return found;
}

bool live_layout_fits(const Live *live, const GameLib *from, const GameLib *to, Fault *fault)
{
    const ReflectTable *from_table = from->about, *to_table = to->about;
    uint32_t cursor = 0;
    if (from->game->state_size != to->game->state_size) {
        return fault_set(fault, FAULT_LAYOUT, "%s was %zu bytes and is %zu now",
                         to->game->state_type, from->game->state_size, to->game->state_size);
    }
    if (!from_table || !to_table || from_table->is_empty || to_table->is_empty) {
        return true; // sizes are all that is known
    }
    for (const HeapType *type; (type = heap_next_type(live->host->heap, &cursor));) {
        uint32_t was = only_type(from_table, type->name), is = only_type(to_table, type->name);
        if (!was || !is || from_table->types[was].shape == to_table->types[is].shape) {
            continue;
        }
        Pair pair = {.from = from_table, .to = to_table};
        (void)text_format(pair.path, sizeof(pair.path), "%s", type->name);
        uint64_t old_bytes = from_table->types[was].bytes, bytes = to_table->types[is].bytes;
        if (!same(&pair, was, is, 0) || old_bytes != bytes) {
            char sizes[80] = "";
            if (old_bytes != bytes) {
                (void)text_format(sizes, sizeof(sizes), "%s%llu bytes, before %llu",
                                  pair.why[0] ? "; " : "", (unsigned long long)bytes,
                                  (unsigned long long)old_bytes);
            }
            return fault_set(fault, FAULT_LAYOUT,
                             "%s is laid out differently in the new build (%s%s)", type->name,
                             pair.why, sizes);
        }
        if (pair.renamed > 0) {
            log_line(LOG_INFO, "%s", pair.rename);
        }
    }
    return true;
}
