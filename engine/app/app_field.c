// `hotloop ctl get`, `set`, `tree` and `types`: the state by name. A reply holds the same twice: as
// JSON values for programs, and in "text" as lines for people, which is what a terminal shows.
#include "app.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Contents: what is written, get and set, tree, types.

enum {
    VALUE_MAX = 4096,    // letters of one value
    NODES_MAX = 20000,   // JSON values of one `get`
    ROWS_MAX = 400,      // of a tree
    CHILDREN_MAX = 64,   // of one node of a tree
    SAME_TAG_MAX = 4,    // allocations of one type in a tree of everything
    LINE_VALUE_MAX = 96, // letters of a value in a tree's line
    SHORT_MAX = 44,      // of one that needs no lines of its own
    DEPTH_DEFAULT = 2,   // 1 in a tree of everything
    DEPTH_MAX = 32,
    TYPES_MAX = 200 // rows
};

// ------------------------------------------------------------------------------ what is written

// The view, and memory for the time of a request.
typedef struct Looking {
    FieldView view;
    Arena arena;
    char *text; // lines so far, the last thing in the arena
    size_t length;
} Looking;

static json_t *begin(App *app, Looking *looking)
{
    Fault fault;
    *looking = (Looking){0};
    if (!live_fields(&app->live, &looking->view, &fault)
        || !arena_open(&looking->arena, 0, 8ull << 30, &fault)) {
        return app_failed("%s", fault.text);
    }
    field_index(&looking->view, &looking->arena);
    looking->text = arena_push(&looking->arena, 1, 1, 1);
    return NULL;
}

static void put(Looking *looking, const char *format, ...) BASE_PRINTF(2, 3);
static void put(Looking *looking, const char *format, ...)
{
    char text[VALUE_MAX + 2 * FIELD_NAME_MAX];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    size_t bytes = strlen(text);
    (void)arena_push(&looking->arena, 1, 1, bytes);
    memcpy(looking->text + looking->length, text, bytes + 1);
    looking->length += bytes;
}

// Ends a reply: the lines, and when it was.
static json_t *end(App *app, Looking *looking, json_t *reply)
{
    if (looking->length > 0 && looking->text[looking->length - 1] == '\n') {
        looking->text[--looking->length] = '\0';
    }
    if (reply) {
        char *clean = arena_push(&looking->arena, 1, 1, looking->length + 1);
        text_clean(clean, looking->length + 1, looking->text, true);
        json_object_set_new(reply, "text", json_string(clean));
        json_object_set_new(reply, "tick", json_integer((json_int_t)live_tick_number(&app->live)));
        json_object_set_new(reply, "moment", json_integer((json_int_t)app->live.moment));
    }
    arena_close(&looking->arena);
    return reply;
}

static json_t *refused(Looking *looking, const Fault *fault)
{
    arena_close(&looking->arena);
    return app_failed("%s", fault->text);
}

static const ReflectType *type_of(const Looking *looking, const Field *field)
{
    return &looking->view.table->types[field->type];
}

static json_t *number_value(const ReflectType *type, const char *text)
{
    char *rest;
    if (type->is_bool) {
        return json_boolean(strcmp(text, "false") != 0);
    }
    if (type->kind == REFLECT_INTEGER && !type->is_char) {
        long long whole = strtoll(text, &rest, 0); // a colour is written as 0xrrggbbaa
        return *rest == '\0' && (whole != INT64_MAX) ? json_integer(whole) : app_text(text);
    }
    double real = strtod(text, &rest);
    return type->kind == REFLECT_FLOAT && isfinite(real) ? json_real(real) : app_text(text);
}

// A char array up to its end.
static json_t *letters_of(const Looking *looking, const Field *field)
{
    char text[VALUE_MAX];
    uint64_t bytes = field_bytes(&looking->view, field);
    bytes = bytes < sizeof(text) - 1 ? bytes : sizeof(text) - 1;
    text[bytes] = '\0';
    return field_read(&looking->view, field->address, text, (size_t)bytes) ? app_text(text)
                                                                           : json_null();
}

