// The tree of everything. Only what is unfolded has a node, and of the rows only those that are
// seen are made, so an array of a million elements costs what a screen of them costs.
#include "panel_parts.h"

#include <stdio.h>
#include <string.h>

// Contents: what is in what, nodes, rows of this frame, parts of the panel.

enum { SIBLINGS_MAX = 4096, DEEP_MAX = 64 };
static const float INSET = 11; // of a level

// ------------------------------------------------------------------------------- what is in what
//
// Three trees: everything, what was looked for, what is pinned. The last two begin with paths.

static const char *path_in(const Inspector *inspector, ItemKind list, uint64_t n)
{
    if (list == ITEM_FOUND) {
        return n < inspector->search->count ? inspector->search->results[n].path : NULL;
    }
    return n < inspector->pin_count ? inspector->pins[n] : NULL;
}

static uint64_t count_in(const Inspector *inspector, const Item *item)
{
    return item->kind == ITEM_FOUND    ? inspector->search->count
           : item->kind == ITEM_PINNED ? inspector->pin_count
                                       : tree_count(&inspector->tree, item);
}

static bool child_in(const Inspector *inspector, const Item *item, uint64_t n, Item *child)
{
    if (item->kind != ITEM_FOUND && item->kind != ITEM_PINNED) {
        return tree_child(&inspector->tree, item, n, child);
    }
    const char *path = path_in(inspector, item->kind, n);
    if (path && !tree_find(&inspector->tree, path, child)) {
        child->kind = ITEM_GONE;
    }
    return path != NULL;
}

// ------------------------------------------------------------------------------------------ nodes

static Node *new_root(Arena *memory, ItemKind kind)
{
    Node *root = ARENA_NEW(memory, Node, 1);
    root->item.kind = kind;
    return root;
}

void panel_inspector_open(Inspector *inspector, Arena *memory)
{
    (void)arena_open(&inspector->memory, 0, 64u << 20, NULL);
    inspector->seen = ARENA_NEW(memory, Seen, PANEL_SEEN_MAX);
    inspector->search = ARENA_NEW(memory, Search, 1);
    inspector->search->results = ARENA_NEW(memory, Result, PANEL_RESULTS_MAX);
    inspector->root = new_root(memory, ITEM_ALL);
    inspector->found = new_root(memory, ITEM_FOUND);
    inspector->pinned = new_root(memory, ITEM_PINNED);
}

static uint64_t name_hash(const char *name)
{
    return hash_bytes(name, strlen(name));
}

static Node *new_node(Inspector *inspector)
{
    Node *node = inspector->free_nodes;
    if (node) {
        inspector->free_nodes = node->next;
    } else if (inspector->node_count < PANEL_NODES_MAX && inspector->memory.base) {
        node = ARENA_NEW(&inspector->memory, Node, 1);
    } else {
        return NULL;
    }
    inspector->node_count++;
    *node = (Node){0};
    return node;
}

static void free_node(Inspector *inspector, Node *node)
{
    while (node->first) {
        Node *child = node->first;
        node->first = child->next;
        free_node(inspector, child);
    }
    node->next = inspector->free_nodes;
    inspector->free_nodes = node;
    inspector->node_count--;
}

static Node *find_node(const Node *parent, uint64_t n)
{
    Node *node = parent->first;
    while (node && node->n < n) {
        node = node->next;
    }
    return node && node->n == n ? node : NULL;
}

static void put_in(Node *parent, Node *node)
{
    Node **at = &parent->first;
    while (*at && (*at)->n < node->n) {
        at = &(*at)->next;
    }
    node->next = *at;
    *at = node;
}

static void turn(Inspector *inspector, Node *parent, uint64_t n, const Item *item)
{
    Node *node = find_node(parent, n);
    if (node) {
        Node **at = &parent->first;
        while (*at != node) {
            at = &(*at)->next;
        }
        *at = node->next;
        free_node(inspector, node);
        return;
    }
    node = new_node(inspector);
    if (node) {
        node->n = n;
        node->name = name_hash(item->name);
        node->item = *item;
        put_in(parent, node);
    }
}

