// What a path of one build is called in the next: a pin, a plot or a break follows a field that has
// a new name, or that moved into a struct of its own.
#include "field_parts.h"

#include <string.h>

static const char ENDS[] = ".[-"; // of a name in a path

typedef struct Moving {
    ReflectMatch *match;
    uint32_t from, to; // what the path has led to so far, in each
    const char *path;  // what is left
    char *out;
    size_t used, room;
} Moving;

static bool put(Moving *moving, const char *text, size_t length)
{
    if (length >= moving->room - moving->used) {
        return false;
    }
    memcpy(moving->out + moving->used, text, length);
    moving->used += length;
    moving->out[moving->used] = '\0';
    return true;
}

static const ReflectType *old_type(const Moving *moving)
{
    return reflect_type(reflect_match_from(moving->match), moving->from);
}

static const ReflectType *new_type(const Moving *moving)
{
    return reflect_type(reflect_match_to(moving->match), moving->to);
}

// To what a pointer points to, an array is made of.
static bool go_into(Moving *moving)
{
    const ReflectType *a = old_type(moving), *b = new_type(moving);
    bool has_parts = a->kind == REFLECT_POINTER || a->kind == REFLECT_ARRAY;
    moving->from = a->of;
    moving->to = b->of;
    return has_parts && a->kind == b->kind;
}

static bool is_named(const char *path, const char *name)
{
    size_t length = strlen(name);
    return length > 0 && strncmp(path, name, length) == 0
           && (path[length] == '\0' || strchr(ENDS, path[length]));
}

// The pair whose old name is next in the path; of "pos" and "pos.x" the longer one.
static const ReflectPair *next_pair(const Moving *moving)
{
    const ReflectPair *best = NULL;
    const ReflectType *a = old_type(moving), *b = new_type(moving);
    if (a->kind != b->kind || (a->kind != REFLECT_STRUCT && a->kind != REFLECT_UNION)) {
        return NULL;
    }
    const ReflectPairing *pairing = reflect_pairing(moving->match, moving->from, moving->to);
    for (uint32_t i = 0; i < pairing->pair_count; i++) {
        const ReflectPair *pair = &pairing->pairs[i];
        if (is_named(moving->path, pair->from_name)
            && (!best || strlen(pair->from_name) > strlen(best->from_name))) {
            best = pair;
        }
    }
    return best && best->to_name ? best : NULL;
}

static bool step_to_member(Moving *moving)
{
    const ReflectPair *pair = next_pair(moving);
    if (!pair || !put(moving, pair->to_name, strlen(pair->to_name))) {
        return false;
    }
    moving->path += strlen(pair->from_name);
    moving->from = pair->from_type;
    moving->to = pair->to_type;
    return true;
}

static const ReflectVariable *variable_named(const ReflectTable *table, const char *path)
{
    for (uint32_t i = 0; i < table->variable_count; i++) {
        const ReflectVariable *variable = &table->variables[i];
        if (!variable->function[0] && is_named(path, variable->name)) {
            return variable;
        }
    }
    return NULL;
}

// Variables keep their names: what has another one is another variable.
static bool step_to_variable(Moving *moving)
{
    const ReflectVariable *was = variable_named(reflect_match_from(moving->match), moving->path);
    const ReflectVariable *is = variable_named(reflect_match_to(moving->match), moving->path);
    if (!was || !is || !put(moving, was->name, strlen(was->name))) {
        return false;
    }
    moving->path += strlen(was->name);
    moving->from = was->type;
    moving->to = is->type;
    return true;
}

static bool step(Moving *moving)
{
    size_t length;
    if (moving->path[0] == '[') {
        length = strcspn(moving->path, "]") + 1;
        bool is_whole = moving->path[length - 1] == ']' && put(moving, moving->path, length);
        moving->path += length;
        return is_whole && go_into(moving);
    }
    length = moving->path[0] == '-' ? 2 : 1;
    if (length == 2 && moving->path[1] != '>') {
        return false;
    }
    bool has_room = put(moving, moving->path, length);
    moving->path += length;
    return has_room && (old_type(moving)->kind != REFLECT_POINTER || go_into(moving))
           && step_to_member(moving);
}

bool field_path_moved(ReflectMatch *match, uint32_t from_root, uint32_t to_root, const char *path,
                      char *out, size_t out_bytes)
{
    Moving moving = {.match = match,
                     .from = from_root,
                     .to = to_root,
                     .path = path,
                     .out = out,
                     .room = out_bytes};
    out[0] = '\0';
    bool known = step_to_member(&moving) || step_to_variable(&moving);
    while (known && moving.path[0]) {
        known = step(&moving);
    }
    return known;
}
