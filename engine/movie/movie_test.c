#include "movie.h"

#include <dirent.h>
#include <math.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { W = 64, H = 48, PICTURES = 30, CAP_S = 10 }; // only a hang reaches the cap

typedef struct Room {
    char folder[64], path[FILE_PATH_MAX];
    char *search; // PATH as it was
    uint8_t rgba[W * H * 4];
    Fault fault;
} Room;

static int enter(void **state)
{
    Room *room = calloc(1, sizeof(*room));
    (void)text_format(room->folder, sizeof(room->folder), "/tmp/hotloop-movie-test-XXXXXX");
    room->search = strdup(getenv("PATH"));
    *state = room;
    return mkdtemp(room->folder) ? 0 : 1;
}

static int leave(void **state)
{
    Room *room = *state;
    char command[128];
    setenv("PATH", room->search, 1);
    (void)text_format(command, sizeof(command), "rm -rf %s", room->folder);
    int result = system(command);
    free(room->search);
    free(room);
    return result;
}

static bool has_ffmpeg(void)
{
    return system("command -v ffprobe >/dev/null && command -v ffmpeg >/dev/null") == 0;
}

static void name(Room *room, const char *file)
{
    assert_true(file_join(room->path, room->folder, file));
}

static int files_in(const char *folder)
{
    int count = 0;
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));) {
        count += entry->d_name[0] != '.';
    }
    closedir(dir);
    return count;
}

// A white square that moves right over green; its column is the picture's number.
static const uint8_t *picture(Room *room, int number, int w, int h)
{
    for (int i = 0; i < w * h; i++) {
        bool white = i % w / 2 == number && i / w < h / 2;
        memcpy(room->rgba + (size_t)i * 4, white ? "\xff\xff\xff\x00" : "\x00\x80\x00\x00", 4);
    }
    return room->rgba;
}

static Movie *begin(Room *room, MovieConfig config)
{
    config.path = room->path;
    Movie *movie = movie_begin(&config, &room->fault);
    if (!movie) {
        fail_msg("%s", room->fault.text);
    }
    return movie;
}

static void feed(Room *room, Movie *movie, const MovieConfig *config, int pictures)
{
    enum { FRAMES = 48000 / 30 };
    static float sound[FRAMES * 2];
    for (int i = 0; i < FRAMES * 2; i++) {
        sound[i] = 0.5f * sinf((float)(i / 2) * 6.2831853f * 450 / 48000);
    }
    for (int i = 0; i < pictures; i++) {
        bool ok =
            movie_picture(movie, picture(room, i % 30, config->width, config->height), &room->fault)
            && movie_sound(movie, sound, FRAMES, &room->fault);
        if (!ok) {
            fail_msg("%s", room->fault.text);
        }
    }
}

static void make(Room *room, const char *file, MovieConfig config, int pictures)
{
    name(room, file);
    Movie *movie = begin(room, config);
    feed(room, movie, &config, pictures);
    if (!movie_finish(movie, &room->fault)) {
        fail_msg("%s", room->fault.text);
    }
    assert_int_equal(files_in(room->folder), 1); // the movie and nothing else
}

// What a command says, its line ends as spaces.
static void ask(const char *command, char *out, size_t out_bytes)
{
    FILE *answer = popen(command, "r");
    assert_non_null(answer);
    size_t got = fread(out, 1, out_bytes - 1, answer);
    out[got] = 0;
    for (size_t i = 0; i < got; i++) {
        out[i] = out[i] == '\n' ? ' ' : out[i];
    }
    assert_int_equal(pclose(answer), 0);
}

static void probe(const Room *room, const char *what, char *out, size_t out_bytes)
{
    char command[FILE_PATH_MAX + 512];
    (void)text_format(command, sizeof command,
                      "ffprobe -v error -count_frames %s -of default=nw=1 'file:%s'", what,
                      room->path);
    ask(command, out, out_bytes);
}

static void expect_probe(const Room *room, const char *what, const char *const *wanted)
{
    char said[2048];
    probe(room, what, said, sizeof said);
    for (int i = 0; wanted[i]; i++) {
        if (!strstr(said, wanted[i])) {
            fail_msg("no %s in: %s", wanted[i], said);
        }
    }
}

