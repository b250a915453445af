#include "sound.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const WAVE_NAME[] = {"square", "pulse25", "triangle", "saw", "sine", "noise"};

static int enter(void **state)
{
    SoundList *sound = calloc(1, sizeof(*sound));
    *state = sound;
    return sound_open(sound, NULL) ? 0 : 1;
}

static int leave(void **state)
{
    sound_close(*state);
    free(*state);
    return 0;
}

static SoundTone tone_of(hl_wave wave, float hz, float seconds, float volume)
{
    SoundCmd cmd = {
        .kind = SOUND_TONE, .wave = wave, .hz = hz, .seconds = seconds, .volume = volume};
    SoundTone tone;
    sound_tone_begin(&tone, &cmd);
    return tone;
}

// One second of a tone's left channel, after checking that the right one is the same.
static void render(SoundTone tone, float *mono)
{
    float *out = calloc(HL_SAMPLE_RATE, 2 * sizeof(float));
    (void)sound_tone_mix(&tone, out, HL_SAMPLE_RATE);
    for (int i = 0; i < HL_SAMPLE_RATE; i++) {
        assert_true(isfinite(out[2 * i]));
        assert_true(memcmp(&out[2 * i], &out[2 * i + 1], sizeof(float)) == 0);
        mono[i] = out[2 * i];
    }
    free(out);
}

static float peak_of(const float *mono, int from, int to)
{
    float peak = 0;
    for (int i = from; i < to; i++) {
        peak = fabsf(mono[i]) > peak ? fabsf(mono[i]) : peak;
    }
    return peak;
}

static void a_full_list_drops_and_counts(void **state)
{
    // Scenario: twice as many commands as fit, then a reset.
    // Expect: exactly the limit is kept, the rest counted; after the reset there is room again.
    SoundList *sound = *state;
    for (uint32_t i = 0; i < 2 * SOUND_CMDS_MAX; i++) {
        SoundCmd *cmd = sound_push(sound, SOUND_PLAY);
        assert_true((cmd != NULL) == (i < SOUND_CMDS_MAX));
        if (cmd) {
            cmd->volume = 1;
        }
    }
    assert_int_equal(sound->cmd_count, SOUND_CMDS_MAX);
    assert_int_equal(sound->dropped, SOUND_CMDS_MAX);
    sound_reset(sound);
    assert_int_equal(sound->dropped, 0);
    SoundCmd *cmd = sound_push(sound, SOUND_MUSIC);
    assert_int_equal(cmd->kind, SOUND_MUSIC);
    assert_true(cmd->volume == 0);
}

static void samples_have_their_own_limit(void **state)
{
    // Scenario: rooms of samples up to the limit, beyond it, of absurd size, and of none.
    // Expect: rooms follow each other and are zeroed even when used before; too much is counted.
    SoundList *sound = *state;
    float *room = sound_push_samples(sound, 800);
    memset(room, 0x7f, 800 * 2 * sizeof(float));
    sound_reset(sound);
    room = sound_push_samples(sound, 800);
    for (int i = 0; i < 1600; i++) {
        assert_true(room[i] == 0);
    }
    float *next = sound_push_samples(sound, SOUND_FRAMES_MAX - 800);
    assert_ptr_equal(next, room + 1600);
    next[(SOUND_FRAMES_MAX - 800) * 2 - 1] = 1;
    assert_int_equal(sound->cmds[1].kind, SOUND_SAMPLES);
    assert_int_equal(sound->cmds[1].first_sample, 1600);
    assert_int_equal(sound->cmds[1].frames, SOUND_FRAMES_MAX - 800);
    assert_null(sound_push_samples(sound, 1));
    assert_null(sound_push_samples(sound, UINT32_MAX));
    assert_int_equal(sound->dropped, 2);
    assert_null(sound_push_samples(sound, 0));
    assert_int_equal(sound->dropped, 2);
    assert_int_equal(sound->cmd_count, 2);
}

