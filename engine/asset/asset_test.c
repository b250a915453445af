// Sections: helpers, bytes, broken and missing files, paths, pictures, fuzz, fonts, limits
#include "asset_parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <SDL_image.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

// ---------------------------------------------------------------------------------------- helpers

typedef struct Room {
    char folder[64]; // with "assets" and "more" inside
    char old_folder[PATH_MAX];
    Assets *assets; // looks in assets, then in more
    uint64_t now_ns;
    Arena arena;
} Room;

static int enter(void **state)
{
    Room *room = calloc(1, sizeof(*room));
    char first[96], second[96];
    *state = room;
    (void)text_format(room->folder, sizeof(room->folder), "/tmp/hotloop-asset-test-XXXXXX");
    if (!mkdtemp(room->folder) || !getcwd(room->old_folder, sizeof(room->old_folder))) {
        return 1;
    }
    (void)text_format(first, sizeof(first), "%s/assets", room->folder);
    (void)text_format(second, sizeof(second), "%s/more", room->folder);
    const char *folders[] = {first, second};
    room->now_ns = 5 * NS_PER_S;
    room->assets = asset_open(folders, 2, NULL);
    return mkdir(first, 0700) == 0 && mkdir(second, 0700) == 0 && room->assets
                   && arena_open(&room->arena, 0, (size_t)256 << 20, NULL)
               ? 0
               : 1;
}

static int leave(void **state)
{
    Room *room = *state;
    char command[128];
    int moved_back = chdir(room->old_folder);
    (void)text_format(command, sizeof(command), "rm -rf %s", room->folder);
    asset_close(room->assets);
    arena_close(&room->arena);
    int result = system(command);
    free(room);
    return moved_back != 0 || result != 0;
}

// A path in the room's folder; valid until the fourth call after this.
static const char *at(const Room *room, const char *name)
{
    static char paths[4][FILE_PATH_MAX];
    static unsigned next;
    char *path = paths[next++ % 4];
    assert_true(file_join(path, room->folder, name));
    return path;
}

static void put(const Room *room, const char *name, const void *data, size_t size_bytes)
{
    // Not file_write: a test has to be able to leave a half-written file.
    int fd = open(at(room, name), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, size_bytes), (ssize_t)size_bytes);
    close(fd);
}

static void put_text(const Room *room, const char *name, const char *text)
{
    put(room, name, text, strlen(text));
}

static FileBytes get(Room *room, const char *path)
{
    FileBytes bytes;
    Fault fault;
    if (!file_read(&room->arena, path, 64u << 20, &bytes, &fault)) {
        fail_msg("%s", fault.text);
    }
    return bytes;
}

static bool refresh_after(Room *room, uint64_t ms)
{
    room->now_ns += ms * NS_PER_MS;
    return asset_refresh(room->assets, room->now_ns);
}

// Refreshes as a game at 50 frames a second would; true when a version went up.
static bool play(Room *room, uint64_t ms)
{
    bool grew = false;
    for (uint64_t passed = 0; passed < ms; passed += 20) {
        grew |= refresh_after(room, 20);
    }
    return grew;
}

static bool change(Room *room, const char *name)
{
    asset_changed(room->assets, at(room, name));
    return refresh_after(room, 20);
}

static void expect_no_note(Room *room)
{
    char note[512];
    if (asset_take_note(room->assets, note, sizeof(note))) {
        fail_msg("unexpected: %s", note);
    }
}

static void expect_note(Room *room, const char *part, const char *other_part)
{
    char note[512] = "nothing was said";
    if (!asset_take_note(room->assets, note, sizeof(note)) || !strstr(note, part)
        || !strstr(note, other_part)) {
        fail_msg("\"%s\" instead of one with \"%s\" and \"%s\"", note, part, other_part);
    }
}

static void expect_text(AssetData data, AssetState state, uint32_t version, const char *text)
{
    assert_int_equal(data.state, state);
    assert_int_equal(data.version, version);
    assert_int_equal(data.size_bytes, strlen(text));
    assert_string_equal((const char *)data.data, text); // the 0 behind it, too
    assert_true(data.content == hash_bytes(text, strlen(text)));
}

static void expect_none(AssetData data)
{
    assert_int_equal(data.state, ASSET_MISSING);
    assert_int_equal(data.version, 0);
    assert_null(data.data);
    assert_int_equal(data.size_bytes, 0);
    assert_true(data.content == 0);
}

static bool is_mapped(const void *address)
{
    unsigned char resident;
    uintptr_t page = (uintptr_t)address / PAGE_BYTES * PAGE_BYTES;
    return mincore((void *)page, PAGE_BYTES, &resident) == 0 || errno != ENOMEM;
}

