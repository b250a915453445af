#include <inttypes.h>
#include <string.h>

#include "carry_parts.h"

// Contents: where we are, items, words, leaves, copies, structs and arrays, the walk.

// ---------------------------------------------------------------------------------- where we are

typedef struct Step {
    const char *member; // NULL: an element
    uint64_t index;
} Step;

// A variable in both builds: as it was loaded with, as it is, as the new build begins with it.
typedef struct Walk {
    Carry *carry;
    CarryItems *items;
    const CarryObject *object, *twin;
    const uint8_t *initial, *live, *fresh;
    uint8_t *out; // NULL: a constant, in which nothing can be put
    Step steps[CARRY_DEPTH_MAX];
    int depth;
    CarryOutcome outcome;
} Walk;

// A place in both: types, and bytes from the variable's start.
typedef struct Pair {
    uint32_t from, to;
    uint64_t at, at_new;
    uint32_t bit, bit_size, bit_new, bit_size_new;
} Pair;

static void path_text(const Walk *walk, char *out, size_t out_bytes)
{
    carry_label(walk->object, out, out_bytes);
    for (int i = 0; i < walk->depth; i++) {
        size_t used = strlen(out);
        const Step *step = &walk->steps[i];
        if (!step->member) {
            text_format(out + used, out_bytes - used, "[%" PRIu64 "]", step->index);
        } else if (step->member[0]) {
            text_format(out + used, out_bytes - used, "%s%s", step->member[0] == '[' ? "" : ".",
                        step->member);
        }
    }
}

// ---------------------------------------------------------------------------------------- items

static void leaf_text(const Walk *walk, bool is_new, const Pair *pair, const uint8_t *bytes,
                      char *out, size_t out_bytes)
{
    const CarrySide *side = is_new ? &walk->carry->to : &walk->carry->from;
    uint32_t type = is_new ? pair->to : pair->from;
    ReflectLeaf leaf = {side->table, reflect_type(side->table, type),
                        is_new ? pair->bit_new : pair->bit,
                        is_new ? pair->bit_size_new : pair->bit_size};
    if (leaf.bit_size) {
        reflect_number_text(&leaf, bytes, out, out_bytes);
    } else {
        carry_value_text(walk->carry, side, type, bytes, leaf.type->bytes, out, out_bytes);
    }
}

static void tell(Walk *walk, CarryFate fate, const char *text)
{
    char path[CARRY_NAME_MAX];
    path_text(walk, path, sizeof path);
    carry_item(walk->items, fate, path, text);
    walk->outcome.other++;
}

// Ten thousand elements that are lost need ten thousand counts, not as many sentences.
static bool only_counts(Walk *walk, CarryFate fate)
{
    if (!carry_items_full(walk->items, fate)) {
        return false;
    }
    carry_item(walk->items, fate, "", "");
    walk->outcome.other++;
    return true;
}

// Named only if there is something to lose.
static void tell_lost(Walk *walk, const Pair *pair, uint64_t bytes, const char *why)
{
    char text[CARRY_TEXT_MAX], value[CARRY_TEXT_MAX / 2];
    const uint8_t *live = walk->live + pair->at;
    CarryObject part = *walk->object;

    part.type = pair->from;
    part.bytes = bytes;
    ReflectLeaf leaf = {walk->carry->from.table, reflect_type(walk->carry->from.table, pair->from),
                        pair->bit, pair->bit_size};
    if (pair->bit_size) {
        if (reflect_same_bits(&leaf, live, walk->initial + pair->at)) {
            return;
        }
        char number[64];
        reflect_number_text(&leaf, live, number, sizeof number);
        text_format(value, sizeof value, "it was %s", number);
    } else if (!carry_loss_text(walk->carry, &walk->carry->from, &part, live,
                                walk->initial + pair->at, value, sizeof value)) {
        return;
    }
    text_format(text, sizeof text, "%s; %s", why, value);
    tell(walk, CARRY_LOST, text);
}

