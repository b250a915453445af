#include <stdio.h>
#include <string.h>

#include "carry_parts.h"

// Contents: items, values, losses.

// ---------------------------------------------------------------------------------------- items

enum { FATE_COUNT = CARRY_GUESSED + 1, LOSSES_MAX = 1000, BYTES_SHOWN = 8 };

typedef struct Listed {
    CarryItem item;
    struct Listed *next;
} Listed;

// By fate, so that what matters most is what has room at the end.
struct CarryItems {
    Arena *arena;
    Listed *first[FATE_COUNT], *last[FATE_COUNT];
    uint32_t count[FATE_COUNT], listed[FATE_COUNT];
};

CarryItems *carry_items_open(Arena *arena)
{
    CarryItems *items = ARENA_NEW(arena, CarryItems, 1);
    items->arena = arena;
    return items;
}

Arena *carry_items_arena(const CarryItems *items)
{
    return items->arena;
}

bool carry_items_full(const CarryItems *items, CarryFate fate)
{
    return items->listed[fate] == CARRY_ITEMS_MAX;
}

void carry_item(CarryItems *items, CarryFate fate, const char *name, const char *text)
{
    items->count[fate]++;
    if (items->listed[fate] == CARRY_ITEMS_MAX) {
        return;
    }
    Listed *listed = ARENA_NEW(items->arena, Listed, 1);
    listed->item.fate = fate;
    text_clean(listed->item.name, sizeof listed->item.name, name, false);
    text_clean(listed->item.text, sizeof listed->item.text, text, false);
    if (items->last[fate]) {
        items->last[fate]->next = listed;
    } else {
        items->first[fate] = listed;
    }
    items->last[fate] = listed;
    items->listed[fate]++;
}

bool carry_has_item(const CarryItems *items, CarryFate fate, const char *name)
{
    for (const Listed *at = items->first[fate]; at; at = at->next) {
        if (strcmp(at->item.name, name) == 0) {
            return true;
        }
    }
    return false;
}

void carry_items_close(CarryItems *items, CarryReport *report, Arena *arena)
{
    static const CarryFate order[] = {CARRY_LOST, CARRY_GONE, CARRY_CHANGED, CARRY_GUESSED,
                                      CARRIED};
    uint32_t all = 0;
    for (size_t i = 0; i < COUNT_OF(order); i++) {
        all += items->listed[order[i]];
    }
    *report = (CarryReport){.changed = items->count[CARRY_CHANGED],
                            .lost = items->count[CARRY_LOST],
                            .gone = items->count[CARRY_GONE]};
    all = all < CARRY_ITEMS_MAX ? all : CARRY_ITEMS_MAX;
    report->items = ARENA_NEW(arena, CarryItem, CARRY_ITEMS_MAX); // the caller may add some
    for (size_t i = 0; i < COUNT_OF(order); i++) {
        for (const Listed *at = items->first[order[i]]; at && report->item_count < all;
             at = at->next) {
            report->items[report->item_count++] = at->item;
        }
    }
}

void carry_label(const CarryObject *object, char *out, size_t out_bytes)
{
    text_format(out, out_bytes, "%s%s%s", object->function, object->function[0] ? "." : "",
                object->name);
}

// --------------------------------------------------------------------------------------- values

static void bytes_text(const uint8_t *bytes, uint64_t count, char *out, size_t out_bytes)
{
    char hex[BYTES_SHOWN * 3 + 1] = "";
    uint64_t shown = count < BYTES_SHOWN ? count : BYTES_SHOWN;
    for (uint64_t i = 0; i < shown; i++) {
        snprintf(hex + i * 3, 4, " %02x", bytes[i]);
    }
    text_format(out, out_bytes, "the bytes%s%s", hex, shown < count ? " ..." : "");
}

static void pointer_text(const Carry *carry, const CarrySide *side, const uint8_t *bytes, char *out,
                         size_t out_bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    if (word == 0) {
        text_format(out, out_bytes, "NULL");
    } else if (side == &carry->from || carry_is_ours(carry, word)) {
        carry_name(carry, word, out, out_bytes);
    } else if (carry_is_literal(side, word)) {
        char text[64];
        carry_read_text(side, word, text, sizeof text);
        text_format(out, out_bytes, "\"%s\"", text);
    } else {
        const char *name = gamelib_symbol_at(side->lib, word, NULL);
        text_format(out, out_bytes, name ? "%s" : "an address", name);
    }
}