static uint32_t random_number(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

// ------------------------------------------------------------------------------------------ bytes

static void names_are_read_once(void **state)
{
    // Scenario: a file is asked for, changed without a word to us, and asked for again.
    // Expect: the first content with a 0 behind it, from memory; one key a name, from 1.
    Room *room = *state;
    put_text(room, "assets/level.txt", "one");
    put_text(room, "assets/other.txt", "other");
    AssetData first = asset_data(room->assets, "level.txt");
    expect_text(first, ASSET_GOOD, 1, "one");
    put_text(room, "assets/level.txt", "two");
    assert_ptr_equal(asset_data(room->assets, "level.txt").data, first.data);
    assert_int_equal(first.key, 1);
    assert_int_equal(asset_data(room->assets, "other.txt").key, 2);
    assert_int_equal(asset_data(room->assets, "level.txt").key, 1);
    assert_false(play(room, 100));
    expect_no_note(room);
}

static void a_change_is_a_new_version(void **state)
{
    // Scenario: a change is told before a refresh, and the same content is written again.
    // Expect: the new version with the refresh, not before; no version for the same content.
    Room *room = *state;
    put_text(room, "assets/level.txt", "one");
    uint32_t key = asset_data(room->assets, "level.txt").key;
    put_text(room, "assets/level.txt", "two");
    asset_changed(room->assets, at(room, "assets/level.txt"));
    expect_text(asset_data(room->assets, "level.txt"), ASSET_GOOD, 1, "one");
    assert_true(refresh_after(room, 20));
    expect_text(asset_data(room->assets, "level.txt"), ASSET_GOOD, 2, "two");
    put_text(room, "assets/level.txt", "two");
    assert_false(change(room, "assets/level.txt"));
    expect_text(asset_data(room->assets, "level.txt"), ASSET_GOOD, 2, "two");
    put_text(room, "assets/level.txt", "three");
    asset_changed_all(room->assets);
    assert_true(refresh_after(room, 20));
    expect_text(asset_data(room->assets, "level.txt"), ASSET_GOOD, 3, "three");
    assert_int_equal(asset_data(room->assets, "level.txt").key, key);
    expect_no_note(room);
}

static void old_bytes_live_for_two_refreshes(void **state)
{
    // Scenario: a version is replaced while a frame in flight still borrows it; many times over.
    // Expect: readable after the refresh that replaced it, given back two refreshes later.
    Room *room = *state;
    char text[32];
    put_text(room, "assets/level.txt", "0");
    AssetData old = asset_data(room->assets, "level.txt");
    for (int i = 1; i < 200; i++) {
        (void)text_format(text, sizeof(text), "%d", i);
        put_text(room, "assets/level.txt", text);
        assert_true(change(room, "assets/level.txt"));
        assert_int_equal(atoi((const char *)old.data), i - 1);
        assert_false(refresh_after(room, 20));
        assert_int_equal(atoi((const char *)old.data), i - 1);
        assert_false(refresh_after(room, 20));
        assert_false(is_mapped(old.data));
        old = asset_data(room->assets, "level.txt");
        expect_text(old, ASSET_GOOD, (uint32_t)i + 1, text);
    }
}

// ---------------------------------------------------------------------- broken and missing files

static void a_missing_name_is_said_once(void **state)
{
    // Scenario: a misspelt name and one from another sub-folder, each frame; then the file appears.
    // Expect: one line each with the right name; the file is used when its appearance is told.
    Room *room = *state;
    put_text(room, "assets/hero.png", "x");
    assert_int_equal(mkdir(at(room, "assets/sound"), 0700), 0);
    put_text(room, "assets/sound/jump.wav", "x");
    for (int i = 0; i < 10; i++) {
        expect_none(asset_data(room->assets, "hreo.png"));
        expect_none(asset_data(room->assets, "jump.wav"));
        expect_none(asset_data(room->assets, "nothing like it"));
        (void)refresh_after(room, 200);
    }
    expect_note(room, "hreo.png: not found", "\"hero.png\"");
    expect_note(room, "jump.wav: not found", "\"sound/jump.wav\"");
    char note[512];
    assert_true(asset_take_note(room->assets, note, sizeof(note)));
    assert_non_null(strstr(note, "nothing like it: not found"));
    assert_null(strstr(note, "did you mean"));
    expect_no_note(room);
    put_text(room, "assets/hreo.png", "there");
    expect_none(asset_data(room->assets, "hreo.png"));
    assert_true(change(room, "assets/hreo.png"));
    expect_text(asset_data(room->assets, "hreo.png"), ASSET_GOOD, 1, "there");
    expect_no_note(room);
}

static void a_file_in_the_making_is_waited_for(void **state)
{
    // Scenario: a program truncates a file, is read empty, and writes the rest 300 ms later without
    // another event; the same for a name that is asked for the first time.
    // Expect: the old content meanwhile, the new one within the second, and not a word.
    Room *room = *state;
    put_text(room, "assets/level.txt", "old");
    put_text(room, "assets/new.txt", "");
    expect_text(asset_data(room->assets, "level.txt"), ASSET_GOOD, 1, "old");
    expect_none(asset_data(room->assets, "new.txt"));
    put_text(room, "assets/level.txt", "");
    assert_false(change(room, "assets/level.txt"));
    expect_text(asset_data(room->assets, "level.txt"), ASSET_STALE, 1, "old");
    assert_false(play(room, 300));
    put_text(room, "assets/level.txt", "new");
    put_text(room, "assets/new.txt", "begun");
    assert_true(play(room, 600));
    expect_text(asset_data(room->assets, "level.txt"), ASSET_GOOD, 2, "new");
    expect_text(asset_data(room->assets, "new.txt"), ASSET_GOOD, 1, "begun");
    assert_false(play(room, 2000));
    expect_no_note(room);
}

static void an_empty_file_is_said_after_a_second(void **state)
{
    // Scenario: a file is emptied and stays so, is touched again, gets good and is emptied again.
    // Expect: the last good one stays; one line after about a second and no more; then one again.
    Room *room = *state;
    put_text(room, "assets/level.txt", "old");
    expect_text(asset_data(room->assets, "level.txt"), ASSET_GOOD, 1, "old");
    put_text(room, "assets/level.txt", "");
    assert_false(change(room, "assets/level.txt"));
    assert_false(play(room, 900));
    expect_no_note(room);
    assert_false(play(room, 200));
    expect_note(room, "level.txt: the file is empty", "the last good one stays");
    assert_false(change(room, "assets/level.txt"));
    assert_false(play(room, 3000));
    expect_no_note(room);
    expect_text(asset_data(room->assets, "level.txt"), ASSET_STALE, 1, "old");
    put_text(room, "assets/level.txt", "old");
    assert_false(change(room, "assets/level.txt"));
    expect_text(asset_data(room->assets, "level.txt"), ASSET_GOOD, 1, "old");
    put_text(room, "assets/level.txt", "");
    assert_false(change(room, "assets/level.txt"));
    assert_false(play(room, 1200));
    expect_note(room, "level.txt: the file is empty", "the last good one stays");
    expect_no_note(room);
}

static void a_deleted_file_stays_in_use(void **state)
{
    // Scenario: a file is deleted; another goes for a moment and comes back, as editors do it.
    // Expect: the bytes of the first stay, with one line; nothing is said about the second.
    Room *room = *state;
    put_text(room, "assets/a.txt", "a");
    put_text(room, "assets/b.txt", "b");
    expect_text(asset_data(room->assets, "a.txt"), ASSET_GOOD, 1, "a");
    expect_text(asset_data(room->assets, "b.txt"), ASSET_GOOD, 1, "b");
    assert_int_equal(unlink(at(room, "assets/a.txt")), 0);
    assert_int_equal(unlink(at(room, "assets/b.txt")), 0);
    asset_changed(room->assets, at(room, "assets/a.txt"));
    assert_false(change(room, "assets/b.txt"));
    expect_text(asset_data(room->assets, "a.txt"), ASSET_STALE, 1, "a");
    put_text(room, "assets/b.txt", "b2");
    assert_true(play(room, 1200));
    expect_text(asset_data(room->assets, "a.txt"), ASSET_STALE, 1, "a");
    expect_text(asset_data(room->assets, "b.txt"), ASSET_GOOD, 2, "b2");
    expect_note(room, "a.txt: gone from the disk", "the last good one stays");
    expect_no_note(room);
    put_text(room, "assets/a.txt", "again");
    assert_true(change(room, "assets/a.txt"));
    expect_text(asset_data(room->assets, "a.txt"), ASSET_GOOD, 2, "again");
}

static void odd_files_never_block(void **state)
{
    // Scenario: a FIFO without a writer, a folder, a link to nowhere, a file of more than 64 MiB.
    // Expect: no waiting, no bytes, one line each that says what it is.
    Room *room = *state;
    static const char *const NAMES[] = {"fifo", "folder", "nowhere", "huge"};
    static const char *const WHY[] = {"not a regular file", "not a regular file", "No such file",
                                      "more than the limit"};
    assert_int_equal(mkfifo(at(room, "assets/fifo"), 0600), 0);
    assert_int_equal(mkdir(at(room, "assets/folder"), 0700), 0);
    assert_int_equal(symlink("none", at(room, "assets/nowhere")), 0);
    put_text(room, "assets/huge", "");
    assert_int_equal(truncate(at(room, "assets/huge"), (64 << 20) + 1), 0);
    for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
        expect_none(asset_data(room->assets, NAMES[i]));
        assert_null(asset_image(room->assets, NAMES[i]).pixels);
        assert_null(asset_font(room->assets, NAMES[i], 16));
        assert_false(play(room, 1200));
        expect_note(room, NAMES[i], WHY[i]);
        expect_no_note(room);
    }
}

static void wrong_names_are_refused(void **state)
{
    // Scenario: names that lead outside although the file exists, each frame; no name at all.
    // Expect: nothing is read, one line each; later changes do not make them good.
    Room *room = *state;
    char longer[600];
    put_text(room, "secret", "secret");
    memset(longer, 'x', sizeof(longer));
    longer[sizeof(longer) - 1] = '\0';
    const char *const wrong[] = {
        "../secret", at(room, "secret"), "a/../../secret", "", "a//b", "bad\nname", longer};
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < COUNT_OF(wrong); i++) {
            expect_none(asset_data(room->assets, wrong[i]));
            assert_null(asset_image(room->assets, wrong[i]).pixels);
            assert_null(asset_font(room->assets, wrong[i], 16));
        }
        asset_changed(room->assets, at(room, "secret"));
        asset_changed_all(room->assets);
        assert_false(play(room, 1200));
    }
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        expect_note(room, "not a name inside", "");
    }
    expect_no_note(room);
    expect_none(asset_data(room->assets, NULL));
    assert_null(asset_image(room->assets, NULL).pixels);
    assert_null(asset_font(room->assets, NULL, 16));
}

