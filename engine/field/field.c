#include "field_parts.h"

#include <stdio.h>
#include <string.h>

// Contents: memory, types by tag, allocations, members, children, roots.

enum { DEEP_MAX = 16, TAGS_MAX = 64, POINTER_BYTES = 8, LONGEST_BIT_FIELD = 64 };

// --------------------------------------------------------------------------------------- memory

static bool is_in_heap(const FieldView *view, uintptr_t address, size_t bytes)
{
    uintptr_t first = (uintptr_t)view->heap;
    if (!view->heap || address < first) {
        return false;
    }
    size_t used = heap_used_bytes(view->heap);
    return address - first <= used && bytes <= used - (address - first);
}

bool field_read(const FieldView *view, uintptr_t address, void *out, size_t bytes)
{
    uint64_t offset;
    if (view->read) {
        return view->read(view->with, address, out, bytes);
    }
    if (!is_in_heap(view, address, bytes)) {
        const ReflectVariable *variable = reflect_variable_at(view->table, address, &offset);
        if (!variable || bytes > variable->bytes - offset) {
            return false;
        }
    }
    memcpy(out, (const void *)address, bytes);
    return true;
}

uint64_t field_bytes(const FieldView *view, const Field *field)
{
    if (field->bit_size) {
        return (field->bit + field->bit_size + 7) / 8;
    }
    uint64_t bytes = type_of(view, field->type)->bytes;
    return field->count ? bytes * field->count : bytes;
}

bool field_pointer(const FieldView *view, const Field *field, uint64_t *value)
{
    const ReflectType *type = type_of(view, field->type);
    return type->kind == REFLECT_POINTER && type->bytes == POINTER_BYTES && field->count == 0
           && field_read(view, field->address, value, POINTER_BYTES);
}

// --------------------------------------------------------------------------------- types by tag

static bool ends_flexibly(const ReflectTable *table, const ReflectType *type)
{
    if (type->kind != REFLECT_STRUCT || type->member_count == 0) {
        return false;
    }
    const ReflectMember *last = &table->members[type->first_member + type->member_count - 1];
    const ReflectType *its = &table->types[last->type];
    return its->kind == REFLECT_ARRAY && its->count == 0;
}

// Exactly of that size, or, in an allocation that was made larger for its last member, smaller.
static uint32_t named_type(const ReflectTable *table, const char *name, size_t length,
                           uint64_t bytes)
{
    uint32_t nearly = 0;
    for (uint32_t i = 1; i < table->type_count; i++) {
        const ReflectType *type = &table->types[i];
        if (strncmp(type->name, name, length) == 0 && !type->name[length] && length > 0) {
            if (type->bytes == bytes) {
                return i;
            }
            nearly = type->bytes < bytes && ends_flexibly(table, type) ? i : nearly;
        }
    }
    for (uint32_t i = 0; i < table->alias_count; i++) {
        const ReflectAlias *alias = &table->aliases[i];
        if (strncmp(alias->name, name, length) == 0 && !alias->name[length]) {
            const ReflectType *type = &table->types[alias->type];
            if (type->bytes == bytes) {
                return alias->type;
            }
            nearly = type->bytes < bytes && ends_flexibly(table, type) ? alias->type : nearly;
        }
    }
    return nearly;
}

static bool is_named(const ReflectTable *table, uint32_t type, const char *name, size_t length)
{
    if (strncmp(table->types[type].name, name, length) == 0 && !table->types[type].name[length]) {
        return true;
    }
    for (uint32_t i = 0; i < table->alias_count; i++) {
        const ReflectAlias *alias = &table->aliases[i];
        if (alias->type == type && strncmp(alias->name, name, length) == 0
            && !alias->name[length]) {
            return true;
        }
    }
    return false;
}

uint32_t field_tag_type(const ReflectTable *table, const char *tag, uint64_t element_bytes)
{
    static const char *const WORDS[] = {"const ", "struct ", "union ", "enum "};
    for (size_t i = 0; i < COUNT_OF(WORDS); i++) {
        size_t length = strlen(WORDS[i]);
        tag += strncmp(tag, WORDS[i], length) == 0 ? length : 0;
    }
    size_t length = strlen(tag);
    bool is_pointer = length > 0 && tag[length - 1] == '*';
    while (is_pointer && length > 0 && (tag[length - 1] == '*' || tag[length - 1] == ' ')) {
        length--;
    }
    if (!is_pointer) {
        return named_type(table, tag, length, element_bytes);
    }
    for (uint32_t i = 1; i < table->type_count && !strstr(tag, "**"); i++) {
        const ReflectType *type = &table->types[i];
        if (type->kind == REFLECT_POINTER && type->bytes == element_bytes
            && is_named(table, type->of, tag, length)) {
            return i;
        }
    }
    return 0;
}

