#include "field_parts.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Contents: words, the nearest right one, steps, beginnings.

enum { WORD_MAX = 128, NEAREST_MAX = 64, LISTED_MAX = 12 };

typedef struct Finding {
    const FieldView *view;
    const char *path, *at; // what is left
    Field field;
    Fault *fault;
} Finding;

// ---------------------------------------------------------------------------------------- words

static bool is_letter(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$';
}

// The identifier at `at`; its length.
static size_t word_at(const char *at, char out[WORD_MAX])
{
    size_t length = 0;
    while (is_letter(at[length])) {
        length++;
    }
    (void)text_format(out, WORD_MAX, "%.*s", (int)(length < WORD_MAX ? length : WORD_MAX - 1), at);
    return length;
}

// What has been understood, for messages.
static int said(const Finding *finding)
{
    return (int)(finding->at - finding->path);
}

// ------------------------------------------------------------------------ the nearest right one

// Words of which the nearest is wanted; the best so far is the first of them.
typedef struct Nearest {
    const char *word;
    const char *words[NEAREST_MAX];
    size_t count;
    const char *first[LISTED_MAX]; // of all
    size_t all;
} Nearest;

static void nearest_add(Nearest *nearest, const char *word)
{
    if (nearest->count == NEAREST_MAX) {
        const char *best = text_nearest(nearest->word, nearest->words, nearest->count);
        nearest->words[0] = best;
        nearest->count = best ? 1 : 0;
    }
    if (word[0]) {
        nearest->words[nearest->count++] = word;
        if (nearest->all++ < LISTED_MAX) {
            nearest->first[nearest->all - 1] = word;
        }
    }
}

static void add_members(Nearest *nearest, const ReflectTable *table, uint32_t type)
{
    ReflectMember member;
    for (uint64_t n = 0; field_member(table, type, n, &member); n++) {
        nearest_add(nearest, member.name);
    }
}

// ", did you mean pos?", or what there is.
static void suggest(const Nearest *nearest, char *out, size_t out_bytes)
{
    const char *best = text_nearest(nearest->word, nearest->words, nearest->count);
    size_t used = 0;
    out[0] = '\0';
    if (best) {
        (void)text_format(out, out_bytes, "; did you mean %s?", best);
        return;
    }
    for (size_t i = 0; i < nearest->all && i < LISTED_MAX && used < out_bytes; i++) {
        (void)text_format(out + used, out_bytes - used, "%s%s", i == 0 ? "; there is " : ", ",
                          nearest->first[i]);
        used += strlen(out + used);
    }
    if (nearest->all > LISTED_MAX && used < out_bytes) {
        (void)text_format(out + used, out_bytes - used, " ...");
    }
}

// ---------------------------------------------------------------------------------------- steps

static bool refuse(Finding *finding, const char *why)
{
    return fault_set(finding->fault, FAULT_USAGE, "%.*s %s", said(finding), finding->path, why);
}

static bool no_member(Finding *finding, const char *word)
{
    char more[400], type[160];
    Nearest nearest = {.word = word};
    add_members(&nearest, finding->view->table, finding->field.type);
    suggest(&nearest, more, sizeof(more));
    if (nearest.count == 0) {
        field_type_text(finding->view, &finding->field, type, sizeof(type));
        return fault_set(finding->fault, FAULT_USAGE, "%.*s is of type %s, which has no members",
                         said(finding), finding->path, type);
    }
    return fault_set(finding->fault, FAULT_USAGE, "%.*s has no member %s%s", said(finding),
                     finding->path, word, more);
}

static bool take_member(Finding *finding, const char *word)
{
    ReflectMember member;
    for (uint64_t n = 0; field_member(finding->view->table, finding->field.type, n, &member); n++) {
        if (strcmp(member.name, word) == 0) {
            finding->field = field_of_member(&finding->field, &member);
            return true;
        }
    }
    return false;
}

// To what the pointer that we stand at points to, `index` elements further.
static bool follow(Finding *finding, uint64_t index)
{
    const FieldView *view = finding->view;
    const ReflectType *type = &view->table->types[finding->field.type];
    uint64_t value = 0;
    Field target;
    if (!field_pointer(view, &finding->field, &value)) {
        return refuse(finding, "cannot be read");
    }
    if (value == 0) {
        return refuse(finding, "is NULL");
    }
    if (!field_target(view, value, type->of, &target)) {
        char text[FIELD_NAME_MAX];
        field_text(view, &finding->field, text, sizeof(text));
        return fault_set(finding->fault, FAULT_USAGE, "%.*s points to nothing that is known: %s",
                         said(finding), finding->path, text);
    }
    uint64_t bytes = view->table->types[target.type].bytes;
    if (index > 0
        && (index > UINT32_MAX
            || !field_target(view, value + index * bytes, target.type, &target))) {
        return refuse(finding, "points to fewer elements");
    }
    finding->field = target;
    return true;
}

