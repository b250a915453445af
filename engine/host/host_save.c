// Saves: HL_SAVE and HL_LOAD.
//
// A save file: "HLSAVE1\n", u32 type name length, u32 types bytes, u64 data bytes, u64 hash of what
// follows, then the type's name, the data and the types that it consists of, packed (none in older
// saves, and where the game has no debug information). Numbers are little-endian.
#include "host_internal.h"

#include <stdio.h>
#include <string.h>

enum { SAVE_HEADER_BYTES = 32, SAVE_BYTES_MAX = 64 << 20, SAVE_TYPES_MAX = 16 << 20 };
static const char SAVE_MAGIC[8] = "HLSAVE1\n";

static bool check_slot(Host *host, const char *slot)
{
    static const char ALLOWED[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    size_t length = strlen(slot);
    if (length == 0 || length > 64 || strspn(slot, ALLOWED) != length) {
        host_say(
            host, LOG_WARNING,
            "save slot \"%s\" refused: a slot is 1 to 64 of A-Z a-z 0-9 _ -; nothing was saved "
            "or loaded",
            slot);
        return false;
    }
    return true;
}

static bool slot_path(const Host *host, const char *slot, char path[FILE_PATH_MAX])
{
    char name[80];
    (void)text_format(name, sizeof(name), "%s.save", slot);
    return host->save_folder[0] && file_join(path, host->save_folder, name);
}

static void put_u64(uint8_t *out, uint64_t value, size_t size_bytes)
{
    for (size_t i = 0; i < size_bytes; i++) {
        out[i] = (uint8_t)(value >> (8 * i));
    }
}

static uint64_t get_u64(const uint8_t *in, size_t size_bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size_bytes; i++) {
        value |= (uint64_t)in[i] << (8 * i);
    }
    return value;
}

// The whole file, in the tick's scratch memory; NULL: it does not fit.
static uint8_t *make_file(Host *host, const char *type, const void *data, size_t size_bytes,
                          size_t *total)
{
    const HostTypes *about = &host->types;
    size_t type_bytes = strlen(type), types_bytes = 0;
    const uint8_t *types =
        about->pack ? about->pack(about->with, type, size_bytes, &host->scratch, &types_bytes)
                    : NULL;
    types_bytes = types && types_bytes <= SAVE_TYPES_MAX ? types_bytes : 0;
    *total = SAVE_HEADER_BYTES + type_bytes + size_bytes + types_bytes;
    uint8_t *file = arena_try_push(&host->scratch, 1, 8, *total);
    if (!file) {
        return NULL;
    }
    memcpy(file, SAVE_MAGIC, sizeof(SAVE_MAGIC));
    put_u64(file + 8, type_bytes, 4);
    put_u64(file + 12, types_bytes, 4);
    put_u64(file + 16, size_bytes, 8);
    uint8_t *at = file + SAVE_HEADER_BYTES;
    memcpy(at, type, type_bytes);
    memcpy(at + type_bytes, data, size_bytes);
    if (types_bytes > 0) {
        memcpy(at + type_bytes + size_bytes, types, types_bytes);
    }
    put_u64(file + 24, hash_bytes(at, type_bytes + size_bytes + types_bytes), 8);
    return file;
}

void hl_save(hl_tick *t, const char *slot, const char *type, const void *data, size_t size)
{
    Host *host = host_of(t);
    char path[FILE_PATH_MAX];
    Fault fault;
    size_t total;
    if (!check_slot(host, slot) || host->source != HOST_FROM_DISK || !slot_path(host, slot, path)) {
        return;
    }
    uint8_t *file = size <= SAVE_BYTES_MAX ? make_file(host, type, data, size, &total) : NULL;
    if (!file) {
        host_say(host, LOG_ERROR, "save \"%s\" is larger than %d MiB; nothing was saved", slot,
                 SAVE_BYTES_MAX >> 20);
        return;
    }
    if (!file_make_dirs(host->save_folder, 0700, &fault)
        || !file_write(path, file, total, &fault)) {
        host_say(host, LOG_ERROR, "%s", fault.text);
        return;
    }
    (void)text_format(host->saved, sizeof(host->saved), "%s", slot);
}

typedef enum SaveState { SAVE_GOOD, SAVE_OTHER_TYPE, SAVE_DAMAGED } SaveState;

// Untrusted: every length is checked before it is used. Good: of that type, whatever its size.
static SaveState save_payload(FileBytes file, HostOld *old)
{
    if (file.size_bytes < SAVE_HEADER_BYTES || memcmp(file.data, SAVE_MAGIC, 8) != 0) {
        return SAVE_DAMAGED;
    }
    uint64_t type_bytes = get_u64(file.data + 8, 4), data_bytes = get_u64(file.data + 16, 8);
    uint64_t types_bytes = get_u64(file.data + 12, 4), rest = file.size_bytes - SAVE_HEADER_BYTES;
    if (type_bytes > rest || types_bytes > rest - type_bytes
        || data_bytes != rest - type_bytes - types_bytes
        || get_u64(file.data + 24, 8) != hash_bytes(file.data + SAVE_HEADER_BYTES, (size_t)rest)) {
        return SAVE_DAMAGED;
    }
    const uint8_t *name = file.data + SAVE_HEADER_BYTES;
    if (type_bytes != strlen(old->type) || memcmp(name, old->type, (size_t)type_bytes) != 0) {
        return SAVE_OTHER_TYPE;
    }
    old->data = name + type_bytes;
    old->size_bytes = (size_t)data_bytes;
    old->types = types_bytes > 0 ? old->data + data_bytes : NULL;
    old->types_bytes = (size_t)types_bytes;
    return SAVE_GOOD;
}

