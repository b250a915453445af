// What one or more ticks asked to be heard, as data: filled through the hl_ calls, played once by
// platform. Also the synthesizer behind hl_tone, which is plain arithmetic and knows no device.
#ifndef SOUND_H
#define SOUND_H
#include "arena.h"
#include "hotloop.h"

typedef enum SoundKind {
    SOUND_PLAY,       // clip, volume, pan, pitch
    SOUND_MUSIC,      // clip, volume; the same clip again only changes the volume
    SOUND_MUSIC_STOP, // -
    SOUND_TONE,       // wave, hz, seconds, volume
    SOUND_SAMPLES     // frames of this tick at samples[first_sample], stereo pairs
} SoundKind;

// An encoded wav or ogg. `key` names it for the session; platform keeps what it decoded by (key,
// version). The bytes are borrowed until the asset's next version has been played.
typedef struct SoundClip {
    uint32_t key, version;
    const uint8_t *data;
    size_t size_bytes;
    char name[64];
} SoundClip;

typedef struct SoundCmd {
    SoundKind kind;
    hl_wave wave;
    float volume, pan, pitch, hz, seconds;
    uint32_t first_sample, frames;
    SoundClip clip;
} SoundCmd;

enum {
    SOUND_CMDS_MAX = 256,     // a frame; more are dropped and counted
    SOUND_FRAMES_MAX = 48000, // stereo pairs a frame, 1 s: a tick rate of 1 fits
    SOUND_HZ_MAX = 20000,
    SOUND_SECONDS_MAX = 60 // of one tone: a mistyped length must not sound for the whole session
};

typedef struct SoundList {
    SoundCmd *cmds; // SOUND_CMDS_MAX
    float *samples; // SOUND_FRAMES_MAX * 2
    uint32_t cmd_count, frame_count, dropped;
    Arena memory;
} SoundList;

bool sound_open(SoundList *sound, Fault *fault);
void sound_close(SoundList *sound);
void sound_reset(SoundList *sound);
// Zeroed but for its kind, for the caller to fill and then sound_clamp. NULL when the list is full
// (counted).
SoundCmd *sound_push(SoundList *sound, SoundKind kind);
// Brings what a game may have filled in into range: not finite is 0, volume 0..1, pan -1..1, pitch
// 1/16..16 (0 is 1), hz 0..SOUND_HZ_MAX, seconds 0..SOUND_SECONDS_MAX, an unknown wave is
// HL_SQUARE. Twice is the same as once.
void sound_clamp(SoundCmd *cmd);
// Zeroed room for `frames` stereo pairs, entered as SOUND_SAMPLES; NULL when full (counted) and for
// no frames at all. Valid until sound_reset.
float *sound_push_samples(SoundList *sound, uint32_t frames);

// A voice of the tone synthesizer. The attack and release ramps of 2 ms keep it from clicking; a
// tone shorter than both is all ramp. Its peak is `volume`, its mean is 0. HL_NOISE takes a new
// random value 16 times a period, so that hz makes it darker or brighter; at 0 hz it is white,
// while the other waves are silent there.
typedef struct SoundTone {
    hl_wave wave;
    float hz, volume;
    uint32_t frames_left, frames_done;
    float phase;    // 0..1
    uint32_t noise; // state of HL_NOISE
} SoundTone;
// Takes wave, hz, seconds and volume of `cmd`, clamped.
void sound_tone_begin(SoundTone *tone, const SoundCmd *cmd);
// Adds `frames` stereo pairs at HL_SAMPLE_RATE into `out`; false once the tone has ended.
bool sound_tone_mix(SoundTone *tone, float *out, uint32_t frames);

#endif