// ------------------------------------------------------------------------------------------ paths

static void the_first_folder_wins(void **state)
{
    // Scenario: a name in the second folder only, then in both, then in the second only again.
    // Expect: the second's, the first's, the second's.
    Room *room = *state;
    put_text(room, "more/a.txt", "second");
    expect_text(asset_data(room->assets, "a.txt"), ASSET_GOOD, 1, "second");
    put_text(room, "assets/a.txt", "first");
    assert_true(change(room, "assets/a.txt"));
    expect_text(asset_data(room->assets, "a.txt"), ASSET_GOOD, 2, "first");
    assert_int_equal(unlink(at(room, "assets/a.txt")), 0);
    assert_true(change(room, "assets/a.txt"));
    expect_text(asset_data(room->assets, "a.txt"), ASSET_GOOD, 3, "second");
    assert_string_equal(asset_folder(room->assets, 0), at(room, "assets"));
    assert_string_equal(asset_folder(room->assets, 1), at(room, "more"));
    assert_null(asset_folder(room->assets, 2));
}

// Writes the next number into the file at `written` and tells of `told`; did `name` follow?
static bool follows(Room *room, const char *name, const char *written, const char *told)
{
    static int number;
    char text[16];
    (void)text_format(text, sizeof(text), "%d", ++number);
    put_text(room, written, text);
    uint32_t before = asset_data(room->assets, name).version;
    asset_changed(room->assets, told);
    bool grew = refresh_after(room, 20);
    AssetData after = asset_data(room->assets, name);
    assert_true(grew == (after.version == before + 1));
    return grew && strcmp((const char *)after.data, text) == 0;
}

static void changed_paths_are_matched_however_they_are_spelt(void **state)
{
    // Scenario: one file told of by absolute, relative, untidy and symlinked paths; its folder,
    // too. Expect: all of them mean the name; other files, other folders and rubbish do not.
    Room *room = *state;
    assert_int_equal(mkdir(at(room, "assets/deep"), 0700), 0);
    put_text(room, "assets/deep/a.txt", "0");
    (void)asset_data(room->assets, "deep/a.txt");
    assert_int_equal(symlink("assets", at(room, "alias")), 0);
    assert_int_equal(chdir(room->folder), 0);
    const char *file = "assets/deep/a.txt", *name = "deep/a.txt";
    assert_true(follows(room, name, file, at(room, "assets/deep/a.txt")));
    assert_true(follows(room, name, file, "assets/deep/a.txt"));
    assert_true(follows(room, name, file, "./assets//deep/../deep/./a.txt"));
    assert_true(follows(room, name, file, at(room, "alias/deep/a.txt")));
    assert_true(follows(room, name, file, at(room, "assets/deep")));
    assert_true(follows(room, name, file, at(room, "assets/deep/")));
    assert_true(follows(room, name, file, at(room, "assets")));
    static const char *const OTHERS[] = {"assets/deep/b.txt",
                                         "assets/dee",
                                         "assets/deep/a.tx",
                                         "assets/deep/a.txt/b",
                                         "deep/a.txt",
                                         "/",
                                         "",
                                         "assets2/deep/a.txt",
                                         "../../../../../x"};
    for (size_t i = 0; i < COUNT_OF(OTHERS); i++) {
        if (follows(room, name, file, OTHERS[i])) {
            fail_msg("%s was taken for it", OTHERS[i]);
        }
    }
    char longer[FILE_PATH_MAX + 10];
    memset(longer, 'a', sizeof(longer));
    longer[sizeof(longer) - 1] = '\0';
    assert_false(follows(room, name, file, longer));
}

static void symlinks_are_followed_both_ways(void **state)
{
    // Scenario: the asset folder itself, a sub-folder and a file are symlinks.
    // Expect: a change is seen under the link's path and under the path it leads to.
    Room *room = *state;
    assert_int_equal(mkdir(at(room, "real"), 0700), 0);
    assert_int_equal(mkdir(at(room, "shared"), 0700), 0);
    assert_int_equal(symlink("real", at(room, "link")), 0);
    assert_int_equal(symlink("../shared", at(room, "real/sub")), 0);
    assert_int_equal(symlink("v2.txt", at(room, "real/now.txt")), 0);
    put_text(room, "real/a.txt", "-");
    put_text(room, "real/v2.txt", "-");
    put_text(room, "shared/b.txt", "-");
    const char *folder = at(room, "link");
    asset_close(room->assets);
    room->assets = asset_open(&folder, 1, NULL);
    (void)asset_data(room->assets, "a.txt");
    (void)asset_data(room->assets, "sub/b.txt");
    (void)asset_data(room->assets, "now.txt");
    assert_true(follows(room, "a.txt", "real/a.txt", at(room, "link/a.txt")));
    assert_true(follows(room, "a.txt", "real/a.txt", at(room, "real/a.txt")));
    assert_true(follows(room, "sub/b.txt", "shared/b.txt", at(room, "link/sub/b.txt")));
    assert_true(follows(room, "sub/b.txt", "shared/b.txt", at(room, "shared/b.txt")));
    assert_true(follows(room, "now.txt", "real/v2.txt", at(room, "real/v2.txt")));
    assert_true(follows(room, "now.txt", "real/v2.txt", at(room, "link/now.txt")));
    assert_false(follows(room, "a.txt", "real/a.txt", at(room, "shared/a.txt")));
}

// --------------------------------------------------------------------------------------- pictures

static const uint32_t PIXELS[6] = {0xff0000ff, 0x00ff00ff, 0x0000ffff,
                                   0xffffffff, 0x12345678, 0x00000000};

static SDL_Surface *surface_of(int w, int h, uint32_t (*pixel)(int, int))
{
    SDL_Surface *surface = SDL_CreateRGBSurfaceWithFormat(0, w, h, 32, SDL_PIXELFORMAT_RGBA8888);
    for (int y = 0; y < h; y++) {
        for (int x = 0; x < w; x++) {
            uint32_t value = pixel(x, y);
            memcpy((uint8_t *)surface->pixels + y * surface->pitch + 4 * x, &value, sizeof(value));
        }
    }
    return surface;
}

static uint32_t six(int x, int y)
{
    return PIXELS[y * 3 + x];
}

static uint32_t opaque_red(int x, int y)
{
    (void)x;
    (void)y;
    return 0xff0000ff;
}

static uint32_t noisy(int x, int y)
{
    uint32_t seed = (uint32_t)(x * 7919 + y * 104729 + 1);
    return random_number(&seed) | 0xff;
}

static void put_png(Room *room, const char *name, int w, int h, uint32_t (*pixel)(int, int))
{
    SDL_Surface *surface = surface_of(w, h, pixel);
    assert_int_equal(IMG_SavePNG(surface, at(room, name)), 0);
    SDL_FreeSurface(surface);
}

static void expect_pixels(AssetImage image, int w, int h, const uint32_t *pixels)
{
    assert_non_null(image.pixels);
    assert_int_equal(image.w, w);
    assert_int_equal(image.h, h);
    assert_memory_equal(image.pixels, pixels, (size_t)w * (size_t)h * sizeof(uint32_t));
}

