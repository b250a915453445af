// artc: makes pictures and sounds out of text, so that the art of a game reads well in a diff.
//
//     artc FOLDER...           every NAME.art.txt there becomes NAME.png, NAME.sound.txt NAME.wav
//     artc --check FOLDER...   writes nothing; exit code 1 when what is there is not what it makes
//
// In both kinds of file, empty lines and lines that begin with ';' are skipped.
//
// A sheet of sprites:              A sound:
//
//     cell 4 3                         rate 22050              ; samples a second
//     columns 2                        bits 16                 ; 8 or 16
//     o = #3b1f2b                      tone square from 300 to 900 for 0.2 volume 0.5
//     r = #ff000080                    tempo 150               ; beats a minute
//     frame left                       steps 4                 ; steps a beat
//     .oo.                             voice bass triangle volume 0.4 release 0.02
//     orro                             notes c3 - g3 . | f#3 - - - x2
//     .oo.                             voice kit drums volume 0.3
//     frame right                      notes k . h . s . h .
//     ...
//
// '.' is the transparent colour; any other visible character can be given one (#rrggbb or
// #rrggbbaa). Frames fill the sheet row by row.
//
// A tone or voice has a wave (square pulse25 triangle saw sine noise; a voice also: drums) and
// pairs of a word and a number: volume 0..1, attack decay release (seconds), sustain 0..1 (the
// level that decay ends at), vibrato (semitones, up and down 6 times a second); a tone also at
// (seconds), for (seconds), from and to (Hz). Of the notes, each word is one step: a name with its
// octave (c4, f#4, bb3), '-' holds on, '.' is silence; k, s and h are the drums; '|' is only for
// the eye; x2 at the end of a line plays the line twice. All tones and voices sound together.
//
// No function of libm is used: the samples are the same on every machine, so --check compares them
// one by one. Pictures are compared by pixel, because zlib versions pack them differently.
//
// Contents: reading text, pictures, the synthesizer, sounds, folders and the command line
#include "arena.h"
#include "file.h"

#include <glob.h>
#include <SDL.h>
#include <SDL_image.h>
#include <stdio.h>
#include <string.h>

enum {
    SOURCE_BYTES_MAX = 1 << 20,
    PICTURE_SIDE_MAX = 2048, // pixels
    FRAMES_MAX = 1024,
    WORD_MAX = 32,
    SOUND_SECONDS_MAX = 60,
    OVERSAMPLE = 4 // squares without it hum at tones that were not asked for
};

// ---------------------------------------------------------------------------------- reading text

typedef struct Text {
    const char *path, *next; // next: the first byte of the line after this one
    const char *line, *end;  // this line, without its newline
    const char *at;          // where reading goes on in it
    int number;              // of this line, from 1
} Text;