// ---------------------------------------------------------------------------------- allocations

// What one walk over the heap knows: the types of the tags that it met, and how often it met them.
typedef struct Tag {
    const char *tag;
    uint64_t element_bytes;
    uint32_t type; // where tags are counted: the first of that name
    uint32_t count;
} Tag;

typedef struct Walk {
    const FieldView *view;
    HeapBlock block;
    Tag tags[TAGS_MAX]; // of the rest nothing is remembered
    uint32_t tag_count;
} Walk;

static uint32_t walk_type(Walk *walk)
{
    const HeapBlock *block = &walk->block;
    for (uint32_t i = 0; i < walk->tag_count; i++) {
        Tag *tag = &walk->tags[i];
        if (tag->tag == block->type && tag->element_bytes == block->element_bytes) {
            return tag->type;
        }
    }
    uint32_t type = field_tag_type(walk->view->table, block->type, block->element_bytes);
    if (walk->tag_count < TAGS_MAX) {
        walk->tags[walk->tag_count++] =
            (Tag){.tag = block->type, .element_bytes = block->element_bytes, .type = type};
    }
    return type;
}

static bool walk_next(Walk *walk, FieldBlock *out)
{
    if (!walk->view->heap || !heap_next(walk->view->heap, &walk->block)) {
        return false;
    }
    const HeapBlock *block = &walk->block;
    *out = (FieldBlock){.address = (uintptr_t)block->data,
                        .count = block->count,
                        .element_bytes = block->element_bytes,
                        .tag = block->type + (strncmp(block->type, "struct ", 7) == 0 ? 7 : 0)};
    return true;
}

// Which of its tag it is, and whether there are more.
static void count_tag(const FieldView *view, FieldBlock *block)
{
    Walk walk = {.view = view};
    FieldBlock other;
    uint32_t count = 0;
    while (walk_next(&walk, &other)) {
        if (strcmp(other.tag, block->tag) == 0) {
            block->nth = other.address == block->address ? count : block->nth;
            count++;
        }
    }
    block->is_only = count == 1;
}

static bool holds(const FieldBlock *block, uintptr_t address)
{
    uint64_t bytes = block->count * block->element_bytes;
    return address >= block->address && address - block->address < (bytes ? bytes : 1);
}

static bool search_index(const FieldView *view, uintptr_t address, FieldBlock *block)
{
    size_t low = SORTED_UP_TO(view->blocks, view->block_count, address, address);
    if (low == 0 || !holds(&view->blocks[low - 1], address)) {
        return false;
    }
    *block = view->blocks[low - 1];
    return true;
}

bool field_block_at(const FieldView *view, uintptr_t address, FieldBlock *block)
{
    if (view->blocks) {
        return search_index(view, address, block);
    }
    Walk walk = {.view = view};
    if (!is_in_heap(view, address, 1)) {
        return false;
    }
    while (walk_next(&walk, block) && block->address <= address) {
        if (holds(block, address)) {
            block->type = walk_type(&walk);
            count_tag(view, block);
            return true;
        }
    }
    return false;
}

bool field_next_block(const FieldView *view, size_t *cursor, FieldBlock *block)
{
    if (view->blocks) {
        if (*cursor == view->block_count) {
            return false;
        }
        *block = view->blocks[(*cursor)++];
        return true;
    }
    Walk walk = {.view = view};
    for (size_t i = 0; i <= *cursor; i++) {
        if (!walk_next(&walk, block)) {
            return false;
        }
    }
    ++*cursor;
    block->type = walk_type(&walk);
    count_tag(view, block);
    return true;
}

// Which of `tags` counts those that are called so. Nearly always the address says it.
static Tag *counter(Tag *tags, uint32_t *tag_count, const char *name)
{
    uint32_t at = 0, same = 0;
    while (at < *tag_count && tags[at].tag != name) {
        at++;
    }
    if (at == *tag_count) {
        while (same < at && strcmp(tags[same].tag, name) != 0) {
            same++;
        }
        tags[at] = (Tag){.tag = name, .type = same};
        ++*tag_count;
    }
    return &tags[tags[at].type];
}

static void number_blocks(FieldBlock *blocks, size_t count, Tag *tags)
{
    uint32_t tag_count = 0;
    for (size_t i = 0; i < count; i++) {
        blocks[i].nth = counter(tags, &tag_count, blocks[i].tag)->count++;
    }
    for (size_t i = 0; i < count; i++) {
        blocks[i].is_only = counter(tags, &tag_count, blocks[i].tag)->count == 1;
    }
}

