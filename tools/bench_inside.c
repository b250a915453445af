// Figures of the modules themselves, linked into this program, which exports the hl_ names like the
// executable does: libraries that it opens call its host.
#include "bench_inside.h"

#include "change_internal.h" // change_read_about: a build is prepared as the change lane does it
#include "platform.h"

#include <pthread.h>

void inside_close(Inside *inside)
{
    if (inside) {
        Arena keep = inside->keep;
        live_close(&inside->live);
        draw_triangles_close(&inside->triangles);
        draw_close(&inside->over);
        draw_close(&inside->draw);
        sound_close(&inside->sound);
        asset_close(inside->assets);
        arena_close(&keep);
    }
}

Inside *inside_open(Bench *bench, const char *assets, size_t history_bytes, Fault *fault)
{
    Arena keep;
    if (!arena_open(&keep, 0, 64u << 20, fault)) {
        return NULL;
    }
    Inside *inside = ARENA_NEW(&keep, Inside, 1);
    inside->keep = keep;
    inside->gamelib.folder = arena_format(&inside->keep, "%s/private", bench->folder);
    LiveConfig config = {.game_id = "bench",
                         .save_folder = "",
                         .sound = &inside->sound,
                         .seed = 1,
                         .history_bytes = history_bytes,
                         .dirty = DIRTY_BEST};
    bool ok = file_make_dirs(inside->gamelib.folder, 0700, fault)
              && (inside->assets = asset_open(&assets, 1, fault)) != NULL
              && sound_open(&inside->sound, fault) && draw_open(&inside->draw, fault)
              && draw_open(&inside->over, fault) && draw_triangles_open(&inside->triangles, fault);
    config.assets = inside->assets;
    if (!ok || !live_open(&inside->live, &config, fault)) {
        inside_close(inside);
        return NULL;
    }
    return inside;
}

// ----------------------------------------------------------------------------------------
// libraries

typedef struct Loading {
    const Inside *inside;
    const char *path;
    GameLib lib;
    InsideLoad took;
    Fault fault;
    bool ok;
} Loading;

static void *load_on_thread(void *argument)
{
    Loading *loading = argument;
    uint64_t begin_ns = mono_ns();
    loading->ok =
        gamelib_open(&loading->lib, loading->path, &loading->inside->gamelib, &loading->fault);
    loading->took.load_ns = mono_ns() - begin_ns;
    if (loading->ok) {
        begin_ns = mono_ns();
        (void)change_read_about(&loading->lib, NULL);
        loading->took.about_ns = mono_ns() - begin_ns;
    }
    return NULL;
}

// On another thread, as the change lane does it: its work must not warm this one's caches.
bool inside_load(Inside *inside, const char *path, GameLib *lib, InsideLoad *took, Fault *fault)
{
    Loading loading = {.inside = inside, .path = path};
    pthread_t thread;
    if (pthread_create(&thread, NULL, load_on_thread, &loading) != 0) {
        return fault_set(fault, FAULT_MEMORY, "no thread could be started");
    }
    (void)pthread_join(thread, NULL);
    *lib = loading.lib;
    *fault = loading.fault;
    uint64_t begin_ns = mono_ns();
    if (loading.ok && live_prepare(&inside->live, lib)) {
        while (!live_is_prepared(&inside->live)) {
            mono_sleep_until(mono_ns() + 20000);
        }
    }
    if (took) {
        *took = loading.took;
        took->plan_ns = mono_ns() - begin_ns;
    }
    return loading.ok;
}

bool inside_load_and_swap(Inside *inside, const char *path, Fault *fault)
{
    GameLib lib;
    uint64_t swap_ns;
    return inside_load(inside, path, &lib, NULL, fault)
           && live_swap(&inside->live, &lib, &swap_ns, fault);
}

