// Any bytes as a replay: opened, played and asked everything, without a crash, a hang or a broken
// promise. Built and run by tools/fuzz, which turns off the checksums; elsewhere this file is
// empty.
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
#include "replay.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE = 4096, TICKS_ASKED = 256, EDITS_ASKED = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes);

// Not assert: that may be off.
static void must(bool holds)
{
    if (!holds) {
        abort();
    }
}

// So that every byte which was promised is read.
static uint64_t sum_text(const char *text)
{
    return hash_bytes(text, strlen(text) + 1);
}

static uint64_t sum_state(const ReplayState *state, uint64_t at)
{
    uint64_t sum = hash_bytes(state->data, (size_t)state->page_count * PAGE);
    must(state->is_whole && state->at <= at);
    for (uint32_t i = 0; i < state->page_count; i++) {
        must(state->pages[i] < (state->used_bytes + PAGE - 1) / PAGE);
        must(i == 0 || state->pages[i] > state->pages[i - 1]);
    }
    for (uint32_t i = 0; i < state->global_count; i++) {
        const ReplayGlobal *global = &state->globals[i];
        sum += sum_text(global->name) + hash_bytes(global->data, global->size_bytes);
    }
    for (uint32_t i = 0; i < state->pointer_count; i++) {
        const ReplayPointer *pointer = &state->pointers[i];
        bool is_in_global = pointer->global >= 0;
        must(!is_in_global || (uint32_t)pointer->global < state->global_count);
        must(pointer->at + 8 <= (is_in_global ? state->globals[pointer->global].size_bytes
                                              : (state->used_bytes + PAGE - 1) / PAGE * PAGE));
        sum += sum_text(pointer->name);
    }
    return sum;
}

static uint64_t ask_about(ReplayReader *reader, uint64_t at, Arena *arena)
{
    ReplayState state;
    ReplayCheck check;
    uint64_t sum = 0;
    const uint8_t *types, *values;
    size_t types_bytes, values_bytes;
    arena_reset(arena, 0);
    if (replay_values(reader, at, arena, &values, &values_bytes)) {
        must(values_bytes > 0);
        sum += hash_bytes(values, values_bytes);
    }
    if (replay_types(reader, replay_types_of_state(reader, at), arena, &types, &types_bytes)) {
        must(types_bytes > 0);
        sum += hash_bytes(types, types_bytes);
    }
    if (replay_state(reader, at, arena, &state)) {
        sum += sum_state(&state, at);
    }
    if (replay_check(reader, at, arena, &check)) {
        for (uint32_t i = 0; i < check.page_count; i++) {
            must(i == 0 || check.pages[i] > check.pages[i - 1]);
            sum += check.page_hashes[i];
        }
    }
    return sum;
}

// Plays all of it; returns a hash of what came, which must be the same each time.
static uint64_t play(ReplayReader *reader, const ReplaySummary *summary)
{
    uint64_t sum = 0, ticks = 0, restarts = 0, edits = 0, at = summary->first;
    ReplayEvent event;
    do {
        replay_next(reader, &event);
        bool is_moment = event.kind == REPLAY_EVENT_TICK || event.kind == REPLAY_EVENT_RESTART
                         || event.kind == REPLAY_EVENT_EDIT;
        at += is_moment;
        must(event.at == at && at <= summary->last);
        ticks += event.kind == REPLAY_EVENT_TICK;
        restarts += event.kind == REPLAY_EVENT_RESTART;
        edits += event.kind == REPLAY_EVENT_EDIT;
        if (event.kind == REPLAY_EVENT_TICK) {
            sum = hash_combine(sum, hash_bytes(event.input, sizeof(*event.input)) + event.hash);
        } else if (event.kind == REPLAY_EVENT_BYTES || event.kind == REPLAY_EVENT_EDIT) {
            must(event.data[event.size_bytes] == 0);
            sum =
                hash_combine(sum, sum_text(event.name) + hash_bytes(event.data, event.size_bytes));
        } else if (event.kind == REPLAY_EVENT_BUILD) {
            sum = hash_combine(sum, sum_text(event.build->compiler) + event.types);
        }
    } while (event.kind != REPLAY_EVENT_END);
    must(ticks == summary->ticks && restarts == summary->restarts && edits == summary->edits);
    must(at == summary->last && event.finished == summary->finished);
    return sum;
}

static uint64_t list(const ReplayReader *reader)
{
    ReplayBuild build;
    ReplayOutside outside;
    uint64_t sum = 0, at, before = 0;
    for (uint32_t n = 0; replay_build(reader, n, &build, &at); n++) {
        must(at >= before && at <= replay_last(reader));
        before = at;
        sum += sum_text(build.compiler);
    }
    const char *path, *value;
    for (uint32_t n = 0; n < EDITS_ASKED && replay_edit(reader, n, &path, &value, &at); n++) {
        must(path[0] && at > replay_first(reader) && at <= replay_last(reader));
        sum += sum_text(path) + sum_text(value);
    }
    for (uint32_t n = 0; replay_outside(reader, n, &outside); n++) {
        must(file_name_is_inside(outside.name));
        sum += sum_text(outside.name);
    }
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    static volatile uint64_t kept; // so that no sum is optimised away
    Arena arena;
    ReplaySummary summary;
    Fault damage = {0}, fault = {0};
    ReplayReader *reader = replay_open_bytes(data, size_bytes, "fuzz", &damage, &fault);
    if (!reader) {
        must(fault.kind == FAULT_FORMAT && fault.text[0]);
        return 0;
    }
    must(arena_open(&arena, 0, 64ull << 20, NULL));
    replay_summary(reader, &summary);
    must(summary.last - summary.first == summary.ticks + summary.restarts + summary.edits);
    must(summary.finished || damage.kind == FAULT_FORMAT);
    uint64_t sum = play(reader, &summary) + list(reader);
    uint64_t middle = summary.first + (summary.last - summary.first) / 2;
    kept += ask_about(reader, summary.first, &arena) + ask_about(reader, middle, &arena);
    kept += ask_about(reader, summary.last, &arena) + ask_about(reader, UINT64_MAX, &arena);
    for (uint64_t i = 0; i < TICKS_ASKED && i <= summary.last - summary.first; i++) {
        ReplayCheck check;
        arena_reset(&arena, 0);
        kept += replay_check(reader, summary.first + i, &arena, &check) ? check.hash : 0;
    }
    replay_rewind(reader);
    must(play(reader, &summary) + list(reader) == sum);
    arena_close(&arena);
    replay_close(reader);
    return 0;
}
#endif