static double duration(const Room *room)
{
    char said[256];
    probe(room, "-show_entries format=duration", said, sizeof said);
    const char *value = strstr(said, "duration=");
    assert_non_null(value);
    return atof(value + strlen("duration="));
}

// Picture `number` of the finished movie, as bytes.
static void decode(Room *room, int number, int w, int h, uint8_t *rgba)
{
    char command[FILE_PATH_MAX + 256];
    (void)text_format(command, sizeof command,
                      "ffmpeg -v error -i 'file:%s' -vf \"select=eq(n\\,%d)\" -frames:v 1 "
                      "-f rawvideo -pix_fmt rgba -",
                      room->path, number);
    FILE *answer = popen(command, "r");
    assert_non_null(answer);
    assert_int_equal(fread(rgba, 1, (size_t)w * (size_t)h * 4, answer), w * h * 4);
    assert_int_equal(pclose(answer), 0);
}

static void expect_near(const uint8_t *rgba, int w, int x, int y, uint32_t rgb, int tolerance)
{
    const uint8_t *p = rgba + ((size_t)y * (size_t)w + (size_t)x) * 4;
    for (int i = 0; i < 3; i++) {
        int wanted = (int)(rgb >> (16 - i * 8) & 255u);
        if (abs(p[i] - wanted) > tolerance) {
            fail_msg("at %d %d: %02x%02x%02x, not %06x", x, y, p[0], p[1], p[2], rgb);
        }
    }
}

// ------------------------------------------------------------------------------------------- names

static void the_name_says_the_kind(void **state)
{
    // Scenario: names of all kinds, in capitals, in folders; names that say nothing, or whose
    // number would read memory it must not.
    // Expect: their kinds; the others are refused with what is possible.
    Fault fault;
    MovieKind kind;
    (void)state;
    const struct {
        const char *path;
        MovieKind kind;
    } good[] = {{"a.mp4", MOVIE_MP4},          {"/x/y.z/A.MP4", MOVIE_MP4},
                {"100%.mp4", MOVIE_MP4},       {"-v.gif", MOVIE_GIF},
                {"p%d.png", MOVIE_PNGS},       {"%05d.png", MOVIE_PNGS},
                {"dir/f-%09d.PNG", MOVIE_PNGS}};
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_true(movie_kind(good[i].path, &kind, &fault));
        assert_int_equal(kind, good[i].kind);
    }
    const char *wrong[] = {"",         "movie",     ".mp4",      "a.mp4/",     "a.avi",
                           "a.png",    "%s.png",    "%d%d.png",  "%n%05d.png", "%5d.png",
                           "%00d.png", "%d/a.png",  "%ld.png",   "%05d%%.png", "%.png",
                           "%0.png",   "%099d.png", "x%d/%d.png"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        if (movie_kind(wrong[i], &kind, &fault)) {
            fail_msg("%s was taken", wrong[i]);
        }
        assert_int_equal(fault.kind, FAULT_USAGE);
        assert_non_null(strstr(fault.text, ".mp4"));
    }
}

// ------------------------------------------------------------------------------------------ movies

static void an_mp4_has_every_picture_and_the_sound(void **state)
{
    // Scenario: 30 pictures at 30 a second with a second of tone, over an older file.
    // Expect: h264 in yuv420p and stereo aac, 30 frames at exactly 30, one second; picture 20 shows
    // its square where it was; no picture has a hole; the tone is as loud as it was.
    Room *room = *state;
    uint8_t rgba[W * H * 4];
    char said[2048], command[FILE_PATH_MAX + 128];
    if (!has_ffmpeg()) {
        skip();
    }
    name(room, "a.mp4");
    assert_true(file_write(room->path, "old", 3, NULL));
    make(room, "a.mp4",
         (MovieConfig){.kind = MOVIE_MP4, .width = W, .height = H, .rate = 30, .has_sound = true},
         PICTURES);
    expect_probe(room, "-show_streams",
                 (const char *const[]){"codec_name=h264", "pix_fmt=yuv420p", "width=64",
                                       "height=48", "r_frame_rate=30/1", "avg_frame_rate=30/1",
                                       "nb_read_frames=30", "color_space=bt709", "codec_name=aac",
                                       "sample_rate=48000", "channels=2", NULL});
    assert_true(fabs(duration(room) - 1) < 0.05);
    decode(room, 20, W, H, rgba);
    expect_near(rgba, W, 41, 10, 0xffffff, 24);
    expect_near(rgba, W, 10, 10, 0x008000, 24);
    expect_near(rgba, W, 41, 40, 0x008000, 24);
    (void)text_format(command, sizeof command,
                      "ffmpeg -hide_banner -i 'file:%s' -af volumedetect -f null - 2>&1",
                      room->path);
    ask(command, said, sizeof said);
    const char *loudest = strstr(said, "max_volume:");
    assert_non_null(loudest);
    assert_true(fabs(atof(loudest + strlen("max_volume:")) + 6) < 1); // half is -6 dB
}