// One tick and its picture as data: what a frame does besides looking at the outside.
uint64_t inside_frame_ns(Inside *inside)
{
    static const hl_input NO_INPUT;
    LiveTick did;
    Fault fault;
    uint64_t begin_ns = mono_ns();
    (void)live_tick(&inside->live, &NO_INPUT, &did, &fault);
    if (inside->sound.cmd_count > 0) {
        sound_reset(&inside->sound);
    }
    const hl_game *game = live_game(&inside->live);
    draw_reset(&inside->draw, game->width > 0 ? (float)game->width : 320,
               game->height > 0 ? (float)game->height : 180);
    (void)live_draw(&inside->live, 1, &inside->draw, &(Fault){0});
    draw_reset(&inside->over, 960, 540);
    InspectView view = {.live = &inside->live,
                        .now_ns = begin_ns,
                        .width_px = 960,
                        .height_px = 540,
                        .slow = 1,
                        .pause_text = ""};
    inspect_frame(&inside->inspect, &view, &inside->over);
    return mono_ns() - begin_ns;
}

// ------------------------------------------------------------------------------------ empty frames

void bench_inside_frame(Bench *bench)
{
    static const char WHAT[] = "  in a row, in this process: tick, lists, panels (no sleep)";
    Fault fault = {0};
    Build *build = NULL;
    Samples *samples = bench_samples(bench);
    const char *folder = bench_game_folder(bench, "empty", GAME_EMPTY, 1);
    const char *library = bench_build(bench, folder, &build, &fault);
    Inside *inside = library ? inside_open(bench, folder, 0, &fault) : NULL;
    if (inside && inside_load_and_swap(inside, library, &fault)) {
        for (int i = 0; i < bench_rounds(bench, 4000, 1000); i++) {
            samples_add(samples, (double)inside_frame_ns(inside));
        }
        bench_row_ns(bench, WHAT, samples, 0, "");
    } else {
        bench_failed(bench, WHAT, &fault);
    }
    inside_close(inside);
    build_close(build);
}

// --------------------------------------------------------------------------------------------
// swaps

typedef struct SwapSamples {
    Samples *over, *alone, *search, *plain;
    uint32_t no_time; // searches that found too little spare time in a frame
} SwapSamples;

static bool swap_round(Inside *inside, const char *library, SwapSamples *samples, Fault *fault)
{
    enum { PLAIN_FRAMES = 40, SPARE_NS = 16000000 };
    Samples plain = {.count = 0};
    for (int i = 0; i < PLAIN_FRAMES; i++) {
        samples_add(&plain, (double)inside_frame_ns(inside));
    }
    GameLib lib;
    uint64_t swap_ns;
    if (!inside_load(inside, library, &lib, NULL, fault)) {
        return false;
    }
    uint64_t begin_ns = mono_ns();
    if (!live_swap(&inside->live, &lib, &swap_ns, fault)) {
        return false;
    }
    uint64_t held_ns = mono_ns() - begin_ns;
    double whole_ns = (double)(held_ns + inside_frame_ns(inside));
    samples_add(samples->over, whole_ns - samples_median(&plain));
    samples_add(samples->alone, (double)swap_ns);
    samples_add(samples->plain, samples_median(&plain));
    for (int i = 0; i < PLAIN_FRAMES; i++) { // the search waits for half a second of ticks
        (void)inside_frame_ns(inside);
    }
    begin_ns = mono_ns();
    if (!live_housekeeping(&inside->live, SPARE_NS)) {
        samples->no_time++;
        begin_ns = mono_ns();
        (void)live_housekeeping(&inside->live, UINT64_MAX);
    }
    samples_add(samples->search, (double)(mono_ns() - begin_ns));
    return true;
}