// The game had made of it by itself what the new build begins with. Texts that are cut short say
// nothing, and those of unions and of unknown things are not all of them.
static bool is_no_change(const Walk *walk, const Pair *pair, const char *old, const char *new_)
{
    ReflectKind kind = reflect_type(walk->carry->from.table, pair->from)->kind;
    return kind != REFLECT_UNION && kind != REFLECT_UNKNOWN && strlen(old) < CARRY_TEXT_MAX / 4
           && strcmp(old, new_) == 0;
}

static void tell_changed(Walk *walk, const Pair *pair)
{
    char text[CARRY_TEXT_MAX], old[CARRY_TEXT_MAX / 3], new_[CARRY_TEXT_MAX / 3];
    if (only_counts(walk, CARRY_CHANGED)) {
        return;
    }
    leaf_text(walk, false, pair, walk->live + pair->at, old, sizeof old);
    leaf_text(walk, true, pair, walk->fresh + pair->at_new, new_, sizeof new_);
    if (is_no_change(walk, pair, old, new_)) {
        walk->outcome.carried++;
        return;
    }
    text_format(text, sizeof text, "its initialiser was changed: it was %s and is %s now", old,
                new_);
    tell(walk, CARRY_CHANGED, text);
}

static void tell_gone(Walk *walk, uint64_t word, uint64_t there)
{
    char text[CARRY_TEXT_MAX], name[CARRY_NAME_MAX];
    const char *then = "a call of it is stopped and says so";
    if (only_counts(walk, CARRY_GONE)) {
        return;
    }
    if (there == 0) {
        then = "it is NULL now";
    } else if (there == word) {
        then = "it goes on pointing to the old one";
    }
    if (carry_is_ours(walk->carry, word)) {
        carry_name(walk->carry, word, name, sizeof name);
        text_format(text, sizeof text, "it pointed to %s, which the new build does not have; %s",
                    name, then);
    } else {
        text_format(
            text, sizeof text,
            "it pointed to a place in the state that is no more, or of another type now; %s",
            there == 0 ? "it is NULL now" : "it points to where that was");
    }
    tell(walk, CARRY_GONE, text);
}

// ---------------------------------------------------------------------------------------- words