// As JSON says it: pointers, enumerators and what is no number in JSON as their text.
static json_t *value_of(const Looking *looking, const Field *field, int *left)
{
    char text[VALUE_MAX], name[FIELD_NAME_MAX];
    const ReflectType *type = type_of(looking, field);
    Field child;
    if (--*left < 0) {
        return json_string("...");
    }
    field_text(&looking->view, field, text, sizeof(text));
    if (field_is_leaf(&looking->view, field)) {
        if (type->kind == REFLECT_ARRAY || field->count) {
            return letters_of(looking, field);
        }
        return strcmp(text, "NULL") == 0 ? json_null() : number_value(type, text);
    }
    bool has_names = field->count == 0 && type->kind != REFLECT_ARRAY;
    json_t *all = has_names ? json_object() : json_array();
    for (uint64_t n = 0;
         *left > 0 && field_child(&looking->view, field, n, &child, name, sizeof(name)); n++) {
        json_t *value = value_of(looking, &child, left);
        if (has_names) {
            json_object_set_new(all, name, value);
        } else {
            json_array_append_new(all, value);
        }
    }
    return all;
}

// ---------------------------------------------------------------------------------- get and set

static json_t *field_row(const Looking *looking, const char *path, const Field *field, char *text)
{
    char type[200];
    int left = NODES_MAX;
    field_type_text(&looking->view, field, type, sizeof(type));
    field_text(&looking->view, field, text, VALUE_MAX);
    return json_pack("{s:o,s:o,s:o,s:o,s:I}", "path", app_text(path), "type", app_text(type),
                     "value", value_of(looking, field, &left), "text", app_text(text), "bytes",
                     (json_int_t)field_bytes(&looking->view, field));
}

json_t *app_ctl_get(App *app, const ControlRequest *request)
{
    Looking looking;
    char text[VALUE_MAX];
    if (request->argc < 2) {
        return app_failed("get: expected a path, such as hero.pos.x, mobs[3].hp or score; `tree` "
                          "shows what there is");
    }
    json_t *failed = begin(app, &looking), *rows = json_array();
    for (int i = 1; i < request->argc && !failed; i++) {
        Field field;
        Fault fault;
        if (!field_find(&looking.view, request->argv[i], &field, &fault)) {
            json_decref(rows);
            return refused(&looking, &fault);
        }
        json_array_append_new(rows, field_row(&looking, request->argv[i], &field, text));
        if (request->argc == 2) {
            put(&looking, "%s", text);
        } else {
            put(&looking, "%s = %s\n", request->argv[i], text);
        }
    }
    if (failed) {
        json_decref(rows);
        return failed;
    }
    json_t *reply = json_pack("{s:b,s:O}", "ok", 1, "fields", rows);
    if (request->argc == 2) { // one is the reply itself, too
        json_object_update(reply, json_array_get(rows, 0));
    }
    json_decref(rows);
    return end(app, &looking, reply);
}

void app_field_value(App *app, const char *path, char *text, size_t text_bytes)
{
    FieldView view;
    Field field;
    Fault ignored;
    text[0] = '\0';
    if (live_fields(&app->live, &view, &ignored) && field_find(&view, path, &field, &ignored)) {
        field_text(&view, &field, text, text_bytes);
    }
}

void app_report_edit(App *app, const char *path, const char *was)
{
    char now[VALUE_MAX], text[VALUE_MAX * 2];
    app_field_value(app, path, now, sizeof(now));
    (void)text_format(text, sizeof(text), "%s = %s", path, now);
    app_mark(app, INSPECT_MARK_EDIT, text);
    events_put(&app->events, "edit", live_tick_number(&app->live),
               json_pack("{s:o,s:o,s:o,s:I}", "path", app_text(path), "was", app_text(was), "value",
                         app_text(now), "moment", (json_int_t)app->live.moment));
}

