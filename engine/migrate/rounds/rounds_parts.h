// What the files that write the two sources share.
#ifndef ROUNDS_PARTS_H
#define ROUNDS_PARTS_H
#include "rounds.h"

#include <stdio.h>

enum { TEXT_MAX = 256, SPOTS_MAX = 128 };

typedef struct Writer {
    Batch *batch;
    uint32_t round; // whose object it is at
    FILE *before, *after;
} Writer;

// A place in both: how the code of each build writes it, and the name in a report, "S3.f12".
typedef struct Path {
    char before[TEXT_MAX], after[TEXT_MAX], name[TEXT_MAX];
} Path;
Path round_step(const Path *path, const char *before, const char *after);
Path round_element(const Path *path, uint32_t before, uint32_t after);
void round_field_name(const Writer *writer, const Struct *of, const Field *field, char *out);
void round_named(Writer *writer, const char *fate, const Path *path);

typedef struct Twin { // the new field with that id, and the path to it
    const Field *field;
    const Struct *in;
    char path[64];
} Twin;
bool round_find_twin(Writer *writer, const Struct *after, uint32_t id, Twin *twin, int depth);

// rounds_fields.c: values of all fields and what is expected of them.
void round_pair_members(Writer *writer, const Struct *before, const Struct *after,
                        const Path *path);

// rounds_pointers.c
void round_object_text(const Writer *writer, uint32_t round, uint32_t index, char *out);
uint32_t round_pick_object(Writer *writer, uint32_t round, bool end_too);
void round_pair_inside(Writer *writer, const Type *before, const Path *path);
void round_pair_object(Writer *writer, const Type *before, const Path *path);
void round_pair_union(Writer *writer, const Type *before, const Path *path);

#endif
