#include "sound.h"

#include <math.h>
#include <string.h>

enum {
    RAMP_FRAMES = HL_SAMPLE_RATE / 500, // 2 ms
    NOISE_STEPS = 16                    // new values a period
};

// ------------------------------------------------------------------------------------- the list

bool sound_open(SoundList *sound, Fault *fault)
{
    size_t size_bytes =
        SOUND_CMDS_MAX * sizeof(SoundCmd) + SOUND_FRAMES_MAX * 2 * sizeof(float) + PAGE_BYTES;
    *sound = (SoundList){0};
    if (!arena_open(&sound->memory, 0, size_bytes, fault)) {
        return false;
    }
    sound->cmds = ARENA_NEW(&sound->memory, SoundCmd, SOUND_CMDS_MAX);
    sound->samples = ARENA_NEW(&sound->memory, float, SOUND_FRAMES_MAX * 2);
    return true;
}

void sound_close(SoundList *sound)
{
    arena_close(&sound->memory);
    *sound = (SoundList){0};
}

void sound_reset(SoundList *sound)
{
    sound->cmd_count = 0;
    sound->frame_count = 0;
    sound->dropped = 0;
}

SoundCmd *sound_push(SoundList *sound, SoundKind kind)
{
    if (sound->cmd_count >= SOUND_CMDS_MAX || !sound->cmds) {
        sound->dropped++;
        return NULL;
    }
    SoundCmd *cmd = &sound->cmds[sound->cmd_count++];
    *cmd = (SoundCmd){.kind = kind};
    return cmd;
}

float *sound_push_samples(SoundList *sound, uint32_t frames)
{
    if (frames == 0) {
        return NULL;
    }
    if (frames > SOUND_FRAMES_MAX - sound->frame_count) {
        sound->dropped++;
        return NULL;
    }
    SoundCmd *cmd = sound_push(sound, SOUND_SAMPLES);
    if (!cmd) {
        return NULL;
    }
    cmd->first_sample = sound->frame_count * 2;
    cmd->frames = frames;
    float *room = sound->samples + cmd->first_sample;
    memset(room, 0, (size_t)frames * 2 * sizeof(float));
    sound->frame_count += frames;
    return room;
}

static float clamped(float value, float lo, float hi)
{
    float finite = isfinite(value) ? value : 0;
    return finite < lo ? lo : finite > hi ? hi : finite;
}

void sound_clamp(SoundCmd *cmd)
{
    cmd->wave = (unsigned)cmd->wave > (unsigned)HL_NOISE ? HL_SQUARE : cmd->wave;
    cmd->volume = clamped(cmd->volume, 0, 1);
    cmd->pan = clamped(cmd->pan, -1, 1);
    cmd->pitch = clamped(cmd->pitch, 0, 16);
    cmd->pitch = cmd->pitch == 0 ? 1 : clamped(cmd->pitch, 1.0f / 16, 16);
    cmd->hz = clamped(cmd->hz, 0, SOUND_HZ_MAX);
    cmd->seconds = clamped(cmd->seconds, 0, SOUND_SECONDS_MAX);
}

// -------------------------------------------------------------------------------- the synthesizer

void sound_tone_begin(SoundTone *tone, const SoundCmd *cmd)
{
    SoundCmd safe = *cmd;
    sound_clamp(&safe);
    *tone =
        (SoundTone){.wave = safe.wave, .hz = safe.hz, .volume = safe.volume, .noise = 0x9e3779b9u};
    // Without a frequency the waves would stand still at some level, which is a click and no tone.
    if (safe.hz > 0 || safe.wave == HL_NOISE) {
        tone->frames_left = (uint32_t)(safe.seconds * HL_SAMPLE_RATE + 0.5f);
    }
}

static float wrapped(float phase)
{
    return phase - floorf(phase);
}

// What to add near a jump of +2 at phase 0 so that it spreads over two samples: the harmonics above
// half the sample rate, which would fold back as false notes, mostly go. Source: Valimaki and
// Huovilainen, "Antialiasing Oscillators in Subtractive Synthesis", IEEE SPM 24(2), 2007.
static float poly_blep(float phase, float step)
{
    if (phase < step) {
        float x = phase / step;
        return x + x - x * x - 1;
    }
    if (phase > 1 - step) {
        float x = (phase - 1) / step;
        return x * x + x + x + 1;
    }
    return 0;
}

// High for `duty` of the period, moved and scaled so that the mean is 0 and the peak 1.
static float pulse_at(float phase, float step, float duty)
{
    float value = phase < duty ? 1.0f : -1.0f;
    value += poly_blep(phase, step) - poly_blep(wrapped(phase - duty), step);
    float mean = 2 * duty - 1;
    return (value - mean) / (1 - mean);
}

static float saw_at(float phase, float step)
{
    float moved = wrapped(phase + 0.5f); // so that it begins at 0
    return 2 * moved - 1 - poly_blep(moved, step);
}

static float triangle_at(float phase)
{
    float moved = wrapped(phase + 0.25f); // so that it begins at 0 and rises
    return moved < 0.5f ? 4 * moved - 1 : 3 - 4 * moved;
}

static float wave_at(const SoundTone *tone, float step)
{
    switch (tone->wave) {
    case HL_SQUARE:
        return pulse_at(tone->phase, step, 0.5f);
    case HL_PULSE25:
        return pulse_at(tone->phase, step, 0.25f);
    case HL_TRIANGLE:
        return triangle_at(tone->phase);
    case HL_SAW:
        return saw_at(tone->phase, step);
    case HL_SINE:
        return sinf(tone->phase * 6.28318531f);
    case HL_NOISE:
        return (float)(int32_t)tone->noise * (1.0f / 2147483648.0f);
    }
    return 0;
}

static float phase_step(const SoundTone *tone)
{
    float step = tone->hz / HL_SAMPLE_RATE;
    if (tone->wave != HL_NOISE) {
        return step;
    }
    return step == 0 || step * NOISE_STEPS > 1 ? 1 : step * NOISE_STEPS;
}

// xorshift32. Source: Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8(14), 2003.
static uint32_t next_noise(uint32_t noise)
{
    noise ^= noise << 13;
    noise ^= noise >> 17;
    return noise ^ (noise << 5);
}

static float ramp_at(const SoundTone *tone)
{
    uint32_t nearest =
        tone->frames_done < tone->frames_left ? tone->frames_done : tone->frames_left;
    return nearest < RAMP_FRAMES ? (float)nearest / RAMP_FRAMES : 1;
}

bool sound_tone_mix(SoundTone *tone, float *out, uint32_t frames)
{
    float step = phase_step(tone);
    for (uint32_t i = 0; i < frames && tone->frames_left > 0; i++) {
        // The two corrected edges of a very high pulse overlap and would add up to more than 1.
        float value = clamped(wave_at(tone, step), -1, 1) * ramp_at(tone) * tone->volume;
        out[2 * i] += value;
        out[2 * i + 1] += value;
        tone->frames_done++;
        tone->frames_left--;
        tone->phase += step;
        if (tone->phase >= 1) {
            tone->phase -= 1;
            tone->noise = next_noise(tone->noise);
        }
    }
    return tone->frames_left > 0;
}
