// What is kept of a session beside its states: what it was given from outside, and the file of
// --record.
#include "live_internal.h"

#include "live_types.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include <gnu/libc-version.h>

enum { KEYFRAME_SECONDS = 10, OUTSIDE_MAX = 1 << 20, KEYFRAME_BYTES_MAX = 4 << 20 };

// ---------------------------------------------------------------------------------------- outside

// The same bytes that were noted before, kept once.
static const uint8_t *kept_bytes(Live *live, const HostNote *note, uint64_t content)
{
    for (uint32_t i = live->outside_count; i > 0; i--) {
        const LiveOutside *known = &live->outside[i - 1];
        if (known->present && known->content == content && known->size_bytes == note->size_bytes) {
            return known->data;
        }
    }
    uint8_t *data = arena_try_push(&live->outside_bytes, 1, 16, note->size_bytes + 1);
    if (data && note->size_bytes > 0) {
        memcpy(data, note->data, note->size_bytes);
    }
    return data;
}

static void log_note(Live *live, const HostNote *note)
{
    uint64_t content = note->present ? hash_bytes(note->data, note->size_bytes) : 0;
    const uint8_t *data = note->present ? kept_bytes(live, note, content) : NULL;
    size_t name_bytes = strlen(note->name) + 1;
    char *name = arena_try_push(&live->outside_bytes, 1, 1, name_bytes);
    if (live->outside_count == OUTSIDE_MAX || !name || (note->present && !data)) {
        live->outside_full = true;
        return;
    }
    memcpy(name, note->name, name_bytes);
    *ARENA_NEW(&live->outside_memory, LiveOutside, 1) =
        (LiveOutside){.place = timeline_here(live->timeline),
                      .kind = note->kind,
                      .present = note->present,
                      .name = name,
                      .content = content,
                      .data = data,
                      .size_bytes = note->size_bytes};
    live->outside_count++;
}

void live_take_notes(Live *live)
{
    for (uint32_t i = 0; live->timeline && i < live->host->note_count; i++) {
        log_note(live, &live->host->notes[i]);
    }
    live->host->note_count = 0;
}

void live_feed_saves(Live *live, TimelinePlace place)
{
    TimelineMoment moment;
    place = timeline_owner(live->timeline, place);
    if (timeline_moment(live->timeline, place, &moment)) {
        live->host->feeding = live_feeding_of_build(live, moment.build);
    }
    for (uint32_t i = 0; i < live->outside_count; i++) {
        const LiveOutside *known = &live->outside[i];
        if (known->kind == REPLAY_SAVE && known->place.branch == place.branch
            && known->place.at == place.at) {
            host_feed(live->host, known->kind, known->name, known->present, known->data,
                      known->size_bytes);
        }
    }
    live->host->feeding = 0;
}

// ------------------------------------------------------------------------------------------ facts

void live_machine(char *out, size_t out_bytes)
{
    struct utsname machine;
    (void)uname(&machine);
    // What libm and libc choose their variants by. Source: glibc, sysdeps/x86_64/fpu/multiarch.
    __builtin_cpu_init();
    (void)text_format(out, out_bytes, "%.30s%s%s%s, glibc %.20s" LIVE_HASH_KIND, machine.machine,
                      __builtin_cpu_supports("fma") ? " fma" : "",
                      __builtin_cpu_supports("avx2") ? " avx2" : "",
                      __builtin_cpu_supports("avx512f") ? " avx512f" : "", gnu_get_libc_version());
}

void live_facts(const Live *live, ReplayFacts *facts)
{
    const hl_game *game = live->now.game;
    *facts = (ReplayFacts){.state_size = game->state_size,
                           .arena_bytes = live->state.reserve_bytes,
                           .seed = live->config.seed,
                           .tick_rate = (uint32_t)live_tick_rate(live),
                           .api = game->api,
                           .recorded_s = (int64_t)time(NULL)};
    (void)text_format(facts->game_id, sizeof(facts->game_id), "%s", live->config.game_id);
    (void)text_format(facts->title, sizeof(facts->title), "%s", game->title ? game->title : "");
    (void)text_format(facts->state_type, sizeof(facts->state_type), "%s", game->state_type);
    (void)text_format(facts->made_by, sizeof(facts->made_by), "%s",
                      live->config.made_by ? live->config.made_by : "hotloop");
    live_machine(facts->machine, sizeof(facts->machine));
}

void live_build(const Live *live, const GameLib *lib, ReplayBuild *build)
{
    *build = (ReplayBuild){.content = lib->content};
    (void)text_format(build->compiler, sizeof(build->compiler), "%s",
                      live->config.compiler ? live->config.compiler : "");
    if (lib == &live->now) {
        build->types = live_files_packed(live, &build->types_bytes);
    }
}

// -------------------------------------------------------------------------------------- recording

static size_t state_room(const Live *live)
{
    return (host_state_bytes(live->host) / PAGE_BYTES + 2) * (PAGE_BYTES + 8) + (1ull << 30);
}

