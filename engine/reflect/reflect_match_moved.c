#include <string.h>

#include "reflect_match_parts.h"

// Contents: pools, moves, unions, guesses.

enum { MOVE_DEEP_MAX = 3 };

// ---------------------------------------------------------------------------------------- pools

// Fields that have no counterpart yet, with all that is below them, outer ones first.
typedef struct Pool {
    Field **fields;
    uint32_t count;
} Pool;

static uint32_t collect(ReflectMatch *match, const ReflectTable *table, Field *above, int depth,
                        Field **out)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < above->field_count; i++) {
        Field *field = &above->fields[i];
        if (field->is_taken) {
            continue;
        }
        if (out) {
            out[count] = field;
        }
        count++;
        if (!field->is_overlay && depth < MOVE_DEEP_MAX) {
            match_expand(match, table, field);
            count += collect(match, table, field, depth + 1, out ? out + count : NULL);
        }
    }
    return count;
}

static Pool make_pool(ReflectMatch *match, const ReflectTable *table, Field *top)
{
    Pool pool = {.count = collect(match, table, top, 0, NULL)};
    pool.fields = ARENA_NEW(match->arena, Field *, pool.count + 1);
    (void)collect(match, table, top, 0, pool.fields);
    return pool;
}

// Neither it, nor what it is in, nor anything in it has a counterpart.
static bool is_free(const Field *field)
{
    for (const Field *up = field->up; up; up = up->up) {
        if (up->is_taken) {
            return false;
        }
    }
    return !match_went_on(field);
}

// ---------------------------------------------------------------------------------------- moves

// A struct of the same type with another name has been renamed, and its fields have not moved.
static bool could_move(ReflectMatch *match, Field *old, Field *new_)
{
    bool is_out = old->up->up != NULL, is_in = new_->up->up != NULL;
    return (is_out || is_in) && !old->is_overlay && !new_->is_overlay
           && strcmp(old->name, new_->name) == 0 && old->bit_size == new_->bit_size
           && match_is_alike(match, old->type, new_->type)
           && !(is_out && is_in && match_is_alike(match, old->up->type, new_->up->type));
}

static bool is_union(const ReflectTable *table, const Field *field)
{
    return field->is_overlay || reflect_type(table, field->type)->kind == REFLECT_UNION;
}

// A member that is a field of its own now may be what the union held.
static bool has_left(const Field *old, const Field *new_)
{
    Field *top = new_->up;
    while (top->up) {
        top = top->up;
    }
    for (uint32_t i = 0; old->is_overlay && i < old->field_count; i++) {
        const Field *member = match_find(top, old->fields[i].name);
        if (member && member->up != new_) {
            return true;
        }
    }
    return false;
}

// A union got a name, or gave it up, or went with its name or without.
static bool could_keep(ReflectMatch *match, Field *old, Field *new_)
{
    return (old->is_overlay || new_->is_overlay) && is_union(match->from, old)
           && is_union(match->to, new_) && !has_left(old, new_)
           && match_keeps_union(match, old, new_);
}

typedef bool Could(ReflectMatch *match, Field *old, Field *new_);
typedef void Take(ReflectMatch *match, Field *old, Field *new_);

static void take_moved(ReflectMatch *match, Field *old, Field *new_)
{
    (void)match;
    match_take(old, new_, REFLECT_BY_MOVE);
}

// The only one of the pool that could be its counterpart; NULL: none, or several.
static Field *find_only(ReflectMatch *match, const Pool *pool, Field *field, bool is_old,
                        Could *could)
{
    Field *only = NULL;
    for (uint32_t i = 0; i < pool->count; i++) {
        Field *other = pool->fields[i];
        Field *old = is_old ? field : other, *new_ = is_old ? other : field;
        if (!is_free(other) || !could(match, old, new_)) {
            continue;
        }
        if (only) {
            return NULL;
        }
        only = other;
    }
    return only;
}

static bool pair_only(ReflectMatch *match, const Pool *from, const Pool *to, Could *could,
                      Take *take)
{
    bool is_changed = false;
    for (uint32_t i = 0; i < from->count; i++) {
        Field *old = from->fields[i];
        Field *new_ = is_free(old) ? find_only(match, to, old, true, could) : NULL;
        if (new_ && find_only(match, from, new_, false, could) == old) {
            take(match, old, new_);
            is_changed = true;
        }
    }
    return is_changed;
}

// Each round there may be fewer that look alike.
void match_moves(ReflectMatch *match, Field *from, Field *to)
{
    Pool old = make_pool(match, match->from, from), new_ = make_pool(match, match->to, to);
    while (pair_only(match, &old, &new_, could_move, take_moved)) {
    }
    (void)pair_only(match, &old, &new_, could_keep, match_take_union);
}

// -------------------------------------------------------------------------------------- guesses

// The only field without a counterpart among those of the struct itself; NULL: none, or there are
// others, or it is a union, of which one cannot say so much.
static Field *only_one(Field *top)
{
    Field *only = NULL;
    for (uint32_t i = 0; i < top->field_count; i++) {
        Field *field = &top->fields[i];
        if (field->is_taken && !field->is_overlay) {
            continue;
        }
        for (uint32_t j = 0; j < field->field_count; j++) {
            if (match_went_on(field) && !match_went_on(&field->fields[j])) {
                return NULL; // a part of it is gone, or new
            }
        }
        if (match_went_on(field)) {
            continue;
        }
        if (only || field->is_overlay) {
            return NULL;
        }
        only = field;
    }
    return only;
}

static bool is_below(const Field *field, const Field *above)
{
    while (field && field != above) {
        field = field->up;
    }
    return field == above;
}

static bool belong_together(const Field *old, const Field *new_)
{
    if (old->is_taken && is_below(old->twin, new_)) {
        return true;
    }
    for (uint32_t i = 0; i < old->field_count; i++) {
        if (belong_together(&old->fields[i], new_)) {
            return true;
        }
    }
    return false;
}

static bool are_neighbours(const Field *from, int64_t at, const Field *to, int64_t at_new)
{
    bool has_old = at >= 0 && at < from->field_count;
    bool has_new = at_new >= 0 && at_new < to->field_count;
    return has_old == has_new
           && (!has_old || belong_together(&from->fields[at], &to->fields[at_new]));
}

void match_guess(ReflectMatch *match, Field *from, Field *to)
{
    Field *old = only_one(from), *new_ = only_one(to);

    if (!old || !new_ || old->bit_size != new_->bit_size
        || !match_is_alike(match, old->type, new_->type)) {
        return;
    }
    int64_t at = old - from->fields, at_new = new_ - to->fields;
    if (are_neighbours(from, at - 1, to, at_new - 1)
        && are_neighbours(from, at + 1, to, at_new + 1)) {
        match_take(old, new_, REFLECT_BY_GUESS);
    }
}