static void samples_take_no_frames_when_commands_are_full(void **state)
{
    // Scenario: samples pushed after the list of commands is full.
    // Expect: refused and counted once, and no frames are lost to it.
    SoundList *sound = *state;
    while (sound_push(sound, SOUND_TONE)) {
    }
    sound->dropped = 0;
    assert_null(sound_push_samples(sound, 100));
    assert_int_equal(sound->dropped, 1);
    assert_int_equal(sound->frame_count, 0);
}

static void wild_numbers_are_clamped(void **state)
{
    (void)state;
    // Scenario: NaN, infinities, negative and huge values in every field, and an unknown wave.
    // Expect: each lands in its range; not finite is 0; a second clamp changes nothing.
    static const float WILD[] = {NAN, INFINITY, -INFINITY, -1, -FLT_MAX, FLT_MAX, 1e-30f, 0, 0.5f};
    for (size_t i = 0; i < COUNT_OF(WILD); i++) {
        float x = WILD[i];
        SoundCmd cmd = {
            .wave = (hl_wave)77, .volume = x, .pan = x, .pitch = x, .hz = x, .seconds = x};
        sound_clamp(&cmd);
        assert_int_equal(cmd.wave, HL_SQUARE);
        assert_true(cmd.volume >= 0 && cmd.volume <= 1);
        assert_true(cmd.pan >= -1 && cmd.pan <= 1);
        assert_true(cmd.pitch >= 1.0f / 16 && cmd.pitch <= 16);
        assert_true(cmd.hz >= 0 && cmd.hz <= SOUND_HZ_MAX);
        assert_true(cmd.seconds >= 0 && cmd.seconds <= SOUND_SECONDS_MAX);
        if (!isfinite(x)) {
            assert_true(cmd.volume == 0 && cmd.pan == 0 && cmd.hz == 0 && cmd.pitch == 1);
        }
        SoundCmd again = cmd;
        sound_clamp(&again);
        assert_memory_equal(&again, &cmd, sizeof(cmd));
    }
    SoundCmd good = {.wave = HL_SAW, .volume = 0.5f, .pan = -0.5f, .pitch = 2, .hz = 440};
    sound_clamp(&good);
    assert_true(good.wave == HL_SAW && good.volume == 0.5f && good.pan == -0.5f);
    assert_true(good.pitch == 2 && good.hz == 440);
}

static int rising_crossings(const float *mono)
{
    int count = 0;
    for (int i = 1; i < HL_SAMPLE_RATE; i++) {
        count += mono[i - 1] < 0 && mono[i] >= 0;
    }
    return count;
}

static void pitched_waves_have_the_asked_frequency(void **state)
{
    (void)state;
    // Scenario: one second of every pitched wave, from the lowest to near the highest notes.
    // Expect: as many rising zero crossings as hertz, give or take the two ends.
    static const float HZ[] = {27.5f, 220, 440, 1000, 4186, 10000};
    float *mono = calloc(HL_SAMPLE_RATE, sizeof(float));
    for (hl_wave wave = HL_SQUARE; wave <= HL_SINE; wave++) {
        for (size_t i = 0; i < COUNT_OF(HZ); i++) {
            render(tone_of(wave, HZ[i], 1, 1), mono);
            int off = abs(rising_crossings(mono) - (int)HZ[i]);
            if (off > 1) {
                fail_msg("%s at %g: off by %d", WAVE_NAME[wave], (double)HZ[i], off);
            }
        }
    }
    free(mono);
}

// At half volume. A second of noise is hz * 16 independent values (at most one a frame), evenly
// spread over -0.5 .. 0.5, so its mean is only near 0: four standard deviations are allowed.
static double mean_limit(hl_wave wave, float hz)
{
    double values = fmin((double)hz * 16, HL_SAMPLE_RATE);
    return wave == HL_NOISE ? 4 * 0.5 / sqrt(3 * values) : 0.01;
}