// All pages in use, in `arena`. Returns how many addresses could not be kept.
static uint32_t take_whole(const Live *live, Arena *arena, ReplayState *state)
{
    LiveImages images;
    live_look(live, &images);
    size_t pages = (live_used_bytes(&images.view) + PAGE_BYTES - 1) / PAGE_BYTES;
    uint32_t *numbers = arena_push(arena, 4, 4, pages), count = 0, lost = 0;
    for (uint32_t i = 0; i < pages; i++) {
        const uint8_t *page = live->state.base + (size_t)i * PAGE_BYTES;
        bool is_zero = page[0] == 0 && memcmp(page, page + 1, PAGE_BYTES - 1) == 0;
        numbers[count] = i;
        count += !is_zero;
    }
    live_state_take(&images.view, numbers, count, true, live->moment, arena, state, &lost);
    return lost;
}

bool live_record_begin(Live *live, Fault *fault)
{
    if (!live->config.record_path || live->writer) {
        return true;
    }
    // From before init(), so that the first state is empty and holds no address of this process.
    ReplayFacts facts;
    ReplayBuild build;
    live_facts(live, &facts);
    live_build(live, &live->now, &build);
    live->hash = live_hash_open(fault);
    live->writer =
        live->hash ? replay_create(live->config.record_path, &facts, &build, NULL, fault) : NULL;
    return live->writer != NULL;
}

bool live_record_from_here(Live *live, Fault *fault)
{
    if (!live->config.record_path) {
        return true;
    }
    Arena arena;
    if (!arena_open(&arena, 0, state_room(live), fault)) {
        return false;
    }
    ReplayFacts facts;
    ReplayBuild build;
    ReplayState state;
    live_facts(live, &facts);
    live_build(live, &live->now, &build);
    uint32_t lost = take_whole(live, &arena, &state);
    live->hash = live_hash_open(fault);
    live->writer =
        live->hash ? replay_create(live->config.record_path, &facts, &build, &state, fault) : NULL;
    arena_close(&arena);
    if (!live->writer) {
        return false;
    }
    if (lost > 0) {
        log_line(LOG_WARNING,
                 "%u addresses of other libraries in the recording's first state could not be kept "
                 "and are zero there",
                 lost);
    }
    LiveImages images;
    live_look(live, &images);
    (void)live_hash_all(live->hash, &images.view);
    live->recorded = timeline_here(live->timeline);
    live->keyframe_moment = live->moment;
    return true;
}

bool live_is_recording(const Live *live)
{
    return live->writer && live->writer_fault.kind == FAULT_NONE;
}

static void put_notes(Live *live)
{
    for (uint32_t i = 0; i < live->host->note_count; i++) {
        const HostNote *note = &live->host->notes[i];
        (void)replay_put_bytes(live->writer, note->kind, note->name, note->present, note->data,
                               note->size_bytes, &live->writer_fault);
    }
}

// A part of history that is played on from, put into the file again.
static void put_again(Live *live, TimelinePlace place)
{
    TimelineMoment moment;
    if (!timeline_moment(live->timeline, place, &moment)) {
        (void)fault_set(&live->writer_fault, FAULT_MEMORY,
                        "the recording ends: what is played on from is no longer remembered as "
                        "inputs; the game plays on");
        return;
    }
    TimelinePlace owner = timeline_owner(live->timeline, place);
    if (moment.edit) {
        LiveEdit edit = live_edit_unpack(&moment.input);
        (void)replay_put_edit(live->writer, edit.path, edit.value, &live->writer_fault);
        return;
    }
    if (moment.restart) {
        (void)replay_put_restart(live->writer, &live->writer_fault);
    } else if (moment.first_of_build) { // which the game is told
        ReplayBuild build;
        live_build(live, &live->now, &build);
        (void)replay_put_build(live->writer, &build, &live->writer_fault);
    }
    for (uint32_t i = 0; i < live->outside_count; i++) {
        const LiveOutside *known = &live->outside[i];
        if (known->place.branch == owner.branch && known->place.at == owner.at) {
            (void)replay_put_bytes(live->writer, known->kind, known->name, known->present,
                                   known->data, known->size_bytes, &live->writer_fault);
        }
    }
    if (!moment.restart) {
        (void)replay_put_tick(live->writer, &moment.input, NULL, &live->writer_fault);
    }
}

void live_record_go(Live *live, TimelinePlace place)
{
    if (!live_is_recording(live) || !live->timeline) {
        return;
    }
    TimelinePlace from = timeline_owner(live->timeline, live->recorded);
    place = timeline_owner(live->timeline, place);
    if (from.branch == place.branch && from.at == place.at) {
        return;
    }
    TimelinePlace meet = timeline_meet(live->timeline, from, place);
    if (from.at > meet.at) {
        (void)replay_put_rewind(live->writer, from.at - meet.at, &live->writer_fault);
    }
    for (uint64_t at = meet.at + 1; at <= place.at && live_is_recording(live); at++) {
        put_again(live, (TimelinePlace){place.branch, at});
    }
    live->recorded = place;
    live->keyframe_moment = 0; // the one before may just have been undone
}

