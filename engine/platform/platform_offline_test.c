// Sound that is taken instead of played, and pictures as bytes: what an export is made of.
#include "platform_internal.h"

#include <math.h>
#include <SDL_image.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { WAV_HEAD = 44, WAV_FRAMES = 4800, TICK = 800 };

typedef struct Room {
    Arena arena;
    char folder[64];
    DrawList draw, over;
    SoundList sound;
    Platform *platform;
    Fault fault;
    uint8_t wav[WAV_HEAD + WAV_FRAMES * 2];
    float out[WAV_FRAMES * 4 * 2], again[WAV_FRAMES * 4 * 2];
} Room;

// A mono wav of 16 bits at 48 kHz that rises in a straight line.
static void make_wav(uint8_t *out)
{
    const uint32_t data = WAV_FRAMES * 2, riff = data + 36, sixteen = 16, rate = 48000;
    const uint32_t per_second = 96000;
    const uint16_t pcm = 1, mono = 1, align = 2, bits = 16;
    memcpy(out, "RIFF", 4);
    memcpy(out + 4, &riff, 4);
    memcpy(out + 8, "WAVEfmt ", 8);
    memcpy(out + 16, &sixteen, 4);
    memcpy(out + 20, &pcm, 2);
    memcpy(out + 22, &mono, 2);
    memcpy(out + 24, &rate, 4);
    memcpy(out + 28, &per_second, 4);
    memcpy(out + 32, &align, 2);
    memcpy(out + 34, &bits, 2);
    memcpy(out + 36, "data", 4);
    memcpy(out + 40, &data, 4);
    for (int i = 0; i < WAV_FRAMES; i++) {
        int16_t value = (int16_t)(i * 3);
        memcpy(out + WAV_HEAD + i * 2, &value, 2);
    }
}

static float rise(int frame)
{
    return (float)(frame * 3) / 32768;
}

static int enter(void **state)
{
    Room *room = calloc(1, sizeof(*room));
    (void)text_format(room->folder, sizeof(room->folder), "/tmp/hotloop-offline-test-XXXXXX");
    *state = room;
    make_wav(room->wav);
    setenv("SDL_VIDEODRIVER", "dummy", 1);
    bool ok = mkdtemp(room->folder) && arena_open(&room->arena, 0, 256u << 20, NULL)
              && draw_open(&room->draw, NULL) && draw_open(&room->over, NULL)
              && sound_open(&room->sound, NULL);
    return ok ? 0 : 1;
}

static int leave(void **state)
{
    Room *room = *state;
    char command[128];
    platform_close(room->platform);
    (void)text_format(command, sizeof(command), "rm -rf %s", room->folder);
    draw_close(&room->draw);
    draw_close(&room->over);
    sound_close(&room->sound);
    arena_close(&room->arena);
    int result = system(command);
    free(room);
    return result;
}

static void reopen(Room *room, const PlatformConfig *config)
{
    platform_close(room->platform);
    room->platform = platform_open(&room->arena, config, &room->fault);
    if (!room->platform) {
        fail_msg("%s", room->fault.text);
    }
}

static void reopen_offline(Room *room)
{
    reopen(room, &(PlatformConfig){.null = true, .offline = true, .canvas_w = 80, .canvas_h = 45});
}

// ------------------------------------------------------------------------------------------- sound

static SoundCmd *push_clip(Room *room, SoundKind kind, float volume)
{
    SoundCmd *cmd = sound_push(&room->sound, kind);
    cmd->volume = volume;
    cmd->clip = (SoundClip){.key = 1,
                            .version = 1,
                            .data = room->wav,
                            .size_bytes = sizeof room->wav,
                            .name = "rise.wav"};
    sound_clamp(cmd);
    return cmd;
}

static void push_tone(Room *room, hl_wave wave)
{
    SoundCmd *tone = sound_push(&room->sound, SOUND_TONE);
    tone->wave = wave;
    tone->hz = 440;
    tone->seconds = 0.05f;
    tone->volume = 0.25f;
}

static void play(Room *room)
{
    platform_play(room->platform, &room->sound);
    sound_reset(&room->sound);
}

static bool near_to(float a, float b)
{
    return fabsf(a - b) < 1e-4f;
}