void bench_inside_swap(Bench *bench)
{
    static const char WHAT[] = "  in this process: swap and first frame, less a plain one";
    Fault fault = {0};
    Build *builds[2] = {NULL, NULL};
    SwapSamples samples = {bench_samples(bench), bench_samples(bench), bench_samples(bench),
                           bench_samples(bench), 0};
    const char *a = bench_build(bench, bench_game_folder(bench, "inside64a", GAME_METER64, 1),
                                &builds[0], &fault);
    const char *b = bench_build(bench, bench_game_folder(bench, "inside64b", GAME_METER64, 2),
                                &builds[1], &fault);
    Inside *inside = a && b ? inside_open(bench, bench->folder, 0, &fault) : NULL;
    bool ok = inside && inside_load_and_swap(inside, a, &fault);
    int rounds = bench_rounds(bench, 60, 15);
    for (int i = 0; i < rounds && ok; i++) {
        ok = swap_round(inside, i % 2 ? a : b, &samples, &fault);
    }
    if (ok) {
        const char *plain = arena_format(&bench->keep, "plain frame %s",
                                         bench_ns_text(bench, samples_median(samples.plain)));
        bench_row_ns(bench, WHAT, samples.over, 0.3e6, plain);
        bench_row_ns(bench, "  of that, live_swap itself", samples.alone, 0, "");
        bench_row(bench, "  later, in a frame's spare time: is old code still needed?",
                  bench_ns_text(bench, samples_median(samples.search)),
                  arena_format(&bench->keep, "16 ms did not do: %u of %d", samples.no_time, rounds),
                  "16 ms do", samples.no_time == 0);
    } else {
        bench_failed(bench, WHAT, &fault);
    }
    inside_close(inside);
    build_close(builds[0]);
    build_close(builds[1]);
}

// --------------------------------------------------------------------------------------- bare loop

// The input of tick `tick`, when ENTER is tapped at `enter_tick`. Script lines mean the same:
// "N tap ENTER" is down in tick N and up in N + 1.
static void bare_input(hl_input *input, uint64_t tick, uint64_t enter_tick)
{
    bool down = enter_tick && tick == enter_tick, up = enter_tick && tick == enter_tick + 1;
    input->key[HL_KEY_ENTER] = (hl_button){.down = down, .changes = down || up};
}

// Source of what is set up here: host_update() in engine/host/host.c, done once for all ticks.
static uint64_t run_bare(Inside *inside, uint64_t ticks, uint64_t enter_tick)
{
    Host *host = inside->live.host;
    const hl_game *game = live_game(&inside->live);
    hl_input input = {0};
    hl_tick *t = &host->now.tick;
    t->in = &input;
    t->reloaded = false;
    host->in_tick = true;
    uint64_t begin_ns = mono_ns();
    for (uint64_t i = 0; i < ticks; i++) {
        t->tick++;
        t->time = (double)t->tick / 60;
        if (t->tick - enter_tick < 3) {
            bare_input(&input, t->tick, enter_tick);
        }
        game->update(host->state->root, t);
        if (inside->sound.cmd_count > 0) {
            sound_reset(&inside->sound);
        }
    }
    uint64_t took_ns = mono_ns() - begin_ns;
    host->in_tick = false;
    host->state->tick = t->tick;
    return took_ns;
}

static uint64_t run_live(Inside *inside, uint64_t ticks, uint64_t enter_tick)
{
    hl_input input = {0};
    LiveTick did;
    Fault fault;
    uint64_t begin_ns = mono_ns();
    for (uint64_t i = 0, tick = live_tick_number(&inside->live); i < ticks; i++) {
        tick++;
        bare_input(&input, tick, enter_tick);
        (void)live_tick(&inside->live, &input, &did, &fault);
        if (inside->sound.cmd_count > 0) {
            sound_reset(&inside->sound);
        }
    }
    return mono_ns() - begin_ns;
}

// A fresh game, its first tick run, for either loop.
static Inside *begin_loop(Bench *bench, const char *library, Fault *fault)
{
    Inside *inside = inside_open(bench, BENCH_SOURCE_DIR "/assets/platformer", 0, fault);
    if (inside && !inside_load_and_swap(inside, library, fault)) {
        inside_close(inside);
        return NULL;
    }
    if (inside) {
        (void)inside_frame_ns(inside);
    }
    return inside;
}