static bool complain(const Text *text, const char *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// Says where and what; returns false, so that failing is one line.
static bool complain(const Text *text, const char *at, const char *format, ...)
{
    int column = at >= text->line ? (int)(at - text->line) + 1 : 1;
    va_list args;

    fprintf(stderr, "%s:%d:%d: ", text->path, text->number, column);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return false;
}

static Text text_begin(const char *path, FileBytes bytes)
{
    const char *first = (const char *)bytes.data;
    return (Text){.path = path, .next = first, .line = first, .end = first, .at = first};
}

static bool next_raw_line(Text *text)
{
    if (!*text->next) {
        return false;
    }
    text->line = text->at = text->next;
    text->end = text->line + strcspn(text->line, "\r\n");
    text->next = text->end + (*text->end == '\r');
    text->next += *text->next == '\n';
    text->number++;
    return true;
}

static void skip_spaces(Text *text)
{
    while (text->at < text->end && (*text->at == ' ' || *text->at == '\t')) {
        text->at++;
    }
}

// The next line that says something.
static bool next_line(Text *text)
{
    while (next_raw_line(text)) {
        skip_spaces(text);
        if (text->at < text->end && *text->at != ';') {
            return true;
        }
    }
    return false;
}

// The next word of this line; false at the end of the line or where a comment begins.
static bool next_word(Text *text, char word[WORD_MAX])
{
    size_t length = 0;

    skip_spaces(text);
    if (text->at == text->end || *text->at == ';') {
        return false;
    }
    while (text->at < text->end && *text->at != ' ' && *text->at != '\t') {
        if (length < WORD_MAX - 1) {
            word[length++] = *text->at;
        }
        text->at++;
    }
    word[length] = 0;
    return true;
}

static bool read_number(Text *text, const char *what, double lo, double hi, double *value)
{
    char word[WORD_MAX], *rest = word;

    skip_spaces(text);
    const char *at = text->at;
    bool there = next_word(text, word);
    double number = there ? strtod(word, &rest) : 0;
    if (!there || *rest || !(number >= lo && number <= hi)) {
        return complain(text, at, "expected %s, a number from %g to %g, found %s", what, lo, hi,
                        there ? word : "the end of the line");
    }
    *value = number;
    return true;
}

static bool read_whole(Text *text, const char *what, int lo, int hi, int *value)
{
    skip_spaces(text);
    const char *at = text->at;
    double number;
    if (!read_number(text, what, lo, hi, &number)) {
        return false;
    }
    *value = (int)number;
    return *value == number || complain(text, at, "expected %s, a whole number", what);
}

static bool expect_line_end(Text *text)
{
    char word[WORD_MAX];
    skip_spaces(text);
    const char *at = text->at;
    return !next_word(text, word)
           || complain(text, at, "expected the end of the line, found %s", word);
}

// -------------------------------------------------------------------------------------- pictures

typedef struct Sheet {
    int cell_w, cell_h, columns;
    int frames, frames_read;
    int w, h;
    uint8_t color[256][4]; // by character
    bool known[256];
    uint8_t (*pixels)[4]; // w * h, R G B A; NULL before the first frame
} Sheet;

static int hex_digit(char ch)
{
    const char *digits = "0123456789abcdef";
    const char *found = ch ? strchr(digits, ch | 32) : NULL;
    return found ? (int)(found - digits) : -1;
}

// "o = #3b1f2b"; `key` is the 'o', which was read.
static bool read_color(Sheet *sheet, Text *text, uint8_t key)
{
    char word[WORD_MAX] = "";

    skip_spaces(text);
    const char *at = text->at;
    if (!next_word(text, word) || strcmp(word, "=") != 0) {
        return complain(text, at, "expected '=' and a colour after '%c'", key);
    }
    skip_spaces(text);
    at = text->at;
    size_t length = next_word(text, word) ? strlen(word) : 0;
    if (word[0] != '#' || (length != 7 && length != 9)) {
        return complain(text, at, "expected a colour, #rrggbb or #rrggbbaa");
    }
    sheet->color[key][3] = 255;
    for (size_t i = 0; i < (length - 1) / 2; i++) {
        int high = hex_digit(word[1 + 2 * i]), low = hex_digit(word[2 + 2 * i]);
        if (high < 0 || low < 0) {
            return complain(text, at + 1 + 2 * i, "expected two digits 0-9 or a-f");
        }
        sheet->color[key][i] = (uint8_t)(high * 16 + low);
    }
    sheet->known[key] = true;
    return expect_line_end(text);
}

// Looks ahead from the first "frame" line, because the picture's height depends on it.
static int count_frames(const Text *text)
{
    Text ahead = *text;
    char word[WORD_MAX];
    int frames = 1;
    while (next_line(&ahead)) {
        frames += next_word(&ahead, word) && strcmp(word, "frame") == 0;
    }
    return frames;
}

static bool sheet_begin_pixels(Sheet *sheet, const Text *text, Arena *arena)
{
    if (!sheet->cell_w) {
        return complain(text, text->line,
                        "expected a line 'cell WIDTH HEIGHT' before the first frame");
    }
    sheet->frames = count_frames(text);
    if (!sheet->columns) {
        sheet->columns = sheet->frames;
    }
    int columns = sheet->columns < sheet->frames ? sheet->columns : sheet->frames;
    sheet->w = sheet->cell_w * columns;
    sheet->h = sheet->cell_h * ((sheet->frames + columns - 1) / columns);
    if (sheet->frames > FRAMES_MAX || sheet->w > PICTURE_SIDE_MAX || sheet->h > PICTURE_SIDE_MAX) {
        return complain(text, text->line,
                        "%d frames make a picture of %d x %d; at most %d x %d fit", sheet->frames,
                        sheet->w, sheet->h, PICTURE_SIDE_MAX, PICTURE_SIDE_MAX);
    }
    sheet->columns = columns;
    sheet->pixels = arena_push(arena, 4, 4, (size_t)sheet->w * (size_t)sheet->h);
    return true;
}

static bool read_frame(Sheet *sheet, Text *text)
{
    int left = sheet->frames_read % sheet->columns * sheet->cell_w;
    int top = sheet->frames_read / sheet->columns * sheet->cell_h;

    sheet->frames_read++;
    for (int y = 0; y < sheet->cell_h; y++) {
        if (!next_raw_line(text)) {
            return complain(text, text->end, "the frame ends after %d of %d rows", y,
                            sheet->cell_h);
        }
        int width = (int)(text->end - text->line);
        if (width != sheet->cell_w) {
            int fits = width < sheet->cell_w ? width : sheet->cell_w;
            return complain(text, text->line + fits, "expected a row of %d characters, found %d",
                            sheet->cell_w, width);
        }
        for (int x = 0; x < sheet->cell_w; x++) {
            uint8_t key = (uint8_t)text->line[x];
            if (!sheet->known[key]) {
                return complain(text, text->line + x,
                                "'%c' has no colour; add a line '%c = #rrggbb'", key, key);
            }
            memcpy(sheet->pixels[(top + y) * sheet->w + left + x], sheet->color[key], 4);
        }
    }
    return true;
}

static bool read_sheet(Sheet *sheet, Text *text, Arena *arena)
{
    char word[WORD_MAX];

    *sheet = (Sheet){.known['.'] = true};
    while (next_line(text)) {
        const char *at = text->at;
        bool ok = next_word(text, word);
        if (strcmp(word, "cell") == 0) {
            ok = read_whole(text, "the cell's width", 1, PICTURE_SIDE_MAX, &sheet->cell_w)
                 && read_whole(text, "the cell's height", 1, PICTURE_SIDE_MAX, &sheet->cell_h)
                 && expect_line_end(text);
        } else if (strcmp(word, "columns") == 0) {
            ok = read_whole(text, "the number of columns", 1, FRAMES_MAX, &sheet->columns)
                 && expect_line_end(text);
        } else if (strcmp(word, "frame") == 0) {
            ok = (sheet->pixels || sheet_begin_pixels(sheet, text, arena))
                 && read_frame(sheet, text);
        } else if (strlen(word) == 1) {
            ok = read_color(sheet, text, (uint8_t)word[0]);
        } else {
            ok = complain(text, at,
                          "expected cell, columns, frame or a colour ('x = #rrggbb'), found %s",
                          word);
        }
        if (!ok) {
            return false;
        }
    }
    return sheet->pixels || complain(text, text->end, "expected a line 'frame NAME' and its rows");
}

static bool write_picture(const Sheet *sheet, const char *path, Arena *arena, Fault *fault)
{
    size_t room = (size_t)sheet->w * (size_t)sheet->h * 5 + 65536; // stored, not packed, would fit
    void *png = arena_push(arena, 1, 1, room);
    SDL_RWops *out = SDL_RWFromMem(png, (int)room);
    SDL_Surface *surface = SDL_CreateRGBSurfaceWithFormatFrom(sheet->pixels, sheet->w, sheet->h, 32,
                                                              sheet->w * 4, SDL_PIXELFORMAT_RGBA32);
    bool ok = out && surface && IMG_SavePNG_RW(surface, out, 0) == 0;
    size_t size_bytes = ok ? (size_t)SDL_RWtell(out) : 0;

    SDL_FreeSurface(surface);
    if (out) {
        SDL_RWclose(out);
    }
    if (!ok) {
        return fault_set(fault, FAULT_FILE, "%s: %s; not written", path, SDL_GetError());
    }
    return file_write(path, png, size_bytes, fault);
}

static bool pixels_match(const Sheet *sheet, const SDL_Surface *found, const char *path,
                         Fault *fault)
{
    if (found->w != sheet->w || found->h != sheet->h) {
        return fault_set(fault, FAULT_FORMAT, "%s: is %d x %d, its source makes %d x %d", path,
                         found->w, found->h, sheet->w, sheet->h);
    }
    for (int y = 0; y < sheet->h; y++) {
        const uint8_t *row = (const uint8_t *)found->pixels + y * found->pitch;
        for (int x = 0; x < sheet->w; x++) {
            if (memcmp(row + 4 * x, sheet->pixels[y * sheet->w + x], 4) != 0) {
                return fault_set(fault, FAULT_FORMAT, "%s: differs from its source at pixel %d, %d",
                                 path, x, y);
            }
        }
    }
    return true;
}

static bool check_picture(const Sheet *sheet, const char *path, Fault *fault)
{
    SDL_Surface *file = IMG_Load(path);
    SDL_Surface *found = file ? SDL_ConvertSurfaceFormat(file, SDL_PIXELFORMAT_RGBA32, 0) : NULL;
    bool ok = found ? pixels_match(sheet, found, path, fault)
                    : fault_set(fault, FAULT_FILE, "%s: %s", path, SDL_GetError());
    SDL_FreeSurface(found);
    SDL_FreeSurface(file);
    return ok;
}

// ------------------------------------------------------------------------------- the synthesizer

typedef enum Wave { SQUARE, PULSE25, TRIANGLE, SAW, SINE, NOISE, DRUMS, WAVES } Wave;

// How a tone or the notes of a voice sound.
typedef struct Patch {
    Wave wave;
    double volume, attack_s, decay_s, sustain, release_s, vibrato;
    double at_s, for_s, from_hz, to_hz; // of a tone
} Patch;

typedef struct Sound {
    int rate, bits;
    double tempo;
    int steps;    // a beat
    float *mix;   // room for SOUND_SECONDS_MAX
    size_t count; // samples in use
    uint32_t noise;
} Sound;

// A turn is 1. Bhaskara's approximation (7th century) is right to 0.002, which 8 bits cannot hear.
static double sine_of_turn(double turn)
{
    double half = turn < 0.5 ? turn * 2 : turn * 2 - 1; // 0..1 over a half turn
    double bow = half * (1 - half);
    double up = 16 * bow / (5 - 4 * bow);
    return turn < 0.5 ? up : -up;
}

static double triangle_of_turn(double turn)
{
    return turn < 0.25 ? 4 * turn : turn < 0.75 ? 2 - 4 * turn : 4 * turn - 4;
}

static double wave_value(Wave wave, double turn, double noise)
{
    switch (wave) {
    case SQUARE:
        return turn < 0.5 ? 1 : -1;
    case PULSE25:
        return turn < 0.25 ? 1 : -1;
    case TRIANGLE:
        return triangle_of_turn(turn);
    case SAW:
        return 2 * turn - 1;
    case SINE:
        return sine_of_turn(turn);
    default:
        return noise;
    }
}

// How loud at `s` seconds into a tone of `length_s`.
static double envelope(const Patch *patch, double s, double length_s)
{
    double level = 1;
    if (s < patch->attack_s) {
        level = s / patch->attack_s;
    } else if (s < patch->attack_s + patch->decay_s) {
        level = 1 - (1 - patch->sustain) * (s - patch->attack_s) / patch->decay_s;
    } else {
        level = patch->sustain;
    }
    double left = length_s - s;
    return patch->release_s > 0 && left < patch->release_s ? level * left / patch->release_s
                                                           : level;
}

static double next_noise(Sound *sound)
{
    sound->noise = sound->noise * 1664525u + 1013904223u; // Numerical Recipes, section 7.1
    return (double)(sound->noise >> 8) / 8388608.0 - 1;
}

// Adds one tone to the mix; its frequency slides in a straight line.
static void add_tone(Sound *sound, const Patch *patch)
{
    double dt = 1.0 / (sound->rate * OVERSAMPLE), turn = 0, noise = next_noise(sound);
    size_t first = (size_t)(patch->at_s * sound->rate + 0.5);
    size_t count = (size_t)((patch->at_s + patch->for_s) * sound->rate + 0.5) - first;

    for (size_t i = 0; i < count; i++) {
        double sum = 0;
        for (int k = 0; k < OVERSAMPLE; k++) {
            double s = (double)(i * OVERSAMPLE + (size_t)k) * dt, wobble = s * 6;
            double hz = patch->from_hz + (patch->to_hz - patch->from_hz) * s / patch->for_s;
            wobble = triangle_of_turn(wobble - (double)(long)wobble);
            turn += hz * (1 + 0.0595 * patch->vibrato * wobble) * dt;
            if (turn >= 1) {
                turn -= (double)(long)turn;
                noise = next_noise(sound);
            }
            sum += wave_value(patch->wave, turn, noise) * envelope(patch, s, patch->for_s);
        }
        sound->mix[first + i] += (float)(sum / OVERSAMPLE * patch->volume);
    }
    sound->count = first + count > sound->count ? first + count : sound->count;
}

// Kick, snare, hat: 'k', 's', 'h'. Drums do not listen to the voice's envelope.
static void add_drum(Sound *sound, char kind, double at_s, double volume)
{
    Patch low = {SINE, volume, 0, 0.12, 0, 0, 0, at_s, 0.12, 160, 45};
    Patch hiss = {NOISE, volume * 0.6, 0, 0.11, 0, 0, 0, at_s, 0.11, 9000, 5000};
    if (kind == 'h') {
        hiss.volume = volume * 0.3;
        hiss.for_s = hiss.decay_s = 0.035;
        hiss.from_hz = hiss.to_hz = 16000;
    } else {
        low.volume = kind == 'k' ? volume * 1.4 : volume * 0.5;
        low.from_hz = kind == 'k' ? 160 : 240;
        add_tone(sound, &low);
    }
    if (kind != 'k') {
        add_tone(sound, &hiss);
    }
}

// ---------------------------------------------------------------------------------------- sounds

static const char *const WAVE_NAMES[WAVES] = {"square", "pulse25", "triangle", "saw",
                                              "sine",   "noise",   "drums"};

static bool read_wave(Text *text, Wave *wave)
{
    char word[WORD_MAX] = "";

    skip_spaces(text);
    const char *at = text->at;
    next_word(text, word);
    for (int i = 0; i < WAVES; i++) {
        if (strcmp(word, WAVE_NAMES[i]) == 0) {
            *wave = (Wave)i;
            return true;
        }
    }
    return complain(text, at, "expected square, pulse25, triangle, saw, sine, noise or drums");
}

// The pairs of word and number after the wave, to the end of the line.
static bool read_patch(Text *text, Patch *patch, bool is_tone)
{
    const struct {
        const char *name;
        double *value, hi;
        bool tone_only;
    } settings[] = {
        {"volume", &patch->volume, 1, false},
        {"attack", &patch->attack_s, 10, false},
        {"decay", &patch->decay_s, 10, false},
        {"sustain", &patch->sustain, 1, false},
        {"release", &patch->release_s, 10, false},
        {"vibrato", &patch->vibrato, 4, false},
        {"at", &patch->at_s, SOUND_SECONDS_MAX, true},
        {"for", &patch->for_s, SOUND_SECONDS_MAX, true},
        {"from", &patch->from_hz, 20000, true},
        {"to", &patch->to_hz, 20000, true},
    };
    char word[WORD_MAX];

    *patch = (Patch){.wave = patch->wave, .volume = 0.5, .sustain = 1};
    for (;;) {
        size_t i = 0;
        skip_spaces(text);
        const char *at = text->at;
        if (!next_word(text, word)) {
            return true;
        }
        while (i < COUNT_OF(settings) && strcmp(word, settings[i].name) != 0) {
            i++;
        }
        if (i == COUNT_OF(settings) || (settings[i].tone_only && !is_tone)) {
            return complain(text, at, "expected volume, attack, decay, sustain, release, vibrato%s",
                            is_tone ? ", at, for, from or to"
                                    : "; a note's place and pitch come later");
        }
        if (!read_number(text, settings[i].name, 0, settings[i].hi, settings[i].value)) {
            return false;
        }
    }
}

static bool read_tone(Sound *sound, Text *text)
{
    Patch tone;
    const char *at = text->line;

    if (!read_wave(text, &tone.wave) || !read_patch(text, &tone, true)) {
        return false;
    }
    if (tone.wave == DRUMS || tone.for_s <= 0 || tone.from_hz <= 0) {
        return complain(text, at,
                        "a tone needs a wave that is not drums, 'from HZ' and 'for SECONDS'");
    }
    if (tone.at_s + tone.for_s > SOUND_SECONDS_MAX) {
        return complain(text, at, "the tone ends after more than %d seconds", SOUND_SECONDS_MAX);
    }
    tone.to_hz = tone.to_hz > 0 ? tone.to_hz : tone.from_hz;
    add_tone(sound, &tone);
    return true;
}

// "f#4" to 369.99; 0 for what is not a note. Equal temperament, a4 = 440.
static double note_hz(const char *word)
{
    static const int SEMITONES[7] = {9, 11, 0, 2, 4, 5, 7}; // of a b c d e f g above c
    if (word[0] < 'a' || word[0] > 'g') {
        return 0;
    }
    int semitone = SEMITONES[word[0] - 'a'];
    const char *rest = word + 1;
    semitone += *rest == '#' ? 1 : *rest == 'b' ? -1 : 0;
    rest += *rest == '#' || *rest == 'b';
    if (*rest < '0' || *rest > '8' || rest[1]) {
        return 0;
    }
    int above_a4 = semitone + 12 * (*rest - '0') - 57;
    double hz = 440;
    for (; above_a4 > 0; above_a4--) {
        hz *= 1.0594630943592953; // the twelfth root of 2
    }
    for (; above_a4 < 0; above_a4++) {
        hz /= 1.0594630943592953;
    }
    return hz;
}

// Where in a tune the notes of one voice are.
typedef struct Voice {
    Patch patch;
    int step;       // the next one to be filled
    int held_from;  // the step that the sounding note began at
    double held_hz; // 0: silence
    bool named;     // there was a voice line
} Voice;

static double step_time(const Sound *sound, int step)
{
    return step * 60.0 / (sound->tempo * sound->steps);
}

// Ends the note that sounds, which is when its length is known.
static void finish_note(Sound *sound, Voice *voice)
{
    Patch tone = voice->patch;
    if (voice->held_hz > 0) {
        tone.at_s = step_time(sound, voice->held_from);
        tone.for_s = step_time(sound, voice->step) - tone.at_s;
        tone.from_hz = tone.to_hz = voice->held_hz;
        add_tone(sound, &tone);
    }
    voice->held_hz = 0;
}

static bool play_step(Sound *sound, Voice *voice, const Text *text, const char *at,
                      const char *word)
{
    bool drums = voice->patch.wave == DRUMS;
    bool drum = drums && strchr("ksh", word[0]) && !word[1];
    double hz = drums ? 0 : note_hz(word);

    if (step_time(sound, voice->step + 1) > SOUND_SECONDS_MAX - 1) {
        return complain(text, at, "the tune is longer than %d seconds", SOUND_SECONDS_MAX - 1);
    }
    if (strcmp(word, "-") != 0) {
        if (strcmp(word, ".") != 0 && !drum && hz <= 0) {
            return complain(text, at, "expected %s, found %s",
                            drums ? "k, s, h or ." : "a note (c4, f#4, bb3), - or .", word);
        }
        finish_note(sound, voice);
        voice->held_from = voice->step;
        voice->held_hz = hz;
    }
    if (drum) {
        add_drum(sound, word[0], step_time(sound, voice->step), voice->patch.volume);
    }
    voice->step++;
    size_t end = (size_t)(step_time(sound, voice->step) * sound->rate + 0.5);
    sound->count = end > sound->count ? end : sound->count;
    return true;
}

// How often the rest of the line is to be played: its last word may be x2, x3 ...
static int line_repeats(Text text)
{
    char word[WORD_MAX] = "";
    while (next_word(&text, word)) {
    }
    return word[0] == 'x' && word[1] >= '1' && word[1] <= '9' && !word[2] ? word[1] - '0' : 1;
}

static bool read_notes(Sound *sound, Voice *voice, Text *text)
{
    char word[WORD_MAX];
    int repeats = line_repeats(*text);

    if (!voice->named) {
        return complain(text, text->line,
                        "expected a line 'voice NAME WAVE' before the first notes");
    }
    for (int i = 0; i < repeats; i++) {
        Text line = *text;
        for (;;) {
            skip_spaces(&line);
            const char *at = line.at;
            if (!next_word(&line, word)) {
                break;
            }
            bool silent = strcmp(word, "|") == 0 || (word[0] == 'x' && repeats > 1);
            if (!silent && !play_step(sound, voice, text, at, word)) {
                return false;
            }
        }
    }
    return true;
}

static bool read_voice(Sound *sound, Voice *voice, Text *text)
{
    char name[WORD_MAX];

    finish_note(sound, voice);
    *voice = (Voice){.named = true};
    return next_word(text, name)
               ? read_wave(text, &voice->patch.wave) && read_patch(text, &voice->patch, false)
               : complain(text, text->at, "expected the voice's name and wave");
}

static bool read_sound(Sound *sound, Text *text, Arena *arena)
{
    char word[WORD_MAX];
    Voice voice = {0};
    bool ok = true;

    *sound = (Sound){.rate = 22050, .bits = 16, .tempo = 120, .steps = 4, .noise = 1};
    // One second more than the longest tune, for drums that ring on after its end.
    sound->mix = ARENA_NEW(arena, float, 48000 * (SOUND_SECONDS_MAX + 1));
    while (ok && next_line(text)) {
        const char *at = text->at;
        next_word(text, word);
        if (strcmp(word, "tone") == 0) {
            ok = read_tone(sound, text);
        } else if (strcmp(word, "voice") == 0) {
            ok = read_voice(sound, &voice, text);
        } else if (strcmp(word, "notes") == 0) {
            ok = read_notes(sound, &voice, text);
        } else if (sound->count) {
            ok = complain(text, at, "expected tone, voice or notes, found %s", word);
        } else if (strcmp(word, "rate") == 0) {
            ok = read_whole(text, "samples a second", 8000, 48000, &sound->rate)
                 && expect_line_end(text);
        } else if (strcmp(word, "bits") == 0) {
            ok = read_whole(text, "bits a sample", 8, 16, &sound->bits) && expect_line_end(text);
            if (ok && sound->bits % 8) {
                ok = complain(text, at, "expected bits 8 or bits 16");
            }
        } else if (strcmp(word, "tempo") == 0) {
            ok = read_number(text, "beats a minute", 20, 400, &sound->tempo)
                 && expect_line_end(text);
        } else if (strcmp(word, "steps") == 0) {
            ok = read_whole(text, "steps a beat", 1, 16, &sound->steps) && expect_line_end(text);
        } else {
            ok =
                complain(text, at,
                         "expected tone, voice, notes, rate, bits, tempo or steps, found %s", word);
        }
    }
    finish_note(sound, &voice);
    return ok && (sound->count || complain(text, text->end, "expected a tone or notes"));
}

static uint8_t *put_le(uint8_t *out, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) {
        *out++ = (uint8_t)(value >> (8 * i));
    }
    return out;
}

