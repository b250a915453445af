// Sound. SDL_mixer opens the device, decodes files and streams music; one-shots, tones and a game's
// own samples are mixed here, after the music, because SDL_mixer's channels cannot change pitch.
// Sections: mixing (the audio thread), the device, clips, music, the list.
#include "platform_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUFFER_FRAMES = 512 }; // 11 ms at 48 kHz

// ------------------------------------------------------------------------------------------ mixing

static float clip_sample(float value)
{
    return value > -1 ? value < 1 ? value : 1.0f : -1.0f; // NaN becomes -1: never to the speakers
}

// Between two neighbouring frames in a straight line; false once the clip is over.
static bool mix_voice(PlatformVoice *voice, float *out, uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i++) {
        uint32_t at = (uint32_t)voice->at;
        if (at >= voice->frames) {
            return false;
        }
        uint32_t next = at + 1 < voice->frames ? at + 1 : at;
        float t = (float)(voice->at - at);
        const float *a = voice->samples + (size_t)at * 2, *b = voice->samples + (size_t)next * 2;
        out[i * 2] += (a[0] + (b[0] - a[0]) * t) * voice->left;
        out[i * 2 + 1] += (a[1] + (b[1] - a[1]) * t) * voice->right;
        voice->at += voice->step;
    }
    return true;
}

// A game makes its samples tick by tick, the device takes them in its own steps: playing starts
// when some are gathered, or after a while with what there is. Too few: silence.
static void mix_ring(PlatformMix *mix, float *out, uint32_t frames)
{
    if (!mix->ring_plays && mix->ring_count > 0) {
        mix->ring_plays =
            mix->exact || mix->ring_count >= mix->ring_enough || mix->ring_patience == 0;
        mix->ring_patience -= mix->ring_patience > 0;
    }
    if (!mix->ring_plays) {
        return;
    }
    uint32_t taken = frames < mix->ring_count ? frames : mix->ring_count;
    for (uint32_t i = 0; i < taken; i++) {
        const float *from = mix->ring + (size_t)mix->ring_first * 2;
        out[i * 2] += from[0];
        out[i * 2 + 1] += from[1];
        mix->ring_first = (mix->ring_first + 1) % PLATFORM_RING_FRAMES;
    }
    mix->ring_count -= taken;
    mix->ring_plays = mix->ring_count > 0;
}

void platform_mix(PlatformMix *mix, float *out, uint32_t frames)
{
    if (!mix->paused) {
        for (int i = 0; i < PLATFORM_VOICES; i++) {
            if (mix->voices[i].samples && !mix_voice(&mix->voices[i], out, frames)) {
                mix->voices[i].samples = NULL;
            }
        }
        for (int i = 0; i < PLATFORM_TONES; i++) {
            if (mix->tone_sounds[i]) {
                mix->tone_sounds[i] = sound_tone_mix(&mix->tones[i], out, frames);
            }
        }
        mix_ring(mix, out, frames);
    }
    for (uint32_t i = 0; i < frames * 2; i++) {
        out[i] = mix->mute ? 0 : clip_sample(out[i]);
    }
}

static float limit(float value, float lo, float hi)
{
    return value > lo ? value < hi ? value : hi : lo; // NaN becomes lo
}

void platform_mix_voice(PlatformMix *mix, const float *samples, uint32_t frames,
                        const SoundCmd *how, uint64_t order)
{
    PlatformVoice *voice = &mix->voices[0];
    for (int i = 0; i < PLATFORM_VOICES && voice->samples; i++) {
        PlatformVoice *here = &mix->voices[i];
        if (!here->samples || here->started < voice->started) {
            voice = here;
        }
    }
    // Constant power, and a file in the middle sounds as it was recorded.
    float turn = (limit(how->pan, -1, 1) + 1) * 0.78539816f;
    float volume = limit(how->volume, 0, 1) * 1.41421356f;
    *voice = (PlatformVoice){.samples = samples,
                             .frames = frames,
                             .step = how->pitch > 0 ? (double)limit(how->pitch, 1e-3f, 64) : 1,
                             .left = volume * cosf(turn),
                             .right = volume * sinf(turn),
                             .started = order};
}