// A build may have put members and variables elsewhere: they are known by their names.
static bool find_again(const Inspector *inspector, const Node *parent, Node *node)
{
    if (node->n < parent->count && child_in(inspector, &parent->item, node->n, &node->item)
        && name_hash(node->item.name) == node->name) {
        return true;
    }
    uint64_t most = parent->count < SIBLINGS_MAX ? parent->count : SIBLINGS_MAX;
    for (uint64_t n = 0; n < most; n++) {
        if (child_in(inspector, &parent->item, n, &node->item)
            && name_hash(node->item.name) == node->name) {
            node->n = n;
            return true;
        }
    }
    return false;
}

// Where everything is in this frame, and how many rows it has.
static void follow(Inspector *inspector, Node *node, int depth)
{
    Node *children = node->first;
    node->count = count_in(inspector, &node->item);
    node->rows = node->count;
    node->first = NULL;
    while (children) {
        Node *child = children;
        children = child->next;
        child->next = NULL;
        if (depth < DEEP_MAX && find_again(inspector, node, child) && !find_node(node, child->n)) {
            follow(inspector, child, depth + 1);
            node->rows += child->rows;
            put_in(node, child);
        } else {
            free_node(inspector, child);
        }
    }
}

// --------------------------------------------------------------------------- rows of this frame

typedef struct Emit {
    Panels *panels;
    uint64_t first, end; // rows that are seen
    uint64_t at;         // the next one
    Node *turned_in;     // what was clicked
    uint64_t turned;
    Item turned_item;
} Emit;

static void emit_row(Emit *emit, Node *parent, uint64_t n, int depth, bool is_open)
{
    Inspector *inspector = &emit->panels->inspector;
    Row row = {.inset_px = INSET * emit->panels->scale * (float)depth,
               .is_flat = parent->item.kind == ITEM_FOUND || parent->item.kind == ITEM_PINNED};
    if (!child_in(inspector, &parent->item, n, &row.item)) {
        if (row.is_flat) {
            return; // a pin that was taken off in a row above
        }
        row.item = (Item){.kind = ITEM_FIELD, .name = "?"};
    }
    row.fold = is_open ? UI_UNFOLDED : count_in(inspector, &row.item) > 0 ? UI_FOLDED : UI_LEAF;
    panel_row(emit->panels, &row);
    if (row.was_turned) {
        emit->turned_in = parent;
        emit->turned = n;
        emit->turned_item = row.item;
    }
}

// The children of `node` with all that is unfolded in them.
static void emit_rows(Emit *emit, Node *node, int depth)
{
    Node *open = node->first;
    for (uint64_t n = 0; n < node->count && emit->at < emit->end;) {
        uint64_t run = (open ? open->n : node->count) - n; // folded ones
        if (emit->at < emit->first) {
            uint64_t skipped = emit->first - emit->at < run ? emit->first - emit->at : run;
            emit->at += skipped;
            n += skipped;
            run -= skipped;
        }
        for (; run > 0 && emit->at < emit->end; run--, n++, emit->at++) {
            emit_row(emit, node, n, depth, false);
        }
        if (open && n == open->n && emit->at < emit->end) {
            if (emit->at >= emit->first) {
                emit_row(emit, node, n, depth, true);
            }
            emit->at++;
            n++;
            if (emit->at + open->rows <= emit->first) {
                emit->at += open->rows;
            } else {
                emit_rows(emit, open, depth + 1);
            }
            open = open->next;
        }
    }
}

// ------------------------------------------------------------------------------ parts of the panel

