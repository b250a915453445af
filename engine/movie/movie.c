// A movie comes to be in a folder beside its target: ffmpeg makes a first file there from the
// pictures while they come, sound waits as it is, and movie_finish has a second run put both
// together into what is then renamed. The folder goes with everything in it, whatever happens.
//   mp4   video.mp4 (h264) + sound.f32 -> whole.mp4 (sound as aac)
//   gif   video.mov (lossless) -> palette.png -> whole.gif. Two readings instead of one run that
//         splits: that would hold every picture of the movie in memory until the palette is known.
#include "movie.h"

#include "movie_coder.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SIDE_MAX = 16384, GIF_RATE_MAX = 50, RATE_PARTS_MAX = 1001 };
static const double RATE_MIN = 0.1, RATE_MAX = 1000;

struct Movie {
    Arena memory;       // holds this, too
    MovieConfig config; // path points into this
    char path[FILE_PATH_MAX], folder[FILE_PATH_MAX], program[FILE_PATH_MAX];
    MovieCoder coder;
    int sound_fd; // -1: none wanted
    uint64_t pictures, sound_frames;
    Fault failure; // of the first thing that went wrong; FAULT_NONE: all is well
};

// -------------------------------------------------------------------------------------------- name

static bool ends_with(const char *name, const char *end)
{
    size_t name_bytes = strlen(name), end_bytes = strlen(end);
    return name_bytes > end_bytes && strcasecmp(name + name_bytes - end_bytes, end) == 0;
}

// One %d or %0Nd and no other %: the name is given to printf by whoever writes the pictures.
static bool is_numbered(const char *path, const char *name)
{
    const char *percent = strchr(path, '%');
    if (!percent || percent < name || strchr(percent + 1, '%')) {
        return false;
    }
    const char *at = percent + 1;
    if (at[0] == '0' && at[1] >= '1' && at[1] <= '9') {
        at += 2;
    }
    return *at == 'd';
}

bool movie_kind(const char *path, MovieKind *kind, Fault *fault)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    *kind = MOVIE_MP4;
    if (ends_with(name, ".mp4")) {
        return true;
    }
    if (ends_with(name, ".gif")) {
        *kind = MOVIE_GIF;
        return true;
    }
    if (ends_with(name, ".png") && is_numbered(path, name)) {
        *kind = MOVIE_PNGS;
        return true;
    }
    if (ends_with(name, ".png")) {
        return fault_set(fault, FAULT_USAGE,
                         "%s: a movie is many pictures, so its name needs one place for their "
                         "number, like frame-%%05d.png; or name it .mp4 or .gif",
                         path);
    }
    return fault_set(fault, FAULT_USAGE,
                     "%s: not a kind of movie; a name ending in .mp4 (with sound), .gif or "
                     "-%%05d.png (numbered pictures) says which it is to be",
                     path);
}

// ----------------------------------------------------------------------------------------- failing

static bool fail(Movie *movie, const char *why)
{
    return fault_set(&movie->failure, FAULT_FILE,
                     "%s: not written: %s; nothing of it is left behind", movie->path, why);
}

static bool fail_coder(Movie *movie, const char *what)
{
    char words[MOVIE_CODER_WORDS_BYTES];
    (void)movie_coder_end(&movie->coder, words);
    return fail(movie, words[0] ? words : what);
}

// Every file that can be in the folder.
static void remove_folder(const Movie *movie)
{
    static const char *const names[] = {"video.mp4",   "video.mov", "sound.f32",
                                        "palette.png", "whole.mp4", "whole.gif"};
    char path[FILE_PATH_MAX];
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (file_join(path, movie->folder, names[i])) {
            unlink(path);
        }
    }
    rmdir(movie->folder);
}

void movie_drop(Movie *movie)
{
    if (!movie) {
        return;
    }
    movie_coder_kill(&movie->coder);
    if (movie->sound_fd >= 0) {
        close(movie->sound_fd);
    }
    if (movie->folder[0]) {
        remove_folder(movie);
    }
    Arena memory = movie->memory; // it holds the movie
    arena_close(&memory);
}

static bool give(const Movie *movie, Fault *fault)
{
    if (movie->failure.kind == FAULT_NONE) {
        return true;
    }
    if (fault) {
        *fault = movie->failure;
    }
    return false;
}

// ----------------------------------------------------------------------------------------- coding

static const char *whole_name(const Movie *movie)
{
    return movie->config.kind == MOVIE_GIF ? "whole.gif" : "whole.mp4";
}

// As a fraction: 59.94 pictures a second are 60000/1001, and a decimal would drift.
static void print_rate(double rate, char *out, size_t out_bytes)
{
    static const int first[2] = {1, 1001}; // film and television come before other fractions
    int parts = 1000;
    for (int i = -2; i < RATE_PARTS_MAX; i++) {
        int tried = i < 0 ? first[i + 2] : i + 1;
        double whole = rate * tried;
        if (fabs(whole - round(whole)) <= 1e-9 * whole) {
            parts = tried;
            break;
        }
    }
    text_format(out, out_bytes, "%.0f/%d", round(rate * parts), parts);
}

