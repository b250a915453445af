// The tree of everything. Only what is unfolded has a node, and of the rows only those that are
// seen are made, so an array of a million elements costs what a screen of them costs.
#include "panel_parts.h"

#include <stdio.h>
#include <string.h>

// Contents: nodes, rows of this frame, parts of the panel.

enum { SIBLINGS_MAX = 4096, DEEP_MAX = 64 };
static const float INSET = 11; // of a level

// ------------------------------------------------------------------------------------------ nodes

void panel_inspector_open(Inspector *inspector, Arena *memory)
{
    (void)arena_open(&inspector->memory, 0, 64u << 20, NULL);
    inspector->seen = ARENA_NEW(memory, Seen, PANEL_SEEN_MAX);
    inspector->search = ARENA_NEW(memory, Search, 1);
    inspector->search->results = ARENA_NEW(memory, Result, PANEL_RESULTS_MAX);
    inspector->root = ARENA_NEW(memory, Node, 1);
    tree_all(&inspector->root->item);
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
    const Tree *tree = &inspector->tree;
    if (node->n < parent->count && tree_child(tree, &parent->item, node->n, &node->item)
        && name_hash(node->item.name) == node->name) {
        return true;
    }
    uint64_t most = parent->count < SIBLINGS_MAX ? parent->count : SIBLINGS_MAX;
    for (uint64_t n = 0; n < most; n++) {
        if (tree_child(tree, &parent->item, n, &node->item)
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
    node->count = tree_count(&inspector->tree, &node->item);
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
    Row row = {.inset_px = INSET * emit->panels->scale * (float)depth};
    if (!tree_child(&inspector->tree, &parent->item, n, &row.item)) {
        row.item = (Item){.kind = ITEM_FIELD, .name = "?"};
    }
    row.fold = is_open                                       ? UI_UNFOLDED
               : tree_count(&inspector->tree, &row.item) > 0 ? UI_FOLDED
                                                             : UI_LEAF;
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

static void put_tree(Panels *panels)
{
    Inspector *inspector = &panels->inspector;
    Ui *ui = panels->ui;
    Node *root = inspector->root;
    follow(inspector, root, 0);
    if (root->count > 0 && inspector->frame == 1 && inspector->tree.view.root_type) {
        Item state;
        if (tree_child(&inspector->tree, &root->item, 0, &state)) {
            turn(inspector, root, 0, &state); // what one came to see
            follow(inspector, root, 0);
        }
    }
    Emit emit = {.panels = panels};
    UiRows rows = ui_rows(ui, root->rows, ui_row_height(ui));
    while (ui_rows_next(ui, &rows)) {
        emit.first = rows.first;
        emit.end = rows.end;
        emit.at = 0;
        emit_rows(&emit, root, 0);
    }
    if (emit.turned_in) {
        turn(inspector, emit.turned_in, emit.turned, &emit.turned_item);
    }
}

static void put_path(Panels *panels, const char *path)
{
    Row row = {.is_flat = true, .fold = UI_LEAF};
    if (!tree_find(&panels->inspector.tree, path, &row.item)) {
        row.item.kind = ITEM_ALL; // it is not there at this moment
    }
    panel_row(panels, &row);
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
    UiRows rows = ui_rows(ui, search->count, ui_row_height(ui));
    while (ui_rows_next(ui, &rows)) {
        for (uint64_t i = rows.first; i < rows.end; i++) {
            put_path(panels, search->results[i].path);
        }
    }
    if (search->is_full) {
        ui_text(ui, UI_DIM, "and more: type more letters");
    }
}

static void put_pins(Panels *panels)
{
    Inspector *inspector = &panels->inspector;
    Ui *ui = panels->ui;
    char pins[PANEL_PINS_MAX][PANEL_PATH_MAX]; // one may be taken off meanwhile
    uint32_t count = inspector->pin_count;
    float height = (float)count * ui_row_height(ui), most = ui_room_y(ui) * 0.4f;
    if (count == 0) {
        return;
    }
    memcpy(pins, inspector->pins, count * sizeof(pins[0]));
    if (ui_child_begin(ui, "pins", 0, height < most ? height : most)) {
        set_columns(panels);
        for (uint32_t i = 0; i < count; i++) {
            put_path(panels, pins[i]);
        }
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