// A RIFF file of one fmt and one data chunk. Source: Multimedia Programming Interface and Data
// Specifications 1.0, IBM and Microsoft 1991, "WAVE"; 8-bit samples are unsigned.
static FileBytes make_wav(const Sound *sound, Arena *arena)
{
    uint32_t block = (uint32_t)sound->bits / 8, rate = (uint32_t)sound->rate;
    uint32_t data_bytes = (uint32_t)sound->count * block, padding = data_bytes & 1;
    uint8_t *wav = ARENA_NEW(arena, uint8_t, 44 + data_bytes + padding), *out = wav;

    memcpy(out, "RIFF", 4);
    out = put_le(out + 4, 36 + data_bytes + padding, 4);
    memcpy(out, "WAVEfmt ", 8);
    out = put_le(out + 8, 16, 4);
    out = put_le(out, 1, 2); // PCM
    out = put_le(out, 1, 2); // mono
    out = put_le(out, rate, 4);
    out = put_le(out, rate * block, 4);
    out = put_le(out, block, 2);
    out = put_le(out, (uint32_t)sound->bits, 2);
    memcpy(out, "data", 4);
    out = put_le(out + 4, data_bytes, 4);
    for (size_t i = 0; i < sound->count; i++) {
        float value = sound->mix[i] < -1 ? -1 : sound->mix[i] > 1 ? 1 : sound->mix[i];
        int sample = block == 1 ? (int)(value * 127 + 128.5f) : (int)(value * 32767);
        out = put_le(out, (uint32_t)sample, (int)block);
    }
    return (FileBytes){wav, 44 + data_bytes + padding};
}