// Known whole files, so that formats without a writer here are read, too.
static const uint8_t GIF_RED[] = { // 1 x 1, index 0 of a red and blue palette
    'G', 'I', 'F', '8', '9', 'a', 1, 0, 1, 0, 0x80, 0, 0, 255,  0, 0, 0,  0,
    255, ',', 0,   0,   0,   0,   1, 0, 1, 0, 0,    2, 2, 0x44, 1, 0, ';'};
static const uint8_t QOI_RED[] = {'q',  'o', 'i', 'f', 0,   0, 0, 1, 0, 0, 0, 1, 4, 0,
                                  0xff, 255, 0,   0,   255, 0, 0, 0, 0, 0, 0, 0, 1};
static const uint8_t WEBP_ONE[] = {
    'R', 'I', 'F', 'F',  0x1a, 0, 0, 0,    'W',  'E',  'B',  'P',  'V',  'P',  '8',  'L',  0x0d,
    0,   0,   0,   0x2f, 0,    0, 0, 0x10, 0x07, 0x10, 0x11, 0x11, 0x88, 0x88, 0xfe, 0x07, 0};

static void pictures_come_out_as_plain_pixels(void **state)
{
    // Scenario: the same six pixels as PNG and BMP, a red one as GIF and QOI, a WebP and a JPEG.
    // Expect: 0xRRGGBBAA, rows from the top; JPEG only nearly so; key and version of the data.
    Room *room = *state;
    SDL_Surface *surface = surface_of(3, 2, six);
    put_png(room, "assets/a.png", 3, 2, six);
    assert_int_equal(SDL_SaveBMP(surface, at(room, "assets/a.bmp")), 0);
    SDL_FreeSurface(surface);
    surface = surface_of(16, 16, opaque_red);
    assert_int_equal(IMG_SaveJPG(surface, at(room, "assets/a.jpg"), 95), 0);
    SDL_FreeSurface(surface);
    put(room, "assets/a.gif", GIF_RED, sizeof(GIF_RED));
    put(room, "assets/a.qoi", QOI_RED, sizeof(QOI_RED));
    put(room, "assets/a.webp", WEBP_ONE, sizeof(WEBP_ONE));
    expect_pixels(asset_image(room->assets, "a.png"), 3, 2, PIXELS);
    expect_pixels(asset_image(room->assets, "a.bmp"), 3, 2, PIXELS);
    expect_pixels(asset_image(room->assets, "a.gif"), 1, 1, PIXELS);
    expect_pixels(asset_image(room->assets, "a.qoi"), 1, 1, PIXELS);
    AssetImage jpeg = asset_image(room->assets, "a.jpg");
    assert_int_equal(jpeg.w, 16);
    assert_true(jpeg.pixels[17] >> 24 > 240 && (jpeg.pixels[17] & 0xff) == 0xff);
    assert_true((jpeg.pixels[17] >> 16 & 0xff) < 20 && (jpeg.pixels[17] >> 8 & 0xff) < 20);
    AssetImage webp = asset_image(room->assets, "a.webp");
    assert_non_null(webp.pixels);
    assert_int_equal(webp.w * webp.h, 1);
    AssetData data = asset_data(room->assets, "a.webp");
    assert_int_equal(webp.key, data.key);
    assert_int_equal(webp.version, 1);
    assert_int_equal(data.size_bytes, sizeof(WEBP_ONE));
    expect_no_note(room);
}

static void palettes_and_colour_keys_are_resolved(void **state)
{
    // Scenario: an indexed BMP; the same as PNG with one transparent colour, which the decoder
    // makes a colour key, and with two alphas, which it makes a channel. Expect: colours from the
    // palette, opaque; 0 where the key is; the alphas as they are.
    Room *room = *state;
    SDL_Color colors[3] = {{255, 0, 0, 255}, {1, 2, 3, 255}, {128, 128, 128, 255}};
    SDL_Surface *surface = SDL_CreateRGBSurface(0, 3, 1, 8, 0, 0, 0, 0);
    memcpy(surface->pixels, "\0\1\2", 3);
    assert_int_equal(SDL_SetPaletteColors(surface->format->palette, colors, 0, 3), 0);
    assert_int_equal(SDL_SaveBMP(surface, at(room, "assets/plain.bmp")), 0);
    // IMG_SavePNG writes the alphas of the palette, and no colour key.
    colors[1].a = 0;
    assert_int_equal(SDL_SetPaletteColors(surface->format->palette, colors, 0, 3), 0);
    assert_int_equal(IMG_SavePNG(surface, at(room, "assets/keyed.png")), 0);
    colors[2].a = 77;
    assert_int_equal(SDL_SetPaletteColors(surface->format->palette, colors, 0, 3), 0);
    assert_int_equal(IMG_SavePNG(surface, at(room, "assets/alphas.png")), 0);
    SDL_FreeSurface(surface);
    static const uint32_t PLAIN[] = {0xff0000ff, 0x010203ff, 0x808080ff};
    static const uint32_t KEYED[] = {0xff0000ff, 0, 0x808080ff};
    static const uint32_t ALPHAS[] = {0xff0000ff, 0x01020300, 0x8080804d};
    expect_pixels(asset_image(room->assets, "plain.bmp"), 3, 1, PLAIN);
    expect_pixels(asset_image(room->assets, "keyed.png"), 3, 1, KEYED);
    expect_pixels(asset_image(room->assets, "alphas.png"), 3, 1, ALPHAS);
}

static void a_broken_picture_keeps_the_old_pixels(void **state)
{
    // Scenario: a sprite is overwritten by half a PNG and left so, then by text, then repaired.
    // Expect: the old pixels and bytes stay; one line for each kind of broken; then the new ones.
    Room *room = *state;
    put_png(room, "assets/hero.png", 3, 2, six);
    put_png(room, "whole.png", 64, 64, noisy);
    expect_pixels(asset_image(room->assets, "hero.png"), 3, 2, PIXELS);
    FileBytes whole = get(room, at(room, "whole.png"));
    put(room, "assets/hero.png", whole.data, whole.size_bytes / 2);
    assert_false(change(room, "assets/hero.png"));
    assert_false(play(room, 1500));
    expect_pixels(asset_image(room->assets, "hero.png"), 3, 2, PIXELS);
    assert_int_equal(asset_data(room->assets, "hero.png").state, ASSET_STALE);
    expect_note(room, "hero.png: not a good PNG: the file is cut short", "last good one stays");
    put_text(room, "assets/hero.png", "this is no picture");
    assert_false(change(room, "assets/hero.png"));
    assert_false(play(room, 1500));
    expect_note(room, "hero.png: not a picture", "the last good one stays");
    expect_pixels(asset_image(room->assets, "hero.png"), 3, 2, PIXELS);
    assert_int_equal(asset_image(room->assets, "hero.png").version, 1);
    put(room, "assets/hero.png", whole.data, whole.size_bytes);
    assert_true(change(room, "assets/hero.png"));
    assert_int_equal(asset_image(room->assets, "hero.png").w, 64);
    assert_int_equal(asset_image(room->assets, "hero.png").version, 2);
    assert_int_equal(asset_data(room->assets, "hero.png").state, ASSET_GOOD);
    expect_no_note(room);
}