static void mix_tone(PlatformMix *mix, const SoundCmd *cmd)
{
    int at = 0;
    for (int i = 0; i < PLATFORM_TONES && mix->tone_sounds[at]; i++) {
        bool nearer_end = mix->tones[i].frames_left < mix->tones[at].frames_left;
        at = !mix->tone_sounds[i] || nearer_end ? i : at;
    }
    sound_tone_begin(&mix->tones[at], cmd);
    mix->tone_sounds[at] = true;
}

void platform_mix_samples(PlatformMix *mix, const float *samples, uint32_t frames)
{
    // More than two ticks in waiting (or 100 ms) is delay that nobody wants: the oldest goes.
    uint32_t most = frames * 2 > HL_SAMPLE_RATE / 10 ? frames * 2 : HL_SAMPLE_RATE / 10;
    most = most < PLATFORM_RING_FRAMES && !mix->exact ? most : PLATFORM_RING_FRAMES;
    if (frames > most) {
        samples += (size_t)(frames - most) * 2;
        frames = most;
    }
    if (mix->ring_count + frames > most) {
        uint32_t lost = mix->ring_count + frames - most;
        lost = lost < mix->ring_count ? lost : mix->ring_count;
        mix->ring_first = (mix->ring_first + lost) % PLATFORM_RING_FRAMES;
        mix->ring_count -= lost;
    }
    if (!mix->ring_plays && mix->ring_count == 0) {
        mix->ring_enough = frames + BUFFER_FRAMES;
        mix->ring_patience = 3;
    }
    for (uint32_t i = 0; i < frames; i++) {
        uint32_t at = (mix->ring_first + mix->ring_count + i) % PLATFORM_RING_FRAMES;
        memcpy(mix->ring + (size_t)at * 2, samples + (size_t)i * 2, 2 * sizeof *samples);
    }
    mix->ring_count += frames;
}

static void SDLCALL post_mix(void *user, Uint8 *stream, int bytes)
{
    PlatformSound *sound = user;
    SDL_LockMutex(sound->lock);
    platform_mix(&sound->mix, (float *)(void *)stream, (uint32_t)bytes / (2 * sizeof(float)));
    SDL_UnlockMutex(sound->lock);
}

// ------------------------------------------------------------------------------------------ device

static bool readable(const char *path)
{
    return access(path, R_OK) == 0;
}

// ALSA's library prints paragraphs to the terminal when it is asked for a card that is not there,
// so a machine without one is recognised by its files. Somebody's own asound configuration may
// lead elsewhere.
static bool alsa_has_nothing(void)
{
    const char *driver = SDL_GetCurrentAudioDriver(), *home = getenv("HOME");
    char own[FILE_PATH_MAX];
    text_format(own, sizeof own, "%s/.asoundrc", home ? home : "");
    return driver && strcmp(driver, "alsa") == 0 && !readable("/dev/snd") && !readable(own)
           && !readable("/etc/asound.conf");
}

static bool open_device(void)
{
    if (SDL_InitSubSystem(SDL_INIT_AUDIO) != 0) {
        return false;
    }
    if (!alsa_has_nothing()
        && Mix_OpenAudioDevice(HL_SAMPLE_RATE, AUDIO_F32SYS, 2, BUFFER_FRAMES, NULL, 0) == 0) {
        return true;
    }
    SDL_QuitSubSystem(SDL_INIT_AUDIO); // the next try looks for servers again
    return false;
}

// Opening may wait for a sound server, so later tries happen beside the frame.
static int SDLCALL open_beside(void *user)
{
    PlatformSound *sound = user;
    SDL_AtomicSet(&sound->device, open_device() ? PLATFORM_DEVICE_OPENED : PLATFORM_DEVICE_FAILED);
    return 0;
}

static void start_music(PlatformSound *sound);

static void take_device(PlatformSound *sound)
{
    Mix_SetPostMix(post_mix, sound);
    sound->plays = true;
    start_music(sound);
    if (sound->mix.paused) {
        Mix_PauseMusic();
    }
}

static void free_music(PlatformSound *sound)
{
    platform_offline_music_end(&sound->loop);
    if (sound->music) {
        Mix_HaltMusic();
        Mix_FreeMusic(sound->music);
        sound->music = NULL;
    }
}

