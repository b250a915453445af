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
    SOUND_CMDS_MAX = 256,    // a frame; more are dropped and counted
    SOUND_FRAMES_MAX = 48000 // stereo pairs a frame, 1 s: a tick rate of 1 fits
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
// NULL when the list is full (counted). Volume, pan and the rest are clamped; not finite is 0.
SoundCmd *sound_push(SoundList *sound, SoundKind kind);
// Zeroed room for `frames` stereo pairs, entered as SOUND_SAMPLES; NULL when full.
float *sound_push_samples(SoundList *sound, uint32_t frames);

// A voice of the tone synthesizer. The attack and release ramps of 2 ms keep it from clicking.
typedef struct SoundTone {
    hl_wave wave;
    float hz, volume;
    uint32_t frames_left, frames_done;
    float phase;    // 0..1
    uint32_t noise; // state of HL_NOISE
} SoundTone;
void sound_tone_begin(SoundTone *tone, const SoundCmd *cmd);
// Adds `frames` stereo pairs at HL_SAMPLE_RATE into `out`; false once the tone has ended.
bool sound_tone_mix(SoundTone *tone, float *out, uint32_t frames);

#endif