void field_index(FieldView *view, Arena *arena)
{
    Walk walk = {.view = view};
    FieldBlock block, *blocks = NULL;
    size_t count = 0, used = arena->used_bytes;
    Tag *tags = arena_try_push(arena, sizeof(Tag), _Alignof(Tag), HEAP_TYPES_MAX + 1);
    while (tags && walk_next(&walk, &block)) {
        FieldBlock *room = arena_try_push(arena, sizeof(block), _Alignof(FieldBlock), 1);
        if (!room) {
            arena_reset(arena, used);
            return;
        }
        block.type = walk_type(&walk);
        *room = block;
        blocks = blocks ? blocks : room;
        count++;
    }
    if (blocks) {
        number_blocks(blocks, count, tags);
        view->blocks = blocks;
        view->block_count = count;
    }
}

Field field_of_block(const FieldBlock *block)
{
    return (Field){.type = block->type,
                   .address = block->address,
                   .count = block->count > 1 ? block->count : 0};
}

Field field_of_variable(const ReflectVariable *variable)
{
    return (Field){
        .type = variable->type, .address = variable->address, .is_const = variable->is_const};
}

// -------------------------------------------------------------------------------------- members

static bool find_member(const ReflectTable *table, uint32_t type, uint64_t *n, uint64_t offset_bits,
                        int depth, ReflectMember *out)
{
    const ReflectType *its = &table->types[type];
    for (uint32_t i = 0; i < its->member_count && depth < DEEP_MAX; i++) {
        const ReflectMember *member = &table->members[its->first_member + i];
        uint64_t at = offset_bits + member->offset_bits;
        if (!member->name[0]) {
            if (is_aggregate(&table->types[member->type])
                && find_member(table, member->type, n, at, depth + 1, out)) {
                return true;
            }
        } else if (--*n == 0) {
            *out = *member;
            out->offset_bits = at;
            return true;
        }
    }
    return false;
}

bool field_member(const ReflectTable *table, uint32_t type, uint64_t n, ReflectMember *member)
{
    uint64_t left = n + 1;
    return is_aggregate(&table->types[type]) && find_member(table, type, &left, 0, 0, member);
}

Field field_of_member(const Field *field, const ReflectMember *member)
{
    return (Field){.type = member->type,
                   .address = field->address + member->offset_bits / 8,
                   .bit = member->bit_size ? (uint32_t)(member->offset_bits % 8) : 0,
                   .bit_size = member->bit_size <= LONGEST_BIT_FIELD ? member->bit_size : 0,
                   .is_const = field->is_const};
}

// ------------------------------------------------------------------------------------- children

bool field_is_text(const FieldView *view, const Field *field)
{
    const ReflectType *type = type_of(view, field->type);
    if (field->count) {
        return type->is_char;
    }
    return type->kind == REFLECT_ARRAY && type_of(view, type->of)->is_char;
}

bool field_is_leaf(const FieldView *view, const Field *field)
{
    const ReflectType *type = type_of(view, field->type);
    return field_is_text(view, field)
           || (field->count == 0 && type->kind != REFLECT_ARRAY && !is_aggregate(type));
}

// Up to the end of what it lies in.
static uint64_t flexible_count(const FieldView *view, const Field *field, uint64_t element_bytes)
{
    FieldBlock block;
    uint64_t offset;
    if (element_bytes == 0) {
        return 0;
    }
    if (field_block_at(view, field->address, &block)) {
        uint64_t end = block.address + block.count * block.element_bytes;
        return (end - field->address) / element_bytes;
    }
    const ReflectVariable *variable = reflect_variable_at(view->table, field->address, &offset);
    return variable ? (variable->bytes - offset) / element_bytes : 0;
}

static uint64_t member_count(const ReflectTable *table, uint32_t type, int depth)
{
    const ReflectType *its = &table->types[type];
    uint64_t count = 0;
    for (uint32_t i = 0; i < its->member_count && depth < DEEP_MAX; i++) {
        const ReflectMember *member = &table->members[its->first_member + i];
        bool is_inside = !member->name[0] && is_aggregate(&table->types[member->type]);
        count += is_inside ? member_count(table, member->type, depth + 1) : member->name[0] != 0;
    }
    return count;
}

uint64_t field_child_count(const FieldView *view, const Field *field)
{
    const ReflectType *type = type_of(view, field->type);
    uint64_t value;
    Field target;
    if (field->count) {
        return field->count;
    }
    switch (type->kind) {
    case REFLECT_STRUCT:
    case REFLECT_UNION:
        return member_count(view->table, field->type, 0);
    case REFLECT_ARRAY:
        return type->count ? type->count
                           : flexible_count(view, field, type_of(view, type->of)->bytes);
    case REFLECT_POINTER:
        return field_pointer(view, field, &value) && field_target(view, value, type->of, &target);
    case REFLECT_UNKNOWN:
    case REFLECT_INTEGER:
    case REFLECT_FLOAT:
    case REFLECT_ENUM:
    case REFLECT_FUNCTION:
        return 0;
    }
    return 0;
}