static void odd_sizes_and_rates_are_kept(void **state)
{
    // Scenario: pictures of 33 x 21 at 60000/1001 a second without sound; one picture of one pixel.
    // Expect: one row and column more, black; the rate as a fraction; no sound stream; a whole
    // file.
    Room *room = *state;
    uint8_t rgba[34 * 22 * 4];
    char said[2048];
    if (!has_ffmpeg()) {
        skip();
    }
    make(room, "odd.mp4",
         (MovieConfig){.kind = MOVIE_MP4, .width = 33, .height = 21, .rate = 60000 / 1001.0},
         PICTURES);
    expect_probe(room, "-show_streams",
                 (const char *const[]){"width=34", "height=22", "r_frame_rate=60000/1001",
                                       "nb_read_frames=30", NULL});
    probe(room, "-show_streams", said, sizeof said);
    assert_null(strstr(said, "aac"));
    decode(room, 0, 34, 22, rgba);
    expect_near(rgba, 34, 10, 15, 0x008000, 24);
    assert_int_equal(unlink(room->path), 0);
    make(room, "one.mp4",
         (MovieConfig){.kind = MOVIE_MP4, .width = 1, .height = 1, .rate = 0.5, .has_sound = true},
         1);
    expect_probe(room, "-show_streams",
                 (const char *const[]){"width=2", "nb_read_frames=1", "r_frame_rate=1/2", NULL});
}

static void a_gif_keeps_its_colours_and_its_time(void **state)
{
    // Scenario: 30 pictures at 30 a second, and 60 at 60.
    // Expect: 30 pictures in a second; 50 in a second, which is what a gif can hold; the colours
    // are exactly those that were given.
    Room *room = *state;
    uint8_t rgba[W * H * 4];
    if (!has_ffmpeg()) {
        skip();
    }
    make(room, "a.gif", (MovieConfig){.kind = MOVIE_GIF, .width = W, .height = H, .rate = 30}, 30);
    expect_probe(room, "-show_streams",
                 (const char *const[]){"codec_name=gif", "width=64", "height=48",
                                       "nb_read_frames=30", NULL});
    assert_true(fabs(duration(room) - 1) < 0.011);
    decode(room, 20, W, H, rgba);
    expect_near(rgba, W, 41, 10, 0xffffff, 0);
    expect_near(rgba, W, 38, 10, 0x008000, 0);
    assert_int_equal(unlink(room->path), 0);
    make(room, "b.gif", (MovieConfig){.kind = MOVIE_GIF, .width = W, .height = H, .rate = 60}, 60);
    expect_probe(room, "-show_streams", (const char *const[]){"nb_read_frames=50", NULL});
    assert_true(fabs(duration(room) - 1) < 0.011);
}

static void any_file_name_is_a_name(void **state)
{
    // Scenario: names that ffmpeg would read as an option, a protocol or a pattern.
    // Expect: the movie has that name.
    Room *room = *state;
    const char *names[] = {"-y.mp4", "http:x.mp4", "100%d 'x'.gif"};
    char before[FILE_PATH_MAX];
    if (!has_ffmpeg()) {
        skip();
    }
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(room->folder), 0);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        MovieConfig config = {.kind = i < 2 ? MOVIE_MP4 : MOVIE_GIF,
                              .path = names[i],
                              .width = W,
                              .height = H,
                              .rate = 30};
        Movie *movie = movie_begin(&config, &room->fault);
        assert_non_null(movie);
        feed(room, movie, &config, 2);
        assert_true(movie_finish(movie, &room->fault));
        assert_int_equal(unlink(names[i]), 0);
        assert_int_equal(files_in("."), 0);
    }
    assert_int_equal(chdir(before), 0);
}

