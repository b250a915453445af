// Names: what the state and the globals of the build that plays hold. And edits: a value that
// somebody sets between two ticks. An edit is a moment of its own, as a restart is: one can go back
// to before it, a recording holds it by path and value, and a loop that plays takes it up, so that
// each of its passes has it.
#include "live_internal.h"

#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum { VALUE_BYTES_MAX = 4096 };

// ---------------------------------------------------------------------------------------- names

static bool is_within(uintptr_t address, size_t bytes, uintptr_t first, uintptr_t end)
{
    return address >= first && address <= end && bytes <= end - address;
}

// The state, the variables, and what the library holds of constants and texts.
static bool read_memory(void *with, uintptr_t address, void *out, size_t bytes)
{
    const Live *live = with;
    const GameLib *lib = &live->now;
    uintptr_t state = (uintptr_t)live->state.base;
    if (is_within(address, bytes, state, state + host_state_bytes(live->host))
        || is_within(address, bytes, lib->globals_first, lib->globals_end)) {
        memcpy(out, (const void *)address, bytes);
        return true;
    }
    // Between the segments of a library there are holes: an error here, not a crash.
    struct iovec to = {out, bytes}, from = {(void *)address, bytes};
    return is_within(address, bytes, lib->image_first, lib->image_end)
           && process_vm_readv(getpid(), &to, 1, &from, 1, 0) == (ssize_t)bytes;
}

bool live_fields(Live *live, FieldView *view, Fault *fault)
{
    const ReflectTable *table = live->now.about;
    const hl_game *game = live->now.game;
    *view = (FieldView){0};
    if (!game || !live->host->state || !live->host->state->started || !live->host->state->root) {
        return fault_set(fault, FAULT_USAGE, "there is no state to look at yet: no tick has run");
    }
    if (!table || table->is_empty) {
        return fault_set(fault, FAULT_USAGE,
                         "the build that plays has no debug information, so nothing in it has a "
                         "name; build it with -g");
    }
    if (live->fitted != live->generation) {
        return fault_set(fault, FAULT_USAGE,
                         "this moment was made by build %llu, which the build that plays cannot "
                         "read; later moments can be looked at",
                         (unsigned long long)live->fitted);
    }
    *view = (FieldView){.table = table,
                        .heap = live->host->heap,
                        .root_type = field_tag_type(table, game->state_type, game->state_size),
                        .root = (uintptr_t)live->host->state->root,
                        .read = read_memory,
                        .with = live};
    return true;
}

// ---------------------------------------------------------------------------------------- edits

static bool apply(Live *live, const char *path, const char *value, Fault *fault)
{
    FieldView view;
    Field field;
    Fault why;
    uint8_t bytes[VALUE_BYTES_MAX];
    size_t size_bytes = sizeof(bytes);
    if (!live_fields(live, &view, fault) || !field_find(&view, path, &field, fault)) {
        return false;
    }
    if (!field_parse(&view, &field, value, bytes, &size_bytes, &why)) {
        return fault_set(fault, FAULT_USAGE, "%s: %s; it is as it was", path, why.text);
    }
    uintptr_t state = (uintptr_t)live->state.base;
    const GameLib *lib = &live->now;
    if (!is_within(field.address, size_bytes, state, state + host_state_bytes(live->host))
        && !is_within(field.address, size_bytes, lib->globals_first, lib->globals_end)) {
        return fault_set(fault, FAULT_USAGE, "%s lies in memory that is never written", path);
    }
    memcpy((void *)field.address, bytes, size_bytes);
    return true;
}

// What a file can hold.
static bool is_clean(const char *text)
{
    char clean[sizeof(hl_input)];
    text_clean(clean, sizeof(clean), text, false);
    return strcmp(clean, text) == 0;
}

bool live_edit_pack(const char *path, const char *value, hl_input *packed, Fault *fault)
{
    size_t path_bytes = strlen(path) + 1, value_bytes = strlen(value) + 1;
    memset(packed, 0, sizeof(*packed));
    if (path_bytes + value_bytes > sizeof(*packed)) {
        return fault_set(fault, FAULT_USAGE,
                         "path and value take %zu bytes, and an edit has room for %zu; name it "
                         "TYPE@ADDRESS, or set the text in parts",
                         path_bytes + value_bytes, sizeof(*packed));
    }
    if (!is_clean(path) || !is_clean(value)) {
        return fault_set(fault, FAULT_USAGE,
                         "path and value have to be UTF-8 without control characters: in \"...\" "
                         "a new line is \\n");
    }
    memcpy(packed, path, path_bytes);
    memcpy((char *)packed + path_bytes, value, value_bytes);
    return true;
}

LiveEdit live_edit_unpack(const hl_input *packed)
{
    const char *path = (const char *)packed;
    // Whoever packed it has left a 0 behind both; history may be another process's.
    size_t length = strnlen(path, sizeof(*packed) - 1);
    size_t left = sizeof(*packed) - length - 1;
    const char *value = path + length + (left > 0);
    bool ends = left > 0 && memchr(value, 0, left);
    return (LiveEdit){.path = path[length] == '\0' ? path : "", .value = ends ? value : ""};
}

// What it was made of is in memory now: that becomes a moment.
static void capture_edit(Live *live, const hl_input *packed, LiveTick *did)
{
    TimelineMoment moment = {.edit = true, .build = (uint32_t)live->generation};
    TimelineCapture took = {0};
    memcpy(&moment.input, packed, sizeof(moment.input));
    live_safety_end(live); // what it would play again to undo a tick has no edits
    if (!live->timeline || !live_capture_moment(live, &moment, did, &took)) {
        live->moment++;
    }
    live_record_edit(live, packed, &took);
}

bool live_edit_again(Live *live, const hl_input *packed, Fault *fault)
{
    LiveTick did = {0};
    LiveEdit edit = live_edit_unpack(packed);
    if (!live_start(live, fault)) { // after a restart that a replay plays
        return false;
    }
    if (!apply(live, edit.path, edit.value, fault)) {
        log_line(LOG_WARNING, "the edit %s = %s cannot be done again: %s", edit.path, edit.value,
                 fault->text);
    }
    if (live->verifying) { // whose moments are others
        live->moment++;
    } else {
        capture_edit(live, packed, &did);
    }
    return true;
}

bool live_edit(Live *live, const char *path, const char *value, LiveTick *did, Fault *fault)
{
    hl_input packed;
    *did = (LiveTick){0};
    if (live->config.replay) {
        return fault_set(fault, FAULT_USAGE,
                         "a replay plays what was recorded: nothing can be set in it. `hotloop "
                         "run` plays the game itself");
    }
    if (!live_edit_pack(path, value, &packed, fault) || !apply(live, path, value, fault)) {
        return false;
    }
    capture_edit(live, &packed, did);
    live_loop_take_edit(live, &packed);
    return true;
}