static bool step_member(Finding *finding, size_t mark_bytes)
{
    char word[WORD_MAX];
    const ReflectType *type = &finding->view->table->types[finding->field.type];
    size_t length = word_at(finding->at + mark_bytes, word);
    if (length == 0) {
        return refuse(finding, "is followed by no name");
    }
    if (finding->field.count) {
        return refuse(finding, "has several elements: [0] is the first");
    }
    if (type->kind == REFLECT_POINTER && !follow(finding, 0)) {
        return false;
    }
    if (!take_member(finding, word)) {
        return no_member(finding, word);
    }
    finding->at += mark_bytes + length;
    return true;
}

static bool step_index(Finding *finding)
{
    const FieldView *view = finding->view;
    const ReflectType *type = &view->table->types[finding->field.type];
    char *end;
    if (!isdigit((unsigned char)finding->at[1])) {
        return refuse(finding, "is followed by no index: [0] ...");
    }
    uint64_t index = strtoull(finding->at + 1, &end, 10);
    if (*end != ']') {
        return refuse(finding, "is followed by an index without a ]");
    }
    Field child;
    char name[32];
    if (finding->field.count || type->kind == REFLECT_ARRAY) {
        uint64_t count = field_child_count(view, &finding->field);
        if (index >= count) {
            return fault_set(finding->fault, FAULT_USAGE, "%.*s has %llu elements%s", said(finding),
                             finding->path, (unsigned long long)count,
                             count > 0 ? ", counted from 0" : "");
        }
        (void)field_child(view, &finding->field, index, &child, name, sizeof(name));
        finding->field = child;
    } else if (type->kind == REFLECT_POINTER) {
        if (!follow(finding, index)) {
            return false;
        }
    } else if (index > 0 || finding->field.address == 0) {
        return refuse(finding, "is no array");
    }
    finding->at = end + 1;
    return true;
}

static bool take_steps(Finding *finding)
{
    for (;;) {
        bool ok;
        switch (finding->at[0]) {
        case '\0':
            return true;
        case '.':
            ok = step_member(finding, 1);
            break;
        case '-':
            ok = finding->at[1] == '>' ? step_member(finding, 2)
                                       : refuse(finding, "is followed by a - without a >");
            break;
        case '[':
            ok = step_index(finding);
            break;
        default:
            return fault_set(finding->fault, FAULT_USAGE,
                             "%.*s is followed by \"%.20s\", which is neither .MEMBER nor "
                             "->MEMBER nor [INDEX]",
                             said(finding), finding->path, finding->at);
        }
        if (!ok) {
            return false;
        }
    }
}

// ----------------------------------------------------------------------------------- beginnings

static bool is_tag(const FieldBlock *block, const char *name, size_t length)
{
    return strncmp(block->tag, name, length) == 0 && block->tag[length] == '\0';
}

static bool no_allocation(Finding *finding, size_t length, const char *what)
{
    return fault_set(finding->fault, FAULT_USAGE,
                     "there is no %.*s %s (`ctl types` lists what is "
                     "alive)",
                     (int)length, finding->path, what);
}

// TYPE#N
static bool begin_nth(Finding *finding, size_t length)
{
    const char *name = finding->path;
    char *end;
    FieldBlock block;
    uint64_t count = 0;
    uint64_t wanted = strtoull(name + length + 1, &end, 10);
    char what[64];
    if (end == name + length + 1) {
        return no_allocation(finding, length, "with such a number: TYPE#0 is the first");
    }
    for (size_t cursor = 0; field_next_block(finding->view, &cursor, &block);) {
        if (is_tag(&block, name, length) && count++ == wanted) {
            finding->field = field_of_block(&block);
            finding->at = end;
            return block.type != 0 || refuse(finding, "is of a type that this build does not know");
        }
    }
    (void)text_format(what, sizeof(what), "number %llu: there are %llu, counted from 0",
                      (unsigned long long)wanted, (unsigned long long)count);
    return no_allocation(finding, length, what);
}

