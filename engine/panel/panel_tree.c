// What there is: variables by file, allocations by type, and in each of them what field knows.
#include "panel_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    INDEX_SHARE = 100,      // of the time between two looks at all allocations, it takes one part
    INDEX_FREE_NS = 200000, // what is quicker than this is done every frame
};

const ReflectType *tree_type(const Tree *tree, uint32_t type)
{
    return reflect_type(tree->view.table, type);
}

// -------------------------------------------------------------------------------------- variables

static int compare_variables(const void *a, const void *b)
{
    const TreeVariable *left = a, *right = b;
    int order = strcmp(left->unit, right->unit);
    return order ? order : strcmp(left->name, right->name);
}

static const char *file_name(const char *unit)
{
    const char *slash = strrchr(unit, '/');
    return slash ? slash + 1 : unit;
}

static void list_files(Tree *tree)
{
    tree->files =
        arena_push(&tree->variable_memory, sizeof(TreeFile), 8, tree->variable_count + 1u);
    tree->file_count = 0;
    for (uint32_t i = 0; i < tree->variable_count; i++) {
        const TreeVariable *variable = &tree->variables[i];
        if (i == 0 || strcmp(variable->unit, variable[-1].unit) != 0) {
            tree->files[tree->file_count++] =
                (TreeFile){.name = file_name(variable->unit), .first = i};
        }
        tree->files[tree->file_count - 1].count++;
    }
}

// Those of a build stay where they are, under the same names.
static void list_variables(Tree *tree)
{
    const FieldView *view = &tree->view;
    Arena *arena = &tree->variable_memory;
    uint64_t cursor = 0;
    FieldRoot kind;
    Field field;
    char name[FIELD_NAME_MAX];
    arena_reset(arena, 0);
    tree->variables = arena_push(arena, sizeof(TreeVariable), 8, view->table->variable_count + 1u);
    tree->variable_count = 0;
    while (field_next_root(view, &cursor, &kind, &field, name, sizeof(name))
           && kind != FIELD_ALLOCATION) {
        uint64_t offset;
        const ReflectVariable *variable = reflect_variable_at(view->table, field.address, &offset);
        if (kind == FIELD_VARIABLE && variable) {
            tree->variables[tree->variable_count++] = (TreeVariable){
                .field = field, .name = arena_copy_text(arena, name), .unit = variable->unit};
        }
    }
    qsort(tree->variables, tree->variable_count, sizeof(TreeVariable), compare_variables);
    list_files(tree);
    tree->table = view->table;
}

// ------------------------------------------------------------------------------------ allocations

static TreeTag *tag_of(Tree *tree, const char *name)
{
    uint32_t at = 0;
    while (at < tree->tag_count && tree->tags[at].name != name) {
        at++;
    }
    for (uint32_t i = 0; at == tree->tag_count && i < tree->tag_count; i++) {
        at = strcmp(tree->tags[i].name, name) == 0 ? i : at;
    }
    if (at == tree->tag_count) {
        tree->tags[tree->tag_count++] = (TreeTag){.name = name};
    }
    return &tree->tags[at];
}

static bool is_root(const Tree *tree, const FieldBlock *block)
{
    return tree->view.root_type && block->address == tree->view.root;
}

static void group_blocks(Tree *tree)
{
    Arena *arena = &tree->block_memory;
    size_t count = tree->view.block_count;
    uint32_t first = 0;
    tree->tags = arena_push(arena, sizeof(TreeTag), 8, HEAP_TYPES_MAX + 1);
    tree->order = arena_push(arena, sizeof(uint32_t), 4, count + 1);
    tree->tag_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (!is_root(tree, &tree->view.blocks[i])) {
            tag_of(tree, tree->view.blocks[i].tag)->count++;
        }
    }
    for (uint32_t i = 0; i < tree->tag_count; i++) {
        tree->tags[i].first = first;
        first += tree->tags[i].count;
        tree->tags[i].count = 0;
    }
    for (size_t i = 0; i < count; i++) {
        const FieldBlock *block = &tree->view.blocks[i];
        if (!is_root(tree, block)) {
            TreeTag *tag = tag_of(tree, block->tag);
            tree->order[tag->first + tag->count++] = (uint32_t)i;
            tag->elements += block->count;
            tag->bytes += block->count * block->element_bytes;
        }
    }
}

static bool is_due(const Tree *tree, const PanelView *view, bool is_same_build)
{
    if (!tree->has_index || !is_same_build || view->live->generation != tree->indexed_generation) {
        return true;
    }
    uint64_t pause_ns = tree->index_cost_ns < INDEX_FREE_NS ? 0 : tree->index_cost_ns * INDEX_SHARE;
    return view->live->moment != tree->indexed_moment
           && view->now_ns - tree->indexed_ns >= pause_ns;
}

static void list_blocks(Tree *tree, const PanelView *view)
{
    uint64_t from_ns = mono_ns();
    arena_reset(&tree->block_memory, 0);
    tree->view.blocks = NULL;
    tree->view.block_count = 0;
    field_index(&tree->view, &tree->block_memory);
    group_blocks(tree);
    tree->has_index = true;
    tree->indexed_generation = view->live->generation;
    tree->indexed_moment = view->live->moment;
    tree->indexed_ns = view->now_ns;
    tree->index_cost_ns = mono_ns() - from_ns;
}

