// `hotloop export`: a recording as a movie, rendered offline picture by picture.
#include "app.h"

#include "movie.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char HELP[] =
    "Usage: hotloop export FILE -o movie.mp4 [options]    with sound\n"
    "       hotloop export FILE -o movie.gif [options]\n"
    "       hotloop export FILE -o frames/%05d.png [options]\n"
    "\n"
    "  --from T, --to T   only these moments (see `hotloop info FILE`)\n"
    "  --scale N          pixels for each of the game's (default: as many as fit 1280 x 960)\n"
    "  --game FOLDER, --so PATH, --assets DIR, --cc COMPILER, --cflags FLAGS   as for verify\n"
    "  --quiet            no progress bar\n"
    "\n"
    "One picture a tick, at the game's own rate. mp4 and gif are made by ffmpeg (`apt install "
    "ffmpeg`).\n";

typedef struct Export {
    RunOptions options;
    const char *out;
    MovieKind kind;
    uint64_t scale; // 0: as fits
    bool quiet;
    App *app;
    Movie *movie;
    int width, height;
    uint8_t *pixels;
    float *sound;
    uint64_t pictures, sound_frames;
} Export;

enum { SOUND_RATE = 48000, WIDTH_MAX = 1280, HEIGHT_MAX = 960 };

static bool open_movie(Export *export, Fault *fault)
{
    App *app = export->app;
    AppCanvas canvas = app_canvas(app);
    int fit_w = WIDTH_MAX / canvas.w, fit_h = HEIGHT_MAX / canvas.h;
    int scale = fit_w < fit_h ? fit_w : fit_h;
    scale = export->scale ? (int)export->scale : scale > 1 ? scale : 1;
    export->width = canvas.w * scale;
    export->height = canvas.h * scale;
    PlatformConfig config = {.null = true,
                             .fast = true,
                             .offline = true,
                             .no_sound = export->kind != MOVIE_MP4,
                             .title = canvas.title,
                             .canvas_w = canvas.w,
                             .canvas_h = canvas.h,
                             .smooth = canvas.smooth};
    app->platform = platform_open(&app->keep, &config, fault);
    size_t bytes = (size_t) export->width * (size_t) export->height * 4;
    export->pixels = app->platform ? arena_try_push(&app->keep, 1, 64, bytes) : NULL;
    export->sound =
        export->pixels ? arena_try_push(&app->keep, sizeof(float) * 2, 64, SOUND_RATE) : NULL;
    if (!export->sound) {
        return app->platform == NULL
                   ? false
                   : fault_set(fault, FAULT_MEMORY, "no memory for pictures of %d x %d",
                               export->width, export->height);
    }
    MovieConfig movie = {.path = export->out,
                         .kind = export->kind,
                         .width = export->width,
                         .height = export->height,
                         .rate = live_tick_rate(&app->live),
                         .has_sound = export->kind == MOVIE_MP4};
    export->movie = export->kind == MOVIE_PNGS ? NULL : movie_begin(&movie, fault);
    return export->kind == MOVIE_PNGS || export->movie;
}

// The name has exactly one %d or %0Nd: movie_kind checked it.
static void picture_name(const char *pattern, uint64_t number, char out[FILE_PATH_MAX])
{
    const char *mark = pattern;
    while (mark[0] && !(mark[0] == '%' && mark[1] != '%')) {
        mark += mark[0] == '%' ? 2 : 1;
    }
    const char *end = strchr(mark, 'd');
    int width = atoi(mark + 1);
    (void)text_format(out, FILE_PATH_MAX, "%.*s%0*llu%s", (int)(mark - pattern), pattern, width,
                      (unsigned long long)number, end ? end + 1 : "");
}

static bool put_picture(Export *export, Fault *fault)
{
    App *app = export->app;
    AppCanvas canvas = app_canvas(app);
    draw_reset(&app->game_draw, (float)canvas.w, (float)canvas.h);
    if (!live_draw(&app->live, 1, &app->game_draw, fault)) {
        return false;
    }
    if (!platform_pixels(app->platform, &app->game_draw, NULL, export->width, export->height,
                         export->pixels, fault)) {
        return false;
    }
    export->pictures++;
    if (export->kind != MOVIE_PNGS) {
        return movie_picture(export->movie, export->pixels, fault);
    }
    char path[FILE_PATH_MAX];
    picture_name(export->out, export->pictures, path);
    return platform_write_png(path, export->pixels, export->width, export->height, fault);
}

static bool put_sound(Export *export, Fault *fault)
{
    App *app = export->app;
    if (app->sound.cmd_count > 0) {
        platform_play(app->platform, &app->sound);
        sound_reset(&app->sound);
    }
    if (export->kind != MOVIE_MP4) {
        return true;
    }
    uint64_t rate = (uint64_t)live_tick_rate(&app->live);
    uint64_t until = export->pictures * SOUND_RATE / rate;
    uint32_t frames = (uint32_t)(until - export->sound_frames);
    export->sound_frames = until;
    platform_take_sound(app->platform, export->sound, frames);
    return movie_sound(export->movie, export->sound, frames, fault);
}

static void show_progress(const Export *export, uint64_t done, uint64_t count)
{
    if (!export->quiet && isatty(STDERR_FILENO) && (done % 16 == 0 || done == count)) {
        enum { WIDTH = 32 };
        int filled = count > 0 ? (int)(done * WIDTH / count) : WIDTH;
        fprintf(stderr, "\r[%.*s%*s] %3.0f%% ", filled, "################################",
                WIDTH - filled, "", count > 0 ? 100.0 * (double)done / (double)count : 100.0);
    }
}

