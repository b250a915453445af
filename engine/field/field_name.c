#include "field_parts.h"

#include <stdio.h>
#include <string.h>

// Contents: the way down, variables, names.

enum { STEPS_MAX = 64 };

// -------------------------------------------------------------------------------- the way down

// Where the way down from something is, and what it is called so far.
typedef struct Way {
    const FieldView *view;
    Field field;
    uint64_t offset; // that is left
    char *out;
    size_t used, room;
    bool begins;       // nothing is said yet: a member needs no dot
    bool by_type;      // the state by its type, and allocations of one type are not told apart
    const char *owner; // type of the innermost struct that has a name; NULL: none yet
    size_t member_at;  // where in `out` its member begins
} Way;

static void say(Way *way, const char *text)
{
    if (way->used < way->room) {
        (void)text_format(way->out + way->used, way->room - way->used, "%s", text);
        way->used += strlen(way->out + way->used);
        way->begins = false;
    }
}

static bool step_to_element(Way *way, uint32_t of)
{
    uint64_t bytes = type_of(way->view, of)->bytes;
    char index[32];
    if (bytes == 0) {
        return false;
    }
    uint64_t n = way->offset / bytes;
    (void)text_format(index, sizeof(index), "[%llu]", (unsigned long long)n);
    say(way, index);
    way->field = (Field){.type = of, .address = way->field.address + n * bytes};
    way->offset -= n * bytes;
    return true;
}

static bool member_holds(const Way *way, const ReflectMember *member)
{
    const ReflectType *its = type_of(way->view, member->type);
    uint64_t first = member->offset_bits / 8;
    bool is_flexible = its->kind == REFLECT_ARRAY && its->count == 0;
    uint64_t end = member->bit_size ? (member->offset_bits + member->bit_size + 7) / 8
                   : is_flexible    ? UINT64_MAX
                                    : first + its->bytes;
    return way->offset >= first && way->offset < end;
}

// The member that the byte lies in; of a union the first. False: between members.
static bool step_to_member(Way *way)
{
    ReflectMember member;
    for (uint64_t n = 0; field_member(way->view->table, way->field.type, n, &member); n++) {
        if (member_holds(way, &member)) {
            if (!way->begins) {
                say(way, ".");
            }
            const char *owner = type_of(way->view, way->field.type)->name;
            if (owner[0]) {
                way->owner = owner;
                way->member_at = way->used;
            }
            say(way, member.name);
            uint64_t first = member.offset_bits / 8;
            way->field = field_of_member(&way->field, &member);
            way->offset -= first;
            return true;
        }
    }
    return false;
}

static bool step(Way *way)
{
    const ReflectType *type = type_of(way->view, way->field.type);
    if (way->field.count) {
        return step_to_element(way, way->field.type);
    }
    return type->kind == REFLECT_ARRAY ? step_to_element(way, type->of)
                                       : is_aggregate(type) && step_to_member(way);
}

// A text counts as one thing.
static void go_down(Way *way)
{
    for (int i = 0; i < STEPS_MAX && !field_is_text(way->view, &way->field) && step(way); i++) {
    }
}

static bool begins_with(const FieldView *view, uint32_t type, uint32_t want)
{
    for (int i = 0; i < STEPS_MAX && type != want; i++) {
        const ReflectType *its = type_of(view, type);
        ReflectMember member;
        if (its->kind == REFLECT_ARRAY) {
            type = its->of;
        } else if (field_member(view->table, type, 0, &member) && member.offset_bits == 0) {
            type = member.type;
        } else {
            return false;
        }
    }
    return type == want;
}

// To what a pointer to `want` means: of several things that begin there the one of its type, or the
// outermost.
static void go_to_target(Way *way, uint32_t want)
{
    const ReflectType *type = type_of(way->view, want);
    for (int i = 0; i < STEPS_MAX; i++) {
        bool is_one = way->field.count == 0;
        bool is_there = way->offset == 0 && is_one;
        if (is_there
            && (way->field.type == want || want == 0 || type->bytes == 0
                || !begins_with(way->view, way->field.type, want))) {
            return;
        }
        if (!step(way)) {
            return;
        }
    }
}

// ------------------------------------------------------------------------------------ variables

bool field_ends_path(const char *path, const char *end, size_t length)
{
    size_t path_length = strlen(path);
    return path_length >= length && memcmp(path + path_length - length, end, length) == 0
           && (path_length == length || path[path_length - length - 1] == '/' || end[0] == '/');
}

static bool is_root_member(const FieldView *view, const char *name)
{
    ReflectMember member;
    for (uint64_t n = 0; view->root_type && field_member(view->table, view->root_type, n, &member);
         n++) {
        if (strcmp(member.name, name) == 0) {
            return true;
        }
    }
    return false;
}

// Others that are called the same: 0 none, 1 in other files, 2 in files of the same name.
static int count_namesakes(const FieldView *view, const ReflectVariable *variable, const char *file)
{
    const char *head = variable->function[0] ? variable->function : variable->name;
    int found = is_root_member(view, head);
    for (uint32_t i = 0; i < view->table->variable_count; i++) {
        const ReflectVariable *other = &view->table->variables[i];
        if (other == variable || strcmp(other->name, variable->name) != 0
            || strcmp(other->function, variable->function) != 0
            || strcmp(other->unit, variable->unit) == 0) {
            continue;
        }
        bool is_same_file = field_ends_path(other->unit, file, strlen(file));
        found = is_same_file ? 2 : found ? found : 1;
    }
    return found;
}