bool bench_inside_loop(Bench *bench, const char *library, uint64_t ticks, uint64_t enter_tick,
                       BenchLoop *loop, Fault *fault)
{
    *loop = (BenchLoop){0};
    Inside *inside = begin_loop(bench, library, fault);
    if (!inside) {
        return false;
    }
    loop->bare_ns = run_bare(inside, ticks - 1, enter_tick);
    // Which tick a key went down at is the runtime's own note, which a bare loop does not keep.
    if (enter_tick) {
        inside->live.host->state->down_since[HL_KEY_ENTER] = enter_tick;
    }
    loop->bare_hash = live_hash(&inside->live);
    inside_close(inside);
    inside = begin_loop(bench, library, fault);
    if (!inside) {
        return false;
    }
    loop->live_ns = run_live(inside, ticks - 1, enter_tick);
    inside_close(inside);
    return true;
}

// ------------------------------------------------------------------------------------------
// sprites

static void measure_sprites(Bench *bench, Inside *inside, Platform *platform, const char *name)
{
    Samples *draw = bench_samples(bench), *triangulate = bench_samples(bench);
    Samples *present = bench_samples(bench);
    for (int i = 0; i < bench_rounds(bench, 400, 80); i++) {
        (void)platform_poll(platform);
        (void)inside_frame_ns(inside); // moves them
        draw_reset(&inside->draw, 640, 360);
        uint64_t begin_ns = mono_ns();
        (void)live_draw(&inside->live, 1, &inside->draw, &(Fault){0});
        uint64_t drawn_ns = mono_ns();
        draw_triangulate(&inside->draw, &inside->triangles);
        uint64_t cut_ns = mono_ns();
        platform_present(platform, &inside->draw, &inside->over);
        samples_add(draw, (double)(drawn_ns - begin_ns));
        samples_add(triangulate, (double)(cut_ns - drawn_ns));
        samples_add(present, (double)(mono_ns() - cut_ns));
    }
    const PlatformInfo *info = platform_info(platform);
    bench_row_ns(bench, arena_format(&bench->keep, "  %s: the game's draw()", name), draw, 0,
                 arena_format(&bench->keep, "%u commands", inside->draw.cmd_count));
    bench_row_ns(bench, arena_format(&bench->keep, "  %s: triangles", name), triangulate, 0,
                 arena_format(&bench->keep, "%u vertices", inside->triangles.vertex_count));
    bench_row_ns(bench, arena_format(&bench->keep, "  %s: present, software", name), present, 0,
                 arena_format(&bench->keep, "%s %dx%d, draw calls: %u", info->renderer,
                              info->window_w, info->window_h, platform_draw_calls(platform)));
}

static void one_sprites(Bench *bench, BenchGame game, const char *folder_name, const char *name)
{
    Fault fault = {0};
    Build *build = NULL;
    const char *library =
        bench_build(bench, bench_game_folder(bench, folder_name, game, 1), &build, &fault);
    Inside *inside = library ? begin_loop(bench, library, &fault) : NULL;
    PlatformConfig config = {.fast = true,
                             .software = true,
                             .no_sound = true,
                             .title = "bench",
                             .canvas_w = 640,
                             .canvas_h = 360};
    Platform *platform = inside ? platform_open(&inside->keep, &config, &fault) : NULL;
    if (platform) {
        measure_sprites(bench, inside, platform, name);
    } else {
        bench_failed(bench, name, &fault);
    }
    platform_close(platform);
    inside_close(inside);
    build_close(build);
}

void bench_sprites(Bench *bench)
{
    bench_heading(bench, "A picture of 2,000 sprites of 16 x 16, a quarter of them turned");
    one_sprites(bench, GAME_SPRITES1, "sprites1", "one sheet");
    one_sprites(bench, GAME_SPRITES4, "sprites4", "four sheets, mixed");
}