static void set_columns(Panels *panels)
{
    Inspector *inspector = &panels->inspector;
    float scale = panels->scale, room = ui_room_x(panels->ui) - 14 * scale; // for the pin
    inspector->type_px = room > 430 * scale ? room * 0.24f : 0;
    room -= inspector->type_px;
    inspector->name_px = room * 0.44f;
    inspector->value_px = room - inspector->name_px;
}

// All rows below `root`, which was followed in this frame.
static void put_rows(Panels *panels, Node *root)
{
    Ui *ui = panels->ui;
    Emit emit = {.panels = panels};
    UiRows rows = ui_rows(ui, root->rows, ui_row_height(ui));
    while (ui_rows_next(ui, &rows)) {
        emit.first = rows.first;
        emit.end = rows.end;
        emit.at = 0;
        emit_rows(&emit, root, 0);
    }
    if (emit.turned_in) {
        turn(&panels->inspector, emit.turned_in, emit.turned, &emit.turned_item);
    }
}

static void unfold_first(Inspector *inspector, Node *root)
{
    Item first;
    if (!root->first && child_in(inspector, &root->item, 0, &first)) {
        turn(inspector, root, 0, &first);
        follow(inspector, root, 0);
    }
}

static void put_tree(Panels *panels)
{
    Inspector *inspector = &panels->inspector;
    Node *root = inspector->root;
    follow(inspector, root, 0);
    if (root->count > 0 && inspector->frame == 1 && inspector->tree.view.root_type) {
        unfold_first(inspector, root); // the state: what one came to see
    }
    put_rows(panels, root);
}

static void put_results(Panels *panels)
{
    Inspector *inspector = &panels->inspector;
    Search *search = inspector->search;
    Ui *ui = panels->ui;
    search_step(search, &inspector->tree, inspector->query, panels->view->live->moment);
    if (search->count == 0) {
        ui_text(ui, UI_DIM, search->depth > 0 ? "looking ..." : "nothing is called that");
        return;
    }
    follow(inspector, inspector->found, 0);
    if (search_is_inside(search) && !search->is_opened) {
        search->is_opened = true;
        unfold_first(inspector, inspector->found);
    }
    put_rows(panels, inspector->found);
    if (search->is_full) {
        ui_text(ui, UI_DIM, "and more: type more letters");
    }
    if (search->is_part) {
        ui_text_wrapped(ui, UI_DIM, "Of long arrays the first are listed; NAME[777] finds one.");
    }
}

static void put_pins(Panels *panels)
{
    Inspector *inspector = &panels->inspector;
    Ui *ui = panels->ui;
    if (inspector->pin_count == 0) {
        return;
    }
    follow(inspector, inspector->pinned, 0);
    float height = (float)inspector->pinned->rows * ui_row_height(ui);
    float most = ui_room_y(ui) * 0.4f;
    if (ui_child_begin(ui, "pins", 0, height < most ? height : most)) {
        set_columns(panels);
        put_rows(panels, inspector->pinned);
    }
    ui_child_end(ui);
    ui_separator(ui);
}

void panel_inspector(Panels *panels)
{
    Inspector *inspector = &panels->inspector;
    const PanelView *view = panels->view;
    Ui *ui = panels->ui;
    if (!view->fields) {
        ui_text_wrapped(ui, UI_DIM, view->no_fields ? view->no_fields : "there is no game yet");
        return;
    }
    inspector->frame++;
    tree_begin(&inspector->tree, view);
    ui_next_width(ui, -1);
    (void)ui_input(ui, "##search", "search: names, types", inspector->query,
                   sizeof(inspector->query), NULL);
    ui_dense(ui, true);
    put_pins(panels);
    bool is_search = inspector->query[strspn(inspector->query, " ")] != '\0';
    if (ui_child_begin(ui, is_search ? "results" : "tree", 0, 0)) {
        set_columns(panels);
        if (is_search) {
            put_results(panels);
        } else {
            put_tree(panels);
        }
    }
    ui_child_end(ui);
    ui_dense(ui, false);
}