// ---------------------------------------------------------------------------------------- failures

static void without_ffmpeg_it_says_how_to_get_it(void **state)
{
    // Scenario: PATH has no ffmpeg: an empty folder, a file of that name that is no program, none.
    // Expect: no movie, a message that names ffmpeg and how to get it; nothing is left behind.
    Room *room = *state;
    MovieConfig config = {.kind = MOVIE_MP4, .width = W, .height = H, .rate = 30};
    const char *paths[] = {room->folder, "", "/nowhere:::/tmp/hotloop-none"};
    name(room, "ffmpeg");
    assert_true(file_write(room->path, "no program", 10, NULL));
    assert_int_equal(chmod(room->path, 0600), 0);
    name(room, "a.mp4");
    config.path = room->path;
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        setenv("PATH", paths[i], 1);
        assert_null(movie_begin(&config, &room->fault));
        assert_int_equal(room->fault.kind, FAULT_FILE);
        assert_non_null(strstr(room->fault.text, "apt install ffmpeg"));
    }
    assert_int_equal(files_in(room->folder), 1);
}

static void wrong_places_and_numbers_are_refused(void **state)
{
    // Scenario: a folder that is not there, a file as a folder, a folder as the name, a folder of
    // the kernel's; sizes and rates out of range.
    // Expect: each is refused with its name, at once; nothing is left behind.
    Room *room = *state;
    char path[FILE_PATH_MAX];
    MovieConfig config = {.kind = MOVIE_MP4, .path = path, .width = W, .height = H, .rate = 30};
    const char *places[] = {"none/a.mp4", "file/a.mp4", "folder.mp4", "/proc/a.mp4"};
    if (!has_ffmpeg()) {
        skip();
    }
    name(room, "file");
    assert_true(file_write(room->path, "x", 1, NULL));
    name(room, "folder.mp4");
    assert_int_equal(mkdir(room->path, 0700), 0);
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        assert_true(file_join(path, room->folder, places[i]));
        assert_null(movie_begin(&config, &room->fault));
        assert_int_equal(room->fault.kind, FAULT_FILE);
        assert_non_null(strstr(room->fault.text, path));
    }
    assert_true(file_join(path, room->folder, "a.mp4"));
    const MovieConfig wrong[] = {
        {.width = 0, .height = 1, .rate = 30},     {.width = 1, .height = -1, .rate = 30},
        {.width = 99999, .height = 1, .rate = 30}, {.width = 1, .height = 1, .rate = 0},
        {.width = 1, .height = 1, .rate = 1e9},    {.width = 1, .height = 1, .rate = NAN}};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        config = wrong[i];
        config.path = path;
        assert_null(movie_begin(&config, &room->fault));
        assert_int_equal(room->fault.kind, FAULT_USAGE);
    }
    assert_int_equal(files_in(room->folder), 2);
}

static pid_t child(void)
{
    char said[64];
    FILE *children = fopen("/proc/thread-self/children", "r");
    assert_non_null(children);
    assert_non_null(fgets(said, sizeof said, children));
    fclose(children);
    return (pid_t)atoi(said);
}

static void ffmpeg_dying_midway_is_an_error(void **state)
{
    // Scenario: ffmpeg is killed while it is fed; once we go on feeding, once we finish at once. An
    // older movie has the name.
    // Expect: no SIGPIPE; picture and finish say which signal it was; the old movie is untouched
    // and nothing is left beside it.
    Room *room = *state;
    MovieConfig config = {
        .kind = MOVIE_MP4, .width = W, .height = H, .rate = 30, .has_sound = true};
    if (!has_ffmpeg()) {
        skip();
    }
    name(room, "a.mp4");
    assert_true(file_write(room->path, "old", 3, NULL));
    for (int feeding = 0; feeding < 2; feeding++) {
        Movie *movie = begin(room, config);
        feed(room, movie, &config, 2);
        assert_int_equal(kill(child(), SIGKILL), 0);
        uint64_t cap = mono_ns() + CAP_S * NS_PER_S;
        bool ok = true;
        while (feeding && ok && mono_ns() < cap) {
            ok = movie_picture(movie, picture(room, 0, W, H), &room->fault);
        }
        assert_true(ok != feeding);
        assert_true(!feeding || strstr(room->fault.text, "signal 9"));
        room->fault = (Fault){0};
        assert_false(movie_finish(movie, &room->fault));
        assert_int_equal(room->fault.kind, FAULT_FILE);
        assert_non_null(strstr(room->fault.text, "a.mp4"));
        assert_non_null(strstr(room->fault.text, "signal 9"));
        assert_int_equal(files_in(room->folder), 1);
        struct stat about;
        assert_int_equal(stat(room->path, &about), 0);
        assert_int_equal(about.st_size, 3);
    }
}

