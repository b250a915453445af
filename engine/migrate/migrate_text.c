#include <string.h>

#include "migrate_parts.h"

// Names and values as text.
//
// Contents: the name of a place, the value that is there, addresses.

// --------------------------------------------------------------------------------- names of places

static const ReflectMember *member_at(const ReflectTable *table, const ReflectType *type,
                                      uint64_t bit)
{
    for (uint32_t i = 0; i < type->member_count; i++) {
        const ReflectMember *member = &table->members[type->first_member + i];
        const ReflectType *its = reflect_type(table, member->type);
        uint64_t bits = member->bit_size ? member->bit_size : its->bytes * 8;
        bool is_open = its->kind == REFLECT_ARRAY && its->count == 0;
        if (bit >= member->offset_bits && (bit - member->offset_bits < bits || is_open)) {
            return member;
        }
    }
    return NULL;
}

static void append(char *out, const char *text)
{
    size_t length = strlen(out);
    (void)text_format(out + length, MIGRATE_PATH_MAX - length, "%s", text);
}

// What an anonymous union is known by: nobody can look for one that has no name at all.
static const char *first_name(const ReflectTable *table, const ReflectType *type)
{
    for (uint32_t i = 0; i < type->member_count; i++) {
        const char *name = table->members[type->first_member + i].name;
        if (name[0]) {
            return name;
        }
    }
    return "(anonymous union)";
}

bool migrate_path_text(const ReflectTable *table, uint32_t index, uint64_t bit, uint32_t last,
                       char *path, char *owner_field)
{
    bool is_unnamed = false; // the member that led here is anonymous
    path[0] = '\0';
    owner_field[0] = '\0';
    for (int depth = 0; depth < MIGRATE_DEPTH_MAX; depth++) {
        const ReflectType *type = reflect_type(table, index);
        char step[MIGRATE_PATH_MAX] = "";
        if (last && index == last && bit < 8) {
            if (is_unnamed && type->kind == REFLECT_UNION) {
                (void)text_format(step, sizeof step, ".%s", first_name(table, type));
                append(path, step);
                append(owner_field, step);
                return true;
            }
            return false;
        }
        is_unnamed = false;
        if (type->kind == REFLECT_ARRAY && reflect_type(table, type->of)->bytes > 0) {
            uint64_t bits = reflect_type(table, type->of)->bytes * 8;
            // A text is one thing to its reader.
            if (reflect_type(table, type->of)->is_char && bit < bits) {
                return false;
            }
            (void)text_format(step, sizeof step, "[%llu]", (unsigned long long)(bit / bits));
            bit %= bits;
            index = type->of;
        } else if (type->kind == REFLECT_STRUCT || type->kind == REFLECT_UNION) {
            const ReflectMember *member = member_at(table, type, bit);
            if (!member) {
                return false;
            }
            if (type->name[0] && depth > 0) { // the field is this struct's
                (void)text_format(owner_field, MIGRATE_PATH_MAX, "%s", type->name);
            }
            is_unnamed = !member->name[0];
            if (!is_unnamed) {
                (void)text_format(step, sizeof step, ".%s", member->name);
            }
            bit -= member->offset_bits;
            index = member->type;
        } else {
            return false;
        }
        append(path, step);
        append(owner_field, step);
    }
    return false;
}

// ------------------------------------------------------------------------------------------ values

typedef struct Value {
    const ReflectTable *table;
    char *path, *text;
    size_t text_bytes;
} Value;

static bool is_zero(const uint8_t *bytes, uint64_t count)
{
    return count == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, count - 1) == 0);
}

static bool find_value(const Value *value, uint32_t index, const uint8_t *bytes, int depth);

static bool number_value(const Value *value, const ReflectLeaf *leaf, const uint8_t *bytes)
{
    static const uint8_t ZERO[32];
    double twice = 0;
    float single = 0;

    if (leaf->type->kind == REFLECT_FLOAT && leaf->type->bytes == 8) {
        memcpy(&twice, bytes, sizeof twice);
        if (twice == 0) {
            return false; // -0.0 is, too
        }
    }
    if (leaf->type->kind == REFLECT_FLOAT && leaf->type->bytes == 4) {
        memcpy(&single, bytes, sizeof single);
        if (single == 0) {
            return false;
        }
    }
    if (reflect_same_bits(leaf, bytes, ZERO)) {
        return false;
    }
    reflect_number_text(leaf, bytes, value->text, value->text_bytes);
    return true;
}

static bool text_value(const Value *value, const ReflectType *array, const uint8_t *bytes)
{
    size_t length = strnlen((const char *)bytes, array->bytes);
    char clean[64];

    if (length == 0) {
        return false;
    }
    (void)text_format(clean, sizeof clean, "%.*s", (int)(length < 60 ? length : 60), bytes);
    (void)text_format(value->text, value->text_bytes, "\"");
    text_clean(value->text + 1, value->text_bytes - 3, clean, false);
    size_t used = strlen(value->text);
    (void)text_format(value->text + used, value->text_bytes - used, "%s\"",
                      length < 60 ? "" : "...");
    return true;
}