// Voices point into decoded clips: both go together, under the lock.
static void drop_clips(PlatformSound *sound, const PlatformClip *only)
{
    SDL_LockMutex(sound->lock);
    for (int i = 0; i < PLATFORM_VOICES; i++) {
        const void *samples = sound->mix.voices[i].samples;
        if (!only || (only->chunk && samples == only->chunk->abuf)) {
            sound->mix.voices[i].samples = NULL;
        }
    }
    SDL_UnlockMutex(sound->lock);
    for (int i = 0; i < PLATFORM_CLIPS; i++) {
        PlatformClip *clip = &sound->clips[i];
        if (clip->taken && (!only || only == clip)) {
            Mix_FreeChunk(clip->chunk); // NULL is fine
            *clip = (PlatformClip){0};
        }
    }
}

static void leave_device(PlatformSound *sound)
{
    if (!sound->plays) {
        return;
    }
    sound->plays = false;
    Mix_SetPostMix(NULL, NULL);
    free_music(sound);
    drop_clips(sound, NULL);
    Mix_CloseAudio();
    SDL_QuitSubSystem(SDL_INIT_AUDIO);
    SDL_AtomicSet(&sound->device, PLATFORM_DEVICE_CLOSED);
}

static void finish_opening(PlatformSound *sound)
{
    bool opened = SDL_AtomicGet(&sound->device) == PLATFORM_DEVICE_OPENED;
    SDL_WaitThread(sound->opener, NULL);
    sound->opener = NULL;
    if (opened) {
        take_device(sound);
        platform_note(sound->notes, "sound is back (%s)", SDL_GetCurrentAudioDriver());
    } else {
        SDL_AtomicSet(&sound->device, PLATFORM_DEVICE_CLOSED);
        sound->try_ns = mono_ns() + 2 * NS_PER_S;
    }
}

static PlatformSound *new_sound(Arena *arena, PlatformNotes *notes)
{
    PlatformSound *sound = ARENA_NEW(arena, PlatformSound, 1);
    sound->notes = notes;
    sound->clips = ARENA_NEW(arena, PlatformClip, PLATFORM_CLIPS);
    sound->mix.ring = ARENA_NEW(arena, float, PLATFORM_RING_FRAMES * 2);
    sound->lock = SDL_CreateMutex();
    Mix_Init(MIX_INIT_OGG);
    return sound;
}

// No audio thread of SDL's is given anything to call here, so only the caller moves the mix on.
PlatformSound *platform_sound_open_offline(Arena *arena, PlatformNotes *notes, Fault *fault)
{
    PlatformSound *sound = new_sound(arena, notes);
    sound->offline = sound->mix.exact = true;
    sound->plays = platform_offline_device();
    if (!sound->plays) {
        fault_set(
            fault, FAULT_DEVICE,
            "no sound can be made: SDL's dummy audio driver does not work (%s); go on without "
            "sound",
            SDL_GetError());
        platform_sound_close(sound);
        return NULL;
    }
    SDL_AtomicSet(&sound->device, PLATFORM_DEVICE_OPENED);
    return sound;
}

PlatformSound *platform_sound_open(Arena *arena, PlatformNotes *notes)
{
    PlatformSound *sound = new_sound(arena, notes);
    if (open_device()) {
        SDL_AtomicSet(&sound->device, PLATFORM_DEVICE_OPENED);
        take_device(sound);
    } else {
        platform_note(notes,
                      "no sound device (%s); playing silently, and trying again every two "
                      "seconds",
                      SDL_GetError()[0] ? SDL_GetError() : "none found");
        sound->try_ns = mono_ns() + 2 * NS_PER_S;
    }
    return sound;
}

void platform_sound_close(PlatformSound *sound)
{
    if (!sound) {
        return;
    }
    if (sound->opener) {
        SDL_WaitThread(sound->opener, NULL);
        sound->opener = NULL;
        sound->plays = SDL_AtomicGet(&sound->device) == PLATFORM_DEVICE_OPENED;
    }
    leave_device(sound);
    arena_close(&sound->wanted_memory);
    Mix_Quit();
    SDL_DestroyMutex(sound->lock);
    sound->lock = NULL;
}

