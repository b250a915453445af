// A table with memory of its own.
#include "reflect_parts.h"
#include "reflect_table.h"

#define TABLE_BYTES_MAX ((size_t)4 << 30)

typedef struct Kept {
    ReflectTable table; // first: what is handed out
    Arena memory;
} Kept;

ReflectTable *reflect_table_open(const char *path, uintptr_t image_first, Fault *fault)
{
    Arena memory;
    if (!arena_open(&memory, 0, TABLE_BYTES_MAX, fault)) {
        return NULL;
    }
    Kept *kept = ARENA_NEW(&memory, Kept, 1);
    Reflect *reflect = reflect_open_sections(path, image_first, fault);
    bool ok = reflect && reflect_table(reflect, &memory, &kept->table, fault);
    reflect_close(reflect);
    if (!ok) {
        arena_close(&memory);
        return NULL;
    }
    kept->memory = memory;
    return &kept->table;
}

void reflect_table_close(ReflectTable *table)
{
    if (table) {
        Arena memory = ((Kept *)(void *)table)->memory;
        arena_close(&memory);
    }
}
