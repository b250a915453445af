// What was typed, looked for in the names and types of all that there is. A part of a frame at a
// time, so that it costs no frame however much there is; of large arrays only the first elements
// are looked into, as the others are called the same.
#include "panel_parts.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { STEP_NS = 800000, LIKE_MAX = 3, MANY = 12, CLOCK_EVERY = 32 };

bool panel_text_has(const char *text, const char *part)
{
    size_t length = strlen(part);
    for (; *text; text++) {
        size_t i = 0;
        while (i < length && tolower((unsigned char)text[i]) == tolower((unsigned char)part[i])) {
            i++;
        }
        if (i == length) {
            return true;
        }
    }
    return length == 0;
}

// All words of it, and one at least in its own name or type: else all that lies in a thing would be
// found with it.
static bool is_meant(const Tree *tree, const char *query, const Item *item)
{
    char type[160], word[PANEL_QUERY_MAX];
    bool is_own = false;
    field_type_text(&tree->view, &item->field, type, sizeof(type));
    while (*query) {
        size_t length = strcspn(query, " ");
        (void)text_format(word, sizeof(word), "%.*s", (int)length, query);
        query += length + (query[length] == ' ');
        if (!word[0]) {
            continue;
        }
        bool own = panel_text_has(item->name, word) || panel_text_has(type, word);
        is_own |= own;
        if (!own && !panel_text_has(item->path, word)) {
            return false;
        }
    }
    return is_own;
}

static void keep(Search *search, const char *path)
{
    if (search->count == PANEL_RESULTS_MAX) {
        search->is_full = true;
        search->depth = 0;
        return;
    }
    (void)text_format(search->results[search->count].path, PANEL_PATH_MAX, "%s", path);
    search->count++;
}

static bool has_many_alike(const Tree *tree, const Item *item)
{
    return item->kind == ITEM_TAG
           || (item->kind == ITEM_FIELD
               && (item->field.count > 0
                   || tree_type(tree, item->field.type)->kind == REFLECT_ARRAY));
}

static bool is_in_part(const Search *search)
{
    bool is_part = false;
    for (int i = 0; i < search->depth; i++) {
        is_part |= search->levels[i].is_part;
    }
    return is_part;
}

bool search_is_inside(const Search *search)
{
    size_t length = strlen(search->query);
    return length > 0 && search->count == 1
           && (search->query[length - 1] == '.' || search->query[length - 1] == '>');
}

// Where a pointer leads is found where that lies itself.
static void go_into(Search *search, const Tree *tree, const Item *item)
{
    bool is_leaf = item->kind == ITEM_FIELD && field_is_leaf(&tree->view, &item->field);
    if (is_leaf || search->depth == SEARCH_DEEP) {
        return;
    }
    uint64_t count = tree_count(tree, item);
    bool is_part = count > MANY && has_many_alike(tree, item);
    search->levels[search->depth++] =
        (SearchLevel){.item = *item, .count = is_part ? LIKE_MAX : count, .is_part = is_part};
}

// The field that is called that, also while one goes on to type what of it: "hero.", "hero->".
static bool find_typed(const Tree *tree, const char *query, char path[PANEL_QUERY_MAX])
{
    Item item;
    size_t length = strlen(query);
    length -= length > 1 && strcmp(query + length - 2, "->") == 0 ? 2 : 0;
    length -= length > 0 && query[length - 1] == '.';
    (void)text_format(path, PANEL_QUERY_MAX, "%.*s", (int)length, query);
    return tree_find(tree, path, &item);
}

static void begin(Search *search, const Tree *tree, const char *query, uint64_t moment)
{
    Item item;
    char path[PANEL_QUERY_MAX];
    (void)text_format(search->query, sizeof(search->query), "%s", query);
    search->table = tree->view.table;
    search->moment = moment;
    search->count = 0;
    search->depth = 0;
    search->is_full = search->is_part = search->is_opened = false;
    search->has_begun = true;
    if (find_typed(tree, query, path)) {
        keep(search, path);
    }
    tree_all(&item);
    go_into(search, tree, &item);
}

void search_step(Search *search, const Tree *tree, const char *query, uint64_t moment)
{
    if (!search->has_begun || strcmp(search->query, query) != 0
        || search->table != tree->view.table) {
        begin(search, tree, query, moment);
    }
    uint64_t until_ns = mono_ns() + STEP_NS;
    for (uint32_t i = 1; search->depth > 0; i++) {
        SearchLevel *level = &search->levels[search->depth - 1];
        Item item;
        if (level->next == level->count || !tree_child(tree, &level->item, level->next, &item)) {
            search->depth--;
            continue;
        }
        level->next++;
        bool is_exact = item.kind == ITEM_FIELD && strcmp(item.path, query) == 0;
        if (item.kind == ITEM_FIELD && item.path[0] && !is_exact && is_meant(tree, query, &item)) {
            search->is_part |= is_in_part(search);
            keep(search, item.path);
        }
        if (search->depth > 0) {
            go_into(search, tree, &item);
        }
        if (i % CLOCK_EVERY == 0 && mono_ns() > until_ns) {
            break;
        }
    }
}
