#include <stdlib.h>
#include <string.h>

#include "reflect_types.h"

// Names beside the types' own.
//
// Contents: typedefs, what HL_WAS left.

enum { RENAMES_MAX = 1 << 16, NAME_BYTES_MAX = 1 << 10 };

// ------------------------------------------------------------------------------------- typedefs

typedef struct AliasSet {
    uint32_t *slots, mask; // number + 1; 0: free
} AliasSet;

// True when it was not there.
static bool add_to_set(const AliasSet *set, const FoundAlias *aliases, uint32_t number)
{
    FoundAlias alias = aliases[number];
    uint64_t hash = ((uint64_t)(uintptr_t)alias.name ^ alias.node) * UINT64_C(0x9E3779B97F4A7C15);
    uint32_t slot = (uint32_t)(hash >> 32) & set->mask;

    for (; set->slots[slot]; slot = (slot + 1) & set->mask) {
        FoundAlias other = aliases[set->slots[slot] - 1];
        if (other.name == alias.name && other.node == alias.node) {
            return false;
        }
    }
    set->slots[slot] = number + 1;
    return true;
}

static int by_name_and_type(const void *left, const void *right)
{
    const FoundAlias *a = left, *b = right;
    int order = strcmp(a->name, b->name);

    return order ? order : a->node < b->node ? -1 : a->node > b->node;
}

// Takes out what says nothing ("typedef struct Mob Mob") and what another unit said, too; from here
// on `node` is the type's number in the table.
static uint32_t drop_known(const Types *types, Texts *texts, const ReflectTable *table,
                           const AliasSet *set)
{
    FoundAlias *aliases = types->aliases;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < types->alias_count; i++) {
        uint32_t type = types->nodes[aliases[i].node].index;
        aliases[kept] = (FoundAlias){reflect_text(texts, aliases[i].name), type};
        kept += type && aliases[kept].name[0]
                && strcmp(aliases[kept].name, table->types[type].name) != 0
                && add_to_set(set, aliases, kept);
    }
    return kept;
}

bool reflect_write_aliases(Types *types, Texts *texts, ReflectTable *table)
{
    AliasSet set = {.mask = 63};
    ReflectAlias *out;
    uint32_t count;

    while (set.mask < types->alias_count * UINT64_C(2)) {
        set.mask = set.mask * 2 + 1;
    }
    set.slots =
        arena_try_push(types->scratch, sizeof(uint32_t), _Alignof(uint32_t), (size_t)set.mask + 1);
    if (!set.slots) {
        return false;
    }
    count = drop_known(types, texts, table, &set);
    out = arena_try_push(texts->arena, sizeof *out, _Alignof(ReflectAlias), count);
    if (!out) {
        return false;
    }
    if (count > 0) {
        qsort(types->aliases, count, sizeof *types->aliases, by_name_and_type);
    }
    table->aliases = out;
    for (uint32_t i = 0; i < count; i++) {
        const FoundAlias *alias = &types->aliases[i];
        out[table->alias_count++] = (ReflectAlias){alias->name, alias->node};
    }
    return true;
}

// ----------------------------------------------------------------------------- what HL_WAS left

static const char *without_tag_word(const char *type)
{
    static const char *const WORDS[] = {"struct ", "union "};

    for (size_t i = 0; i < COUNT_OF(WORDS); i++) {
        if (strncmp(type, WORDS[i], strlen(WORDS[i])) == 0) {
            return type + strlen(WORDS[i]);
        }
    }
    return type;
}

// "struct Mob.health=hp". False: it is not of that kind. A path ("Mob.pos.x=px") is a field, too.
static bool read_rename(const char *text, char *room, ReflectRename *rename)
{
    char *dot, *equals;

    if (strlen(text) >= NAME_BYTES_MAX) {
        return false;
    }
    strcpy(room, without_tag_word(text));
    dot = strchr(room, '.');
    equals = dot ? strchr(dot, '=') : NULL;
    if (!equals || dot == room || equals == dot + 1 || !equals[1]) {
        return false;
    }
    *dot = *equals = 0;
    *rename = (ReflectRename){room, dot + 1, equals + 1};
    return true;
}

static int by_text(const void *left, const void *right)
{
    const char *const *a = left, *const *b = right;

    return strcmp(*a, *b);
}

// The texts there, each once (a header's are in every unit), in the order of the alphabet.
static uint32_t find_texts(const Section *section, const char **texts)
{
    const char *at = (const char *)section->data, *end = at + section->bytes;
    uint32_t count = 0, kept = 0;

    for (; at < end; at += strlen(at) + 1) { // the linker fills up with zeros
        if (*at && count < RENAMES_MAX) {
            texts[count++] = at;
        }
    }
    if (count > 0) {
        qsort(texts, count, sizeof *texts, by_text);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (kept == 0 || strcmp(texts[kept - 1], texts[i]) != 0) {
            texts[kept++] = texts[i];
        }
    }
    return kept;
}

bool reflect_write_renames(const Dies *dies, Texts *texts, Arena *scratch, ReflectTable *table)
{
    uint64_t most = dies->was.bytes < RENAMES_MAX ? dies->was.bytes : RENAMES_MAX;
    const char **found = arena_try_push(scratch, sizeof *found, _Alignof(char *), most);
    ReflectRename *renames;
    uint32_t count;
    char room[NAME_BYTES_MAX];

    if (!found) {
        return false;
    }
    count = find_texts(&dies->was, found);
    renames = arena_try_push(texts->arena, sizeof *renames, _Alignof(ReflectRename), count);
    if (!renames) {
        return false;
    }
    table->renames = renames;
    for (uint32_t i = 0; i < count; i++) {
        ReflectRename one;
        if (read_rename(found[i], room, &one)) {
            renames[table->rename_count++] =
                (ReflectRename){reflect_text(texts, one.type), reflect_text(texts, one.name),
                                reflect_text(texts, one.old)};
        }
    }
    return true;
}