static void expect_frame(const float *out, int frame, float value)
{
    if (!near_to(out[frame * 2], value) || !near_to(out[frame * 2 + 1], value)) {
        fail_msg("frame %d: %g %g, not %g", frame, (double)out[frame * 2],
                 (double)out[frame * 2 + 1], (double)value);
    }
}

static void a_one_shot_is_taken_from_its_first_frame(void **state)
{
    // Scenario: a clip is played; real time passes; it is taken in steps of odd sizes until it has
    // ended.
    // Expect: exactly its samples from the first taken frame on, nothing lost in between, then
    // silence.
    Room *room = *state;
    reopen_offline(room);
    push_clip(room, SOUND_PLAY, 1);
    play(room);
    SDL_Delay(50); // a device would have taken some by now
    const uint32_t steps[4] = {1, 799, 3001, 2000};
    uint32_t at = 0;
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        platform_take_sound(room->platform, room->out + at * 2, steps[i]);
        at += steps[i];
    }
    for (int i = 0; i < WAV_FRAMES; i += 7) {
        expect_frame(room->out, i, rise(i));
    }
    expect_frame(room->out, WAV_FRAMES, 0);
    expect_frame(room->out, (int)at - 1, 0);
}

static void session(Room *room, float *out, uint32_t step)
{
    reopen_offline(room);
    push_clip(room, SOUND_MUSIC, 0.5f);
    push_clip(room, SOUND_PLAY, 0.3f)->pitch = 1.3f;
    push_tone(room, HL_NOISE);
    push_tone(room, HL_SQUARE);
    float *samples = sound_push_samples(&room->sound, 2 * TICK);
    for (int i = 0; i < 4 * TICK; i++) {
        samples[i] = 0.1f * sinf((float)i * 0.01f);
    }
    play(room);
    for (uint32_t at = 0; at < WAV_FRAMES * 4; at += step) {
        platform_take_sound(room->platform, out + (size_t)at * 2, step);
    }
}

static void the_same_calls_give_the_same_samples(void **state)
{
    // Scenario: music, a pitched clip, noise, a square and own samples, all at once, in three
    // platforms one after the other; the third is taken in other steps.
    // Expect: the same bytes each time, and not silence.
    Room *room = *state;
    session(room, room->out, TICK);
    session(room, room->again, TICK);
    assert_memory_equal(room->out, room->again, sizeof room->out);
    memset(room->again, 0, sizeof room->again);
    session(room, room->again, TICK / 10);
    assert_memory_equal(room->out, room->again, sizeof room->out);
    float loudest = 0;
    for (size_t i = 0; i < COUNT_OF(room->out); i++) {
        loudest = fmaxf(loudest, fabsf(room->out[i]));
    }
    assert_true(loudest > 0.3f && loudest <= 1);
}

static void music_goes_round(void **state)
{
    // Scenario: music at half volume is taken beyond its end; it is made quieter by being asked for
    // again, stands still while paused, is muted, and is stopped.
    // Expect: it begins again without a gap; it goes on where it was at the new volume and after
    // the pause; muted it is silent but goes on; stopped it is gone.
    Room *room = *state;
    reopen_offline(room);
    push_clip(room, SOUND_MUSIC, 0.5f);
    play(room);
    platform_take_sound(room->platform, room->out, WAV_FRAMES + 1000);
    expect_frame(room->out, 1000, rise(1000) / 2);
    expect_frame(room->out, WAV_FRAMES - 1, rise(WAV_FRAMES - 1) / 2);
    expect_frame(room->out, WAV_FRAMES, 0);
    expect_frame(room->out, WAV_FRAMES + 999, rise(999) / 2);
    push_clip(room, SOUND_MUSIC, 0.25f);
    play(room);
    platform_set_sound_paused(room->platform, true);
    platform_take_sound(room->platform, room->out, 100);
    expect_frame(room->out, 99, 0);
    platform_set_sound_paused(room->platform, false);
    platform_take_sound(room->platform, room->out, 100);
    expect_frame(room->out, 0, rise(1000) / 4);
    platform_set_mute(room->platform, true);
    platform_take_sound(room->platform, room->out, 100);
    expect_frame(room->out, 50, 0);
    platform_set_mute(room->platform, false);
    platform_take_sound(room->platform, room->out, 100);
    expect_frame(room->out, 0, rise(1200) / 4);
    (void)sound_push(&room->sound, SOUND_MUSIC_STOP);
    play(room);
    platform_take_sound(room->platform, room->out, 100);
    expect_frame(room->out, 50, 0);
}

