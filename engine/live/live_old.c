// A game's .migrate: what only its programmer can decide about an edit of the structs. It is called
// with the state in the new structs and may ask for anything of the old one, by its old names.
#include "live_internal.h"

#include "field.h"

#include <string.h>

#define INDEX_BYTES_MAX ((size_t)1 << 30) // of address space

typedef struct Old {
    FieldView view;
    const GameLib *lib;
    uintptr_t state;
    const uint8_t *bytes; // the state's as they were
    size_t used;
} Old;

static bool read_old(void *with, uintptr_t address, void *out, size_t bytes)
{
    const Old *old = with;
    uintptr_t at = address - old->state;
    if (at < old->used && bytes <= old->used - at) {
        memcpy(out, old->bytes + at, bytes);
        return true;
    }
    // The old build's variables: its image is still loaded, and nobody writes to it any more.
    const GameLib *lib = old->lib;
    if (address >= lib->image_first && address < lib->image_end
        && bytes <= lib->image_end - address) {
        memcpy(out, (const void *)address, bytes);
        return true;
    }
    return false;
}

static bool old_number(void *with, const char *path, double *number)
{
    const Old *old = with;
    Field field;
    Fault ignored;
    uint8_t bytes[16];
    if (!field_find(&old->view, path, &field, &ignored)) {
        return false;
    }
    const ReflectTable *table = old->view.table;
    const ReflectType *type = &table->types[field.type];
    static const ReflectType TWICE = {.kind = REFLECT_FLOAT, .bytes = sizeof(double), .name = ""};
    ReflectLeaf from = {table, type, field.bit, field.bit_size}, to = {table, &TWICE, 0, 0};
    if (!reflect_is_number(type)
        || !old->view.read(old->view.with, field.address, bytes, (size_t)type->bytes)) {
        return false;
    }
    (void)reflect_convert(&from, bytes, &to, (uint8_t *)number);
    return true;
}

static bool old_bytes(void *with, const char *path, void *out, size_t size)
{
    const Old *old = with;
    Field field;
    Fault ignored;
    return field_find(&old->view, path, &field, &ignored) && field.bit_size == 0
           && old->view.table->types[field.type].bytes == size
           && old->view.read(old->view.with, field.address, out, size);
}

static uint32_t root_type(const GameLib *lib)
{
    const ReflectTable *table = lib->about;
    const char *name = lib->game->state_type;
    name += strncmp(name, "struct ", 7) == 0 ? 7 : 0;
    for (uint32_t i = 1; i < table->type_count; i++) {
        if (table->types[i].bytes == lib->game->state_size
            && strcmp(table->types[i].name, name) == 0) {
            return i;
        }
    }
    return 0;
}

// The old allocations, by the addresses that the game knew them by: the copy lies elsewhere.
static void index_old(FieldView *view, const uint8_t *bytes, uintptr_t state, Arena *arena)
{
    FieldView copy = {.table = view->table,
                      .heap = (const Heap *)(const void *)(bytes + host_heap_offset())};
    field_index(&copy, arena);
    FieldBlock *blocks =
        arena_try_push(arena, sizeof(FieldBlock), _Alignof(FieldBlock), copy.block_count + 1);
    for (size_t i = 0; blocks && i < copy.block_count; i++) {
        blocks[i] = copy.blocks[i];
        blocks[i].address = state + (blocks[i].address - (uintptr_t)bytes);
        view->block_count = i + 1;
    }
    view->blocks = blocks;
}

bool live_ask_game(Live *live, const GameLib *from, const uint8_t *bytes, size_t used, void *root,
                   Fault *fault)
{
    Old old = {.lib = from,
               .state = (uintptr_t)live->state.base,
               .bytes = bytes,
               .used = used,
               .view = {.table = from->about,
                        .root_type = root_type(from),
                        .root = (uintptr_t)root,
                        .read = read_old}};
    old.view.with = &old;
    Arena blocks = {0};
    if (!arena_open(&blocks, 0, INDEX_BYTES_MAX, fault)) {
        return false;
    }
    index_old(&old.view, bytes, (uintptr_t)live->state.base, &blocks);
    hl_old asked = {.number = old_number, .bytes = old_bytes, .with = &old};
    HostMark mark = host_mark(live->host);
    Fault why;
    bool ok = host_migrate(live->host, live->now.game, &asked, &why);
    arena_close(&blocks);
    if (ok) {
        live->host->note_count = mark.notes;
        return true;
    }
    host_take_back(live->host, &mark);
    return fault_set(fault, FAULT_LAYOUT, "the new build's .migrate did not come to its end (%s)",
                     why.text);
}