// False: the end of the recording, or (*fault) something went wrong.
static bool run_tick(Export *export, Fault *fault)
{
    LiveTick did;
    App *app = export->app;
    *fault = (Fault){0};
    bool ok = live_tick(&app->live, NULL, &did, fault);
    if (app->live.host->wishes.any) {
        app->live.host->wishes = (HostWishes){0};
    }
    app->live.host->line_count = 0;
    return ok && did.ran;
}

static bool join(Export *export, Fault *fault)
{
    App *app = export->app;
    uint64_t from = export->options.from;
    if (!export->options.has_from) {
        return true;
    }
    if (!live_replay_join(&app->live, from, fault)) {
        return false;
    }
    while (app->live.moment < from) {
        if (!run_tick(export, fault)) {
            return fault->kind == FAULT_NONE
                       ? fault_set(fault, FAULT_USAGE, "--from %llu: the recording ends at %llu",
                                   (unsigned long long)from, (unsigned long long)app->live.moment)
                       : false;
        }
        sound_reset(&app->sound);
    }
    return true;
}

static bool render(Export *export, Fault *fault)
{
    App *app = export->app;
    uint64_t last = replay_last(app->replay);
    if (export->options.has_to && export->options.to < last) {
        last = export->options.to;
    }
    if (!join(export, fault)) {
        return false;
    }
    uint64_t first = app->live.moment;
    while (app->live.moment < last && run_tick(export, fault)) {
        if (!put_picture(export, fault) || !put_sound(export, fault)) {
            return false;
        }
        show_progress(export, app->live.moment - first, last - first);
    }
    if (fault->kind == FAULT_NONE && export->pictures == 0) {
        return fault_set(fault, FAULT_USAGE, "there is no moment in it to show");
    }
    return fault->kind == FAULT_NONE;
}

static bool wait_for_build(App *app, Fault *fault)
{
    while (app->wants_first && !app->quit) {
        app_take_changes(app);
        mono_sleep_until(mono_ns() + NS_PER_MS / 2);
    }
    if (app->quit || !live_game(&app->live)) {
        return fault_set(fault, FAULT_BUILD, "%s",
                         app->refused.kind ? app->refused.text : "the game could not be built");
    }
    if (app->live.stopped.kind != FAULT_NONE) {
        *fault = app->live.stopped;
        return false;
    }
    return true;
}

static int run(Export *export)
{
    Fault fault = {0};
    export->app = app_open_quiet(&export->options, &fault);
    bool ok = export->app && wait_for_build(export->app, &fault) && open_movie(export, &fault)
              && render(export, &fault);
    if (ok && export->movie) {
        ok = movie_finish(export->movie, &fault);
        export->movie = NULL;
    }
    movie_drop(export->movie);
    if (!export->quiet && isatty(STDERR_FILENO)) {
        fprintf(stderr, "\r%50s\r", "");
    }
    if (ok && !export->quiet) {
        printf("%s: %llu pictures of %d x %d\n", export->out, (unsigned long long)export->pictures,
               export->width, export->height);
    } else if (!ok) {
        fprintf(stderr, "hotloop export: %s\n", fault.text);
    }
    if (export->app) {
        app_close_quiet(export->app);
    }
    return ok ? EXIT_OK : EXIT_GAME;
}

int app_export(int argc, char **argv)
{
    enum { OPT_FROM = 256, OPT_TO, OPT_SCALE, OPT_QUIET };
    static const struct option OPTIONS[] = {{"output", required_argument, NULL, 'o'},
                                            {"from", required_argument, NULL, OPT_FROM},
                                            {"to", required_argument, NULL, OPT_TO},
                                            {"scale", required_argument, NULL, OPT_SCALE},
                                            APP_GAME_OPTIONS,
                                            {"quiet", no_argument, NULL, OPT_QUIET},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    Export export = {0};
    RunOptions *options = &export.options;
    bool fine = true;
    Fault fault;
    opterr = 0;
    for (int option; fine && (option = getopt_long(argc, argv, "ho:", OPTIONS, NULL)) != -1;) {
        switch (option) {
        case 'h':
            fputs(HELP, stdout);
            return EXIT_OK;
        case 'o':
            export.out = optarg;
            break;
        case OPT_FROM:
            options->has_from = fine = text_to_u64(optarg, 0, UINT64_MAX / 2, &options->from);
            break;
        case OPT_TO:
            options->has_to = fine = text_to_u64(optarg, 0, UINT64_MAX / 2, &options->to);
            break;
        case OPT_SCALE:
            fine = text_to_u64(optarg, 1, 16, &export.scale);
            break;
        case OPT_QUIET:
            export.quiet = true;
            break;
        default:
            if (app_take_game_option(option, optarg, options)) {
                break;
            }
            fprintf(stderr,
                    "hotloop export: %s: no such option, or its value is missing (hotloop "
                    "export --help)\n",
                    argv[optind - 1]);
            return EXIT_USAGE;
        }
    }
    if (!fine || optind + 1 != argc || !export.out) {
        fprintf(stderr, "hotloop export: %s (hotloop export --help)\n",
                !fine               ? "expected a whole number for that option"
                : optind + 1 > argc ? "which file?"
                : !export.out       ? "-o: as what?"
                                    : "one file at a time");
        return EXIT_USAGE;
    }
    if (!movie_kind(export.out, &export.kind, &fault)) {
        fprintf(stderr, "hotloop export: %s\n", fault.text);
        return EXIT_USAGE;
    }
    options->replay = argv[optind];
    return app_find_game(options) ? run(&export) : EXIT_GAME;
}