static bool check_wav(FileBytes want, const char *path, Arena *arena, Fault *fault)
{
    FileBytes found;
    size_t i = 0;

    if (!file_read(arena, path, SOURCE_BYTES_MAX * 16, &found, fault)) {
        return false;
    }
    if (found.size_bytes != want.size_bytes) {
        return fault_set(fault, FAULT_FORMAT, "%s: has %zu bytes, its source makes %zu", path,
                         found.size_bytes, want.size_bytes);
    }
    while (i < want.size_bytes && found.data[i] == want.data[i]) {
        i++;
    }
    return i == want.size_bytes
           || fault_set(fault, FAULT_FORMAT, "%s: differs from its source at byte %zu", path, i);
}

// ------------------------------------------------------------------ folders and the command line

static bool make_picture(Text *text, const char *path, bool check, Arena *arena, Fault *fault)
{
    Sheet sheet;
    if (!read_sheet(&sheet, text, arena)) {
        return false;
    }
    return check ? check_picture(&sheet, path, fault) : write_picture(&sheet, path, arena, fault);
}

static bool make_sound(Text *text, const char *path, bool check, Arena *arena, Fault *fault)
{
    Sound sound;
    if (!read_sound(&sound, text, arena)) {
        return false;
    }
    FileBytes wav = make_wav(&sound, arena);
    return check ? check_wav(wav, path, arena, fault)
                 : file_write(path, wav.data, wav.size_bytes, fault);
}