void platform_sound_poll(PlatformSound *sound)
{
    int device = SDL_AtomicGet(&sound->device);
    if (sound->opener && device != PLATFORM_DEVICE_OPENING) {
        finish_opening(sound);
    } else if (!sound->plays && !sound->opener && mono_ns() >= sound->try_ns) {
        SDL_AtomicSet(&sound->device, PLATFORM_DEVICE_OPENING);
        sound->opener = SDL_CreateThread(open_beside, "sound", sound);
        if (!sound->opener) {
            SDL_AtomicSet(&sound->device, PLATFORM_DEVICE_CLOSED);
            sound->try_ns = mono_ns() + 2 * NS_PER_S;
        }
    }
}

void platform_sound_event(PlatformSound *sound, const SDL_Event *event)
{
    // `which` is 0 for a device that nobody had opened.
    if (event->type == SDL_AUDIODEVICEREMOVED && !event->adevice.iscapture && event->adevice.which
        && sound->plays) {
        leave_device(sound);
        sound->try_ns = mono_ns();
        platform_note(sound->notes, "the sound device is gone; playing silently until one is back");
    }
}

// ------------------------------------------------------------------------------------------- clips

static PlatformClip *clip_slot(PlatformSound *sound, uint32_t key)
{
    PlatformClip *best = &sound->clips[0];
    for (int i = 0; i < PLATFORM_CLIPS; i++) {
        PlatformClip *here = &sound->clips[i];
        if (here->taken && here->key == key) {
            return here;
        }
        if (best->taken && (!here->taken || here->used < best->used)) {
            best = here;
        }
    }
    return best;
}

static const char *why_broken(void)
{
    return SDL_GetError()[0] ? SDL_GetError() : "unknown format";
}

static Mix_Chunk *decode(PlatformSound *sound, const SoundClip *clip)
{
    if (!clip->data || clip->size_bytes == 0 || clip->size_bytes > PLATFORM_CLIP_BYTES_MAX) {
        platform_note(sound->notes, "%.63s: silent: %s; the game plays on", clip->name,
                      clip->size_bytes ? "a sound may be 64 MiB at most" : "the file is empty");
        return NULL;
    }
    SDL_ClearError();
    Mix_Chunk *chunk =
        Mix_LoadWAV_RW(SDL_RWFromConstMem(clip->data, (int)clip->size_bytes), SDL_TRUE);
    if (!chunk) {
        platform_note(sound->notes,
                      "%.63s: silent: it cannot be decoded (%s); save it as wav or "
                      "ogg and it is played",
                      clip->name, why_broken());
    }
    return chunk;
}

static void play_clip(PlatformSound *sound, const SoundCmd *cmd)
{
    PlatformClip *clip = clip_slot(sound, cmd->clip.key);
    if (!clip->taken || clip->key != cmd->clip.key || clip->version != cmd->clip.version) {
        drop_clips(sound, clip);
        *clip = (PlatformClip){.key = cmd->clip.key,
                               .version = cmd->clip.version,
                               .taken = true,
                               .chunk = decode(sound, &cmd->clip)};
    }
    clip->used = ++sound->clock;
    if (!clip->chunk || clip->chunk->alen < 2 * sizeof(float)) {
        return;
    }
    SDL_LockMutex(sound->lock);
    platform_mix_voice(&sound->mix, (const float *)(const void *)clip->chunk->abuf,
                       clip->chunk->alen / (uint32_t)(2 * sizeof(float)), cmd, clip->used);
    SDL_UnlockMutex(sound->lock);
}

// ------------------------------------------------------------------------------------------- music

// Offline it is as loud as on a device, in the same 128 steps.
static void set_music_volume(PlatformSound *sound)
{
    int volume = (int)(limit(sound->wanted_volume, 0, 1) * MIX_MAX_VOLUME + 0.5f);
    Mix_VolumeMusic(volume);
    sound->loop.volume = (float)volume / MIX_MAX_VOLUME;
}

static bool stream_music(PlatformSound *sound)
{
    const SoundClip *clip = &sound->wanted;
    SDL_RWops *bytes = SDL_RWFromConstMem(clip->data, (int)clip->size_bytes);
    sound->music = Mix_LoadMUS_RW(bytes, SDL_TRUE);
    return sound->music && Mix_PlayMusic(sound->music, -1) == 0;
}

