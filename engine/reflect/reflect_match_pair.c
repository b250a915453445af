#include <string.h>

#include "reflect_match_parts.h"

// Contents: HL_WAS, unions, names, the list, pairings.

enum { CHAIN_MAX = 16 };

// --------------------------------------------------------------------------------------- HL_WAS

// A struct may be known by its tag, and by any number of typedefs.
static bool is_called(const ReflectTable *table, uint32_t type, const char *name)
{
    if (strcmp(reflect_type(table, type)->name, name) == 0) {
        return true;
    }
    for (uint32_t i = 0; i < table->alias_count; i++) {
        if (table->aliases[i].type == type && strcmp(table->aliases[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static const ReflectRename *nth_rename(const ReflectMatch *match, uint32_t index)
{
    uint32_t own = match->to->rename_count;
    return index < own ? &match->to->renames[index] : &match->renames[index - own];
}

static uint32_t count_renames(const ReflectMatch *match)
{
    return match->to->rename_count + match->rename_count;
}

static bool is_about(const ReflectMatch *match, const ReflectRename *rename, const Field *from,
                     const Field *to)
{
    return is_called(match->to, to->type, rename->type)
           || is_called(match->from, from->type, rename->type);
}

// "pos.x": down through structs.
static Field *find_path(ReflectMatch *match, const ReflectTable *table, Field *top,
                        const char *path)
{
    Field *at = top;
    while (at && path[0]) {
        size_t length = strcspn(path, ".");
        char name[256];
        (void)text_format(name, sizeof name, "%.*s", (int)length, path);
        match_expand(match, table, at);
        at = match_find(at, name);
        path += length + (path[length] == '.');
    }
    return at == top ? NULL : at;
}

// What the old build calls it; over several builds one name may lead to the next.
static Field *find_old(ReflectMatch *match, Field *from, Field *to, const char *old, int chain)
{
    Field *field = find_path(match, match->from, from, old);
    for (uint32_t i = 0; !field && chain < CHAIN_MAX && i < count_renames(match); i++) {
        const ReflectRename *rename = nth_rename(match, i);
        if (strcmp(rename->name, old) == 0 && is_about(match, rename, from, to)) {
            field = find_old(match, from, to, rename->old, chain + 1);
        }
    }
    return field;
}

static bool has_room(const Field *new_)
{
    return !match_went_on(new_) && !(new_->up->is_overlay && new_->up->is_taken);
}

// Where the old build has a field of the new name already, the sentence is about an older one.
static void pair_by_was(ReflectMatch *match, Field *from, Field *to)
{
    for (uint32_t i = 0; i < count_renames(match); i++) {
        const ReflectRename *rename = nth_rename(match, i);
        if (!is_about(match, rename, from, to)
            || find_path(match, match->from, from, rename->name)) {
            continue;
        }
        Field *new_ = find_path(match, match->to, to, rename->name);
        Field *old = new_ ? find_old(match, from, to, rename->old, 0) : NULL;
        if (!old || match_went_on(old) || !has_room(new_)) {
            continue;
        }
        if (old->up->is_overlay) {
            old->twin = new_; // goes with its union, or not at all
        } else {
            match_take(old, new_, REFLECT_BY_WAS);
        }
    }
}

// --------------------------------------------------------------------------------------- unions

static Field *find_member(Field *member, Field *above)
{
    return member->twin ? member->twin : match_find(above, member->name);
}

// Members that both have are the same, and lie at the same place in the union.
static bool keeps_members(ReflectMatch *match, Field *old, Field *new_, uint32_t *common)
{
    *common = 0;
    for (uint32_t i = 0; i < old->field_count; i++) {
        Field *a = &old->fields[i], *b = find_member(a, new_);
        if (!b) {
            continue;
        }
        if (a->bits - old->bits != b->bits - new_->bits || a->bit_size != b->bit_size
            || !reflect_same_type(match, a->type, b->type)) {
            return false;
        }
        ++*common;
    }
    return true;
}

// A union with a name has no members that are fields of the struct; a copy of it may have.
static Field *as_overlay(ReflectMatch *match, const ReflectTable *table, Field *field)
{
    if (field->is_overlay) {
        return field;
    }
    Field *copy = ARENA_NEW(match->arena, Field, 1);
    *copy = (Field){.name = "", .path = "", .type = field->type, .is_overlay = true};
    match_expand(match, table, copy);
    return copy;
}

bool match_keeps_union(ReflectMatch *match, Field *old, Field *new_)
{
    uint32_t common;
    return keeps_members(match, as_overlay(match, match->from, old),
                         as_overlay(match, match->to, new_), &common)
           && common > 0;
}

void match_take_union(ReflectMatch *match, Field *old, Field *new_)
{
    Field *members = as_overlay(match, match->from, old);

    match_take(old, new_, REFLECT_OVERLAY);
    for (uint32_t i = 0; i < members->field_count; i++) {
        Field *member = find_member(&members->fields[i], new_);
        members->fields[i].is_taken = member != NULL;
        if (member) {
            member->is_taken = true;
        }
    }
}

static bool keeps_union(ReflectMatch *match, uint32_t from, uint32_t to)
{
    Field old = {.name = "", .path = "", .type = from}, new_ = {.name = "", .path = "", .type = to};
    Field *a = as_overlay(match, match->from, &old), *b = as_overlay(match, match->to, &new_);
    uint32_t common;

    if (!keeps_members(match, a, b, &common)) {
        return false;
    }
    if (common > 0) {
        return true;
    }
    // All of them have new names.
    for (uint32_t i = 0; i < a->field_count; i++) {
        if (a->field_count != b->field_count || a->fields[i].bits != b->fields[i].bits
            || !reflect_same_type(match, a->fields[i].type, b->fields[i].type)) {
            return false;
        }
    }
    return a->field_count > 0;
}

bool reflect_keeps_union(ReflectMatch *match, uint32_t from, uint32_t to)
{
    size_t used = match->arena->used_bytes;
    bool keeps = keeps_union(match, from, to);
    arena_reset(match->arena, used); // this is asked for each value
    return keeps;
}

// The members of an anonymous union lie over each other: it goes as a whole, into the one that has
// its members. What the new build keeps beside that union may have been what it held.
static void pair_overlay(ReflectMatch *match, Field *old, Field *above)
{
    Field *new_ = NULL;
    uint32_t common;

    for (uint32_t i = 0; i < old->field_count; i++) {
        Field *member = find_member(&old->fields[i], above);
        if (member && (!member->up->is_overlay || (new_ && member->up != new_))) {
            return;
        }
        new_ = member ? member->up : new_;
    }
    if (!new_ || new_->is_taken || !keeps_members(match, old, new_, &common)) {
        return;
    }
    match_take_union(match, old, new_);
}

// ---------------------------------------------------------------------------------------- names

static void pair_by_name(ReflectMatch *match, Field *from, Field *to, int depth);

// Where a part of the one went elsewhere, the rest goes field by field.
static void pair_rest(ReflectMatch *match, Field *old, Field *new_, int depth)
{
    match_expand(match, match->from, old);
    match_expand(match, match->to, new_);
    if (old->is_expanded && new_->is_expanded && !new_->is_taken && !new_->up->is_overlay
        && depth < MATCH_DEPTH_MAX) {
        pair_by_name(match, old, new_, depth + 1);
    }
}

static void pair_by_name(ReflectMatch *match, Field *from, Field *to, int depth)
{
    for (uint32_t i = 0; i < from->field_count; i++) {
        if (from->fields[i].is_overlay) {
            pair_overlay(match, &from->fields[i], to);
        }
    }
    for (uint32_t i = 0; i < from->field_count; i++) {
        Field *old = &from->fields[i];
        Field *new_ = old->is_overlay || old->is_taken ? NULL : match_find(to, old->name);
        if (!new_) {
            continue;
        }
        if (!match_went_on(old) && has_room(new_)) {
            match_take(old, new_, REFLECT_BY_NAME);
        } else {
            pair_rest(match, old, new_, depth);
        }
    }
}

// ------------------------------------------------------------------------------------- the list

static ReflectPair pair_of(const Field *old)
{
    ReflectPair pair = {.how = old->is_overlay ? REFLECT_OVERLAY : old->how,
                        .from_name = old->path,
                        .from_type = old->type,
                        .from_bits = old->bits,
                        .from_bit_size = old->bit_size};
    if (old->is_taken) {
        pair.to_name = old->twin->path;
        pair.to_type = old->twin->type;
        pair.to_bits = old->twin->bits;
        pair.to_bit_size = old->twin->bit_size;
    }
    return pair;
}

// Counts only where `out` is NULL.
static uint32_t list_pairs(const Field *above, ReflectPair *out)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < above->field_count; i++) {
        const Field *field = &above->fields[i];
        if (!field->is_taken && !field->is_overlay && match_went_on(field)) {
            count += list_pairs(field, out ? out + count : NULL);
            continue;
        }
        if (out) {
            out[count] = pair_of(field);
        }
        count++;
    }
    return count;
}

static uint32_t list_added(const Field *above, ReflectPair *out)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < above->field_count; i++) {
        const Field *field = &above->fields[i];
        if (field->is_overlay || (!field->is_taken && match_went_on(field))) {
            count += list_added(field, out ? out + count : NULL);
        } else if (!field->is_taken) {
            if (out) {
                out[count] = (ReflectPair){.how = REFLECT_GONE,
                                           .to_name = field->path,
                                           .to_type = field->type,
                                           .to_bits = field->bits,
                                           .to_bit_size = field->bit_size};
            }
            count++;
        }
    }
    return count;
}

// ------------------------------------------------------------------------------------- pairings

static ReflectPairing make_pairing(ReflectMatch *match, uint32_t from, uint32_t to)
{
    Field *old = match_top(match, match->from, from), *new_ = match_top(match, match->to, to);
    bool is_struct = reflect_type(match->from, from)->kind == REFLECT_STRUCT
                     && reflect_type(match->to, to)->kind == REFLECT_STRUCT;
    bool is_changed = is_struct && !reflect_same_type(match, from, to);
    ReflectPairing pairing = {0};

    if (is_changed) {
        pair_by_was(match, old, new_);
    }
    pair_by_name(match, old, new_, 0);
    if (is_changed) {
        match_moves(match, old, new_);
        match_guess(match, old, new_);
    }
    pairing.pair_count = list_pairs(old, NULL);
    pairing.added_count = list_added(new_, NULL);
    ReflectPair *pairs = ARENA_NEW(match->arena, ReflectPair, pairing.pair_count + 1);
    ReflectPair *added = ARENA_NEW(match->arena, ReflectPair, pairing.added_count + 1);
    (void)list_pairs(old, pairs);
    (void)list_added(new_, added);
    pairing.pairs = pairs;
    pairing.added = added;
    return pairing;
}

const ReflectPairing *reflect_pairing(ReflectMatch *match, uint32_t from, uint32_t to)
{
    uint64_t key = ((uint64_t)from << 32) | to;
    MatchKnown **head = &match->known[(key * UINT64_C(0x9e3779b97f4a7c15)) >> 54];

    for (MatchKnown *known = *head; known; known = known->next) {
        if (known->from == from && known->to == to) {
            return &known->pairing;
        }
    }
    MatchKnown *made = ARENA_NEW(match->arena, MatchKnown, 1);
    *made = (MatchKnown){from, to, make_pairing(match, from, to), *head};
    *head = made;
    return &made->pairing;
}