json_t *app_ctl_set(App *app, const ControlRequest *request)
{
    char was[VALUE_MAX], now[VALUE_MAX];
    LiveTick did;
    Fault fault;
    if (request->argc != 3) {
        return app_failed("set: expected a path and a value: `set hero.hp 5`; one with blanks in "
                          "quotes");
    }
    const char *path = request->argv[1];
    app_field_value(app, path, was, sizeof(was));
    if (!live_edit(&app->live, path, request->argv[2], &did, &fault)) {
        return app_failed("%s", fault.text);
    }
    app_field_value(app, path, now, sizeof(now));
    if (did.forked) {
        app_report_ticked(app, &did);
    }
    app_report_edit(app, path, was);
    app_note(app, LOG_INFO, "%s = %s (it was %s)", path, now, was);
    char text[3 * VALUE_MAX];
    (void)text_format(text, sizeof(text), "%s = %s (it was %s)", path, now, was);
    json_t *reply = app_done(app);
    json_object_update_new(reply, json_pack("{s:o,s:o,s:o,s:o}", "path", app_text(path), "was",
                                            app_text(was), "value", app_text(now), "text",
                                            app_text(text)));
    return reply;
}

// ----------------------------------------------------------------------------------------- tree

typedef struct Tree {
    Looking looking;
    json_t *rows;
    size_t count;
    uint64_t left_out;
    uint64_t depth; // levels below the first row
} Tree;

// False: there is no room for more rows.
static bool add_row(Tree *tree, uint64_t level, const char *path, const char *name,
                    const Field *field, bool has_value)
{
    char type[200], text[LINE_VALUE_MAX] = "";
    if (tree->count == ROWS_MAX) {
        tree->left_out++;
        return false;
    }
    tree->count++;
    field_type_text(&tree->looking.view, field, type, sizeof(type));
    if (has_value) {
        field_text(&tree->looking.view, field, text, sizeof(text));
    }
    put(&tree->looking, "%*s%s%s%s  (%s)\n", (int)level * 2, "", name, has_value ? " = " : "", text,
        type);
    json_t *row = json_pack("{s:o,s:o,s:o,s:I,s:I}", "path", app_text(path), "name", app_text(name),
                            "type", app_text(type), "level", (json_int_t)level, "children",
                            (json_int_t)field_child_count(&tree->looking.view, field));
    if (has_value) {
        json_object_set_new(row, "text", app_text(text));
    }
    json_array_append_new(tree->rows, row);
    return true;
}

static void say_more(Tree *tree, uint64_t level, uint64_t count, const char *of)
{
    tree->left_out += count;
    put(&tree->looking, "%*s... %llu more%s%s\n", (int)level * 2, "", (unsigned long long)count,
        of[0] ? " of " : "", of);
}

// Where a pointer leads is shown when it was asked for, and not else: lists have no end.
static bool has_parts(const Tree *tree, const Field *field, bool is_asked)
{
    bool is_pointer = type_of(&tree->looking, field)->kind == REFLECT_POINTER && field->count == 0;
    return (is_pointer ? is_asked : !field_is_leaf(&tree->looking.view, field))
           && field_child_count(&tree->looking.view, field) > 0;
}

// What fits into a line needs no others.
static bool is_short(const Tree *tree, const Field *field)
{
    char text[SHORT_MAX + 4];
    field_text(&tree->looking.view, field, text, sizeof(text));
    return strlen(text) <= SHORT_MAX && !strstr(text, "...");
}

// `name` NULL: only what is in it, on that level.
static void grow(Tree *tree, uint64_t level, const char *path, const char *name, const Field *field,
                 bool is_asked)
{
    Field child;
    char part[FIELD_NAME_MAX], below[FIELD_NAME_MAX];
    bool goes_on = level < tree->depth + !name && has_parts(tree, field, is_asked)
                   && (is_asked || !is_short(tree, field));
    if (name && !add_row(tree, level, path, name, field, !goes_on || is_asked)) {
        return;
    }
    if (!goes_on) {
        return;
    }
    uint64_t count = field_child_count(&tree->looking.view, field);
    uint64_t shown = count <= CHILDREN_MAX ? count : CHILDREN_MAX;
    for (uint64_t n = 0; n < shown && tree->count < ROWS_MAX
                         && field_child(&tree->looking.view, field, n, &child, part, sizeof(part));
         n++) {
        field_join(path, part, below, sizeof(below));
        grow(tree, name ? level + 1 : level, below, part, &child, false);
    }
    if (count > shown) {
        say_more(tree, name ? level + 1 : level, count - shown, "");
    }
}