// The moment before the one that was just captured is where the file has to end.
static void follow(Live *live)
{
    if (live->timeline) {
        TimelinePlace here = timeline_here(live->timeline);
        if (here.at > 0) {
            live_record_go(live, (TimelinePlace){here.branch, here.at - 1});
        }
    }
}

static void note_end(Live *live)
{
    if (live->timeline) {
        live->recorded = timeline_here(live->timeline);
    }
}

// Keyframes are whole, because a jump back may undo the one before.
static void put_keyframe(Live *live)
{
    Arena arena;
    Fault fault;
    ReplayState state;
    if (!arena_open(&arena, 0, state_room(live), &fault)) {
        return;
    }
    if (take_whole(live, &arena, &state)
        == 0) { // or an address would be zero where the file is joined
        (void)replay_put_state(live->writer, &state, &live->writer_fault);
    }
    arena_close(&arena);
    live->keyframe_moment = live->moment;
}

// The frame waits for it, some 2 ms for 1 MiB: large states have none, and are joined by playing.
static bool wants_keyframe(const Live *live)
{
    uint64_t every = KEYFRAME_SECONDS * (uint64_t)live_tick_rate(live);
    return live->moment >= live->keyframe_moment + every
           && host_state_bytes(live->host) <= KEYFRAME_BYTES_MAX;
}

// Is the copy of what was there the moment before this one?
static bool changes_follow(const Live *live)
{
    TimelinePlace here = timeline_here(live->timeline), before = here;
    before.at--;
    before = timeline_owner(live->timeline, before);
    return live->changes_histories == live->histories && live->changes_place.branch == before.branch
           && live->changes_place.at == before.at;
}

void live_record_look(Live *live, const LiveView *view)
{
    live->changes = live->changes || !live->writer ? live->changes : live_changes_open();
    if (live->changes) {
        live_changes_begin(live->changes, view);
        live->changes_histories = live->histories;
        live->changes_place = timeline_owner(live->timeline, timeline_here(live->timeline));
    }
}

// What the tick changed goes into the file with it, where that is known.
static void put_changes(Live *live, const LiveView *view, const TimelineCapture *took)
{
    const uint8_t *rows;
    if (!live->changes || !changes_follow(live)) {
        live_record_look(live, view);
        return;
    }
    size_t bytes = live_changes_take(live->changes, view, took->pages, took->page_count, &rows);
    live->changes_place = timeline_owner(live->timeline, timeline_here(live->timeline));
    if (bytes > 0) {
        replay_put_values(live->writer, rows, bytes);
    }
}

void live_record_tick(Live *live, const hl_input *input, const TimelineCapture *took)
{
    if (!live_is_recording(live)) {
        return;
    }
    follow(live);
    put_notes(live);
    ReplayCheck check;
    bool has_check = live->timeline != NULL;
    if (has_check) {
        LiveImages images;
        live_look(live, &images);
        live_hash_some(live->hash, &images.view, took->pages, took->page_count, &check);
        put_changes(live, &images.view, took);
    }
    (void)replay_put_tick(live->writer, input, has_check ? &check : NULL, &live->writer_fault);
    if (live_is_recording(live) && wants_keyframe(live)) {
        put_keyframe(live);
    }
    note_end(live);
}

void live_record_restart(Live *live)
{
    if (live_is_recording(live)) {
        follow(live);
        (void)replay_put_restart(live->writer, &live->writer_fault);
        put_notes(live);
        note_end(live);
    }
}

void live_record_edit(Live *live, const hl_input *packed, const TimelineCapture *took)
{
    LiveEdit edit = live_edit_unpack(packed);
    if (!live_is_recording(live)) {
        return;
    }
    follow(live);
    if (live->timeline) { // the hash of what changed is worked out now or is wrong from now on
        LiveImages images;
        ReplayCheck ignored;
        live_look(live, &images);
        live_hash_some(live->hash, &images.view, took->pages, took->page_count, &ignored);
    }
    (void)replay_put_edit(live->writer, edit.path, edit.value, &live->writer_fault);
    note_end(live);
}

void live_record_build(Live *live, bool is_same)
{
    if (live_is_recording(live)) {
        ReplayBuild build;
        live_build(live, &live->now, &build);
        build.is_same = is_same;
        (void)replay_put_build(live->writer, &build, &live->writer_fault);
    }
}

void live_record_end(Live *live)
{
    if (!live->writer) {
        return;
    }
    Fault fault;
    bool was_whole = live_is_recording(live);
    if (live->timeline && live->host->state) {
        live_record_go(live, timeline_here(live->timeline));
    }
    if (!replay_finish(live->writer, live_hash(live), &fault) && was_whole) {
        log_line(LOG_ERROR, "%s", fault.text);
    }
    live->writer = NULL;
    live_changes_close(live->changes);
    live->changes = NULL;
}