static void start_music(PlatformSound *sound)
{
    const SoundClip *clip = &sound->wanted;
    if (!sound->wants_music || !sound->plays || sound->music_broken) {
        return;
    }
    free_music(sound);
    SDL_ClearError();
    bool ok =
        clip->data
        && (sound->offline ? platform_offline_music(&sound->loop, clip) : stream_music(sound));
    if (!ok) {
        platform_note(sound->notes,
                      "%.63s: no music: it cannot be decoded (%s); save it as wav or "
                      "ogg and it is played",
                      clip->name, why_broken());
        free_music(sound);
        sound->music_broken = true;
        return;
    }
    set_music_volume(sound);
    if (sound->mix.paused) {
        Mix_PauseMusic();
    }
}

// The caller's bytes end when the file changes on disk; music that plays goes on with the old ones.
static void keep_wanted(PlatformSound *sound, const SoundClip *clip)
{
    Fault fault;
    sound->wanted = *clip;
    sound->wanted.data = NULL;
    arena_close(&sound->wanted_memory);
    if (clip->data && clip->size_bytes > 0 && clip->size_bytes <= PLATFORM_CLIP_BYTES_MAX
        && arena_open(&sound->wanted_memory, 0, clip->size_bytes, &fault)) {
        uint8_t *copy = arena_try_push(&sound->wanted_memory, 1, 1, clip->size_bytes);
        if (copy) {
            memcpy(copy, clip->data, clip->size_bytes);
        }
        sound->wanted.data = copy;
    }
}

static void want_music(PlatformSound *sound, const SoundCmd *cmd)
{
    bool same = sound->wants_music && sound->wanted.key == cmd->clip.key
                && sound->wanted.version == cmd->clip.version;
    sound->wanted_volume = cmd->volume;
    if (same) {
        if (sound->plays) {
            set_music_volume(sound);
        }
        return;
    }
    free_music(sound); // before its bytes
    sound->wants_music = true;
    sound->music_broken = false;
    keep_wanted(sound, &cmd->clip);
    start_music(sound);
}

static void stop_music(PlatformSound *sound)
{
    free_music(sound);
    sound->wants_music = false;
    arena_close(&sound->wanted_memory);
}

// -------------------------------------------------------------------------------------- the list

static void play_command(PlatformSound *sound, const SoundList *list, const SoundCmd *cmd)
{
    switch (cmd->kind) {
    case SOUND_MUSIC: // also without a device: it starts when one comes
        want_music(sound, cmd);
        return;
    case SOUND_MUSIC_STOP:
        stop_music(sound);
        return;
    default:
        break;
    }
    if (!sound->plays) {
        return;
    }
    if (cmd->kind == SOUND_PLAY) {
        play_clip(sound, cmd);
        return;
    }
    SDL_LockMutex(sound->lock);
    if (cmd->kind == SOUND_TONE) {
        mix_tone(&sound->mix, cmd);
    } else if (cmd->first_sample <= list->frame_count
               && cmd->frames <= list->frame_count - cmd->first_sample) {
        platform_mix_samples(&sound->mix, list->samples + (size_t)cmd->first_sample * 2,
                             cmd->frames);
    }
    SDL_UnlockMutex(sound->lock);
}

void platform_sound_play(PlatformSound *sound, const SoundList *list)
{
    for (uint32_t i = 0; i < list->cmd_count; i++) {
        play_command(sound, list, &list->cmds[i]);
    }
}

void platform_sound_silence(PlatformSound *sound)
{
    stop_music(sound);
    SDL_LockMutex(sound->lock);
    memset(sound->mix.voices, 0, sizeof sound->mix.voices);
    memset(sound->mix.tone_sounds, 0, sizeof sound->mix.tone_sounds);
    sound->mix.ring_count = 0;
    sound->mix.ring_plays = false;
    SDL_UnlockMutex(sound->lock);
}

void platform_sound_mute(PlatformSound *sound, bool mute)
{
    SDL_LockMutex(sound->lock);
    sound->mix.mute = mute;
    SDL_UnlockMutex(sound->lock);
}

void platform_sound_pause(PlatformSound *sound, bool paused)
{
    SDL_LockMutex(sound->lock);
    bool changed = sound->mix.paused != paused;
    sound->mix.paused = paused;
    SDL_UnlockMutex(sound->lock);
    if (changed && sound->plays) {
        paused ? Mix_PauseMusic() : Mix_ResumeMusic();
    }
}