// An ogg of a quarter second of silence and then a tone, with tags that repeat from the tone on.
static bool make_looped_ogg(const char *path)
{
    char command[1024];
    if (system("ffmpeg -hide_banner -encoders 2>/dev/null | grep -q libvorbis") != 0) {
        return false;
    }
    (void)text_format(command, sizeof command,
                      "ffmpeg -v error -f lavfi -i "
                      "\"aevalsrc='0.5*sin(2*PI*440*t)*gte(t,0.25)':s=48000:d=0.5\" "
                      "-c:a libvorbis -metadata LOOPSTART=12000 -metadata LOOPLENGTH=12000 %s",
                      path);
    assert_int_equal(system(command), 0);
    return true;
}

static float loudness(const float *out, int from, int end)
{
    float sum = 0;
    for (int i = from; i < end; i++) {
        sum += fabsf(out[i * 2]);
    }
    return sum / (float)(end - from);
}

static void music_repeats_the_part_its_tags_name(void **state)
{
    // Scenario: an ogg whose tags say that it repeats from its second half on, where the tone is.
    // Expect: silence once, then the tone in the first pass and in every later one.
    Room *room = *state;
    char path[FILE_PATH_MAX];
    FileBytes bytes;
    assert_true(file_join(path, room->folder, "looped.ogg"));
    if (!make_looped_ogg(path)) {
        skip(); // no ffmpeg with a vorbis encoder on this machine
    }
    assert_true(file_read(&room->arena, path, 1 << 20, &bytes, NULL));
    reopen_offline(room);
    SoundCmd *music = push_clip(room, SOUND_MUSIC, 1);
    music->clip.data = bytes.data;
    music->clip.size_bytes = bytes.size_bytes;
    play(room);
    platform_take_sound(room->platform, room->out, 12000);
    assert_true(loudness(room->out, 0, 11000) < 0.02f);
    for (int pass = 0; pass < 3; pass++) {
        platform_take_sound(room->platform, room->out, 12000);
        assert_true(loudness(room->out, 1000, 11000) > 0.2f);
    }
}

static void own_samples_belong_to_their_tick(void **state)
{
    // Scenario: a game makes 800 frames a tick; they are taken tick by tick, then after ten ticks
    // at once, then too many are taken.
    // Expect: each tick's samples in that tick, from its first frame; none dropped; silence after.
    Room *room = *state;
    reopen_offline(room);
    int made = 0;
    for (int tick = 0; tick < 13; tick++) {
        float *samples = sound_push_samples(&room->sound, TICK);
        for (int i = 0; i < TICK; i++) {
            samples[i * 2] = samples[i * 2 + 1] = (float)(++made) / 20000;
        }
        play(room);
        if (tick < 3) {
            platform_take_sound(room->platform, room->out, TICK);
            expect_frame(room->out, 0, (float)(tick * TICK + 1) / 20000);
            expect_frame(room->out, TICK - 1, (float)((tick + 1) * TICK) / 20000);
        }
    }
    platform_take_sound(room->platform, room->out, 11 * TICK);
    expect_frame(room->out, 0, (float)(3 * TICK + 1) / 20000);
    expect_frame(room->out, 10 * TICK - 1, (float)made / 20000);
    expect_frame(room->out, 10 * TICK, 0);
}

static void broken_files_are_silent_and_said(void **state)
{
    // Scenario: rubbish as a sound and as music beside a tone, offline, on a machine whose sound
    // driver does not exist.
    // Expect: it opens all the same, a line for each, and the tone is there.
    Room *room = *state;
    static const uint8_t rubbish[] = "this is no sound at all";
    char notes[PLATFORM_NOTE_BYTES * 4] = "";
    setenv("SDL_AUDIODRIVER", "no-such-driver", 1);
    reopen_offline(room);
    for (int i = 0; i < 2; i++) {
        SoundCmd *cmd = push_clip(room, i ? SOUND_MUSIC : SOUND_PLAY, 1);
        cmd->clip.data = rubbish;
        cmd->clip.size_bytes = sizeof rubbish;
    }
    push_tone(room, HL_SINE);
    play(room);
    for (int i = 0; i < 3; i++) {
        size_t used = strlen(notes);
        (void)text_format(notes + used, sizeof notes - used, "%s\n",
                          platform_poll(room->platform).note);
    }
    assert_non_null(strstr(notes, "rise.wav: silent"));
    assert_non_null(strstr(notes, "rise.wav: no music"));
    platform_take_sound(room->platform, room->out, 2000);
    assert_true(loudness(room->out, 0, 2000) > 0.05f);
    platform_silence(room->platform);
    platform_take_sound(room->platform, room->out, 2000);
    assert_true(loudness(room->out, 0, 2000) == 0);
    unsetenv("SDL_AUDIODRIVER");
}