static void grow_variables(Tree *tree, uint64_t *cursor, FieldRoot *kind, Field *field, char *name)
{
    const FieldView *view = &tree->looking.view;
    bool there = true, is_first = true;
    while (there && *kind == FIELD_VARIABLE) {
        put(&tree->looking, "%s", is_first ? "variables\n" : "");
        is_first = false;
        grow(tree, 1, name, name, field, false);
        there = field_next_root(view, cursor, kind, field, name, FIELD_NAME_MAX);
    }
    *kind = there ? *kind : FIELD_STATE; // nothing is left
}

// A few of each type, and how many more there are.
static void grow_allocations(Tree *tree)
{
    const FieldView *view = &tree->looking.view;
    FieldBlock block;
    bool is_first = true;
    for (size_t cursor = 0; field_next_block(view, &cursor, &block);) {
        char name[FIELD_NAME_MAX];
        Field field = {.type = block.type,
                       .address = block.address,
                       .count = block.count > 1 ? block.count : 0};
        if (block.address == view->root || block.nth >= SAME_TAG_MAX) {
            continue;
        }
        put(&tree->looking, "%s", is_first ? "allocations\n" : "");
        is_first = false;
        (void)text_format(name, sizeof(name), block.is_only ? "%s" : "%s#%u", block.tag, block.nth);
        if (block.type) {
            grow(tree, 1, name, name, &field, false);
        }
        if (block.nth == SAME_TAG_MAX - 1) {
            uint64_t all = 0;
            FieldBlock other;
            for (size_t i = 0; field_next_block(view, &i, &other);) {
                all += strcmp(other.tag, block.tag) == 0;
            }
            if (all > SAME_TAG_MAX) {
                say_more(tree, 1, all - SAME_TAG_MAX, block.tag);
            }
        }
    }
}

// Its members are on level 1, of which there are always some.
static void grow_all(Tree *tree)
{
    tree->depth += tree->depth == 0;
    const FieldView *view = &tree->looking.view;
    uint64_t cursor = 0;
    FieldRoot kind;
    Field field;
    char name[FIELD_NAME_MAX];
    while (field_next_root(view, &cursor, &kind, &field, name, sizeof(name))) {
        if (kind == FIELD_STATE) {
            put(&tree->looking, "%s\n", view->table->types[field.type].name);
            grow(tree, 1, "", NULL, &field, true);
        } else if (kind == FIELD_VARIABLE) {
            grow_variables(tree, &cursor, &kind, &field, name);
            break;
        } else {
            break;
        }
    }
    grow_allocations(tree);
}

// PATH and --depth N, in any order. NULL: fine.
static json_t *take_tree_words(const ControlRequest *request, const char **path, uint64_t *depth,
                               bool *has_depth)
{
    *path = NULL;
    *has_depth = false;
    *depth = DEPTH_DEFAULT;
    for (int i = 1; i < request->argc; i++) {
        if (strcmp(request->argv[i], "--depth") == 0) {
            i++;
            *has_depth = true;
            if (i >= request->argc || !text_to_u64(request->argv[i], 0, DEPTH_MAX, depth)) {
                return app_failed("tree --depth: expected a whole number from 0 to %d", DEPTH_MAX);
            }
        } else if (*path) {
            return app_failed("tree: one path at a time, and %s came first", *path);
        } else {
            *path = request->argv[i];
        }
    }
    return NULL;
}