static uint64_t word_at(const uint8_t *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

// Memory that is equal is left alone: what is not written is no new page of the timeline's.
static void put(Walk *walk, uint64_t at_new, const void *bytes, uint64_t count)
{
    if (memcmp(walk->out + at_new, bytes, count) != 0) {
        memcpy(walk->out + at_new, bytes, count);
    }
}

static void put_word(Walk *walk, uint64_t at_new, uint64_t word)
{
    put(walk, at_new, &word, sizeof word);
}

// Kept when the initialiser is the same; `field` NULL for what is no typed pointer.
static void carry_leaf_word(Walk *walk, const Pair *pair, const CarryField *field)
{
    uint64_t old = word_at(walk->initial + pair->at), live = word_at(walk->live + pair->at);
    uint64_t fresh = word_at(walk->fresh + pair->at_new);
    bool gone;

    if (!carry_same_target(walk->carry, old, fresh, field)) {
        tell_changed(walk, pair);
        return;
    }
    walk->outcome.carried++;
    if (live == old) {
        put_word(walk, pair->at_new, fresh);
        return;
    }
    uint64_t word = carry_is_ours(walk->carry, live)
                        ? carry_pointer(walk->carry, live, field, &gone)
                        : carry_forwarded(walk->carry, live, field, &gone);
    put_word(walk, pair->at_new, word);
    if (gone) {
        tell_gone(walk, live, word);
    }
}

// --------------------------------------------------------------------------------------- leaves

static void carry_number(Walk *walk, const Pair *pair, const ReflectType *a, const ReflectType *b)
{
    ReflectLeaf from = {walk->carry->from.table, a, pair->bit, pair->bit_size};
    ReflectLeaf to = {walk->carry->to.table, b, pair->bit_new, pair->bit_size_new};
    const uint8_t *initial = walk->initial + pair->at, *live = walk->live + pair->at;
    const uint8_t *fresh = walk->fresh + pair->at_new;
    uint8_t made[32] = {0};
    // Two compilers may work out 0.1f * 3 differently; that is no edit that wins over the game.
    bool is_kept = walk->carry->is_same && !reflect_same_bits(&from, initial, live);

    if (!is_kept && !reflect_same_value(&from, initial, &to, fresh)) {
        tell_changed(walk, pair);
    } else if (reflect_same_bits(&from, initial, live)) {
        // 0 by default stays what it meant, also where another name has the number now.
        bool by_name = a->kind == REFLECT_ENUM && b->kind == REFLECT_ENUM
                       && reflect_convert(&from, live, &to, made) == REFLECT_FITS;
        const uint8_t *value = by_name ? made : fresh;
        if (walk->out && !reflect_same_bits(&to, walk->out + pair->at_new, value)) {
            (void)reflect_convert(&to, value, &to, walk->out + pair->at_new);
        }
        walk->outcome.carried++;
    } else if (!walk->out) {
        tell_lost(walk, pair, a->bytes, "it is a constant in the new build");
    } else if (reflect_convert(&from, live, &to, made) != REFLECT_FITS) {
        tell_lost(walk, pair, a->bytes, "its value does not fit its new type");
    } else {
        (void)reflect_convert(&from, live, &to, walk->out + pair->at_new);
        walk->outcome.carried++;
    }
}

// An address may be kept in a number, of this image or of the state.
static bool holds_address(const Walk *walk, const Pair *pair, const ReflectType *a,
                          const ReflectType *b)
{
    if (a->kind != REFLECT_INTEGER || b->kind != REFLECT_INTEGER || a->bytes != 8 || b->bytes != 8
        || pair->bit_size || pair->bit_size_new) {
        return false;
    }
    bool gone;
    uint64_t live = word_at(walk->live + pair->at);
    return carry_is_ours(walk->carry, word_at(walk->initial + pair->at))
           || carry_is_ours(walk->carry, live)
           || carry_forwarded(walk->carry, live, NULL, &gone) != live || gone;
}

static bool is_function_pointer(const CarrySide *side, const ReflectType *pointer)
{
    return reflect_type(side->table, pointer->of)->kind == REFLECT_FUNCTION;
}

static void carry_typed_pointer(Walk *walk, const Pair *pair, const ReflectType *a,
                                const ReflectType *b)
{
    CarryField field = {a->of, b->of};
    if (is_function_pointer(&walk->carry->from, a) != is_function_pointer(&walk->carry->to, b)) {
        tell_lost(walk, pair, 8, "functions and data are not told apart by its new type");
    } else {
        carry_leaf_word(walk, pair, &field);
    }
}

static void walk_bytes(Walk *walk, const Pair *pair, const ReflectType *a, const ReflectType *b);

static void carry_leaf(Walk *walk, const Pair *pair)
{
    const ReflectType *a = reflect_type(walk->carry->from.table, pair->from);
    const ReflectType *b = reflect_type(walk->carry->to.table, pair->to);

    if (walk->out && a->kind == REFLECT_POINTER && b->kind == REFLECT_POINTER) {
        carry_typed_pointer(walk, pair, a, b);
    } else if (walk->out && holds_address(walk, pair, a, b)) {
        carry_leaf_word(walk, pair, NULL);
    } else if (reflect_is_number(a) && reflect_is_number(b)) {
        carry_number(walk, pair, a, b);
    } else if (a->kind == b->kind && a->bytes == b->bytes && a->kind != REFLECT_POINTER
               && a->kind != REFLECT_STRUCT && a->kind != REFLECT_ARRAY) {
        walk_bytes(walk, pair, a, b); // numbers of a kind that is not known here
    } else {
        tell_lost(walk, pair, a->bytes,
                  walk->out ? "its new type cannot take it" : "it is a constant in the new build");
    }
}

// --------------------------------------------------------------------------------------- copies

static void copy_plain(Walk *walk, uint64_t at, uint64_t at_new, uint64_t bytes)
{
    for (uint64_t done = 0; done < bytes; done += PAGE_BYTES) {
        uint64_t chunk = bytes - done < PAGE_BYTES ? bytes - done : PAGE_BYTES;
        put(walk, at_new + done, walk->live + at + done, chunk);
    }
}

static void tell_gone_at(Walk *walk, uint64_t at, uint64_t word, uint64_t there)
{
    char path[CARRY_NAME_MAX] = "";
    Step first = walk->steps[0];
    int depth = walk->depth;

    if (walk->object->type) {
        reflect_path(walk->carry->from.table, walk->object->type, at, path, sizeof path);
    }
    walk->steps[0] = (Step){path, 0};
    walk->depth = 1;
    tell_gone(walk, word, there);
    walk->steps[0] = first;
    walk->depth = depth;
}

static CarryField pointed_at(const Walk *walk, const Pair *pair, uint64_t at)
{
    return (CarryField){reflect_pointee(walk->carry->from.table, pair->from, at),
                        reflect_pointee(walk->carry->to.table, pair->to, at)};
}

// A word that may point into the state.
static void copy_forwarded(Walk *walk, const Pair *pair, uint64_t at, uint64_t word)
{
    bool gone;
    CarryField field = pointed_at(walk, pair, at);
    uint64_t there = carry_forwarded(walk->carry, word, &field, &gone);

    put_word(walk, pair->at_new + at, there);
    if (gone) {
        tell_gone_at(walk, pair->at + at, word, there);
    }
}

// Most words go without a look at their types.
static void copy_address(Walk *walk, const Pair *pair, uint64_t at, uint64_t word)
{
    bool gone;
    uint64_t there = carry_word(walk->carry, word, &gone);

    if (carry_is_open(walk->carry, word)) {
        CarryField field = pointed_at(walk, pair, at);
        there = carry_pointer(walk->carry, word, &field, &gone);
    }
    put_word(walk, pair->at_new + at, there);
    if (gone) {
        tell_gone_at(walk, pair->at + at, word, there);
    }
}

static void copy_words(Walk *walk, const Pair *pair, uint64_t bytes)
{
    uint64_t at = 0;
    for (; at + 8 <= bytes; at += 8) {
        uint64_t word = word_at(walk->live + pair->at + at);
        if (word_at(walk->initial + pair->at + at) == word) {
            put(walk, pair->at_new + at, walk->fresh + pair->at_new + at, 8);
        } else if (carry_is_ours(walk->carry, word)) {
            copy_address(walk, pair, at, word);
        } else if (walk->carry->forward && word >= PAGE_BYTES) {
            copy_forwarded(walk, pair, at, word);
        } else {
            put_word(walk, pair->at_new + at, word);
        }
    }
    copy_plain(walk, pair->at + at, pair->at_new + at, bytes - at);
}

// All of a place whose layout is the same, if its initialiser is. False: it has to be gone into.
static bool carry_whole(Walk *walk, const Pair *pair, uint64_t bytes)
{
    uint32_t traits = carry_traits(&walk->carry->from, pair->from);
    bool has_words = traits & CARRY_HAS_WORDS;
    const uint8_t *initial = walk->initial + pair->at;

    if ((traits & CARRY_HAS_ODD_WORDS) || !walk->out
        || !carry_same_bytes(walk->carry, initial, walk->fresh + pair->at_new, bytes, has_words)) {
        return false;
    }
    if (has_words) {
        copy_words(walk, pair, bytes);
    } else {
        copy_plain(walk, pair->at, pair->at_new, bytes);
    }
    walk->outcome.carried++;
    return true;
}

// ---------------------------------------------------------------------------- structs and arrays

static void walk_pair(Walk *walk, const Pair *pair);

static void enter(Walk *walk, Step step, const Pair *pair)
{
    if (walk->depth == CARRY_DEPTH_MAX) {
        tell_lost(walk, pair, reflect_type(walk->carry->from.table, pair->from)->bytes,
                  "it lies too deep to be followed");
        return;
    }
    walk->steps[walk->depth++] = step;
    walk_pair(walk, pair);
    walk->depth--;
}

static Pair member_pair(const Pair *whole, const ReflectPair *member)
{
    return (Pair){member->from_type,
                  member->to_type,
                  whole->at + member->from_bits / 8,
                  whole->at_new + member->to_bits / 8,
                  (uint32_t)(member->from_bits % 8),
                  member->from_bit_size,
                  (uint32_t)(member->to_bits % 8),
                  member->to_bit_size};
}

// A struct without a name of its own is named by the variable.
static void tell_guess(Walk *walk, const Pair *whole, const Pair *pair, const ReflectPair *member)
{
    char name[CARRY_NAME_MAX], text[CARRY_TEXT_MAX], path[CARRY_NAME_MAX];
    const ReflectType *type = reflect_type(walk->carry->from.table, whole->from);
    const char *now = reflect_type(walk->carry->to.table, whole->to)->name;
    uint64_t bytes = reflect_type(walk->carry->from.table, pair->from)->bytes;

    path_text(walk, path, sizeof path);
    text_format(name, sizeof name, "%s.%s", type->name[0] ? type->name : path, member->from_name);
    if (memcmp(walk->live + pair->at, walk->initial + pair->at, bytes) == 0
        || carry_has_item(walk->items, CARRY_GUESSED, name)) {
        return;
    }
    if (now[0]) {
        text_format(text, sizeof text,
                    "%s is taken to be %s.%s now; HL_WAS(%s, %s, %s) makes it "
                    "certain",
                    name, now, member->to_name, now, member->to_name, member->from_name);
    } else {
        text_format(text, sizeof text,
                    "%s is taken to be its %s now, which has its type and its "
                    "place",
                    name, member->to_name);
    }
    carry_item(walk->items, CARRY_GUESSED, name, text);
}

static void lose_member(Walk *walk, const Pair *pair, const ReflectPair *member)
{
    uint64_t bytes = reflect_type(walk->carry->from.table, member->from_type)->bytes;
    if (member->how == REFLECT_OVERLAY) {
        tell_lost(walk, pair, bytes, "it cannot be decided which member it holds");
    } else if (walk->depth < CARRY_DEPTH_MAX) {
        walk->steps[walk->depth++] = (Step){member->from_name, 0};
        tell_lost(walk, pair, bytes, "the new build has no such member");
        walk->depth--;
    }
}

static void walk_members(Walk *walk, const Pair *whole)
{
    const ReflectPairing *pairing = reflect_pairing(walk->carry->match, whole->from, whole->to);

    for (uint32_t i = 0; i < pairing->pair_count; i++) {
        const ReflectPair *member = &pairing->pairs[i];
        Pair pair = member_pair(whole, member);
        if (!member->to_name) {
            lose_member(walk, &pair, member);
            continue;
        }
        if (member->how == REFLECT_BY_GUESS) {
            tell_guess(walk, whole, &pair, member);
        }
        enter(walk, (Step){member->from_name, 0}, &pair);
    }
}

static void walk_bytes(Walk *walk, const Pair *pair, const ReflectType *a, const ReflectType *b)
{
    uint64_t bytes = a->bytes < b->bytes ? a->bytes : b->bytes;
    bool keeps = a->kind == REFLECT_UNION
                     ? reflect_keeps_union(walk->carry->match, pair->from, pair->to)
                     : a->bytes == b->bytes;

    if (!keeps || !walk->out) {
        tell_lost(walk, pair, a->bytes,
                  walk->out ? "it cannot be decided which member it holds"
                            : "it is a constant in the new build");
    } else if (!carry_same_bytes(walk->carry, walk->initial + pair->at, walk->fresh + pair->at_new,
                                 bytes, true)) {
        tell_changed(walk, pair);
    } else if (memcmp(walk->live + pair->at + bytes, walk->initial + pair->at + bytes,
                      a->bytes - bytes)
               != 0) {
        tell_lost(walk, pair, a->bytes, "its value does not fit its new type");
    } else {
        copy_words(walk, pair, bytes);
        walk->outcome.carried++;
    }
}

static void lose_rest(Walk *walk, const Pair *pair, const ReflectType *array, uint64_t first)
{
    uint64_t bytes = reflect_type(walk->carry->from.table, array->of)->bytes;
    for (uint64_t i = first; i < array->count && walk->depth < CARRY_DEPTH_MAX; i++) {
        Pair element = {.from = array->of, .at = pair->at + i * bytes};
        if (memcmp(walk->live + element.at, walk->initial + element.at, bytes) != 0) {
            walk->steps[walk->depth++] = (Step){NULL, i};
            tell_lost(walk, &element, bytes, "the new build has no such element");
            walk->depth--;
        }
    }
}

static void walk_elements(Walk *walk, const Pair *pair, const ReflectType *a, const ReflectType *b)
{
    const ReflectType *ea = reflect_type(walk->carry->from.table, a->of);
    const ReflectType *eb = reflect_type(walk->carry->to.table, b->of);
    uint64_t count = a->count < b->count ? a->count : b->count;

    if ((ea->kind == REFLECT_ARRAY) != (eb->kind == REFLECT_ARRAY)) {
        tell_lost(walk, pair, a->bytes, "it has another number of dimensions");
        return;
    }
    for (uint64_t i = 0; i < count; i++) {
        Pair element = {.from = a->of,
                        .to = b->of,
                        .at = pair->at + i * ea->bytes,
                        .at_new = pair->at_new + i * eb->bytes};
        enter(walk, (Step){NULL, i}, &element);
    }
    lose_rest(walk, pair, a, count);
}

// A text is one value.
static void walk_text(Walk *walk, const Pair *pair, const ReflectType *a, const ReflectType *b)
{
    const char *initial = (const char *)walk->initial + pair->at;
    const char *live = (const char *)walk->live + pair->at;
    const char *fresh = (const char *)walk->fresh + pair->at_new;
    uint64_t was = strnlen(initial, a->bytes), is = strnlen(fresh, b->bytes);
    uint64_t bytes = a->bytes < b->bytes ? a->bytes : b->bytes;

    if (was != is || memcmp(initial, fresh, was) != 0) {
        tell_changed(walk, pair);
    } else if (memcmp(initial, live, a->bytes) == 0) {
        if (walk->out) {
            put(walk, pair->at_new, fresh, b->bytes);
        }
        walk->outcome.carried++;
    } else if (!walk->out) {
        tell_lost(walk, pair, a->bytes, "it is a constant in the new build");
    } else if (a->bytes > b->bytes && strnlen(live, a->bytes) >= b->bytes) {
        tell_lost(walk, pair, a->bytes, "its text is too long for the new build");
    } else {
        memset(walk->out + pair->at_new, 0, b->bytes);
        memcpy(walk->out + pair->at_new, live, bytes);
        walk->outcome.carried++;
    }
}

static void walk_array(Walk *walk, const Pair *pair, const ReflectType *a, const ReflectType *b)
{
    const ReflectType *ea = reflect_type(walk->carry->from.table, a->of);
    const ReflectType *eb = reflect_type(walk->carry->to.table, b->of);

    if (carry_is_text(a, ea) && carry_is_text(b, eb)) {
        walk_text(walk, pair, a, b);
    } else {
        walk_elements(walk, pair, a, b);
    }
}

// A single thing became element 0, or element 0 became the single thing.
static void walk_first(Walk *walk, const Pair *pair, const ReflectType *a, const ReflectType *b)
{
    Pair first = *pair;
    if (b->kind == REFLECT_ARRAY) {
        first.to = b->of;
        enter(walk, (Step){"", 0}, &first);
    } else {
        first.from = a->of;
        enter(walk, (Step){NULL, 0}, &first);
        lose_rest(walk, pair, a, 1);
    }
}

// ------------------------------------------------------------------------------------- the walk

static bool is_one(const ReflectType *type)
{
    return type->kind != REFLECT_ARRAY && type->kind != REFLECT_UNION
           && type->kind != REFLECT_UNKNOWN;
}

static bool is_array_of_one(const CarrySide *side, const ReflectType *type)
{
    return type->kind == REFLECT_ARRAY && type->count > 0
           && is_one(reflect_type(side->table, type->of));
}

// What the optimiser of the old build threw away was never anything but its initialiser, and begins
// as the new build has it. What that of the new build throws away is lost if it was another.
static bool walk_hole(Walk *walk, const Pair *pair, uint64_t bytes, uint64_t bytes_new)
{
    bool is_hole = carry_covered(&walk->carry->from, walk->object, pair->at, bytes) == 0;
    bool is_hole_new = carry_covered(&walk->carry->to, walk->twin, pair->at_new, bytes_new) == 0;
    if (!is_hole && is_hole_new) {
        tell_lost(walk, pair, bytes,
                  "the optimiser left no room for its value in the new build, which does not need "
                  "it");
    }
    return is_hole || is_hole_new;
}

static bool has_no_holes(const Walk *walk, const Pair *pair, uint64_t bytes)
{
    return carry_covered(&walk->carry->from, walk->object, pair->at, bytes) == bytes
           && carry_covered(&walk->carry->to, walk->twin, pair->at_new, bytes) == bytes;
}

static void walk_pair(Walk *walk, const Pair *pair)
{
    const CarrySide *from = &walk->carry->from, *to = &walk->carry->to;
    const ReflectType *a = reflect_type(from->table, pair->from),
                      *b = reflect_type(to->table, pair->to);

    if (a->bytes > 0 && b->bytes > 0 && walk_hole(walk, pair, a->bytes, b->bytes)) {
        return;
    }
    if (!pair->bit_size && !pair->bit_size_new && a->bytes > 0 && has_no_holes(walk, pair, a->bytes)
        && reflect_same_type(walk->carry->match, pair->from, pair->to)
        && carry_whole(walk, pair, a->bytes)) {
        return;
    }
    if (a->kind == REFLECT_STRUCT && b->kind == REFLECT_STRUCT) {
        walk_members(walk, pair);
    } else if (a->kind == REFLECT_ARRAY && b->kind == REFLECT_ARRAY) {
        walk_array(walk, pair, a, b);
    } else if ((a->kind == REFLECT_UNION && b->kind == REFLECT_UNION)
               || (a->kind == REFLECT_UNKNOWN && b->kind == REFLECT_UNKNOWN)) {
        walk_bytes(walk, pair, a, b);
    } else if ((is_one(a) && is_array_of_one(to, b)) || (is_array_of_one(from, a) && is_one(b))) {
        walk_first(walk, pair, a, b);
    } else {
        carry_leaf(walk, pair);
    }
}

// No types: all or nothing.
static void walk_untyped(Walk *walk, const CarryObject *from, const CarryObject *to)
{
    Pair pair = {0};
    char text[CARRY_TEXT_MAX];

    if (from->bytes != to->bytes) {
        text_format(text, sizeof text,
                    "it had %" PRIu64 " bytes and has %" PRIu64
                    " now, and without debug information (-g) nothing more is known",
                    from->bytes, to->bytes);
        tell_lost(walk, &pair, from->bytes, text);
    } else if (!carry_same_bytes(walk->carry, walk->initial, walk->fresh, from->bytes, true)) {
        if (!carry_loss_text(walk->carry, &walk->carry->from, from, walk->live, walk->initial, text,
                             sizeof text)) {
            text_format(text, sizeof text, "its initialiser was changed");
        }
        tell(walk, CARRY_CHANGED, text);
    } else if (walk->out) {
        copy_words(walk, &pair, from->bytes);
        walk->outcome.carried++;
    } else {
        tell_lost(walk, &pair, from->bytes, "it is a constant in the new build");
    }
}

static void begin(Walk *walk, Carry *carry, CarryItems *items, const CarryObject *from,
                  const CarryObject *to)
{
    walk->carry = carry;
    walk->items = items;
    walk->object = from;
    walk->twin = to;
    walk->initial = carry_initial(&carry->from, from);
    walk->live = (const uint8_t *)from->address;
    walk->fresh = carry_initial(&carry->to, to);
    walk->out = to->is_live ? (uint8_t *)to->address : NULL;
    walk->depth = 0;
    walk->outcome = (CarryOutcome){0};
}

// The elements of a flexible array lie behind what the type says.
static void walk_tail(Walk *walk, const CarryObject *from, const CarryObject *to)
{
    uint64_t at = reflect_type(walk->carry->from.table, from->type)->bytes,
             bytes = from->bytes - at;
    Pair pair = {.at = at, .at_new = at};

    if (memcmp(walk->live + at, walk->initial + at, bytes) == 0) {
        return;
    }
    if (walk->out && from->bytes == to->bytes
        && reflect_same_type(walk->carry->match, from->type, to->type)
        && carry_same_bytes(walk->carry, walk->initial + at, walk->fresh + at, bytes, true)) {
        copy_words(walk, &pair, bytes);
    } else {
        tell_lost(walk, &pair, bytes, "what lies behind its last element cannot be followed");
    }
}

// In memory of ours where the variable itself is in pieces.
static void begin_pieces(Walk *walk, const CarryObject *from, const CarryObject *to, Arena *arena)
{
    if (from->piece_count) {
        walk->initial = carry_assemble(&walk->carry->from, from, true, arena);
        walk->live = carry_assemble(&walk->carry->from, from, false, arena);
    }
    if (to->piece_count) {
        walk->fresh = carry_assemble(&walk->carry->to, to, true, arena);
        walk->out = carry_assemble(&walk->carry->to, to, true, arena);
    }
}

CarryOutcome carry_walk(Carry *carry, CarryItems *items, const CarryObject *from,
                        const CarryObject *to, Arena *arena)
{
    Walk walk;
    Pair pair = {.from = from->type, .to = to->type};

    begin(&walk, carry, items, from, to);
    begin_pieces(&walk, from, to, arena);
    if (from->type == 0 || to->type == 0) {
        walk_untyped(&walk, from, to);
        return walk.outcome;
    }
    walk_pair(&walk, &pair);
    if (from->bytes > reflect_type(carry->from.table, from->type)->bytes) {
        walk_tail(&walk, from, to);
    }
    if (to->piece_count && walk.out) {
        carry_disassemble(&carry->to, items, to, walk.out,
                          carry_assemble(&carry->to, to, true, arena));
    }
    return walk.outcome;
}

CarryOutcome carry_copy(Carry *carry, CarryItems *items, const CarryObject *from,
                        const CarryObject *to)
{
    Walk walk;
    Pair pair = {.from = from->type, .to = to->type};

    begin(&walk, carry, items, from, to);
    walk.outcome.carried = 1;
    if (from->type == 0 || from->bytes > reflect_type(carry->from.table, from->type)->bytes
        || (carry_traits(&carry->from, from->type) & CARRY_HAS_WORDS)) {
        copy_words(&walk, &pair, from->bytes);
    } else {
        copy_plain(&walk, 0, 0, from->bytes);
    }
    return walk.outcome;
}
