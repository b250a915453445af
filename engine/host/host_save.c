// Saves: HL_SAVE and HL_LOAD.
//
// A save file: "HLSAVE1\n", u32 type name length, u32 reserved, u64 data bytes, u64 hash of what
// follows, then the type's name and the data. Numbers are little-endian.
#include "host_internal.h"

#include <stdio.h>
#include <string.h>

enum { SAVE_HEADER_BYTES = 32, SAVE_BYTES_MAX = 64 << 20 };
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

void hl_save(hl_tick *t, const char *slot, const char *type, const void *data, size_t size)
{
    Host *host = host_of(t);
    char path[FILE_PATH_MAX];
    Fault fault;
    size_t type_bytes = strlen(type), total = SAVE_HEADER_BYTES + type_bytes + size;
    if (!check_slot(host, slot) || host->source != HOST_FROM_DISK || !slot_path(host, slot, path)) {
        return;
    }
    uint8_t *file = size <= SAVE_BYTES_MAX ? arena_try_push(&host->scratch, 1, 8, total) : NULL;
    if (!file) {
        host_say(host, LOG_ERROR, "save \"%s\" is larger than %d MiB; nothing was saved", slot,
                 SAVE_BYTES_MAX >> 20);
        return;
    }
    memcpy(file, SAVE_MAGIC, sizeof(SAVE_MAGIC));
    put_u64(file + 8, type_bytes, 4);
    put_u64(file + 16, size, 8);
    memcpy(file + SAVE_HEADER_BYTES, type, type_bytes);
    memcpy(file + SAVE_HEADER_BYTES + type_bytes, data, size);
    put_u64(file + 24, hash_bytes(file + SAVE_HEADER_BYTES, type_bytes + size), 8);
    if (!file_make_dirs(host->save_folder, 0700, &fault)
        || !file_write(path, file, total, &fault)) {
        host_say(host, LOG_ERROR, "%s", fault.text);
    }
}

typedef enum SaveState { SAVE_GOOD, SAVE_OTHER_TYPE, SAVE_DAMAGED } SaveState;

// Untrusted: every length is checked before it is used.
static SaveState save_payload(FileBytes file, const char *type, size_t size, const uint8_t **data)
{
    if (file.size_bytes < SAVE_HEADER_BYTES || memcmp(file.data, SAVE_MAGIC, 8) != 0) {
        return SAVE_DAMAGED;
    }
    uint64_t type_bytes = get_u64(file.data + 8, 4), data_bytes = get_u64(file.data + 16, 8);
    uint64_t rest = file.size_bytes - SAVE_HEADER_BYTES;
    if (type_bytes > rest || data_bytes != rest - type_bytes
        || get_u64(file.data + 24, 8) != hash_bytes(file.data + SAVE_HEADER_BYTES, (size_t)rest)) {
        return SAVE_DAMAGED;
    }
    const uint8_t *name = file.data + SAVE_HEADER_BYTES;
    if (type_bytes != strlen(type) || memcmp(name, type, (size_t)type_bytes) != 0
        || data_bytes != size) {
        return SAVE_OTHER_TYPE;
    }
    *data = name + type_bytes;
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

static bool load_from_disk(Host *host, const char *slot, const char *type, size_t size,
                           HostBytes *out)
{
    char path[FILE_PATH_MAX];
    FileBytes file;
    if (!slot_path(host, slot, path) || !file_exists(path)) {
        return false;
    }
    Fault fault;
    if (!file_read(&host->scratch, path, SAVE_BYTES_MAX + PAGE_BYTES, &file, &fault)) {
        host_say(host, LOG_WARNING, "%s; the game starts without it", fault.text);
        return false;
    }
    switch (save_payload(file, type, size, &out->data)) {
    case SAVE_GOOD:
        out->size_bytes = size;
        out->present = true;
        return true;
    case SAVE_OTHER_TYPE:
        host_say(
            host, LOG_WARNING,
            "%s holds another type or size than %s (%zu bytes); it is left alone, and the game "
            "starts without it",
            path, type, size);
        return false;
    case SAVE_DAMAGED:
        keep_damaged(host, path);
        return false;
    }
    return false;
}

bool hl_load(hl_tick *t, const char *slot, const char *type, void *data, size_t size)
{
    Host *host = host_of(t);
    HostBytes bytes = {.kind = REPLAY_SAVE};
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
    if (host->source == HOST_FROM_RECORD
        || (host->source == HOST_REPEATS && nth < host->save_count)) {
        bytes = nth < host->save_count ? host->saves[nth] : bytes;
        bytes.present = bytes.present && bytes.size_bytes == size;
    } else {
        (void)load_from_disk(host, slot, type, size, &bytes);
    }
    host_note(host, REPLAY_SAVE, slot, &bytes);
    if (bytes.present) {
        memcpy(data, bytes.data, size);
    }
    return bytes.present;
}