// h264 has its colours at half the size, so odd sides get one black row or column more. Colours are
// those of television (BT.709), and say so: left unsaid, players guess by the size. Measured on 90
// pictures of 960 x 540 pixel art: the tuning makes the file 23% smaller and 2.9 dB nearer.
#define MP4_FILTER                                                                                 \
    "pad=ceil(iw/2)*2:ceil(ih/2)*2,"                                                               \
    "scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd+full_chroma_int,format=yuv420p"

static bool start_video(Movie *movie)
{
    const MovieConfig *config = &movie->config;
    char size[32], rate[32];
    text_format(size, sizeof size, "%dx%d", config->width, config->height);
    print_rate(config->rate, rate, sizeof rate);
    // rgb0: a picture has no holes, whatever its fourth byte says.
    const char *const mp4[] = {
        "-hide_banner", "-loglevel",   "error",     "-f",           "rawvideo", "-pixel_format",
        "rgb0",         "-video_size", size,        "-framerate",   rate,       "-i",
        "pipe:0",       "-vf",         MP4_FILTER,  "-c:v",         "libx264",  "-preset",
        "medium",       "-tune",       "animation", "-crf",         "17",       "-colorspace",
        "bt709",        "-color_trc",  "bt709",     "-color_range", "tv",       "-color_primaries",
        "bt709",        "video.mp4",   NULL};
    const char *const gif[] = {
        "-hide_banner", "-loglevel", "error",      "-f",        "rawvideo", "-pixel_format", "rgb0",
        "-video_size",  size,        "-framerate", rate,        "-i",       "pipe:0",        "-c:v",
        "qtrle",        "-pix_fmt",  "rgb24",      "video.mov", NULL};
    bool is_gif = config->kind == MOVIE_GIF;
    if (!movie_coder_start(&movie->coder, movie->program, movie->folder, is_gif ? gif : mp4,
                           true)) {
        return fail(movie, strerror(errno));
    }
    return true;
}

static bool run(Movie *movie, const char *const *args)
{
    char words[MOVIE_CODER_WORDS_BYTES];
    if (!movie_coder_start(&movie->coder, movie->program, movie->folder, args, false)) {
        return fail(movie, strerror(errno));
    }
    return movie_coder_end(&movie->coder, words) || fail(movie, words);
}

// The index goes to the front, so that a player on the web starts before it has the whole file.
static bool join_mp4(Movie *movie)
{
    const char *const silent[] = {"-hide_banner", "-loglevel", "error", "-i",
                                  "video.mp4",    "-c",        "copy",  "-movflags",
                                  "+faststart",   "whole.mp4", NULL};
    const char *const sound[] = {
        "-hide_banner", "-loglevel", "error",     "-i",         "video.mp4", "-f",        "f32le",
        "-ar",          "48000",     "-ac",       "2",          "-i",        "sound.f32", "-map",
        "0:v",          "-map",      "1:a",       "-c:v",       "copy",      "-c:a",      "aac",
        "-b:a",         "192k",      "-movflags", "+faststart", "whole.mp4", NULL};
    return run(movie, movie->sound_frames > 0 ? sound : silent);
}

// A gif counts in hundredths of a second, and viewers slow down what is shorter than two of them.
// So up to 50 pictures a second all are in, each shown for the hundredths it gets when the exact
// times are rounded (30 a second: 3, 4, 3, 3, 4 ...); of more, evenly as many are left out as it
// takes.
static bool join_gif(Movie *movie)
{
    bool thinned = movie->config.rate > GIF_RATE_MAX;
    const char *const palette[] = {
        "-hide_banner", "-loglevel", "error", "-i",          "video.mov", "-vf",
        "palettegen",   "-update",   "1",     "palette.png", NULL};
    const char *const whole[] = {"-hide_banner",
                                 "-loglevel",
                                 "error",
                                 "-i",
                                 "video.mov",
                                 "-i",
                                 "palette.png",
                                 "-filter_complex",
                                 thinned ? "[0:v]fps=50[v];[v][1:v]paletteuse=diff_mode=rectangle"
                                         : "[0:v][1:v]paletteuse=diff_mode=rectangle",
                                 "-loop",
                                 "0",
                                 "whole.gif",
                                 NULL};
    return run(movie, palette) && run(movie, whole);
}

// ------------------------------------------------------------------------------------- the
// contract

static bool check(const MovieConfig *config, Fault *fault)
{
    assert(config->kind != MOVIE_PNGS);
    if (config->width < 1 || config->height < 1 || config->width > SIDE_MAX
        || config->height > SIDE_MAX) {
        return fault_set(fault, FAULT_USAGE,
                         "%s: no movie of %d x %d pixels can be made: each side may be 1 to %d",
                         config->path, config->width, config->height, SIDE_MAX);
    }
    if (!(config->rate >= RATE_MIN && config->rate <= RATE_MAX)) {
        return fault_set(fault, FAULT_USAGE,
                         "%s: no movie of %g pictures a second can be made: it may be %g to %g",
                         config->path, config->rate, RATE_MIN, RATE_MAX);
    }
    if (file_is_folder(config->path)) {
        return fault_set(fault, FAULT_FILE, "%s: is a folder; choose another name for the movie",
                         config->path);
    }
    return true;
}