// TYPE@ADDRESS: the element of an allocation that begins there.
static bool begin_address(Finding *finding, size_t length)
{
    char *end;
    FieldBlock block;
    uintptr_t address = (uintptr_t)strtoull(finding->path + length + 1, &end, 16);
    if (!field_block_at(finding->view, address, &block) || !is_tag(&block, finding->path, length)
        || block.type == 0) {
        return no_allocation(finding, length, "at that address");
    }
    uint64_t within = address - block.address;
    if (within % block.element_bytes != 0) {
        return no_allocation(finding, length, "that begins at that address");
    }
    finding->field =
        within == 0 ? field_of_block(&block) : (Field){.type = block.type, .address = address};
    finding->at = end;
    return true;
}

// The only allocation of that type.
static bool begin_only(Finding *finding, size_t length, bool *found)
{
    FieldBlock block, only = {0};
    uint64_t count = 0;
    for (size_t cursor = 0; field_next_block(finding->view, &cursor, &block);) {
        if (is_tag(&block, finding->path, length)) {
            only = block;
            count++;
        }
    }
    *found = count > 0;
    if (count == 1) {
        finding->field = field_of_block(&only);
        finding->at = finding->path + length;
        return only.type != 0 || refuse(finding, "is of a type that this build does not know");
    }
    return count > 1
           && fault_set(
               finding->fault, FAULT_USAGE, "there are %llu of type %.*s: %.*s#0 is the first",
               (unsigned long long)count, (int)length, finding->path, (int)length, finding->path);
}

// What a variable is looked for by.
typedef struct Wanted {
    const char *file; // its last part or parts; NULL: any
    size_t file_bytes;
    const char *function, *name; // function NULL: any
    bool has_block;
    uint64_t block;
} Wanted;

static const ReflectVariable *find_variable(const FieldView *view, const Wanted *wanted,
                                            uint32_t *count)
{
    const ReflectVariable *found = NULL;
    *count = 0;
    for (uint32_t i = 0; i < view->table->variable_count; i++) {
        const ReflectVariable *variable = &view->table->variables[i];
        if (strcmp(variable->name, wanted->name) == 0
            && (!wanted->function || strcmp(variable->function, wanted->function) == 0)
            && (!wanted->file || field_ends_path(variable->unit, wanted->file, wanted->file_bytes))
            && (!wanted->has_block || variable->block == wanted->block)) {
            bool is_better = !found || (!found->address && variable->address);
            *count += 1;
            found = is_better ? variable : found;
        }
    }
    return found;
}

static bool say_several(Finding *finding, const Wanted *wanted)
{
    char names[600] = "", name[FIELD_NAME_MAX];
    size_t used = 0;
    const ReflectTable *table = finding->view->table;
    for (uint32_t i = 0; i < table->variable_count && used < sizeof(names); i++) {
        const ReflectVariable *variable = &table->variables[i];
        if (strcmp(variable->name, wanted->name) == 0
            && (!wanted->function || strcmp(variable->function, wanted->function) == 0)) {
            field_variable_name(finding->view, variable, name, sizeof(name));
            (void)text_format(names + used, sizeof(names) - used, "%s%s", used ? ", " : "", name);
            used += strlen(names + used);
        }
    }
    return fault_set(finding->fault, FAULT_USAGE, "%s is the name of several variables: %s",
                     wanted->name, names);
}

static bool use_variable(Finding *finding, const ReflectVariable *variable, const char *end)
{
    if (variable->is_thread_local) {
        return fault_set(finding->fault, FAULT_USAGE,
                         "%s is a variable of each thread, which is not looked into",
                         variable->name);
    }
    if (!variable->address) {
        return fault_set(finding->fault, FAULT_USAGE,
                         "%s is a variable that the optimiser %s; built with -O0 it can be looked "
                         "at",
                         variable->name, variable->piece_count ? "took apart" : "removed");
    }
    finding->field = field_of_variable(variable);
    finding->at = end;
    return true;
}

