// Sound without a device, for pictures that are made faster or slower than they will be watched:
// the caller takes what sounds in his own steps. One-shots, tones and samples come from the mix
// that a device would pull; music is decoded whole and looped here, because SDL_mixer streams only
// to a device. That costs 23 MB a minute, which an export can afford.
#include "platform_internal.h"

bool platform_offline_device(void)
{
    SDL_SetHintWithPriority(SDL_HINT_AUDIODRIVER, "dummy", SDL_HINT_OVERRIDE);
    bool ok = SDL_InitSubSystem(SDL_INIT_AUDIO) == 0;
    SDL_ResetHint(SDL_HINT_AUDIODRIVER);
    if (ok && Mix_OpenAudioDevice(HL_SAMPLE_RATE, AUDIO_F32SYS, 2, 4096, NULL, 0) != 0) {
        SDL_QuitSubSystem(SDL_INIT_AUDIO);
        ok = false;
    }
    return ok;
}

static uint32_t frame_at(double seconds, uint32_t other, uint32_t most)
{
    double frame = seconds * HL_SAMPLE_RATE + 0.5;
    return frame >= 1 && frame <= most ? (uint32_t)frame : other; // -1: the file says nothing
}

// Ogg files may name the part that is repeated (tags LOOPSTART and LOOPEND or LOOPLENGTH), which
// SDL_mixer obeys. It tells them only of music it could stream.
static void find_loop(PlatformLoop *loop, const SoundClip *clip, uint32_t frames)
{
    SDL_RWops *bytes = SDL_RWFromConstMem(clip->data, (int)clip->size_bytes);
    Mix_Music *music = Mix_LoadMUS_RW(bytes, SDL_TRUE);
    loop->end = frames;
    if (music) {
        loop->first = frame_at(Mix_GetMusicLoopStartTime(music), 0, frames - 1);
        loop->end = frame_at(Mix_GetMusicLoopEndTime(music), frames, frames);
        Mix_FreeMusic(music);
    }
    if (loop->first >= loop->end) {
        loop->first = 0;
        loop->end = frames;
    }
}

bool platform_offline_music(PlatformLoop *loop, const SoundClip *clip)
{
    SDL_RWops *bytes = SDL_RWFromConstMem(clip->data, (int)clip->size_bytes);
    *loop = (PlatformLoop){.chunk = Mix_LoadWAV_RW(bytes, SDL_TRUE)};
    uint32_t frames = loop->chunk ? loop->chunk->alen / (uint32_t)(2 * sizeof(float)) : 0;
    if (frames == 0) {
        platform_offline_music_end(loop);
        return false;
    }
    find_loop(loop, clip, frames);
    return true;
}

void platform_offline_music_end(PlatformLoop *loop)
{
    Mix_FreeChunk(loop->chunk); // NULL is fine
    *loop = (PlatformLoop){0};
}

static void mix_loop(PlatformLoop *loop, float *out, uint32_t frames)
{
    const float *samples = (const float *)(const void *)loop->chunk->abuf;
    for (uint32_t i = 0; i < frames; i++) {
        if (loop->at >= loop->end) {
            loop->at = loop->first;
        }
        out[i * 2] += samples[(size_t)loop->at * 2] * loop->volume;
        out[i * 2 + 1] += samples[(size_t)loop->at * 2 + 1] * loop->volume;
        loop->at++;
    }
}

void platform_offline_take(PlatformSound *sound, float *out, uint32_t frames)
{
    SDL_LockMutex(sound->lock);
    if (sound->loop.chunk && !sound->mix.paused) {
        mix_loop(&sound->loop, out, frames);
    }
    platform_mix(&sound->mix, out, frames);
    SDL_UnlockMutex(sound->lock);
}