json_t *app_ctl_tree(App *app, const ControlRequest *request)
{
    Tree tree = {0};
    const char *path;
    Field field;
    Fault fault;
    bool has_depth;
    json_t *failed = take_tree_words(request, &path, &tree.depth, &has_depth);
    failed = failed ? failed : begin(app, &tree.looking);
    if (failed) {
        return failed;
    }
    tree.depth = has_depth || path ? tree.depth : 1;
    if (path && !field_find(&tree.looking.view, path, &field, &fault)) {
        return refused(&tree.looking, &fault);
    }
    tree.rows = json_array();
    if (path) {
        grow(&tree, 0, path, path, &field, true);
    } else {
        grow_all(&tree);
    }
    if (tree.count == ROWS_MAX) {
        put(&tree.looking, "... and more: `tree PATH` shows a part, --depth N fewer levels\n");
    }
    return end(app, &tree.looking,
               json_pack("{s:b,s:o,s:I,s:b}", "ok", 1, "rows", tree.rows, "more",
                         (json_int_t)tree.left_out, "cut", tree.count == ROWS_MAX));
}

// ---------------------------------------------------------------------------------------- types

typedef struct TypeRow {
    uint32_t type;
    uint64_t allocations, elements, live_bytes;
} TypeRow;

static bool is_shown(const ReflectType *type)
{
    return type->name[0]
           && (type->kind == REFLECT_STRUCT || type->kind == REFLECT_UNION
               || type->kind == REFLECT_ENUM);
}

// What lives most comes first, then what is largest.
static int compare_types(const void *a, const void *b, void *with)
{
    const ReflectTable *table = with;
    const TypeRow *left = a, *right = b;
    const ReflectType *x = &table->types[left->type], *y = &table->types[right->type];
    if (left->live_bytes != right->live_bytes) {
        return left->live_bytes < right->live_bytes ? 1 : -1;
    }
    if (x->bytes != y->bytes) {
        return x->bytes < y->bytes ? 1 : -1;
    }
    return strcmp(x->name, y->name);
}

// One row for each type that has a name or of which something is alive.
static TypeRow *count_types(Looking *looking, size_t *count)
{
    const ReflectTable *table = looking->view.table;
    TypeRow *rows = arena_push(&looking->arena, sizeof(TypeRow), 8, table->type_count + 1);
    FieldBlock block;
    for (size_t cursor = 0; field_next_block(&looking->view, &cursor, &block);) {
        TypeRow *row = &rows[block.type < table->type_count ? block.type : 0];
        row->allocations++;
        row->elements += block.count;
        row->live_bytes += block.count * block.element_bytes;
    }
    *count = 0;
    for (uint32_t i = 1; i < table->type_count; i++) {
        if (is_shown(&table->types[i]) || rows[i].allocations > 0) {
            rows[i].type = i;
            rows[(*count)++] = rows[i];
        }
    }
    qsort_r(rows, *count, sizeof(TypeRow), compare_types, (void *)(uintptr_t)table);
    // What put() adds comes behind them.
    looking->text = arena_push(&looking->arena, 1, 1, 1);
    return rows;
}

static json_t *type_row(Looking *looking, const TypeRow *row)
{
    const ReflectType *type = &looking->view.table->types[row->type];
    char name[200];
    reflect_type_text(looking->view.table, row->type, name, sizeof(name));
    char alive[80] = "";
    if (row->allocations > 0) {
        (void)text_format(alive, sizeof(alive), "%llu alive in %llu, %llu bytes",
                          (unsigned long long)row->elements, (unsigned long long)row->allocations,
                          (unsigned long long)row->live_bytes);
    }
    put(looking, "%-32s %8llu bytes  %s\n", name, (unsigned long long)type->bytes, alive);
    return json_pack("{s:o,s:I,s:I,s:I,s:I}", "name", app_text(name), "size",
                     (json_int_t)type->bytes, "count", (json_int_t)row->elements, "allocations",
                     (json_int_t)row->allocations, "bytes", (json_int_t)row->live_bytes);
}