bool field_target(const FieldView *view, uint64_t value, uint32_t want, Field *target)
{
    FieldBlock block;
    const ReflectType *type = type_of(view, want);
    bool is_alive = value && field_block_at(view, (uintptr_t)value, &block);
    if (type->kind == REFLECT_FUNCTION || value == 0) {
        return false;
    }
    if (want == 0 || type->bytes == 0) { // void *, or a struct that is only declared
        *target = is_alive ? field_of_block(&block) : (Field){0};
        return is_alive && block.address == value && block.type;
    }
    *target = (Field){.type = want, .address = (uintptr_t)value};
    if (is_alive) {
        return value - block.address + type->bytes <= block.count * block.element_bytes;
    }
    uint64_t offset;
    const ReflectVariable *variable = reflect_variable_at(view->table, (uintptr_t)value, &offset);
    target->is_const = variable && variable->is_const;
    return variable && type->bytes <= variable->bytes - offset;
}

static bool element(const FieldView *view, const Field *field, uint64_t n, Field *child, char *name,
                    size_t name_bytes)
{
    const ReflectType *type = type_of(view, field->type);
    uint32_t of = field->count ? field->type : type->of;
    (void)text_format(name, name_bytes, "[%llu]", (unsigned long long)n);
    *child = (Field){.type = of,
                     .address = field->address + n * type_of(view, of)->bytes,
                     .is_const = field->is_const};
    return n < field_child_count(view, field);
}

bool field_child(const FieldView *view, const Field *field, uint64_t n, Field *child, char *name,
                 size_t name_bytes)
{
    const ReflectType *type = type_of(view, field->type);
    ReflectMember member;
    uint64_t value;
    if (field->count || type->kind == REFLECT_ARRAY) {
        return element(view, field, n, child, name, name_bytes);
    }
    if (type->kind == REFLECT_POINTER) {
        (void)text_format(name, name_bytes, "*");
        return n == 0 && field_pointer(view, field, &value)
               && field_target(view, value, type->of, child);
    }
    if (!field_member(view->table, field->type, n, &member)) {
        return false;
    }
    (void)text_format(name, name_bytes, "%s", member.name);
    *child = field_of_member(field, &member);
    return true;
}

void field_join(const char *path, const char *name, char *out, size_t out_bytes)
{
    bool is_joined = name[0] == '[' || !path[0];
    if (strcmp(name, "*") == 0) {
        (void)text_format(out, out_bytes, "%s[0]", path);
    } else {
        (void)text_format(out, out_bytes, "%s%s%s", path, is_joined ? "" : ".", name);
    }
}

// ---------------------------------------------------------------------------------------- roots

static bool next_variable(const FieldView *view, uint64_t *cursor, Field *field, char *name,
                          size_t name_bytes)
{
    while (*cursor - 1 < view->table->variable_count) {
        const ReflectVariable *variable = &view->table->variables[*cursor - 1];
        ++*cursor;
        if (variable->address && !variable->is_const && variable->type) {
            *field = field_of_variable(variable);
            field_variable_name(view, variable, name, name_bytes);
            return true;
        }
    }
    return false;
}

static bool next_allocation(const FieldView *view, uint64_t *cursor, Field *field, char *name,
                            size_t name_bytes)
{
    size_t at = (size_t)(*cursor - view->table->variable_count - 1);
    FieldBlock block;
    while (field_next_block(view, &at, &block)) {
        *cursor = at + view->table->variable_count + 1;
        if (view->root_type && block.address == view->root) {
            continue;
        }
        *field = field_of_block(&block);
        if (block.is_only) {
            (void)text_format(name, name_bytes, "%s", block.tag);
        } else {
            (void)text_format(name, name_bytes, "%s#%u", block.tag, block.nth);
        }
        return true;
    }
    return false;
}

bool field_next_root(const FieldView *view, uint64_t *cursor, FieldRoot *kind, Field *field,
                     char *name, size_t name_bytes)
{
    if (*cursor == 0) {
        ++*cursor;
        if (view->root_type) {
            *kind = FIELD_STATE;
            *field = (Field){.type = view->root_type, .address = view->root};
            name[0] = '\0';
            return true;
        }
    }
    *kind = FIELD_VARIABLE;
    if (next_variable(view, cursor, field, name, name_bytes)) {
        return true;
    }
    *kind = FIELD_ALLOCATION;
    return next_allocation(view, cursor, field, name, name_bytes);
}