static bool elements_value(const Value *value, const ReflectType *array, const uint8_t *bytes,
                           int depth)
{
    const ReflectType *element = reflect_type(value->table, array->of);
    size_t length = strlen(value->path);

    if (element->is_char && text_value(value, array, bytes)) {
        return true;
    }
    for (uint64_t i = 0; i < array->count; i++) {
        const uint8_t *at = bytes + i * element->bytes;
        if (is_zero(at, element->bytes)) {
            continue;
        }
        (void)text_format(value->path + length, MIGRATE_PATH_MAX - length, "[%llu]",
                          (unsigned long long)i);
        if (find_value(value, array->of, at, depth + 1)) {
            return true;
        }
        value->path[length] = '\0';
    }
    return false;
}

static bool members_value(const Value *value, const ReflectType *type, const uint8_t *bytes,
                          int depth)
{
    size_t length = strlen(value->path);

    for (uint32_t i = 0; i < type->member_count; i++) {
        const ReflectMember *member = &value->table->members[type->first_member + i];
        const uint8_t *at = bytes + member->offset_bits / 8;
        ReflectLeaf leaf = {value->table, reflect_type(value->table, member->type),
                            (uint32_t)(member->offset_bits % 8), member->bit_size};
        if (!member->name[0] && member->bit_size) {
            continue; // padding
        }
        (void)text_format(value->path + length, MIGRATE_PATH_MAX - length, "%s%s",
                          member->name[0] ? "." : "", member->name);
        if (member->bit_size ? number_value(value, &leaf, at)
                             : find_value(value, member->type, at, depth + 1)) {
            return true;
        }
        value->path[length] = '\0';
    }
    return false;
}

static bool find_value(const Value *value, uint32_t index, const uint8_t *bytes, int depth)
{
    const ReflectType *type = reflect_type(value->table, index);
    ReflectLeaf leaf = {.table = value->table, .type = type};

    if (depth > MIGRATE_DEPTH_MAX || is_zero(bytes, type->bytes)) {
        return false;
    }
    switch (type->kind) {
    case REFLECT_STRUCT:
        return members_value(value, type, bytes, depth);
    case REFLECT_ARRAY:
        return elements_value(value, type, bytes, depth);
    case REFLECT_POINTER:
        (void)text_format(value->text, value->text_bytes, "a pointer");
        return true;
    case REFLECT_INTEGER:
    case REFLECT_FLOAT:
    case REFLECT_ENUM:
        if (reflect_is_number(type)) {
            return number_value(value, &leaf, bytes);
        }
        break;
    default:
        break;
    }
    (void)text_format(value->text, value->text_bytes, "not zero");
    return true;
}

bool migrate_value_text(const ReflectTable *table, uint32_t type, const ReflectLeaf *bits,
                        const uint8_t *bytes, char *path, char *text, size_t text_bytes)
{
    Value value = {table, path, text, text_bytes};

    path[0] = '\0';
    return bits ? number_value(&value, bits, bytes) : find_value(&value, type, bytes, 0);
}

// --------------------------------------------------------------------------------------- addresses

static const char *plain_tag(const char *tag)
{
    return strncmp(tag, "struct ", 7) == 0 ? tag + 7 : tag;
}

// Which of all the objects of its type it is.
uint64_t migrate_count_before(const Migrate *migrate, const Block *block)
{
    uint64_t count = 0;
    for (const Block *at = migrate->map.blocks; at < block; at++) {
        count += at->shape == block->shape ? at->count * migrate->shapes[at->shape].per : 0;
    }
    return count;
}

void migrate_address_text(const Migrate *migrate, uint64_t word, char *out, size_t out_bytes)
{
    const Block *block = migrate->map.is_open ? migrate_block_at(&migrate->map, word) : NULL;
    char path[MIGRATE_PATH_MAX] = "", owner[MIGRATE_PATH_MAX];

    if (!block || word - block->from > migrate_block_bytes(migrate, block)) {
        (void)text_format(out, out_bytes, "free memory");
        return;
    }
    const Shape *shape = &migrate->shapes[block->shape];
    uint64_t offset = word - block->from;
    uint64_t index = migrate_count_before(migrate, block) + offset / shape->stride;
    if (!shape->is_raw) {
        uint64_t inside = offset % shape->stride;
        if (inside > 0) {
            migrate_path_text(migrate_from(migrate), shape->from, inside * 8, 0, path, owner);
        }
    }
    if (shape->is_root) {
        (void)text_format(out, out_bytes, "%s%s", plain_tag(shape->tag), path);
    } else {
        (void)text_format(out, out_bytes, "%s[%llu]%s", plain_tag(shape->tag),
                          (unsigned long long)index, path);
    }
}
