// The types of the build that plays, as they are written to files, and those that the session's own
// replay holds. Both are read or made when they are first asked for.
#include "live_internal.h"

#include "live_types.h"

#include <string.h>

bool live_files_open(Live *live, Fault *fault)
{
    Arena own;
    if (!arena_open(&own, 0, 1u << 20, fault)) {
        return false;
    }
    live->files = ARENA_NEW(&own, LiveFiles, 1);
    live->files->own = own;
    return arena_open(&live->files->packed_memory, 0, 2 * REPLAY_TYPES_MAX, fault);
}

void live_files_close(Live *live)
{
    if (live->files) {
        Arena own = live->files->own;
        live_types_close(&live->files->types);
        arena_close(&live->files->packed_memory);
        arena_close(&own);
        live->files = NULL;
    }
}

const uint8_t *live_files_packed(const Live *live, size_t *size_bytes)
{
    LiveFiles *files = live->files;
    if (files->packed_build != live->generation) {
        arena_reset(&files->packed_memory, 0);
        files->packed = live_types_pack(&live->now, &files->packed_memory, &files->packed_bytes);
        files->packed_build = live->generation;
    }
    *size_bytes = files->packed_bytes;
    return files->packed;
}

static bool is_todays(const Live *live, uint32_t number)
{
    Arena memory;
    const uint8_t *bytes, *now;
    size_t size_bytes, now_bytes;
    if (!(now = live_files_packed(live, &now_bytes))
        || !arena_open(&memory, 0, 2 * REPLAY_TYPES_MAX, NULL)) {
        return false;
    }
    bool is_same = replay_types(live->config.replay, number, &memory, &bytes, &size_bytes)
                   && size_bytes == now_bytes && memcmp(bytes, now, now_bytes) == 0;
    arena_close(&memory);
    return is_same;
}

static void read_types(const Live *live, uint32_t number)
{
    LiveFiles *files = live->files;
    Arena memory;
    Fault fault = {0};
    const uint8_t *bytes;
    size_t size_bytes;
    live_types_close(&files->types);
    files->number = number;
    files->read_for = live->generation;
    files->is_read = false;
    if (is_todays(live, number) || !arena_open(&memory, 0, 2 * REPLAY_TYPES_MAX, NULL)) {
        return;
    }
    if (replay_types(live->config.replay, number, &memory, &bytes, &size_bytes)) {
        files->is_read = live_types_open(&files->types, bytes, size_bytes, &fault);
        if (!files->is_read) {
            log_line(LOG_WARNING,
                     "the replay's types cannot be read (%s): it is played as if its structs were "
                     "this build's",
                     fault.text);
        }
    }
    arena_close(&memory);
}

const LiveTypes *live_files_types(const Live *live, uint32_t number)
{
    LiveFiles *files = live->files;
    if (!live->config.replay || number == 0 || !live_types_known(&live->now)) {
        return NULL;
    }
    if (files->number != number || files->read_for != live->generation) {
        read_types(live, number);
    }
    return files->is_read ? &files->types : NULL;
}