static void a_picture_written_slowly_appears(void **state)
{
    // Scenario: a PNG grows piece by piece over half a second, with the last piece untold.
    // Expect: no picture, then the picture; never a half one; nothing is said.
    Room *room = *state;
    put_png(room, "whole.png", 64, 64, noisy);
    FileBytes whole = get(room, at(room, "whole.png"));
    put(room, "assets/hero.png", whole.data, 10);
    assert_null(asset_image(room->assets, "hero.png").pixels);
    for (size_t part = 1; part < 5; part++) {
        put(room, "assets/hero.png", whole.data, whole.size_bytes * part / 5);
        (void)change(room, "assets/hero.png");
        assert_null(asset_image(room->assets, "hero.png").pixels);
    }
    put(room, "assets/hero.png", whole.data, whole.size_bytes);
    assert_true(play(room, 900));
    AssetImage image = asset_image(room->assets, "hero.png");
    assert_int_equal(image.w, 64);
    assert_int_equal(image.version, 1);
    assert_true(image.pixels[65] == noisy(1, 1));
    expect_no_note(room);
}

static void a_level_taken_for_a_picture_stays_a_level(void **state)
{
    // Scenario: a text is used as bytes, then by mistake as a picture and as a font.
    // Expect: no pixels, one line for each mistake; as bytes it goes on and gets new versions.
    Room *room = *state;
    put_text(room, "assets/level.txt", "one");
    expect_text(asset_data(room->assets, "level.txt"), ASSET_GOOD, 1, "one");
    assert_null(asset_image(room->assets, "level.txt").pixels);
    assert_int_equal(asset_image(room->assets, "level.txt").version, 0);
    assert_false(play(room, 1500));
    expect_note(room, "level.txt: not a picture", "as soon as the file is good");
    assert_null(asset_font(room->assets, "level.txt", 16));
    expect_text(asset_data(room->assets, "level.txt"), ASSET_GOOD, 1, "one");
    put_text(room, "assets/level.txt", "two");
    assert_true(change(room, "assets/level.txt"));
    expect_text(asset_data(room->assets, "level.txt"), ASSET_GOOD, 2, "two");
    put_png(room, "assets/level.txt", 3, 2, six);
    assert_true(change(room, "assets/level.txt"));
    expect_pixels(asset_image(room->assets, "level.txt"), 3, 2, PIXELS);
    assert_int_equal(asset_image(room->assets, "level.txt").version, 3);
}

static long peak_kib(void)
{
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

static void expect_refused(const uint8_t *data, size_t size_bytes, const char *part)
{
    Arena pixels;
    AssetImage image;
    char why[ASSET_WHY_BYTES] = "";
    long before = peak_kib();
    if (asset_picture_decode(data, size_bytes, &pixels, &image, why) || !strstr(why, part)) {
        fail_msg("\"%s\" instead of \"%s\"", why, part);
    }
    assert_null(image.pixels);
    assert_null(pixels.base);
    if (peak_kib() - before > 32 << 10) {
        fail_msg("%s: took %ld KiB", why, peak_kib() - before);
    }
}

static void image_bombs_are_refused_before_they_unfold(void **state)
{
    // Scenario: small files of every format that claim to be gigantic, and one with 17 zipped
    // texts. Expect: refused by name of the limit, without taking memory; 8192 is allowed, 8193 is
    // not.
    Room *room = *state;
    put_png(room, "a.png", 3, 2, six);
    FileBytes png = get(room, at(room, "a.png"));
    uint8_t bomb[4096];
    memcpy(bomb, png.data, png.size_bytes);
    memcpy(bomb + 16, "\0\0\xff\xff\0\0\xff\xff", 8);
    expect_refused(bomb, png.size_bytes, "65535 x 65535 pixels, more than the limit of 8192");
    memcpy(bomb + 16, "\xff\xff\xff\xff\0\0\0\1", 8);
    expect_refused(bomb, png.size_bytes, "more than the limit");
    memcpy(bomb + 16, "\0\0\0\0\0\0\0\1", 8);
    expect_refused(bomb, png.size_bytes, "header is damaged");
    size_t used = 33; // signature and IHDR
    memcpy(bomb, png.data, png.size_bytes);
    for (int i = 0; i < 17; i++, used += 16) {
        memcpy(bomb + used, "\0\0\0\4zTXtabcdcrc!", 16);
    }
    memcpy(bomb + used, png.data + 33, png.size_bytes - 33);
    expect_refused(bomb, used + png.size_bytes - 33, "too many compressed texts");

    uint8_t bmp[64] = "BM";
    bmp[14] = 40;
    memcpy(bmp + 18, "\xff\xff\xff\x7f\0\0\0\x80", 8); // INT_MAX x INT_MIN
    expect_refused(bmp, sizeof(bmp), "2147483647 x 2147483648 pixels");
    uint8_t gif[sizeof(GIF_RED)];
    memcpy(gif, GIF_RED, sizeof(gif));
    memset(gif + 24, 0xff, 4);
    expect_refused(gif, sizeof(gif), "65535 x 65535 pixels");
    memcpy(gif, GIF_RED, sizeof(gif));
    gif[29] = 13; // a code size that would make the decoder search on for another image
    expect_refused(gif, sizeof(gif), "header is damaged");
    uint8_t qoi[sizeof(QOI_RED)];
    memcpy(qoi, QOI_RED, sizeof(qoi));
    memset(qoi + 5, 0xff, 2);
    expect_refused(qoi, sizeof(qoi), "16776961 x 1 pixels");
    static const uint8_t JPEG[] = {0xff, 0xd8, 0xff, 0xc0, 0,    11, 8,    0xff, 0xff,
                                   0xff, 0xff, 1,    1,    0x11, 0,  0xff, 0xd9};
    expect_refused(JPEG, sizeof(JPEG), "65535 x 65535 pixels");
    uint8_t webp[sizeof(WEBP_ONE)];
    memcpy(webp, WEBP_ONE, sizeof(webp));
    memset(webp + 21, 0xff, 4);
    expect_refused(webp, sizeof(webp), "16384 x 16384 pixels");

    put_png(room, "assets/fits.png", 8192, 2, opaque_red);
    put_png(room, "assets/wide.png", 8193, 1, opaque_red);
    put_png(room, "assets/tall.png", 1, 8193, opaque_red);
    assert_int_equal(asset_image(room->assets, "fits.png").w, 8192);
    assert_null(asset_image(room->assets, "wide.png").pixels);
    assert_null(asset_image(room->assets, "tall.png").pixels);
    (void)play(room, 1500);
    expect_note(room, "wide.png: 8193 x 1 pixels", "8192");
    expect_note(room, "tall.png: 1 x 8193 pixels", "8192");
    expect_no_note(room);
}

static void half_pictures_are_never_good(void **state)
{
    // Scenario: each format's whole file, cut at every length.
    // Expect: no cut is taken for a picture, although some decoders would fill up the rest.
    Room *room = *state;
    SDL_Surface *surface = surface_of(32, 32, noisy);
    assert_int_equal(IMG_SavePNG(surface, at(room, "0")), 0);
    assert_int_equal(IMG_SaveJPG(surface, at(room, "1"), 80), 0);
    assert_int_equal(SDL_SaveBMP(surface, at(room, "2")), 0);
    SDL_FreeSurface(surface);
    put(room, "3", GIF_RED, sizeof(GIF_RED));
    put(room, "4", QOI_RED, sizeof(QOI_RED));
    put(room, "5", WEBP_ONE, sizeof(WEBP_ONE));
    static const char *const NAMES[] = {"0", "1", "2", "3", "4", "5"};
    for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
        FileBytes whole = get(room, at(room, NAMES[i]));
        for (size_t size = 0; size <= whole.size_bytes; size++) {
            Arena pixels;
            AssetImage image;
            char why[ASSET_WHY_BYTES];
            // Behind a GIF's last block follows only the mark of its end.
            size_t needed = whole.size_bytes - (i == 3 ? 1 : 0);
            uint8_t *exact = malloc(size + 1); // so that ASan sees a byte too far
            memcpy(exact, whole.data, size);
            exact = realloc(exact, size ? size : 1);
            bool good = asset_picture_decode(exact, size, &pixels, &image, why);
            arena_close(&pixels);
            free(exact);
            if (good != (size >= needed)) {
                fail_msg("%s cut to %zu of %zu", NAMES[i], size, whole.size_bytes);
            }
        }
    }
}