typedef bool MakeFn(Text *text, const char *path, bool check, Arena *arena, Fault *fault);

static bool make_one(const char *source, const char *ending, const char *new_ending, MakeFn *make,
                     bool check)
{
    Arena arena = {0};
    Fault fault = {0};
    FileBytes bytes;
    bool ok = arena_open(&arena, 0, (size_t)256 << 20, &fault)
              && file_read(&arena, source, SOURCE_BYTES_MAX, &bytes, &fault);
    if (ok) {
        Text text = text_begin(source, bytes);
        int stem = (int)(strlen(source) - strlen(ending));
        ok = make(&text, arena_format(&arena, "%.*s%s", stem, source, new_ending), check, &arena,
                  &fault);
    }
    if (fault.kind != FAULT_NONE) {
        fprintf(stderr, "%s%s\n", fault.text, check ? "; run artc on its folder" : "");
    }
    arena_close(&arena);
    return ok;
}

// Every file FOLDER/*ending; adds to *made how many there were.
static bool make_all(const char *folder, const char *ending, const char *new_ending, MakeFn *make,
                     bool check, size_t *made)
{
    char pattern[FILE_PATH_MAX];
    glob_t found = {0};
    bool ok = true;

    if (!text_format(pattern, sizeof pattern, "%s/*%s", folder, ending)) {
        fprintf(stderr, "%s: the path is too long\n", folder);
        return false;
    }
    glob(pattern, 0, NULL, &found);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        ok = make_one(found.gl_pathv[i], ending, new_ending, make, check) && ok;
    }
    *made += found.gl_pathc;
    globfree(&found);
    return ok;
}

static bool make_folder(const char *folder, bool check)
{
    size_t made = 0;
    bool art = make_all(folder, ".art.txt", ".png", make_picture, check, &made);
    bool sound = make_all(folder, ".sound.txt", ".wav", make_sound, check, &made);

    if (made == 0) {
        fprintf(stderr, "%s: holds no .art.txt and no .sound.txt\n", folder);
        return false;
    }
    if (art && sound) {
        printf("%s: %zu files %s\n", folder, made, check ? "are what their sources make" : "made");
    }
    return art && sound;
}

int main(int argc, char **argv)
{
    bool check = argc > 1 && strcmp(argv[1], "--check") == 0, ok = true;
    int first = check ? 2 : 1;

    if (first >= argc || argv[first][0] == '-') {
        fprintf(stderr, "usage: artc [--check] FOLDER...\n"
                        "Makes NAME.png of each NAME.art.txt there, NAME.wav of NAME.sound.txt.\n"
                        "--check: writes nothing, says what is not what its source makes.\n");
        return EXIT_USAGE;
    }
    for (int i = first; i < argc; i++) {
        ok = make_folder(argv[i], check) && ok;
    }
    return ok ? EXIT_OK : 1;
}
