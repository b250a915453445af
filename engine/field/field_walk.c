#include "field_parts.h"

#include <string.h>

// Contents: all leaves, differences.

enum { RAW_MAX = 4096 };

// ----------------------------------------------------------------------------------- all leaves

static bool begin_root(FieldWalk *walk)
{
    FieldRoot kind;
    Field field;
    char name[FIELD_NAME_MAX];
    do {
        if (!field_next_root(walk->view, &walk->cursor, &kind, &field, name, sizeof(name))) {
            return false;
        }
    } while (field.type == 0); // an allocation of a type that is not known
    (void)text_format(walk->path, sizeof(walk->path), "%s", name);
    walk->levels[0].field = field;
    walk->levels[0].next = 0;
    walk->levels[0].count = field_child_count(walk->view, &field);
    walk->levels[0].path_bytes = strlen(walk->path);
    walk->depth = 1;
    return true;
}

// One level down, or its name only when it is a leaf.
static void enter(FieldWalk *walk, const Field *child, const char *name, bool is_leaf)
{
    size_t used = walk->levels[walk->depth - 1].path_bytes;
    bool is_joined = name[0] == '[' || used == 0;
    (void)text_format(walk->path + used, sizeof(walk->path) - used, "%s%s", is_joined ? "" : ".",
                      name);
    if (!is_leaf && walk->depth < FIELD_WALK_DEEP) {
        walk->levels[walk->depth].field = *child;
        walk->levels[walk->depth].next = 0;
        walk->levels[walk->depth].count = field_child_count(walk->view, child);
        walk->levels[walk->depth].path_bytes = strlen(walk->path);
        walk->depth++;
    }
}

bool field_walk_next(FieldWalk *walk, Field *leaf)
{
    char name[FIELD_NAME_MAX];
    for (;;) {
        if (walk->depth == 0) {
            if (!begin_root(walk)) {
                return false;
            }
            if (field_is_leaf(walk->view, &walk->levels[0].field)) {
                *leaf = walk->levels[0].field;
                walk->depth = 0;
                return true;
            }
        }
        Field child, parent = walk->levels[walk->depth - 1].field;
        uint64_t n = walk->levels[walk->depth - 1].next++;
        if (n >= walk->levels[walk->depth - 1].count
            || !field_child(walk->view, &parent, n, &child, name, sizeof(name))) {
            walk->depth--;
            continue;
        }
        bool is_leaf = field_is_leaf(walk->view, &child);
        enter(walk, &child, name, is_leaf);
        if (is_leaf) {
            *leaf = child;
            return true;
        }
    }
}

// ---------------------------------------------------------------------------------- differences

static bool same_bytes(const FieldView *a, const FieldView *b, const Field *leaf)
{
    uint8_t of_a[RAW_MAX], of_b[RAW_MAX];
    uint64_t left = field_bytes(a, leaf);
    uintptr_t at = leaf->address;
    while (left > 0) {
        size_t part = left < RAW_MAX ? (size_t)left : RAW_MAX;
        bool has_a = field_read(a, at, of_a, part), has_b = field_read(b, at, of_b, part);
        if (has_a != has_b || (has_a && memcmp(of_a, of_b, part) != 0)) {
            return false;
        }
        at += part;
        left -= part;
    }
    return true;
}

bool field_differs(const FieldView *a, const FieldView *b, const Field *leaf, char *text_a,
                   char *text_b, size_t text_bytes)
{
    static const char BEHIND[] = " (behind the text's end)";
    if (same_bytes(a, b, leaf)) {
        return false;
    }
    field_text(a, leaf, text_a, text_bytes);
    field_text(b, leaf, text_b, text_bytes);
    if (strcmp(text_a, text_b) != 0) {
        return true;
    }
    size_t used = strlen(text_b);
    if (!field_is_text(a, leaf)) {
        return false; // the bits beside a bit-field, the padding of a long double
    }
    if (used + sizeof(BEHIND) <= text_bytes) {
        memcpy(text_b + used, BEHIND, sizeof(BEHIND));
    }
    return true;
}

bool field_next_difference(FieldWalk *walk, const FieldView *b, FieldDifference *difference)
{
    Field leaf;
    while (field_walk_next(walk, &leaf)) {
        if (field_differs(walk->view, b, &leaf, difference->a, difference->b,
                          sizeof(difference->a))) {
            (void)text_format(difference->path, sizeof(difference->path), "%s", walk->path);
            return true;
        }
    }
    return false;
}