void field_variable_name(const FieldView *view, const ReflectVariable *variable, char *out,
                         size_t out_bytes)
{
    const char *slash = strrchr(variable->unit, '/'), *file = slash ? slash + 1 : variable->unit;
    int namesakes = count_namesakes(view, variable, file);
    char block[24] = "";
    file = namesakes == 2 ? variable->unit : file;
    if (variable->block > 0) {
        (void)text_format(block, sizeof(block), "#%u", variable->block);
    }
    (void)text_format(out, out_bytes, "%s%s%s%s%s%s", namesakes ? file : "", namesakes ? ":" : "",
                      variable->function, variable->function[0] ? "." : "", variable->name, block);
}

// ---------------------------------------------------------------------------------------- names

// What the name of `address` begins with. False: it lies in nothing that has one.
static bool begin(Way *way, uintptr_t address)
{
    const FieldView *view = way->view;
    FieldBlock block;
    uint64_t offset;
    char name[FIELD_NAME_MAX];
    if (view->root_type && address - view->root < type_of(view, view->root_type)->bytes) {
        way->field = (Field){.type = view->root_type, .address = view->root};
        way->offset = address - view->root;
        way->begins = true;
        if (way->by_type) {
            say(way, type_of(view, view->root_type)->name);
        }
        return true;
    }
    if (field_block_at(view, address, &block)) {
        say(way, block.tag);
        (void)text_format(name, sizeof(name), "#%u", block.nth);
        say(way, block.is_only || way->by_type ? "" : name);
        way->field = field_of_block(&block);
        way->offset = address - block.address;
        return true;
    }
    const ReflectVariable *variable = reflect_variable_at(view->table, address, &offset);
    if (!variable) {
        return false;
    }
    field_variable_name(view, variable, name, sizeof(name));
    say(way, name);
    way->field = field_of_variable(variable);
    way->offset = offset;
    return true;
}

// Between members, or in something whose type is not known.
static void say_rest(Way *way, uint64_t byte)
{
    char text[64];
    const ReflectType *type = type_of(way->view, way->field.type);
    if (way->field.type == 0 || is_aggregate(type)) {
        (void)text_format(text, sizeof(text), ", byte %llu", (unsigned long long)byte);
        say(way, text);
    }
}

static bool name_it(const FieldView *view, uintptr_t address, bool by_type, Field *field, char *out,
                    size_t out_bytes)
{
    Way way = {.view = view, .out = out, .room = out_bytes, .by_type = by_type};
    *field = (Field){0};
    out[0] = '\0';
    if (!begin(&way, address)) {
        uintptr_t heap = (uintptr_t)view->heap;
        bool is_heap =
            view->heap && address >= heap && address - heap < heap_capacity_bytes(view->heap);
        (void)text_format(out, out_bytes, "%s",
                          is_heap ? "memory of nothing that is alive" : "no place of the game's");
        return false;
    }
    go_down(&way);
    if (way.begins) { // the state's first bytes, before its first member
        say(&way, type_of(view, view->root_type)->name);
    }
    say_rest(&way, way.offset);
    *field = way.field;
    return way.field.type != 0 && !is_aggregate(type_of(view, way.field.type));
}

bool field_name(const FieldView *view, uintptr_t address, Field *field, char *out, size_t out_bytes)
{
    Field ignored;
    return name_it(view, address, false, field ? field : &ignored, out, out_bytes);
}

bool field_name_by_type(const FieldView *view, uintptr_t address, char *out, size_t out_bytes)
{
    Field ignored;
    return name_it(view, address, true, &ignored, out, out_bytes);
}

bool field_member_name(const FieldView *view, uintptr_t address, char *out, size_t out_bytes)
{
    char path[FIELD_NAME_MAX];
    Way way = {.view = view, .out = path, .room = sizeof(path)};
    out[0] = '\0';
    if (begin(&way, address)) {
        go_down(&way);
    }
    if (way.owner) {
        (void)text_format(out, out_bytes, "%s.%s", way.owner, path + way.member_at);
    }
    return way.owner != NULL;
}

// Whether the address behind it is meant as its end: behind a variable something else may begin.
static bool may_end(const Way *way, uint32_t want)
{
    FieldBlock block;
    const ReflectType *type = type_of(way->view, way->field.type);
    return field_block_at(way->view, way->field.address, &block)
           || (type->kind == REFLECT_ARRAY && type->of == want && want != 0);
}

bool field_target_name(const FieldView *view, uintptr_t address, uint32_t want, char *out,
                       size_t out_bytes)
{
    Way way = {.view = view, .out = out, .room = out_bytes};
    out[0] = '\0';
    if (begin(&way, address)) {
        go_to_target(&way, want);
        if (way.begins) {
            say(&way, type_of(view, view->root_type)->name);
        }
        if (way.offset > 0) {
            say_rest(&way, way.offset);
        }
        return true;
    }
    way = (Way){.view = view, .out = out, .room = out_bytes};
    if (begin(&way, address - 1) && may_end(&way, want)) {
        say(&way, way.begins ? type_of(view, view->root_type)->name : "");
        say(&way, " (its end)");
        return true;
    }
    return false;
}