static bool find_program(Movie *movie)
{
    if (movie_coder_find(movie->program)) {
        return true;
    }
    return fault_set(&movie->failure, FAULT_FILE,
                     "%s: not written: ffmpeg, which makes mp4 and gif, is in no folder of PATH; "
                     "install it (Debian: apt install ffmpeg), or export numbered pictures, which "
                     "need nothing: frame-%%05d.png",
                     movie->path);
}

static bool make_folder(Movie *movie)
{
    if (!text_format(movie->folder, sizeof movie->folder, "%s.tmp-XXXXXX", movie->path)) {
        movie->folder[0] = 0;
        return fail(movie, "its path is too long");
    }
    if (!mkdtemp(movie->folder)) {
        char why[FILE_PATH_MAX + 64];
        text_format(why, sizeof why, "nothing can be written into its folder (%s)",
                    strerror(errno));
        movie->folder[0] = 0;
        return fail(movie, why);
    }
    return true;
}

static bool open_sound(Movie *movie)
{
    char path[FILE_PATH_MAX];
    if (!movie->config.has_sound || movie->config.kind != MOVIE_MP4) {
        return true;
    }
    if (!file_join(path, movie->folder, "sound.f32")) {
        return fail(movie, "its path is too long");
    }
    movie->sound_fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return movie->sound_fd >= 0 || fail(movie, strerror(errno));
}

static Movie *new_movie(const MovieConfig *config, Fault *fault)
{
    Arena memory;
    if (!arena_open(&memory, 0, sizeof(Movie), fault)) {
        return NULL;
    }
    Movie *movie = ARENA_NEW(&memory, Movie, 1);
    movie->memory = memory;
    movie->config = *config;
    movie->config.path = movie->path;
    movie->coder = (MovieCoder){.feed_fd = -1, .words_fd = -1};
    movie->sound_fd = -1;
    if (!text_format(movie->path, sizeof movie->path, "%s", config->path)) {
        fail(movie, "its path is too long");
    }
    return movie;
}

Movie *movie_begin(const MovieConfig *config, Fault *fault)
{
    Movie *movie = check(config, fault) ? new_movie(config, fault) : NULL;
    if (!movie) {
        return NULL;
    }
    bool ok = movie->failure.kind == FAULT_NONE && find_program(movie) && make_folder(movie)
              && open_sound(movie) && start_video(movie);
    if (!ok) {
        (void)give(movie, fault);
        movie_drop(movie);
        return NULL;
    }
    return movie;
}

bool movie_picture(Movie *movie, const uint8_t *rgba, Fault *fault)
{
    if (!give(movie, fault)) {
        return false;
    }
    size_t size_bytes = (size_t)movie->config.width * (size_t)movie->config.height * 4;
    if (!movie_coder_feed(&movie->coder, rgba, size_bytes)) {
        fail_coder(movie, "ffmpeg ended before the movie did");
        return give(movie, fault);
    }
    movie->pictures++;
    return true;
}

bool movie_sound(Movie *movie, const float *samples, uint32_t frames, Fault *fault)
{
    if (!give(movie, fault)) {
        return false;
    }
    const uint8_t *at = (const uint8_t *)samples;
    const uint8_t *end = at + (size_t)frames * 2 * sizeof *samples;
    while (movie->sound_fd >= 0 && at < end) {
        ssize_t written = write(movie->sound_fd, at, (size_t)(end - at));
        if (written < 0 && errno != EINTR) {
            fail(movie, strerror(errno));
            return give(movie, fault);
        }
        at += written > 0 ? written : 0;
    }
    movie->sound_frames += movie->sound_fd >= 0 ? frames : 0;
    return true;
}

// On the disk before it has its name: a power cut leaves the old movie or the new one.
static bool publish(Movie *movie)
{
    char whole[FILE_PATH_MAX];
    struct stat about;
    if (!file_join(whole, movie->folder, whole_name(movie))) {
        return fail(movie, "its path is too long");
    }
    int fd = open(whole, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && fstat(fd, &about) == 0 && fsync(fd) == 0;
    int error = errno;
    if (fd >= 0) {
        close(fd);
    }
    if (!ok) {
        return fail(movie, strerror(error));
    }
    if (about.st_size == 0) {
        return fail(movie, "ffmpeg made an empty file of it");
    }
    return rename(whole, movie->path) == 0 || fail(movie, strerror(errno));
}

static bool finish(Movie *movie)
{
    char words[MOVIE_CODER_WORDS_BYTES];
    if (movie->failure.kind != FAULT_NONE) {
        return false;
    }
    if (movie->pictures == 0) {
        return fail(movie, "it was given no picture");
    }
    if (!movie_coder_end(&movie->coder, words)) {
        return fail(movie, words);
    }
    return (movie->config.kind == MOVIE_GIF ? join_gif(movie) : join_mp4(movie)) && publish(movie);
}

bool movie_finish(Movie *movie, Fault *fault)
{
    bool ok = finish(movie);
    (void)give(movie, fault);
    movie_drop(movie);
    return ok;
}
