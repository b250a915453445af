// Sound requests: from names to clips in the sound list. Loud or silent, the game's state is the
// same.
#include "host_internal.h"

#include <string.h>

static bool clip_of(hl_tick *t, const char *name, SoundClip *clip)
{
    AssetData data = asset_data(host_of(t)->assets, name);
    if (data.state == ASSET_MISSING) {
        return false; // asset says so, once
    }
    *clip = (SoundClip){
        .key = data.key, .version = data.version, .data = data.data, .size_bytes = data.size_bytes};
    (void)text_format(clip->name, sizeof(clip->name), "%s", name);
    return true;
}

void hl_play(hl_tick *t, const char *name)
{
    hl_play_ex(t, name, (hl_sound){0});
}

void hl_play_ex(hl_tick *t, const char *name, hl_sound how)
{
    SoundClip clip;
    if (!name || !clip_of(t, name, &clip)) {
        return;
    }
    SoundCmd *cmd = sound_push(host_of(t)->sound, SOUND_PLAY);
    if (cmd) {
        cmd->clip = clip;
        cmd->volume = how.volume == 0 ? 1 : how.volume;
        cmd->pan = how.pan;
        cmd->pitch = how.pitch == 0 ? 1 : how.pitch;
        sound_clamp(cmd);
    }
}

void hl_music(hl_tick *t, const char *name, float volume)
{
    SoundClip clip;
    if (name && !clip_of(t, name, &clip)) {
        return;
    }
    SoundCmd *cmd = sound_push(host_of(t)->sound, name ? SOUND_MUSIC : SOUND_MUSIC_STOP);
    if (cmd && name) {
        cmd->clip = clip;
        cmd->volume = volume;
        sound_clamp(cmd);
    }
}

void hl_tone(hl_tick *t, hl_wave wave, float hz, float seconds, float volume)
{
    SoundCmd *cmd = sound_push(host_of(t)->sound, SOUND_TONE);
    if (cmd) {
        cmd->wave = wave;
        cmd->hz = hz;
        cmd->seconds = seconds;
        cmd->volume = volume;
        sound_clamp(cmd);
    }
}

float *hl_audio(hl_tick *t, int *frames)
{
    // Where a tick is no whole number of frames, the ticks' shares add up to exactly 48,000 a
    // second.
    uint64_t rate = host_of(t)->state->tick_rate;
    uint64_t first = t->tick * HL_SAMPLE_RATE / rate, end = (t->tick + 1) * HL_SAMPLE_RATE / rate;
    uint32_t count = (uint32_t)(end - first);
    float *samples = sound_push_samples(host_of(t)->sound, count);
    if (!samples) { // the list is full: the game still gets room, and nobody hears it
        samples = arena_try_push(&host_of(t)->scratch, sizeof(float) * 2, 16, count);
    }
    *frames = samples ? (int)count : 0;
    return samples;
}