// ------------------------------------------------------------------------------------------- fuzz

// libpng prints each complaint; thousands of them would hide the tests' own lines.
static int hush(void)
{
    int kept = dup(STDERR_FILENO), none = open("/dev/null", O_WRONLY);
    assert_true(kept >= 0 && none >= 0 && dup2(none, STDERR_FILENO) >= 0);
    close(none);
    return kept;
}

static void unhush(int kept)
{
    assert_true(dup2(kept, STDERR_FILENO) >= 0);
    close(kept);
}

static void damage(uint8_t *data, size_t size_bytes, uint32_t *seed)
{
    for (uint32_t left = 1 + random_number(seed) % 8; left > 0; left--) {
        data[random_number(seed) % size_bytes] = (uint8_t)random_number(seed);
    }
}

static void any_bytes_are_survived_as_a_picture(void **state)
{
    // Scenario: thousands of damaged, cut and wholly random files of every format.
    // Expect: a picture within the limits or a reason; no crash, no leak, no read beyond the end.
    Room *room = *state;
    uint32_t seed = 20240607;
    SDL_Surface *surface = surface_of(24, 24, noisy);
    assert_int_equal(IMG_SavePNG(surface, at(room, "0")), 0);
    assert_int_equal(IMG_SaveJPG(surface, at(room, "1"), 80), 0);
    assert_int_equal(SDL_SaveBMP(surface, at(room, "2")), 0);
    SDL_FreeSurface(surface);
    FileBytes whole[] = {get(room, at(room, "0")),   get(room, at(room, "1")),
                         get(room, at(room, "2")),   {GIF_RED, sizeof(GIF_RED)},
                         {QOI_RED, sizeof(QOI_RED)}, {WEBP_ONE, sizeof(WEBP_ONE)}};
    int kept = hush(), good = 0, bad = 0;
    for (int round = 0; round < 12000; round++) {
        FileBytes from = whole[random_number(&seed) % COUNT_OF(whole)];
        size_t size = from.size_bytes;
        size = round % 3 == 0 ? 1 + random_number(&seed) % size : size;
        uint8_t *data = malloc(size);
        memcpy(data, from.data, size);
        damage(data, round % 4 == 0 && size > 64 ? 64 : size, &seed);
        for (size_t i = round % 7 == 0 ? 12 : size; i < size; i++) {
            data[i] = (uint8_t)random_number(&seed); // behind a good signature
        }
        Arena pixels;
        AssetImage image;
        char why[ASSET_WHY_BYTES] = "";
        if (asset_picture_decode(data, size, &pixels, &image, why)) {
            assert_true(image.w > 0 && image.w <= ASSET_PICTURE_SIDE_MAX);
            assert_true(image.h > 0 && image.h <= ASSET_PICTURE_SIDE_MAX);
            assert_non_null(image.pixels);
            good++;
        } else {
            assert_true(why[0] != '\0' && !pixels.base && !image.pixels);
            bad++;
        }
        arena_close(&pixels);
        free(data);
    }
    unhush(kept);
    assert_true(good > 100 && bad > 1000); // both ways were taken
}

static void any_bytes_are_survived_as_an_asset(void **state)
{
    // Scenario: one name, used as bytes and as a picture, gets 400 random contents in a row.
    // Expect: it always has the last good picture.
    Room *room = *state;
    uint32_t seed = 7;
    put_png(room, "assets/a.png", 3, 2, six);
    FileBytes whole = get(room, at(room, "assets/a.png"));
    expect_pixels(asset_image(room->assets, "a.png"), 3, 2, PIXELS);
    int kept = hush();
    for (int round = 0; round < 400; round++) {
        uint8_t data[512];
        size_t size = random_number(&seed) % whole.size_bytes;
        memcpy(data, whole.data, whole.size_bytes);
        for (size_t i = size; i < whole.size_bytes; i++) {
            data[i] = (uint8_t)random_number(&seed);
        }
        put(room, "assets/a.png", data, whole.size_bytes);
        (void)change(room, "assets/a.png");
        assert_non_null(asset_image(room->assets, "a.png").pixels);
        assert_int_equal(asset_image(room->assets, "a.png").w, 3);
    }
    unhush(kept);
}

// ------------------------------------------------------------------------------------------ fonts

static bool find_font_below(const char *folder, const char *unlike, char path[FILE_PATH_MAX])
{
    DIR *stream = opendir(folder);
    bool found = false;
    char inner[FILE_PATH_MAX];
    for (struct dirent *entry = stream ? readdir(stream) : NULL; entry && !found;
         entry = readdir(stream)) {
        size_t length = strlen(entry->d_name);
        if (entry->d_name[0] == '.' || !file_join(inner, folder, entry->d_name)) {
            continue;
        }
        if (entry->d_type == DT_DIR) {
            found = find_font_below(inner, unlike, path);
        } else if (length > 4 && strcmp(entry->d_name + length - 4, ".ttf") == 0
                   && strcmp(inner, unlike) != 0) {
            memcpy(path, inner, sizeof(inner));
            found = true;
        }
    }
    if (stream) {
        closedir(stream);
    }
    return found;
}

// Any two fonts of this machine; skips the test where there are none.
static void find_two_fonts(char first[FILE_PATH_MAX], char second[FILE_PATH_MAX])
{
    if (!find_font_below("/usr/share/fonts", "", first)
        || !find_font_below("/usr/share/fonts", first, second)) {
        skip();
    }
}

static void put_font(Room *room, const char *name, const char *path)
{
    FileBytes bytes = get(room, path);
    put(room, name, bytes.data, bytes.size_bytes);
}

static bool has_ink(const AssetFont *font, AssetGlyph glyph)
{
    assert_true(glyph.x >= 0 && glyph.y >= 0);
    assert_true(glyph.x + glyph.w <= font->atlas.w && glyph.y + glyph.h <= font->atlas.h);
    bool ink = false;
    for (int y = glyph.y; y < glyph.y + glyph.h; y++) {
        for (int x = glyph.x; x < glyph.x + glyph.w; x++) {
            uint32_t pixel = font->atlas.pixels[y * font->atlas.w + x];
            assert_true(pixel >> 8 == 0xffffff || pixel == 0);
            ink |= (pixel & 0xff) > 128;
        }
    }
    return ink;
}

