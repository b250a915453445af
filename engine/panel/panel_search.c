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

// Where a pointer leads is found where that lies itself.
static void go_into(Search *search, const Tree *tree, const Item *item)
{
    bool is_leaf = item->kind == ITEM_FIELD && field_is_leaf(&tree->view, &item->field);
    if (is_leaf || search->depth == SEARCH_DEEP) {
        return;
    }
    uint64_t count = tree_count(tree, item);
    if (count > MANY && has_many_alike(tree, item)) {
        count = LIKE_MAX;
    }
    search->levels[search->depth++] = (SearchLevel){.item = *item, .count = count};
}

static void begin(Search *search, const Tree *tree, const char *query, uint64_t moment)
{
    Item item;
    (void)text_format(search->query, sizeof(search->query), "%s", query);
    search->table = tree->view.table;
    search->moment = moment;
    search->count = 0;
    search->depth = 0;
    search->is_full = false;
    search->has_begun = true;
    if (tree_find(tree, query, &item)) {
        keep(search, query);
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