static json_t *members_of(Looking *looking, const ReflectType *type)
{
    const ReflectTable *table = looking->view.table;
    json_t *rows = json_array();
    for (uint32_t i = 0; i < type->member_count && type->kind != REFLECT_FUNCTION; i++) {
        const ReflectMember *member = &table->members[type->first_member + i];
        Field field = {.type = member->type, .bit_size = member->bit_size};
        char name[220], bit[24] = "";
        field_type_text(&looking->view, &field, name, sizeof(name));
        json_t *row = json_pack("{s:o,s:o,s:I,s:I}", "name", app_text(member->name), "type",
                                app_text(name), "offset", (json_int_t)(member->offset_bits / 8),
                                "size", (json_int_t)table->types[member->type].bytes);
        if (member->bit_size) {
            json_object_set_new(row, "bit", json_integer((json_int_t)member->offset_bits % 8));
            json_object_set_new(row, "bits", json_integer((json_int_t)member->bit_size));
            (void)text_format(bit, sizeof(bit), ".%u", (unsigned)(member->offset_bits % 8));
        }
        put(looking, "%6llu%-3s %-24s %s\n", (unsigned long long)(member->offset_bits / 8), bit,
            member->name, name);
        json_array_append_new(rows, row);
    }
    return rows;
}

static json_t *enumerators_of(Looking *looking, const ReflectType *type)
{
    json_t *rows = json_array();
    for (uint32_t i = 0; i < type->enumerator_count; i++) {
        const ReflectEnumerator *one =
            &looking->view.table->enumerators[type->first_enumerator + i];
        put(looking, "%6lld    %s\n", (long long)one->value, one->name);
        json_array_append_new(rows, json_pack("{s:o,s:I}", "name", app_text(one->name), "value",
                                              (json_int_t)one->value));
    }
    return rows;
}

// All types of that name: units may have different ones.
static json_t *types_named(Looking *looking, const TypeRow *rows, size_t count, const char *name)
{
    json_t *found = json_array();
    const ReflectTable *table = looking->view.table;
    for (size_t i = 0; i < count; i++) {
        const ReflectType *type = &table->types[rows[i].type];
        bool is_it = strcmp(type->name, name) == 0
                     || field_tag_type(table, name, type->bytes) == rows[i].type;
        if (is_it) {
            json_t *row = type_row(looking, &rows[i]);
            bool is_enum = type->kind == REFLECT_ENUM;
            json_object_set_new(row, is_enum ? "enumerators" : "members",
                                is_enum ? enumerators_of(looking, type)
                                        : members_of(looking, type));
            json_array_append_new(found, row);
        }
    }
    return found;
}

static json_t *no_such_type(const Looking *looking, const TypeRow *rows, size_t count,
                            const char *name)
{
    const char *names[512], *nearest;
    size_t listed = 0;
    for (size_t i = 0; i < count && listed < COUNT_OF(names); i++) {
        names[listed++] = looking->view.table->types[rows[i].type].name;
    }
    nearest = text_nearest(name, names, listed);
    return nearest ? app_failed("%s is no type of the game; did you mean %s?", name, nearest)
                   : app_failed("%s is no type of the game; `types` lists them", name);
}

json_t *app_ctl_types(App *app, const ControlRequest *request)
{
    Looking looking;
    size_t count;
    if (request->argc > 2) {
        return app_failed("types: expected nothing, or one type's name");
    }
    json_t *failed = begin(app, &looking);
    if (failed) {
        return failed;
    }
    TypeRow *rows = count_types(&looking, &count);
    json_t *found;
    size_t shown = count;
    if (request->argc == 2) {
        found = types_named(&looking, rows, count, request->argv[1]);
        if (json_array_size(found) == 0) {
            json_decref(found);
            failed = no_such_type(&looking, rows, count, request->argv[1]);
            arena_close(&looking.arena);
            return failed;
        }
    } else {
        found = json_array();
        shown = count < TYPES_MAX ? count : TYPES_MAX;
        for (size_t i = 0; i < shown; i++) {
            json_array_append_new(found, type_row(&looking, &rows[i]));
        }
        if (count > shown) {
            put(&looking, "... %zu more\n", count - shown);
        }
    }
    return end(
        app, &looking,
        json_pack("{s:b,s:o,s:I}", "ok", 1, "types", found, "more", (json_int_t)(count - shown)));
}
