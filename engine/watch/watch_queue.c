// What one drain has to say: the queue of changes, one entry a path, and the line for the log. Both
// are filled by all that listens or looks, and emptied by watch_next and watch_take_note.
#include "watch_internal.h"

#include <string.h>

void watch_note(Watch *watch, const char *text)
{
    if (!watch->has_note) {
        (void)text_format(watch->note, sizeof(watch->note), "%s", text);
        watch->has_note = true;
    }
}

void watch_reset_changes(Watch *watch)
{
    if (watch->change_count > 0) {
        memset(watch->change_slots, 0, CHANGE_SLOTS * sizeof(watch->change_slots[0]));
    }
    arena_reset(&watch->drain, 0);
    watch->change_count = 0;
    watch->change_next = 0;
    watch->overflowed = false;
}

static void add_change(Watch *watch, WatchKind kind, const char *path, uint64_t path_hash)
{
    uint32_t slot = (uint32_t)(path_hash % CHANGE_SLOTS);
    while (watch->change_slots[slot]) {
        Change *known = &watch->changes[watch->change_slots[slot] - 1];
        if (known->path_hash == path_hash) {
            // A rescan says more than what happened to the root before it.
            known->kind = known->kind == WATCH_RESCAN ? WATCH_RESCAN : kind;
            known->noticed_ns = mono_ns();
            return;
        }
        slot = (slot + 1) % CHANGE_SLOTS;
    }
    watch->changes[watch->change_count++] =
        (Change){kind, arena_copy_text(&watch->drain, path), path_hash, mono_ns()};
    watch->change_slots[slot] = watch->change_count;
}

void watch_push_change(Watch *watch, WatchKind kind, const char *path)
{
    if (watch->overflowed) {
        return;
    }
    if (watch->change_count < CHANGES_MAX - ROOTS_MAX) {
        add_change(watch, kind, path, hash_bytes(path, strlen(path)));
        return;
    }
    watch->overflowed = true;
    watch->change_count = 0;
    memset(watch->change_slots, 0, CHANGE_SLOTS * sizeof(watch->change_slots[0]));
    for (uint32_t i = 0; i < watch->root_count; i++) {
        const char *root = watch->roots[i].path;
        add_change(watch, WATCH_RESCAN, root, hash_bytes(root, strlen(root)));
    }
}