static void glyphs_are_rendered_on_demand(void **state)
{
    // Scenario: letters, a space, a letter twice, and many code points that no font has.
    // Expect: white ink in the line; the atlas gets a version for each new one; one shared box.
    Room *room = *state;
    char first[FILE_PATH_MAX], second[FILE_PATH_MAX];
    find_two_fonts(first, second);
    put_font(room, "assets/a.ttf", first);
    const AssetFont *font = asset_font(room->assets, "a.ttf", 32);
    assert_non_null(font);
    assert_true(font->line_px >= 32 && font->line_px < 80);
    assert_true(font->ascent_px > 16 && font->ascent_px <= font->line_px);
    assert_int_not_equal(font->atlas.key, asset_data(room->assets, "a.ttf").key);
    AssetGlyph letter = asset_glyph(room->assets, font, 'H');
    uint32_t version = font->atlas.version;
    assert_true(has_ink(font, letter));
    assert_true(letter.advance > 0 && letter.top >= 0);
    assert_true(letter.top + (float)letter.h <= font->line_px);
    // An H stands on the line, and reaches from near its left edge to near its advance.
    assert_true(letter.top + (float)letter.h > font->ascent_px - 2);
    assert_true(letter.top + (float)letter.h < font->ascent_px + 2);
    assert_true(letter.bearing_x >= -2 && letter.bearing_x + (float)letter.w < letter.advance + 2);
    AssetGlyph again = asset_glyph(room->assets, font, 'H');
    assert_memory_equal(&again, &letter, sizeof(letter));
    assert_int_equal(font->atlas.version, version);
    AssetGlyph space = asset_glyph(room->assets, font, ' ');
    assert_true(space.advance > 0 && space.w == 0);
    AssetGlyph box = asset_glyph(room->assets, font, 0x10FFFF);
    version = font->atlas.version;
    static const uint32_t LACKING[] = {0x10FFFE, 0xE123, 0xFFFFFFFF, 0x110000, 0xD800, 0, 7};
    for (size_t i = 0; i < COUNT_OF(LACKING); i++) {
        AssetGlyph same = asset_glyph(room->assets, font, LACKING[i]);
        if (LACKING[i] != 0 && LACKING[i] != 7) { // some fonts have empty glyphs for these
            assert_memory_equal(&same, &box, sizeof(box));
        }
    }
    assert_int_equal(font->atlas.version, version);
    AssetFont foreign = *font;
    AssetGlyph none = asset_glyph(room->assets, &foreign, 'H');
    assert_true(none.w == 0 && none.advance == 0);
    expect_no_note(room);
}

static void the_atlas_grows_without_moving(void **state)
{
    // Scenario: a thousand code points at a large size, and all of Latin at a small one.
    // Expect: it gets taller; glyphs do not overlap; those from before keep place and pixels.
    Room *room = *state;
    char first[FILE_PATH_MAX], second[FILE_PATH_MAX];
    find_two_fonts(first, second);
    put_font(room, "assets/a.ttf", first);
    const AssetFont *font = asset_font(room->assets, "a.ttf", 48);
    assert_non_null(font);
    AssetGlyph letter = asset_glyph(room->assets, font, 'g');
    const uint32_t *pixels = font->atlas.pixels;
    int before_h = font->atlas.h, row = letter.y * font->atlas.w + letter.x;
    uint32_t kept[64];
    memcpy(kept, pixels + row, (size_t)letter.w * sizeof(uint32_t));
    uint8_t *taken = calloc(1, (size_t)font->atlas.w * 8192);
    for (uint32_t code = 33; code < 1000; code++) {
        uint32_t version = font->atlas.version;
        AssetGlyph glyph = asset_glyph(room->assets, font, code);
        (void)has_ink(font, glyph);
        if (font->atlas.version == version) {
            continue; // the box again, or nothing to see
        }
        for (int y = glyph.y; y < glyph.y + glyph.h; y++) {
            for (int x = glyph.x; x < glyph.x + glyph.w; x++) {
                assert_int_equal(taken[y * font->atlas.w + x]++, 0);
            }
        }
    }
    free(taken);
    assert_true(font->atlas.h > before_h);
    assert_ptr_equal(font->atlas.pixels, pixels);
    assert_memory_equal(kept, pixels + row, (size_t)letter.w * sizeof(uint32_t));
    assert_non_null(asset_font(room->assets, "a.ttf", 12));
    expect_no_note(room);
}

static void sizes_are_clamped_and_kept_apart(void **state)
{
    // Scenario: sizes far out of range, the limits, and more sizes than there is room for.
    // Expect: the nearest allowed size; the same size is the same font; one line at the limit.
    Room *room = *state;
    char first[FILE_PATH_MAX], second[FILE_PATH_MAX];
    find_two_fonts(first, second);
    put_font(room, "assets/a.ttf", first);
    const AssetFont *smallest = asset_font(room->assets, "a.ttf", INT_MIN);
    const AssetFont *largest = asset_font(room->assets, "a.ttf", INT_MAX);
    assert_non_null(smallest);
    assert_non_null(largest);
    assert_ptr_equal(smallest, asset_font(room->assets, "a.ttf", 4));
    assert_ptr_equal(largest, asset_font(room->assets, "a.ttf", 256));
    assert_ptr_equal(largest, asset_font(room->assets, "a.ttf", 5000));
    assert_true(smallest->line_px < 12 && largest->line_px >= 256);
    assert_int_not_equal(smallest->atlas.key, largest->atlas.key);
    assert_true(has_ink(largest, asset_glyph(room->assets, largest, 'W')));
    int opened = 2;
    for (int size = 5; size < 100; size++) {
        opened += asset_font(room->assets, "a.ttf", size) != NULL;
    }
    assert_int_equal(opened, 64);
    expect_note(room, "a.ttf at", "more than 64 fonts");
    expect_no_note(room);
}

static void a_full_atlas_is_said_once(void **state)
{
    // Scenario: more glyphs of the largest size than the atlas can hold.
    // Expect: it ends at its limit, further ones are blank but have their advance; one line.
    Room *room = *state;
    char first[FILE_PATH_MAX], second[FILE_PATH_MAX];
    find_two_fonts(first, second);
    put_font(room, "assets/a.ttf", first);
    const AssetFont *font = asset_font(room->assets, "a.ttf", 256);
    assert_non_null(font);
    char note[512] = "";
    bool full = false;
    for (uint32_t code = 33; code < 0x10000 && !full; code++) {
        AssetGlyph glyph = asset_glyph(room->assets, font, code);
        assert_true(font->atlas.h <= 8192);
        full = asset_take_note(room->assets, note, sizeof(note));
        assert_true(!full || (glyph.w == 0 && glyph.advance > 0));
    }
    if (!full) {
        skip(); // this machine's font has too few glyphs to fill it
    }
    assert_non_null(strstr(note, "its atlas is full"));
    for (uint32_t code = 33; code < 0x3000; code++) {
        (void)asset_glyph(room->assets, font, code);
    }
    expect_no_note(room);
}

static void fonts_reload_and_survive_broken_files(void **state)
{
    // Scenario: a font file breaks, disappears, and becomes another font, with two sizes in use.
    // Expect: the old glyphs until the new font; then the same handles show it; old pixels live on
    // for two refreshes.
    Room *room = *state;
    char first[FILE_PATH_MAX], second[FILE_PATH_MAX];
    find_two_fonts(first, second);
    put_font(room, "assets/a.ttf", first);
    const AssetFont *font = asset_font(room->assets, "a.ttf", 20);
    const AssetFont *other = asset_font(room->assets, "a.ttf", 40);
    assert_true(font && other && font != other);
    AssetGlyph old = asset_glyph(room->assets, font, 'M');
    AssetImage atlas = font->atlas;
    FileBytes whole = get(room, first);
    put(room, "assets/a.ttf", whole.data, whole.size_bytes / 50);
    assert_false(change(room, "assets/a.ttf"));
    assert_false(play(room, 1500));
    expect_note(room, "a.ttf: not a font", "the last good one stays");
    assert_ptr_equal(asset_font(room->assets, "a.ttf", 20), font);
    assert_true(has_ink(font, asset_glyph(room->assets, font, 'N')));
    atlas = font->atlas;
    put_font(room, "assets/a.ttf", second);
    assert_true(change(room, "assets/a.ttf"));
    assert_ptr_equal(asset_font(room->assets, "a.ttf", 20), font);
    assert_ptr_equal(asset_font(room->assets, "a.ttf", 40), other);
    assert_int_equal(font->atlas.key, atlas.key);
    assert_true(font->atlas.version > atlas.version);
    assert_ptr_not_equal(font->atlas.pixels, atlas.pixels);
    assert_true(has_ink(font, asset_glyph(room->assets, font, 'M')));
    assert_true(has_ink(other, asset_glyph(room->assets, other, 'M')));
    uint32_t borrowed = 0;
    for (int x = old.x; x < old.x + old.w; x++) {
        borrowed |= atlas.pixels[(old.y + old.h / 2) * atlas.w + x];
    }
    assert_true(borrowed != 0);
    (void)refresh_after(room, 20);
    assert_true(is_mapped(atlas.pixels));
    (void)refresh_after(room, 20);
    assert_false(is_mapped(atlas.pixels));
    expect_no_note(room);
}