static void other_platforms_give_silence(void **state)
{
    // Scenario: a null platform that is not offline, and an offline one that wants no sound, play a
    // clip and are asked for it.
    // Expect: zeros in all that was asked for.
    Room *room = *state;
    const PlatformConfig configs[] = {
        {.null = true, .canvas_w = 80, .canvas_h = 45},
        {.null = true, .offline = true, .no_sound = true, .canvas_w = 80, .canvas_h = 45}};
    for (size_t i = 0; i < COUNT_OF(configs); i++) {
        reopen(room, &configs[i]);
        push_clip(room, SOUND_PLAY, 1);
        play(room);
        memset(room->out, 0xee, sizeof room->out);
        platform_take_sound(room->platform, room->out, WAV_FRAMES * 4);
        for (size_t at = 0; at < COUNT_OF(room->out); at++) {
            assert_true(room->out[at] == 0);
        }
    }
}

// ---------------------------------------------------------------------------------------- pictures

static uint32_t at(const uint8_t *rgba, int w, int x, int y)
{
    const uint8_t *p = rgba + ((size_t)y * (size_t)w + (size_t)x) * 4;
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint8_t *pixels(Room *room, const DrawList *over, int w, int h)
{
    uint8_t *rgba = arena_push(&room->arena, 1, 4, (size_t)w * (size_t)h * 4);
    memset(rgba, 0xee, (size_t)w * (size_t)h * 4);
    if (!platform_pixels(room->platform, &room->draw, over, w, h, rgba, &room->fault)) {
        fail_msg("%s", room->fault.text);
    }
    return rgba;
}

static void expect_picture(Room *room)
{
    DrawList *draw = &room->draw;
    draw_reset(draw, 80, 45);
    draw_clear(draw, 0x102030ffu);
    draw_rect(draw, (hl_rectf){0, 0, 1, 1}, 0xff0000ffu);
    draw_blend(draw, HL_NONE);
    draw_rect(draw, (hl_rectf){79, 44, 1, 1}, 0x00ff0000u); // a hole in the canvas
    draw_reset(&room->over, 330, 200);
    draw_rect(&room->over, (hl_rectf){100, 50, 2, 2}, 0x0000ffffu);
    uint8_t *rgba = pixels(room, &room->over, 330, 200); // four times as large, bars of 5 and 10
    assert_int_equal(at(rgba, 330, 4, 100), 0x000000ffu);
    assert_int_equal(at(rgba, 330, 325, 100), 0x000000ffu);
    assert_int_equal(at(rgba, 330, 100, 9), 0x000000ffu);
    assert_int_equal(at(rgba, 330, 100, 190), 0x000000ffu);
    assert_int_equal(at(rgba, 330, 5, 10), 0xff0000ffu);
    assert_int_equal(at(rgba, 330, 8, 13), 0xff0000ffu);
    assert_int_equal(at(rgba, 330, 9, 13), 0x102030ffu);
    assert_int_equal(at(rgba, 330, 321, 186), 0x00ff00ffu);
    assert_int_equal(at(rgba, 330, 324, 189), 0x00ff00ffu);
    assert_int_equal(at(rgba, 330, 100, 50), 0x0000ffffu);
    assert_int_equal(at(rgba, 330, 102, 50), 0x102030ffu);
}

static void pictures_are_whole_pixels_on_black(void **state)
{
    // Scenario: a canvas of 80 x 45 as a picture of 330 x 200 with a panel above it, in the null
    // platform and beside a window of another size; twice with another picture between.
    // Expect: four times as large, centred, black around it, opaque where the game left a hole;
    // the second time the same renderer draws.
    Room *room = *state;
    for (int null = 0; null < 2; null++) {
        reopen(room,
               &(PlatformConfig){.null = null, .no_sound = true, .canvas_w = 80, .canvas_h = 45});
        expect_picture(room);
        SDL_Renderer *kept = room->platform->picture.render.sdl;
        draw_reset(&room->draw, 80, 45);
        draw_clear(&room->draw, 0xffffffffu);
        assert_int_equal(at(pixels(room, NULL, 330, 200), 330, 165, 100), 0xffffffffu);
        expect_picture(room);
        assert_ptr_equal(room->platform->picture.render.sdl, kept);
    }
}

static void any_size_can_be_asked_for(void **state)
{
    // Scenario: pictures smaller than the canvas, of one pixel, of a smooth game; sizes that are
    // zero, negative or enormous.
    // Expect: the small ones show the picture shrunk, the smooth one fills what it can without
    // whole pixels; the rest is refused with its size.
    Room *room = *state;
    reopen_offline(room);
    draw_reset(&room->draw, 80, 45);
    draw_clear(&room->draw, 0xff0000ffu);
    assert_int_equal(at(pixels(room, NULL, 40, 45), 40, 20, 22), 0xff0000ffu);
    assert_int_equal(at(pixels(room, NULL, 1, 1), 1, 0, 0) & 255, 255);
    platform_set_canvas(room->platform, 80, 45, true, NULL);
    uint8_t *smooth = pixels(room, NULL, 120, 70);
    assert_int_equal(at(smooth, 120, 0, 35), 0xff0000ffu);
    assert_int_equal(at(smooth, 120, 119, 35), 0xff0000ffu);
    assert_int_equal(at(smooth, 120, 60, 0), 0x000000ffu);
    const int wrong[][2] = {{0, 10}, {10, -1}, {1 << 30, 1}, {1, 16385}};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        uint8_t one[4];
        assert_false(platform_pixels(room->platform, &room->draw, NULL, wrong[i][0], wrong[i][1],
                                     one, &room->fault));
        assert_int_equal(room->fault.kind, FAULT_USAGE);
    }
    assert_int_equal(at(pixels(room, NULL, 120, 70), 120, 60, 35), 0xff0000ffu);
}

