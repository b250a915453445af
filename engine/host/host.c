#include "host_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define HOST_MAGIC 0x31455441545348ull // "HSTATE1"

size_t host_heap_offset(void)
{
    return (sizeof(HostState) + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
}

bool host_open(Host *host, Guard *guard, Assets *assets, SoundList *sound, const char *save_folder,
               Fault *fault)
{
    host->guard = guard;
    host->assets = assets;
    host->sound = sound;
    (void)text_format(host->save_folder, sizeof(host->save_folder), "%s", save_folder);
    if (!arena_open(&host->scratch, 0, 1ull << 30, fault)
        || !arena_open(&host->kept, 0, sizeof(HostNote) * HOST_NOTES_MAX, fault)) {
        return false;
    }
    host->notes = ARENA_NEW(&host->kept, HostNote, HOST_NOTES_MAX);
    return draw_open(&host->debug, fault);
}

void host_close(Host *host)
{
    draw_close(&host->debug);
    arena_close(&host->scratch);
    arena_close(&host->kept);
    arena_close(&host->trail_memory);
}

void host_attach(Host *host, void *memory, size_t capacity_bytes)
{
    host->state = memory;
    void *heap = (uint8_t *)memory + host_heap_offset();
    if (host->state->magic != HOST_MAGIC) {
        host->state->magic = HOST_MAGIC;
        (void)heap_init(heap, capacity_bytes - host_heap_offset());
    }
    host->heap = heap;
}

bool host_check(const Host *host, const hl_game *game, Fault *fault)
{
    const HostState *state = host->state;
    uintptr_t heap_first = (uintptr_t)host->heap, root = (uintptr_t)state->root;
    if (!heap_check(host->heap, fault)) {
        return false;
    }
    if (state->file_count > HOST_FILES_MAX || state->started > 1 || state->tick_rate > 1000
        || !(state->rate_time >= 0 && state->rate_time < 1e12) || state->rate_tick > state->tick) {
        return fault_set(fault, FAULT_FORMAT, "the runtime's part of the state is damaged");
    }
    if (!state->started || root == 0) {
        return true;
    }
    HeapBlock block = {0};
    while (heap_next(host->heap, &block) && (uintptr_t)block.data <= root) {
        if (block.data == state->root && block.count * block.element_bytes >= game->state_size
            && root > heap_first && root % game->state_align == 0) {
            return true;
        }
    }
    return fault_set(fault, FAULT_FORMAT, "there is no %s of %zu bytes where the state says",
                     game->state_type, game->state_size);
}

size_t host_state_bytes(const Host *host)
{
    return host_heap_offset() + heap_used_bytes(host->heap);
}

_Noreturn void host_stop(hl_tick *t, const char *file, int line, const char *format, ...)
{
    Host *host = host_of(t);
    char text[1024];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    (void)fault_set(&host->stop_fault, FAULT_GAME, "%s", text);
    (void)text_format(host->stop_fault.file, sizeof(host->stop_fault.file), "%s", file ? file : "");
    host->stop_fault.line = line;
    guard_stop(host->guard, host->stop_caller);
}

static uint32_t rate_of(const hl_game *game)
{
    return game->tick_rate > 0 ? (uint32_t)game->tick_rate : 60;
}

// A changed tick rate must not make game time jump: it goes on from where it was. Called while
// state->tick is still the last tick of the old rate.
static void keep_time(HostState *state, uint32_t tick_rate)
{
    if (state->tick_rate == tick_rate) {
        return;
    }
    if (state->tick_rate != 0) {
        state->rate_time += (double)(state->tick - state->rate_tick) / state->tick_rate;
    }
    state->rate_tick = state->tick;
    state->tick_rate = tick_rate;
}

static void note_keys(HostState *state, const hl_input *input)
{
    uint64_t keys[HL_KEYS / 8], changed = 0;
    memcpy(keys, input->key, sizeof(keys));
    for (size_t i = 0; i < HL_KEYS / 8; i++) { // without branches: done in a few instructions
        changed |= keys[i];
    }
    if ((changed & 0xFEFEFEFEFEFEFEFEull) == 0) {
        return; // nearly always
    }
    for (size_t i = 0; i < HL_KEYS; i += 8) {
        uint64_t eight;
        memcpy(&eight, &input->key[i], sizeof(eight));
        if ((eight & 0xFEFEFEFEFEFEFEFEull) == 0) {
            continue; // no changes in any of them
        }
        for (size_t k = i; k < i + 8; k++) {
            if (input->key[k].changes > 0 && input->key[k].down) {
                state->down_since[k] = state->tick;
            }
        }
    }
}

typedef void GameTick(void *root, hl_tick *t);

// What the guard calls: with one argument of ours and one of the call's.
typedef struct HostCall {
    Host *host;
    GameTick *tick;       // init, update
    const hl_game *draws; // draw
    const hl_game *migrates;
    const hl_old *old;
} HostCall;

static void call_game(void *call, void *argument)
{
    const HostCall *one = call;
    void *root = one->host->state->root;
    if (one->draws) {
        one->draws->draw(root, argument);
    } else if (one->migrates) {
        one->migrates->migrate(root, argument, one->old);
    } else {
        one->tick(root, argument);
    }
}

// False: it ended early. What the game promised and broke has its words already; of a crash only
// its kind is said here, whoever has debug information says more.
static bool run(Host *host, const char *name, HostCall call, void *argument, Fault *fault)
{
    static const char *const ENDS[] = {"",
                                       "stopped",
                                       "crashed",
                                       "used up its stack",
                                       "did not return",
                                       "wanted to exit",
                                       "aborted",
                                       "jumped out of the call"};
    host->call = name;
    host->in_tick = !call.draws;
    host->stop_caller = 0;
    bool ok = guard_run(host->guard, call_game, &call, argument, &host->report);
    host->in_tick = false;
    if (!ok) {
        (void)text_format(host->report.call, sizeof(host->report.call), "%s", name);
    }
    if (!ok && host->report.end == GUARD_STOPPED) {
        *fault = host->stop_fault;
    } else if (!ok) {
        (void)fault_set(fault, FAULT_CRASH, "%s() %s", name, ENDS[host->report.end]);
        fault->file[0] = '\0';
        fault->line = 0;
    }
    return ok;
}

static void begin(Host *host, const hl_game *game, const hl_input *input, bool reloaded)
{
    HostState *state = host->state;
    uint32_t rate = rate_of(game);
    if (host->scratch.used_bytes > 0) {
        arena_reset(&host->scratch, 0);
    }
    if (host->debug.cmd_count > 0) {
        draw_reset(&host->debug, 0, 0);
    }
    host_trails_begin(host);
    host->now.host = host;
    host->now.tick = (hl_tick){
        .in = input,
        .tick = state->tick,
        .time = state->rate_time + (double)(state->tick - state->rate_tick) / rate,
        .dt = 1.0f / (float)rate,
        .seed = state->seed,
        .reloaded = reloaded,
    };
}

bool host_init(Host *host, const hl_game *game, const hl_input *input, Fault *fault)
{
    HostState *state = host->state;
    if (!state->root) {
        state->root =
            heap_alloc(host->heap, game->state_type, game->state_size, game->state_align, 1);
        if (!state->root) {
            return fault_set(fault, FAULT_GAME,
                             "the arena of %zu bytes has no room for %s (%zu bytes); give the game "
                             "a larger .arena, or --arena SIZE",
                             heap_capacity_bytes(host->heap), game->state_type, game->state_size);
        }
    }
    state->started = 1;
    keep_time(state, rate_of(game));
    begin(host, game, input, true);
    return run(host, "init", (HostCall){.host = host, .tick = game->init}, &host->now.tick, fault);
}

bool host_update(Host *host, const hl_game *game, const hl_input *input, bool reloaded,
                 Fault *fault)
{
    keep_time(host->state, rate_of(game));
    host->state->tick++;
    note_keys(host->state, input);
    begin(host, game, input, reloaded);
    HostCall call = {.host = host, .tick = game->update};
    bool ok = run(host, "update", call, &host->now.tick, fault);
    host_stage_begin(host);
    return ok;
}

bool host_migrate(Host *host, const hl_game *game, const hl_old *old, Fault *fault)
{
    static const hl_input NO_INPUT;
    HostCall call = {.host = host, .migrates = game, .old = old};
    begin(host, game, &NO_INPUT, true);
    return run(host, "migrate", call, &host->now.tick, fault);
}

double hl_old_number(const hl_old *old, const char *path, double otherwise)
{
    double number;
    return old && path && old->number(old->with, path, &number) ? number : otherwise;
}

bool hl_old_bytes(const hl_old *old, const char *path, void *out, size_t size)
{
    return old && path && out && old->bytes(old->with, path, out, size);
}

bool host_draw(Host *host, const hl_game *game, float alpha, DrawList *draw, Fault *fault)
{
    hl_canvas canvas = {.host = host, .draw = draw, .alpha = alpha};
    if (!run(host, "draw", (HostCall){.host = host, .draws = game}, &canvas, fault)) {
        return false;
    }
    host_draw_debug(host, draw, canvas.has_camera ? &canvas.first_camera : NULL);
    return true;
}

void host_say(Host *host, LogLevel level, const char *format, ...)
{
    if (host->line_count == HOST_LINES_MAX) {
        host->lines_dropped++;
        return;
    }
    HostLine *line = &host->lines[host->line_count++];
    *line = (HostLine){.level = level, .tick = host->state ? host->state->tick : 0};
    char raw[HOST_LINE_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(raw, sizeof(raw), format, args);
    va_end(args);
    text_clean(line->text, sizeof(line->text), raw, true);
}

void host_jumped(Host *host)
{
    // What a recording already holds of the outside may lie in the part that was just undone.
    if (host->source != HOST_FROM_RECORD) {
        host->outside_count = 0;
    }
    host_stage_begin(host);
    draw_reset(&host->debug, 0, 0);
    for (uint32_t i = 0; i < host->watch_count; i++) {
        host->watches[i].said_tick = 0;
    }
}

HostMark host_mark(const Host *host)
{
    return (HostMark){.lines = host->line_count,
                      .notes = host->note_count,
                      .sounds = host->sound->cmd_count,
                      .frames = host->sound->frame_count,
                      .wishes = host->wishes};
}

void host_take_back(Host *host, const HostMark *mark)
{
    host->line_count = mark->lines;
    host->note_count = mark->notes;
    host->sound->cmd_count = mark->sounds;
    host->sound->frame_count = mark->frames;
    host->wishes = mark->wishes;
}