static void not_a_font_is_said_and_then_found(void **state)
{
    // Scenario: text under a font's name, asked for each frame; then the font arrives.
    // Expect: NULL and one line; then the font.
    Room *room = *state;
    char first[FILE_PATH_MAX], second[FILE_PATH_MAX];
    find_two_fonts(first, second);
    put_text(room, "assets/a.ttf", "not a font at all");
    for (int i = 0; i < 100; i++) {
        assert_null(asset_font(room->assets, "a.ttf", 8 + i % 3));
        (void)refresh_after(room, 20);
    }
    expect_note(room, "a.ttf: not a font", "as soon as the file is good");
    expect_no_note(room);
    put_font(room, "assets/a.ttf", first);
    assert_true(change(room, "assets/a.ttf"));
    assert_non_null(asset_font(room->assets, "a.ttf", 8));
}

static void any_bytes_are_survived_as_a_font(void **state)
{
    // Scenario: a real font with damage all over, most of it in its tables' heads, and cut short.
    // Expect: a face or a reason; glyphs inside the atlas; no crash and no gigabytes.
    Room *room = *state;
    char first[FILE_PATH_MAX], second[FILE_PATH_MAX];
    find_two_fonts(first, second);
    FileBytes whole = get(room, first);
    uint32_t seed = 99;
    long before = peak_kib();
    int opened = 0;
    assert_int_equal(TTF_Init(), 0);
    for (int round = 0; round < 400; round++) {
        size_t size = round % 4 == 0 ? random_number(&seed) % whole.size_bytes : whole.size_bytes;
        uint8_t *data = malloc(size + 1);
        memcpy(data, whole.data, size);
        for (int i = 0; i < 20 && size > 0; i++) {
            damage(data, size > 4096 && i % 2 ? 4096 : size, &seed);
        }
        AssetFace face;
        char why[ASSET_WHY_BYTES] = "";
        if (asset_face_open(&face, data, size, 16 + round % 200, why)) {
            opened++;
            for (uint32_t code = 'A'; code < 'a'; code++) {
                bool added;
                AssetGlyph glyph = asset_face_glyph(&face, code, &added);
                assert_true(glyph.x + glyph.w <= face.atlas_w && glyph.y + glyph.h <= face.atlas_h);
            }
        } else {
            assert_true(why[0] != '\0');
            assert_null(face.ttf);
        }
        asset_face_close(&face);
        free(data);
    }
    TTF_Quit();
    assert_true(opened > 0 && opened < 400);
    assert_true(peak_kib() - before < 512 << 10);
}

// ----------------------------------------------------------------------------------------- limits

static void names_by_the_thousand_are_bounded(void **state)
{
    // Scenario: a game that makes up 6,000 names, good ones among the first and the last.
    // Expect: the first 4,096 work, the rest are missing, few lines come out, nothing breaks.
    Room *room = *state;
    char name[32], note[512];
    put_text(room, "assets/first.txt", "first");
    put_text(room, "assets/last.txt", "last");
    expect_text(asset_data(room->assets, "first.txt"), ASSET_GOOD, 1, "first");
    for (int i = 0; i < 6000; i++) {
        (void)text_format(name, sizeof(name), "made-up-%d", i);
        expect_none(asset_data(room->assets, name));
    }
    expect_none(asset_data(room->assets, "last.txt"));
    assert_int_equal(asset_data(room->assets, "last.txt").key, 0);
    expect_text(asset_data(room->assets, "first.txt"), ASSET_GOOD, 1, "first");
    int lines = 0;
    while (asset_take_note(room->assets, note, sizeof(note))) {
        lines++;
    }
    assert_true(lines <= 40);
    assert_non_null(strstr(note, "more lines about assets were left out"));
    put_text(room, "assets/first.txt", "new");
    asset_changed_all(room->assets);
    assert_true(refresh_after(room, 20));
    expect_text(asset_data(room->assets, "first.txt"), ASSET_GOOD, 2, "new");
}

static void it_opens_without_folders_and_closes_when_unused(void **state)
{
    (void)state;
    // Scenario: no folder, a folder that does not exist yet, too many, a path too long; close NULL.
    // Expect: the first two work, the others are refused with a fault.
    Fault fault = {0};
    const char *nowhere[32];
    char note[512], longer[FILE_PATH_MAX + 2];
    memset(longer, 'a', sizeof(longer));
    longer[sizeof(longer) - 1] = '\0';
    for (size_t i = 0; i < COUNT_OF(nowhere); i++) {
        nowhere[i] = "/tmp/hotloop-none/such";
    }
    asset_close(NULL);
    for (size_t count = 0; count < 2; count++) {
        Assets *assets = asset_open(nowhere, count, &fault);
        assert_non_null(assets);
        expect_none(asset_data(assets, "a.txt"));
        assert_true(asset_take_note(assets, note, sizeof(note)));
        asset_changed(assets, "/tmp/hotloop-none/such/a.txt");
        assert_false(asset_refresh(assets, 1));
        asset_close(assets);
    }
    assert_null(asset_open(nowhere, 17, &fault));
    assert_non_null(strstr(fault.text, "17 asset folders"));
    nowhere[0] = longer;
    fault = (Fault){0};
    assert_null(asset_open(nowhere, 1, &fault));
    assert_int_equal(fault.kind, FAULT_FILE);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(names_are_read_once),
        CASE(a_change_is_a_new_version),
        CASE(old_bytes_live_for_two_refreshes),
        CASE(a_missing_name_is_said_once),
        CASE(a_file_in_the_making_is_waited_for),
        CASE(an_empty_file_is_said_after_a_second),
        CASE(a_deleted_file_stays_in_use),
        CASE(odd_files_never_block),
        CASE(wrong_names_are_refused),
        CASE(the_first_folder_wins),
        CASE(changed_paths_are_matched_however_they_are_spelt),
        CASE(symlinks_are_followed_both_ways),
        CASE(pictures_come_out_as_plain_pixels),
        CASE(palettes_and_colour_keys_are_resolved),
        CASE(a_broken_picture_keeps_the_old_pixels),
        CASE(a_picture_written_slowly_appears),
        CASE(a_level_taken_for_a_picture_stays_a_level),
        CASE(image_bombs_are_refused_before_they_unfold),
        CASE(half_pictures_are_never_good),
        CASE(any_bytes_are_survived_as_a_picture),
        CASE(any_bytes_are_survived_as_an_asset),
        CASE(glyphs_are_rendered_on_demand),
        CASE(the_atlas_grows_without_moving),
        CASE(sizes_are_clamped_and_kept_apart),
        CASE(a_full_atlas_is_said_once),
        CASE(fonts_reload_and_survive_broken_files),
        CASE(not_a_font_is_said_and_then_found),
        CASE(any_bytes_are_survived_as_a_font),
        CASE(names_by_the_thousand_are_bounded),
        cmocka_unit_test(it_opens_without_folders_and_closes_when_unused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