static void bytes_become_a_png(void **state)
{
    // Scenario: a picture of 3 x 2 is written as a PNG, over an old file, and into a folder that is
    // not there.
    // Expect: the file holds the same bytes; the other is refused with its name; nothing is left.
    Room *room = *state;
    char path[FILE_PATH_MAX], odd[FILE_PATH_MAX];
    uint8_t rgba[3 * 2 * 4];
    for (size_t i = 0; i < sizeof rgba; i++) {
        rgba[i] = (uint8_t)(i % 4 == 3 ? 255 : i * 9);
    }
    assert_true(file_join(path, room->folder, "p.png"));
    assert_true(file_write(path, "old", 3, NULL));
    assert_true(platform_write_png(path, rgba, 3, 2, &room->fault));
    SDL_Surface *read = IMG_Load(path);
    assert_non_null(read);
    SDL_Surface *plain = SDL_ConvertSurfaceFormat(read, SDL_PIXELFORMAT_RGBA32, 0);
    assert_non_null(plain);
    assert_true(plain->w == 3 && plain->h == 2);
    assert_memory_equal(plain->pixels, rgba, 12);
    assert_memory_equal((uint8_t *)plain->pixels + plain->pitch, rgba + 12, 12);
    SDL_FreeSurface(read);
    SDL_FreeSurface(plain);
    assert_true(file_join(odd, room->folder, "none/p.png"));
    assert_false(platform_write_png(odd, rgba, 3, 2, &room->fault));
    assert_int_equal(room->fault.kind, FAULT_FILE);
    assert_non_null(strstr(room->fault.text, "none/p.png"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(room->folder), 0); // empty: no temporary file stayed
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_one_shot_is_taken_from_its_first_frame),
        CASE(the_same_calls_give_the_same_samples),
        CASE(music_goes_round),
        CASE(music_repeats_the_part_its_tags_name),
        CASE(own_samples_belong_to_their_tick),
        CASE(broken_files_are_silent_and_said),
        CASE(other_platforms_give_silence),
        CASE(pictures_are_whole_pixels_on_black),
        CASE(any_size_can_be_asked_for),
        CASE(bytes_become_a_png),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