static void waves_stay_inside_their_volume(void **state)
{
    (void)state;
    // Scenario: every wave at frequencies up to the limit, at half volume.
    // Expect: never above the volume, nearly up to it at common notes, and a mean of 0 (noise:
    // about).
    static const float HZ[] = {1, 110, 440, 2637, 12000, 15999, SOUND_HZ_MAX};
    float *mono = calloc(HL_SAMPLE_RATE, sizeof(float));
    for (hl_wave wave = HL_SQUARE; wave <= HL_NOISE; wave++) {
        for (size_t i = 0; i < COUNT_OF(HZ); i++) {
            render(tone_of(wave, HZ[i], 1, 0.5f), mono);
            float peak = peak_of(mono, 0, HL_SAMPLE_RATE);
            double sum = 0;
            for (int at = 0; at < HL_SAMPLE_RATE; at++) {
                sum += (double)mono[at];
            }
            if (peak > 0.5f || (HZ[i] < 1000 && HZ[i] > 100 && peak < 0.45f)) {
                fail_msg("%s at %g: peak %g", WAVE_NAME[wave], (double)HZ[i], (double)peak);
            }
            if (HZ[i] > 100 && fabs(sum) / HL_SAMPLE_RATE > mean_limit(wave, HZ[i])) {
                fail_msg("%s at %g: mean %g", WAVE_NAME[wave], (double)HZ[i], sum / HL_SAMPLE_RATE);
            }
        }
    }
    free(mono);
}

// Power of `mono` at `hz` (Goertzel), relative to a full sine's 1.
static double power_at(const float *mono, double hz)
{
    double turn = 2 * cos(6.283185307179586 * hz / HL_SAMPLE_RATE), s1 = 0, s2 = 0;
    for (int i = 0; i < HL_SAMPLE_RATE; i++) {
        // A Hann window, so that the ramps and neighbours do not leak into the bin.
        double window = 0.5 - 0.5 * cos(6.283185307179586 * i / HL_SAMPLE_RATE);
        double s0 = 2 * window * (double)mono[i] + turn * s1 - s2;
        s2 = s1;
        s1 = s0;
    }
    double half = HL_SAMPLE_RATE / 2.0;
    return (s1 * s1 + s2 * s2 - turn * s1 * s2) / (half * half);
}

static void high_edges_do_not_fold_back(void **state)
{
    (void)state;
    // Scenario: a saw at 5,000 Hz, whose 9th harmonic (45,000 Hz) would fold down to 3,000 Hz.
    // Expect: the false note is at least 40 dB below the true one (naive: 19 dB).
    float *mono = calloc(HL_SAMPLE_RATE, sizeof(float));
    render(tone_of(HL_SAW, 5000, 1, 1), mono);
    double below_db = 10 * log10(power_at(mono, 5000) / power_at(mono, 3000));
    assert_true(below_db > 40);
    render(tone_of(HL_SQUARE, 5000, 1, 1), mono);
    below_db = 10 * log10(power_at(mono, 5000) / power_at(mono, 3000));
    assert_true(below_db > 40);
    free(mono);
}

static void tones_ramp_up_and_down(void **state)
{
    (void)state;
    // Scenario: a square tone of half a second, which would jump at both ends.
    // Expect: it begins and ends near 0, rises within 2 ms, and is exactly 0 afterwards.
    float *mono = calloc(HL_SAMPLE_RATE, sizeof(float));
    render(tone_of(HL_SQUARE, 440, 0.5f, 1), mono);
    int end = HL_SAMPLE_RATE / 2;
    assert_true(fabsf(mono[0]) < 0.02f && fabsf(mono[end - 1]) < 0.02f);
    assert_true(peak_of(mono, 0, 48) <= 0.51f && peak_of(mono, 0, 96) > 0.7f);
    assert_true(peak_of(mono, end - 48, end) <= 0.51f);
    assert_true(peak_of(mono, 96, end - 96) > 0.99f);
    assert_true(peak_of(mono, end, HL_SAMPLE_RATE) == 0);
    free(mono);
}