void tree_begin(Tree *tree, const PanelView *view)
{
    const FieldBlock *blocks = tree->view.blocks;
    size_t count = tree->view.block_count;
    bool is_same = tree->table == view->fields->table;
    tree->view = *view->fields;
    if (is_due(tree, view, is_same)) {
        if (!tree->block_memory.base
            && (!arena_open(&tree->block_memory, 0, 8ull << 30, NULL)
                || !arena_open(&tree->variable_memory, 0, 256u << 20, NULL))) {
            tree->tag_count = tree->file_count = 0;
            return;
        }
        list_blocks(tree, view);
    } else {
        tree->view.blocks = blocks;
        tree->view.block_count = count;
    }
    if (!is_same) {
        list_variables(tree);
    }
}

void tree_close(Tree *tree)
{
    arena_close(&tree->block_memory);
    arena_close(&tree->variable_memory);
}

// ------------------------------------------------------------------------------------ what is in
// it

void tree_all(Item *all)
{
    *all = (Item){.kind = ITEM_ALL};
}

// A pointer's parts are those of what it points to, unless that is a single value.
static bool is_passed(const Tree *tree, const Field *field, Field *target)
{
    char name[FIELD_NAME_MAX];
    return field->count == 0 && tree_type(tree, field->type)->kind == REFLECT_POINTER
           && field_child(&tree->view, field, 0, target, name, sizeof(name))
           && !field_is_leaf(&tree->view, target);
}

uint64_t tree_count(const Tree *tree, const Item *item)
{
    Field target;
    switch (item->kind) {
    case ITEM_ALL:
        return (tree->view.root_type != 0) + (uint64_t)tree->file_count + tree->tag_count;
    case ITEM_FILE:
        return tree->files[item->index].count;
    case ITEM_TAG:
        return tree->tags[item->index].count;
    case ITEM_FIELD:
        break;
    default:
        return 0;
    }
    const ReflectType *type = tree_type(tree, item->field.type);
    bool is_leaf = field_is_leaf(&tree->view, &item->field);
    if (is_leaf && (type->kind != REFLECT_POINTER || tree_type(tree, type->of)->is_char)) {
        return 0; // numbers, and texts however they are kept
    }
    return field_child_count(&tree->view,
                             is_passed(tree, &item->field, &target) ? &target : &item->field);
}

static bool top_child(const Tree *tree, uint64_t n, Item *child)
{
    bool has_root = tree->view.root_type != 0;
    if (has_root && n == 0) {
        child->kind = ITEM_FIELD;
        child->field = (Field){.type = tree->view.root_type, .address = tree->view.root};
        (void)text_format(child->name, sizeof(child->name), "%s",
                          tree_type(tree, tree->view.root_type)->name);
        return true;
    }
    n -= has_root;
    bool is_file = n < tree->file_count;
    child->kind = is_file ? ITEM_FILE : ITEM_TAG;
    child->index = (uint32_t)(is_file ? n : n - tree->file_count);
    if (!is_file && child->index >= tree->tag_count) {
        return false;
    }
    (void)text_format(child->name, sizeof(child->name), "%s",
                      is_file ? tree->files[child->index].name : tree->tags[child->index].name);
    return true;
}

static bool file_child(const Tree *tree, const TreeFile *file, uint64_t n, Item *child)
{
    if (n >= file->count) {
        return false;
    }
    const TreeVariable *variable = &tree->variables[file->first + n];
    const char *colon = strrchr(variable->name, ':');
    child->kind = ITEM_FIELD;
    child->field = variable->field;
    (void)text_format(child->path, sizeof(child->path), "%s", variable->name);
    (void)text_format(child->name, sizeof(child->name), "%s", colon ? colon + 1 : variable->name);
    return true;
}

static bool tag_child(const Tree *tree, const TreeTag *tag, uint64_t n, Item *child)
{
    if (n >= tag->count) {
        return false;
    }
    const FieldBlock *block = &tree->view.blocks[tree->order[tag->first + n]];
    child->kind = ITEM_FIELD;
    child->field = (Field){.type = block->type,
                           .address = block->address,
                           .count = block->count > 1 ? block->count : 0};
    (void)text_format(child->path, sizeof(child->path), block->is_only ? "%s" : "%s#%u", block->tag,
                      block->nth);
    (void)text_format(child->name, sizeof(child->name), "%s", child->path);
    return true;
}

bool tree_child(const Tree *tree, const Item *item, uint64_t n, Item *child)
{
    Field target;
    char name[FIELD_NAME_MAX];
    child->index = 0;
    child->path[0] = '\0';
    if (item->kind == ITEM_ALL) {
        return top_child(tree, n, child);
    }
    if (item->kind != ITEM_FIELD) {
        return item->kind == ITEM_FILE ? file_child(tree, &tree->files[item->index], n, child)
                                       : tag_child(tree, &tree->tags[item->index], n, child);
    }
    bool passed = is_passed(tree, &item->field, &target);
    child->kind = ITEM_FIELD;
    if (!field_child(&tree->view, passed ? &target : &item->field, n, &child->field, name,
                     sizeof(name))) {
        return false;
    }
    (void)text_format(child->name, sizeof(child->name), "%s", name);
    if (passed && name[0] != '[') {
        (void)text_format(child->path, sizeof(child->path), "%s->%s", item->path, name);
    } else if (passed) { // an element of an array behind it
        (void)text_format(child->path, sizeof(child->path), "%s[0]%s", item->path, name);
    } else {
        field_join(item->path, name, child->path, sizeof(child->path));
    }
    return true;
}

bool tree_find(const Tree *tree, const char *path, Item *item)
{
    Fault ignored;
    item->kind = ITEM_FIELD;
    item->index = 0;
    (void)text_format(item->path, sizeof(item->path), "%s", path);
    (void)text_format(item->name, sizeof(item->name), "%s", path);
    return field_find(&tree->view, path, &item->field, &ignored);
}