void carry_value_text(const Carry *carry, const CarrySide *side, uint32_t index,
                      const uint8_t *bytes, uint64_t size_bytes, char *out, size_t out_bytes)
{
    const ReflectType *type = reflect_type(side->table, index);
    ReflectLeaf leaf = {.table = side->table, .type = type};

    if (reflect_is_number(type)) {
        reflect_number_text(&leaf, bytes, out, out_bytes);
    } else if (type->kind == REFLECT_POINTER) {
        pointer_text(carry, side, bytes, out, out_bytes);
    } else if (carry_is_text(type, reflect_type(side->table, type->of))) {
        text_format(out, out_bytes, "\"%.*s\"", (int)strnlen((const char *)bytes, size_bytes),
                    (const char *)bytes);
    } else if (index == 0 && (size_bytes == 4 || size_bytes == 8)) {
        int64_t number = 0;
        memcpy(&number, bytes, size_bytes);
        number = size_bytes == 4 ? (int32_t)number : number;
        text_format(out, out_bytes, "%lld", (long long)number);
    } else {
        bytes_text(bytes, size_bytes, out, out_bytes);
    }
}

// --------------------------------------------------------------------------------------- losses

// What differs: the first leaf, and how many.
typedef struct Losses {
    const Carry *carry;
    const CarrySide *side;
    char place[CARRY_NAME_MAX], value[CARRY_TEXT_MAX / 2];
    uint32_t count;
} Losses;

static void lose(Losses *losses, uint32_t type, const char *place, const ReflectLeaf *bits,
                 const uint8_t *live, uint64_t bytes)
{
    if (losses->count++ > 0) {
        return;
    }
    text_format(losses->place, sizeof losses->place, "%s", place);
    if (bits) {
        reflect_number_text(bits, live, losses->value, sizeof losses->value);
    } else {
        carry_value_text(losses->carry, losses->side, type, live, bytes, losses->value,
                         sizeof losses->value);
    }
}

static void find_losses(Losses *losses, uint32_t index, const char *place, const uint8_t *live,
                        const uint8_t *initial, uint64_t bytes, int depth);

static void find_in_struct(Losses *losses, const ReflectType *type, const char *place,
                           const uint8_t *live, const uint8_t *initial, int depth)
{
    for (uint32_t i = 0; i < type->member_count; i++) {
        const ReflectMember *member = &losses->side->table->members[type->first_member + i];
        uint64_t at = member->offset_bits / 8;
        char inner[CARRY_NAME_MAX] = "";
        if (losses->count == 0) {
            text_format(inner, sizeof inner, "%s%s%s", place, member->name[0] ? "." : "",
                        member->name);
        }
        const ReflectType *of = reflect_type(losses->side->table, member->type);
        ReflectLeaf bits = {losses->side->table, of, (uint32_t)(member->offset_bits % 8),
                            member->bit_size};
        if (!member->bit_size) {
            find_losses(losses, member->type, inner, live + at, initial + at, of->bytes, depth + 1);
        } else if (!reflect_same_bits(&bits, live + at, initial + at)) {
            lose(losses, member->type, inner, &bits, live + at, of->bytes);
        }
    }
}

static void find_losses(Losses *losses, uint32_t index, const char *place, const uint8_t *live,
                        const uint8_t *initial, uint64_t bytes, int depth)
{
    const ReflectType *type = reflect_type(losses->side->table, index);
    const ReflectType *of = reflect_type(losses->side->table, type->of);

    if (losses->count >= LOSSES_MAX || memcmp(live, initial, bytes) == 0) {
        return;
    }
    if (type->kind == REFLECT_STRUCT && depth < CARRY_DEPTH_MAX && type->bytes <= bytes) {
        find_in_struct(losses, type, place, live, initial, depth);
    } else if (type->kind == REFLECT_ARRAY && of->bytes > 0 && !carry_is_text(type, of)) {
        for (uint64_t i = 0; i < bytes / of->bytes && losses->count < LOSSES_MAX; i++) {
            uint64_t at = i * of->bytes;
            char inner[CARRY_NAME_MAX];
            if (memcmp(live + at, initial + at, of->bytes) == 0) {
                continue;
            }
            text_format(inner, sizeof inner, "%s[%llu]", place, (unsigned long long)i);
            find_losses(losses, type->of, inner, live + at, initial + at, of->bytes, depth + 1);
        }
    } else {
        lose(losses, index, place, NULL, live, bytes);
    }
}

bool carry_loss_text(Carry *carry, CarrySide *side, const CarryObject *object, const uint8_t *live,
                     const uint8_t *initial, char *out, size_t out_bytes)
{
    Losses losses = {.carry = carry, .side = side};
    find_losses(&losses, object->type, "", live, initial, object->bytes, 0);
    if (losses.count == 0) {
        return false;
    }
    const char *place = losses.place[0] == '.' ? losses.place + 1 : losses.place;
    int written =
        losses.count == 1
            ? snprintf(out, out_bytes, "%s%swas %s", place[0] ? place : "it", " ", losses.value)
            : snprintf(out, out_bytes, "%s was %s, and %u%s more values", place, losses.value,
                       losses.count - 1, losses.count >= LOSSES_MAX ? " or" : "");
    return written > 0;
}