static void keep_damaged(Host *host, const char *path)
{
    char kept[FILE_PATH_MAX];
    if (text_format(kept, sizeof(kept), "%s.damaged", path) && rename(path, kept) == 0) {
        host_say(host, LOG_WARNING,
                 "%s is damaged; it is kept as %s, and the game starts without it", path, kept);
    }
}

// What the build left that `old` is of, as today's. `where` begins what is said.
static bool make_todays(Host *host, const HostOld *old, size_t size_bytes, const char *where,
                        HostBytes *out)
{
    Fault why = {0};
    const HostTypes *about = &host->types;
    HostFit fit = HOST_AS_IT_IS;
    uint8_t *made = about->convert && (old->types || old->fed_build)
                        ? arena_try_push(&host->scratch, 1, 16, size_bytes + 1)
                        : NULL;
    out->data = old->data;
    out->size_bytes = old->size_bytes;
    if (made) {
        fit = about->convert(about->with, old, made, size_bytes, &why);
    }
    if (fit == HOST_CONVERTED) {
        out->data = made;
        out->size_bytes = size_bytes;
    }
    out->present = fit != HOST_REFUSED && out->size_bytes == size_bytes;
    if (fit == HOST_REFUSED) {
        host_say(host, LOG_WARNING,
                 "%s holds a %s that cannot become today's: %s; it is left alone, and the game "
                 "starts without it",
                 where, old->type, why.text);
    } else if (!out->present) {
        host_say(host, LOG_WARNING,
                 "%s holds another type or size than %s (%zu bytes); it is left alone, and the "
                 "game starts without it",
                 where, old->type, size_bytes);
    }
    return out->present;
}

static bool load_from_disk(Host *host, HostOld *old, size_t size_bytes, HostBytes *out)
{
    enum { FILE_BYTES_MAX = SAVE_BYTES_MAX + SAVE_TYPES_MAX + PAGE_BYTES };
    char path[FILE_PATH_MAX];
    FileBytes file;
    if (!slot_path(host, old->slot, path) || !file_exists(path)) {
        return false;
    }
    Fault fault;
    if (!file_read(&host->scratch, path, FILE_BYTES_MAX, &file, &fault)) {
        host_say(host, LOG_WARNING, "%s; the game starts without it", fault.text);
        return false;
    }
    switch (save_payload(file, old)) {
    case SAVE_GOOD:
        return make_todays(host, old, size_bytes, path, out);
    case SAVE_OTHER_TYPE:
        host_say(host, LOG_WARNING,
                 "%s holds another type than %s; it is left alone, and the game starts without it",
                 path, old->type);
        return false;
    case SAVE_DAMAGED:
        keep_damaged(host, path);
        return false;
    }
    return false;
}

// What the tick was given when it ran, by a build that may have had other structs.
static bool load_fed(Host *host, HostOld *old, size_t size_bytes, const HostBytes *fed,
                     HostBytes *out)
{
    char where[128];
    if (!fed->present) {
        return false;
    }
    old->data = fed->data;
    old->size_bytes = fed->size_bytes;
    old->fed_build = fed->build;
    (void)text_format(where, sizeof(where), "the recorded save \"%s\"", old->slot);
    return make_todays(host, old, size_bytes, where, out);
}

bool hl_load(hl_tick *t, const char *slot, const char *type, void *data, size_t size)
{
    Host *host = host_of(t);
    HostBytes bytes = {.kind = REPLAY_SAVE};
    HostOld old = {.slot = slot, .type = type};
    if (!check_slot(host, slot)) {
        return false;
    }
    // The limit is the same whether recorded or replayed, or the two would go apart there.
    if (host->loads_done == HOST_LOADS_MAX) {
        host_say(host, LOG_WARNING, "hl_load(\"%s\"): more than %d in one tick; nothing was loaded",
                 slot, HOST_LOADS_MAX);
        return false;
    }
    uint32_t nth = host->loads_done++;
    bool is_fed = nth < host->save_count && host->source != HOST_FROM_DISK;
    bytes.present =
        is_fed ? load_fed(host, &old, size, &host->saves[nth], &bytes)
               : host->source != HOST_FROM_RECORD && load_from_disk(host, &old, size, &bytes);
    host_note(host, REPLAY_SAVE, slot, &bytes);
    if (bytes.present) {
        memcpy(data, bytes.data, size);
    }
    return bytes.present;
}