static void giving_up_leaves_nothing(void **state)
{
    // Scenario: a movie is dropped after its first pictures, one is finished without any, one has
    // its name taken by a folder before it is finished; NULL is dropped.
    // Expect: nothing is left; the second says that there was no picture, the third why not.
    Room *room = *state;
    MovieConfig config = {.kind = MOVIE_GIF, .width = W, .height = H, .rate = 30};
    if (!has_ffmpeg()) {
        skip();
    }
    name(room, "a.gif");
    Movie *movie = begin(room, config);
    feed(room, movie, &config, 3);
    movie_drop(movie);
    assert_int_equal(files_in(room->folder), 0);
    assert_false(movie_finish(begin(room, config), &room->fault));
    assert_non_null(strstr(room->fault.text, "no picture"));
    assert_int_equal(files_in(room->folder), 0);
    movie = begin(room, config);
    feed(room, movie, &config, 3);
    assert_int_equal(mkdir(room->path, 0700), 0);
    assert_false(movie_finish(movie, &room->fault));
    assert_non_null(strstr(room->fault.text, "a.gif"));
    assert_int_equal(files_in(room->folder), 1);
    movie_drop(NULL);
}

static void a_full_disk_is_said(void **state)
{
    // Scenario: a disk of 64 KiB (a tmpfs in a mount namespace of this process), where first the
    // sound does not fit and then the pictures do not.
    // Expect: "No space left" in the message, and the disk is empty again.
    Room *room = *state;
    static float sound[48000 * 2];
    if (!has_ffmpeg() || unshare(CLONE_NEWNS) != 0
        || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0
        || mount("none", room->folder, "tmpfs", 0, "size=64k") != 0) {
        skip(); // needs root
    }
    MovieConfig config = {
        .kind = MOVIE_MP4, .width = W, .height = H, .rate = 30, .has_sound = true};
    name(room, "a.mp4");
    Movie *movie = begin(room, config);
    assert_true(movie_picture(movie, picture(room, 0, W, H), &room->fault));
    assert_false(movie_sound(movie, sound, 48000, &room->fault));
    assert_false(movie_picture(movie, room->rgba, NULL));
    assert_false(movie_finish(movie, &room->fault));
    assert_non_null(strstr(room->fault.text, "No space left"));
    assert_int_equal(files_in(room->folder), 0);
    config.kind = MOVIE_GIF;
    movie = begin(room, config);
    uint32_t noise = 1;
    for (int i = 0; i < 60; i++) {
        for (size_t at = 0; at < sizeof room->rgba; at++) {
            noise = noise * 1664525u + 1013904223u;
            room->rgba[at] = (uint8_t)(noise >> 24);
        }
        (void)movie_picture(movie, room->rgba, &room->fault); // may notice, or not yet
    }
    room->fault = (Fault){0};
    assert_false(movie_finish(movie, &room->fault));
    if (!strstr(room->fault.text, "No space left")) {
        fail_msg("%s", room->fault.text);
    }
    assert_int_equal(files_in(room->folder), 0);
    assert_int_equal(umount(room->folder), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_name_says_the_kind),
        CASE(an_mp4_has_every_picture_and_the_sound),
        CASE(odd_sizes_and_rates_are_kept),
        CASE(a_gif_keeps_its_colours_and_its_time),
        CASE(any_file_name_is_a_name),
        CASE(without_ffmpeg_it_says_how_to_get_it),
        CASE(wrong_places_and_numbers_are_refused),
        CASE(ffmpeg_dying_midway_is_an_error),
        CASE(giving_up_leaves_nothing),
        CASE(a_full_disk_is_said), // the last: it leaves the process in a namespace of its own
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
