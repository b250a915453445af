// The gate for everything that update() gets from outside besides its input: asset bytes, and
// (host_save.c) saves. What passed is noted for whoever keeps a record; a replay hands out what was
// noted and touches no disk.
#include "host_internal.h"

#include <string.h>

// What the recording knows of `name`; entered when `make` and there is room.
static HostBytes *outside_of(Host *host, uint64_t name_hash, bool make)
{
    for (uint32_t i = 0; i < host->outside_count; i++) {
        if (host->outside[i].name_hash == name_hash) {
            return &host->outside[i];
        }
    }
    if (!make || host->outside_count == HOST_FILES_MAX) {
        return NULL;
    }
    HostBytes *bytes = &host->outside[host->outside_count++];
    *bytes = (HostBytes){.name_hash = name_hash};
    return bytes;
}

void host_feed(Host *host, ReplayBytesKind kind, const char *name, bool present,
               const uint8_t *data, size_t size_bytes)
{
    HostBytes bytes = {
        .name_hash = hash_bytes(name, strlen(name)),
        .content = present ? hash_bytes(data, size_bytes) : 0,
        .kind = kind,
        .present = present,
        .data = data,
        .size_bytes = size_bytes,
        .build = host->feeding,
    };
    if (kind == REPLAY_SAVE) {
        if (host->save_count < HOST_LOADS_MAX) {
            host->saves[host->save_count++] = bytes;
        }
        return;
    }
    HostBytes *known = outside_of(host, bytes.name_hash, true);
    if (known) {
        *known = bytes;
    }
}

void host_stage_begin(Host *host)
{
    host->save_count = 0;
    host->loads_done = 0;
}

// A name that is none has no bytes, today or in a replay. Leaving it out keeps it from ending a
// recording, which refuses to write such names.
void host_note(Host *host, ReplayBytesKind kind, const char *name, const HostBytes *bytes)
{
    if (!host->notes_on || host->note_count == HOST_NOTES_MAX || !file_name_is_inside(name)) {
        return;
    }
    HostNote *made = &host->notes[host->note_count++];
    *made = (HostNote){.kind = kind,
                       .present = bytes->present,
                       .data = bytes->data,
                       .size_bytes = bytes->size_bytes};
    (void)text_format(made->name, sizeof(made->name), "%s", name);
}

// The content of asset `name` as this tick must see it.
static HostBytes current(Host *host, const char *name, uint64_t name_hash)
{
    if (host->source == HOST_FROM_RECORD) {
        const HostBytes *known = outside_of(host, name_hash, false);
        return known ? *known : (HostBytes){.name_hash = name_hash};
    }
    AssetData data = asset_data(host->assets, name);
    HostBytes bytes = {.name_hash = name_hash,
                       .kind = REPLAY_FILE,
                       .present = data.data != NULL,
                       .content = data.content,
                       .data = data.data,
                       .size_bytes = data.size_bytes};
    if (host->notes_on) {
        HostBytes *known = outside_of(host, name_hash, true);
        if (!known || known->content != bytes.content || known->kind != REPLAY_FILE) {
            host_note(host, REPLAY_FILE, name, &bytes);
        }
        if (known) {
            *known = bytes;
        }
    }
    return bytes;
}

static HostFile *seen_of(hl_tick *t, const char *name, uint64_t name_hash)
{
    HostState *state = host_of(t)->state;
    for (uint32_t i = 0; i < state->file_count; i++) {
        if (state->files[i].name_hash == name_hash) {
            return &state->files[i];
        }
    }
    if (state->file_count == HOST_FILES_MAX) {
        host_stop(t, NULL, 0, "hl_file(\"%s\"): more than %d different names in one game", name,
                  HOST_FILES_MAX);
    }
    HostFile *seen = &state->files[state->file_count++];
    *seen = (HostFile){.name_hash = name_hash};
    return seen;
}

hl_bytes hl_file(hl_tick *t, const char *name)
{
    Host *host = host_of(t);
    uint64_t name_hash = hash_bytes(name, strlen(name));
    HostBytes bytes = current(host, name, name_hash);
    HostFile *seen = seen_of(t, name, name_hash);
    if (!bytes.present) {
        return (hl_bytes){0};
    }
    if (seen->content != bytes.content) {
        seen->content = bytes.content;
        seen->version++;
    }
    return (hl_bytes){bytes.data, bytes.size_bytes, seen->version};
}

bool hl_file_changed(hl_tick *t, const char *name)
{
    uint64_t name_hash = hash_bytes(name, strlen(name));
    HostBytes bytes = current(host_of(t), name, name_hash);
    uint32_t known_files = host_of(t)->state->file_count;
    HostFile *seen = seen_of(t, name, name_hash);
    bool first_sight = host_of(t)->state->file_count > known_files;
    if (!bytes.present || seen->content == bytes.content) {
        return false;
    }
    seen->content = bytes.content;
    seen->version++;
    return !first_sight;
}

void hl_quit(hl_tick *t)
{
    host_of(t)->wishes.any = host_of(t)->wishes.quit = true;
}

void hl_restart(hl_tick *t)
{
    host_of(t)->wishes.any = host_of(t)->wishes.restart = true;
}

void hl_mouse_capture(hl_tick *t, bool on)
{
    host_of(t)->wishes.any = true;
    host_of(t)->wishes.capture = on ? 1 : -1;
}