// NAME, FUNCTION.NAME, each also with #BLOCK, at `at`. *found: there is such a variable.
static bool begin_variable(Finding *finding, const char *file, size_t file_bytes, const char *at,
                           bool *found)
{
    char word[WORD_MAX], second[WORD_MAX] = "";
    uint32_t count;
    size_t length = word_at(at, word), more = 0;
    Wanted wanted = {.file = file, .file_bytes = file_bytes, .function = "", .name = word};
    const char *end = at + length;
    const ReflectVariable *variable = find_variable(finding->view, &wanted, &count);
    if (!variable && *end == '.' && (more = word_at(end + 1, second)) > 0) {
        wanted.function = word;
        wanted.name = second;
        end += 1 + more;
        if (*end == '#') {
            char *behind;
            wanted.has_block = true;
            wanted.block = strtoull(end + 1, &behind, 10);
            end = behind;
        }
        variable = find_variable(finding->view, &wanted, &count);
        if (variable && !wanted.has_block && count > 1) { // the first of its function
            wanted.has_block = true;
            variable = find_variable(finding->view, &wanted, &count);
        }
    }
    if (!variable) { // a static of a function, without it
        wanted = (Wanted){.file = file, .file_bytes = file_bytes, .name = word};
        end = at + length;
        variable = find_variable(finding->view, &wanted, &count);
    }
    *found = variable != NULL;
    if (variable && count > 1) {
        return say_several(finding, &wanted);
    }
    return variable && use_variable(finding, variable, end);
}

static bool begin_unknown(Finding *finding, const char *word)
{
    const FieldView *view = finding->view;
    char more[400];
    Nearest nearest = {.word = word};
    uint32_t cursor = 0;
    if (view->root_type) {
        add_members(&nearest, view->table, view->root_type);
        nearest_add(&nearest, view->table->types[view->root_type].name);
    }
    for (uint32_t i = 0; i < view->table->variable_count; i++) {
        nearest_add(&nearest, view->table->variables[i].name);
    }
    for (const HeapType *type; view->heap && (type = heap_next_type(view->heap, &cursor));) {
        nearest_add(&nearest, type->name);
    }
    suggest(&nearest, more, sizeof(more));
    return fault_set(finding->fault, FAULT_USAGE,
                     "%s is no member of %s, no variable and no type that is alive%s", word,
                     view->root_type ? view->table->types[view->root_type].name : "the state",
                     more);
}

static bool begin_word(Finding *finding)
{
    const FieldView *view = finding->view;
    char word[WORD_MAX];
    bool found;
    size_t length = word_at(finding->path, word);
    if (length == 0) {
        return fault_set(finding->fault, FAULT_USAGE,
                         "\"%.40s\" begins with no name: a path is hero.pos.x, mobs[3].hp, "
                         "Mob#2->target, score or update.calls",
                         finding->path);
    }
    if (view->root_type) {
        finding->field = (Field){.type = view->root_type, .address = view->root};
        if (take_member(finding, word)) {
            finding->at = finding->path + length;
            return true;
        }
    }
    if (begin_variable(finding, NULL, 0, finding->path, &found) || found) {
        return found && finding->at > finding->path;
    }
    if (view->root_type && strcmp(word, view->table->types[view->root_type].name) == 0) {
        finding->field = (Field){.type = view->root_type, .address = view->root};
        finding->at = finding->path + length;
        return true;
    }
    // The name of a type may be several words: "unsigned char[3]".
    size_t all = strcspn(finding->path, ".[-");
    if (begin_only(finding, all, &found) || found) {
        return found && finding->at > finding->path;
    }
    return begin_unknown(finding, word);
}

static bool begin(Finding *finding)
{
    const char *path = finding->path;
    size_t mark = strcspn(path, "#@.[-:");
    bool found = false;
    if (path[mark] == '#' && !memchr(path, '.', mark)) {
        return begin_nth(finding, mark);
    }
    if (path[mark] == '@') {
        return begin_address(finding, mark);
    }
    size_t colon = strcspn(path, ":[");
    if (path[colon] == ':') {
        if (begin_variable(finding, path, colon, path + colon + 1, &found) || found) {
            return found && finding->at > path;
        }
        return fault_set(finding->fault, FAULT_USAGE, "there is no such variable in %.*s: %s",
                         (int)colon, path, path + colon + 1);
    }
    return begin_word(finding);
}

bool field_find(const FieldView *view, const char *path, Field *field, Fault *fault)
{
    Finding finding = {.view = view, .path = path, .at = path, .fault = fault};
    *field = (Field){0};
    path += strspn(path, " ");
    finding.path = finding.at = path;
    if (!begin(&finding) || !take_steps(&finding)) {
        return false;
    }
    if (view->table->types[finding.field.type].kind == REFLECT_UNKNOWN) {
        return fault_set(fault, FAULT_USAGE, "%s is of a type that is not known", path);
    }
    *field = finding.field;
    return true;
}