static void tones_end_on_time_however_they_are_cut(void **state)
{
    (void)state;
    // Scenario: 0.1 s mixed at once, and in pieces of odd sizes, onto what is there already.
    // Expect: the same samples added bit for bit, ended after exactly 4,800 frames, then nothing.
    float *whole = calloc(6000, 2 * sizeof(float)), *pieces = calloc(6000, 2 * sizeof(float));
    SoundTone tone = tone_of(HL_NOISE, 440, 0.1f, 1), same = tone;
    assert_false(sound_tone_mix(&tone, whole, 6000));
    assert_int_equal(tone.frames_done, 4800);
    for (uint32_t at = 0, size = 1; at < 6000; at += size, size = size % 97 + 3) {
        uint32_t frames = size < 6000 - at ? size : 6000 - at;
        bool more = sound_tone_mix(&same, pieces + 2 * at, frames);
        assert_true(more == (at + frames < 4800));
    }
    assert_memory_equal(whole, pieces, 6000 * 2 * sizeof(float));
    float there[2] = {0.25f, -0.25f};
    assert_false(sound_tone_mix(&same, there, 1));
    assert_true(there[0] == 0.25f && there[1] == -0.25f);
    SoundTone one = tone_of(HL_SINE, 440, 0.1f, 1);
    assert_true(sound_tone_mix(&one, there, 1));
    assert_true(there[0] - 0.25f == there[1] + 0.25f);
    free(whole);
    free(pieces);
}

static void useless_tones_are_silent_and_end(void **state)
{
    (void)state;
    // Scenario: no, negative or not-a-number seconds, volume and frequency; an hour of noise.
    // Expect: silence that ends at once, or the limit of length; white noise needs no frequency.
    float *mono = calloc(HL_SAMPLE_RATE, sizeof(float));
    static const float NONE[] = {0, -3, NAN, -INFINITY, INFINITY};
    for (size_t i = 0; i < COUNT_OF(NONE); i++) {
        for (hl_wave wave = HL_SQUARE; wave <= HL_NOISE; wave++) {
            assert_int_equal(tone_of(wave, 440, NONE[i], 1).frames_left, 0);
            render(tone_of(wave, 440, 1, NONE[i]), mono);
            assert_true(peak_of(mono, 0, HL_SAMPLE_RATE) == 0);
        }
        assert_int_equal(tone_of(HL_SQUARE, NONE[i], 1, 1).frames_left, 0);
        render(tone_of(HL_NOISE, NONE[i], 1, 1), mono);
        assert_true(peak_of(mono, 0, HL_SAMPLE_RATE) > 0.9f);
    }
    SoundTone hour = tone_of(HL_NOISE, 100, 3600, 1);
    assert_int_equal(hour.frames_left, SOUND_SECONDS_MAX * HL_SAMPLE_RATE);
    render(tone_of(HL_SQUARE, FLT_MAX, FLT_MAX, FLT_MAX), mono);
    assert_true(peak_of(mono, 0, HL_SAMPLE_RATE) <= 1);
    free(mono);
}

static void noise_follows_its_frequency(void **state)
{
    (void)state;
    // Scenario: low and high noise.
    // Expect: values are held for a sixteenth of the period, so low noise changes less often.
    static const float HZ[] = {30, 300, 20000};
    static const int CHANGES[] = {480, 4800, HL_SAMPLE_RATE - 1};
    float *mono = calloc(HL_SAMPLE_RATE, sizeof(float));
    for (size_t i = 0; i < COUNT_OF(HZ); i++) {
        SoundTone tone = tone_of(HL_NOISE, HZ[i], 2, 1);
        render(tone, mono);
        int changes = 0;
        for (int at = 97; at < HL_SAMPLE_RATE; at++) {
            changes += mono[at] != mono[at - 1];
        }
        assert_true(abs(changes - CHANGES[i]) <= CHANGES[i] / 50 + 97);
    }
    free(mono);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_full_list_drops_and_counts, enter, leave),
        cmocka_unit_test_setup_teardown(samples_have_their_own_limit, enter, leave),
        cmocka_unit_test_setup_teardown(samples_take_no_frames_when_commands_are_full, enter,
                                        leave),
        cmocka_unit_test(wild_numbers_are_clamped),
        cmocka_unit_test(pitched_waves_have_the_asked_frequency),
        cmocka_unit_test(waves_stay_inside_their_volume),
        cmocka_unit_test(high_edges_do_not_fold_back),
        cmocka_unit_test(tones_ramp_up_and_down),
        cmocka_unit_test(tones_end_on_time_however_they_are_cut),
        cmocka_unit_test(useless_tones_are_silent_and_end),
        cmocka_unit_test(noise_follows_its_frequency),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
